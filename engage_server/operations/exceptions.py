"""What operations refuse, and why."""


class OperationsError(Exception):
    """Base of all errors of this package."""


class BackupError(OperationsError):
    """What is there cannot be backed up."""


class DamagedBackupError(OperationsError):
    """A file of the backup is missing, or is not what was written; names it."""


class UnrestorableError(OperationsError):
    """The backup is whole and cannot be restored here as asked."""


class FeedbackRefusedError(OperationsError):
    """What was to be recorded as feedback cannot be taken; says why."""


class UnknownBundleError(OperationsError):
    """There is no bundle of this name."""
