"""What operations refuse, and why."""


class OperationsError(Exception):
    """Base of all errors of this package."""


class BackupError(OperationsError):
    """What is there cannot be backed up."""


class DamagedBackupError(OperationsError):
    """A file of the backup is missing, or is not what was written; names it."""


class UnrestorableError(OperationsError):
    """The backup is whole and cannot be restored here as asked."""


class NotOverridableError(OperationsError):
    """No override can be set of this metric, or of this account."""

    code = "BAD_USER_INPUT"


class FeedbackRefusedError(OperationsError):
    """What was to be recorded as feedback cannot be taken; says why."""


class UnknownBundleError(OperationsError):
    """There is no bundle of this name."""
