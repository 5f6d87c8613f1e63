"""Why something cannot be automated, replayed or acknowledged."""

from typing import ClassVar


class AutomationError(Exception):
    """Base of all errors of this package; ``code`` goes to the client."""

    code: ClassVar[str] = "BAD_USER_INPUT"


class UnsoundRuleError(AutomationError):
    """A rule refers to what there is not, or to what can never happen."""

    code = "INVALID_DEFINITION"


class ReplayTooLongError(AutomationError):
    """A replay would judge more than a request may."""

    code = "LIMIT_EXCEEDED"


class UnknownSignalError(AutomationError):
    """There is no signal of this number."""

    code = "NOT_FOUND"
