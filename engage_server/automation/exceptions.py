"""Why something cannot be automated, replayed or acknowledged."""

from collections.abc import Mapping
from typing import ClassVar


class AutomationError(Exception):
    """Base of all errors of this package; ``code`` goes to the client, with what ``more`` says of it."""

    code: ClassVar[str] = "BAD_USER_INPUT"
    more: ClassVar[Mapping[str, str]] = {}


class UnsoundRuleError(AutomationError):
    """A rule refers to what there is not, or to what can never happen."""

    code = "INVALID_DEFINITION"


class ReplayTooLongError(AutomationError):
    """A replay would judge more than a request may."""

    code = "LIMIT_EXCEEDED"


class UnknownSignalError(AutomationError):
    """There is no signal of this number."""

    code = "NOT_FOUND"


class UnknownTaskError(AutomationError):
    """There is no task of this number."""

    code = "NOT_FOUND"


class UnconfirmedAudienceError(AutomationError):
    """A playbook would speak of more than whoever switches it on said."""

    more: ClassVar[Mapping[str, str]] = {"field": "atMost"}


class UnsoundReportError(AutomationError):
    """A report is of what there is not, or cannot be sent."""

    code = "INVALID_DEFINITION"


class UnknownShareError(AutomationError):
    """Nothing is shared at an address."""

    code = "NOT_FOUND"


class ForbiddenAddressError(AutomationError):
    """Messages must not be sent to an address."""

    code = "FORBIDDEN_ADDRESS"
    more: ClassVar[Mapping[str, str]] = {"field": "url"}


class UnknownDeliveryError(AutomationError):
    """There is no delivery of this number, or it is not one that can be sent again."""

    code = "NOT_FOUND"


class UnsendableError(AutomationError):
    """A channel cannot be used as this server is set up, or a message is not one that it takes."""


class UnknownPresetError(AutomationError):
    """There is no preset of this id, or it needs other events than were named."""


class TemplateError(AutomationError):
    """A text that a tenant wrote is no template, names what is not known, or cannot be made."""

    code = "INVALID_TEMPLATE"


class BadLinkError(AutomationError):
    """A link of a page for persons was forged, cut or mistyped, or what it leads to is gone."""

    code = "NOT_FOUND"


class ClosedSurveyError(AutomationError):
    """An invitation cannot be answered: ``reason`` is used, expired or gone."""

    code = "NOT_FOUND"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The invitation is {reason}. Remedy: ask the person again.")
        self.reason = reason


class UnfitAnswerError(AutomationError):
    """An answer is not one of those that the survey has."""


class UnaskableError(AutomationError):
    """Persons cannot be asked so: by this channel, about this, or so many."""


class RefusedForeverError(Exception):
    """A receiver said that it will never take this message; the text goes into the delivery's log."""


class FailedAttemptError(Exception):
    """An attempt failed and may be made again; ``retry_after_s``: not before so many seconds."""

    def __init__(self, text: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s
