"""What is refused, and why. ``code`` goes to clients."""

from typing import ClassVar


class PrivacyError(Exception):
    """Base of all errors of this package."""

    code: ClassVar[str] = "BAD_USER_INPUT"


class UnknownRequestError(PrivacyError):
    """The tenant has no request of this id."""

    code = "NOT_FOUND"


class ExportUnderWayError(PrivacyError):
    """An export that may hold the person is being written; the erasure goes on when it is done."""


class UnknownPersonError(PrivacyError):
    """The tenant knows nobody of this id."""

    code = "NOT_FOUND"


class TooMuchToExportError(PrivacyError):
    """More is stored about the person than one answer may hold."""

    code = "LIMIT_EXCEEDED"


class TombstoneFileError(PrivacyError):
    """The file is no list of tombstones, or was hashed with a key that is not known here."""
