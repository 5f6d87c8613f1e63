"""What operations refuse, and why."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import JsonValue


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


class RefusedWriteError(OperationsError):
    """A write that is not done. ``code`` and ``more`` are for programs: the ``field`` at fault, the present ``version``."""

    code: ClassVar[str] = "BAD_USER_INPUT"

    def __init__(self, message: str, **more: JsonValue) -> None:
        super().__init__(message)
        self.more: Mapping[str, JsonValue] = more


class UnknownRecordError(RefusedWriteError):
    """What is to be changed is not there."""

    code = "NOT_FOUND"


class ConflictError(RefusedWriteError):
    """Somebody else was there first: another version than expected, or an id that is taken."""

    code = "CONFLICT"


class LimitReachedError(RefusedWriteError):
    """There is as much of it as there may be."""

    code = "LIMIT_EXCEEDED"
