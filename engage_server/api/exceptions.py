"""What the API refuses. ``code`` becomes ``extensions.code``; the message reaches the client as it stands."""

from typing import ClassVar

from strawberry.exceptions import StrawberryGraphQLError


class UnreadableSchemaError(Exception):
    """A text is no schema in the schema definition language."""


class ApiError(StrawberryGraphQLError):
    """Base of all errors that stand in a GraphQL answer."""

    code: ClassVar[str] = "BAD_USER_INPUT"

    def __init__(self, message: str) -> None:
        super().__init__(message, extensions={"code": self.code})


class BadUserInputError(ApiError):
    """An argument is well-typed but means nothing."""


class UnknownMetricError(ApiError):
    """The tenant has no metric of this id."""

    code = "UNKNOWN_METRIC"


class DisabledMetricError(ApiError):
    """The metric's plugin is installed but not enabled for the tenant."""

    code = "PLUGIN_DISABLED"


class LimitExceededError(ApiError):
    """The query asks for more than one request may."""

    code = "LIMIT_EXCEEDED"


class RequestTimeoutError(ApiError):
    """The request has taken as long as a request may."""

    code = "TIMEOUT"


class RateLimitedError(ApiError):
    """A budget of query points is used up for now."""

    code = "RATE_LIMITED"

    def __init__(self, message: str, *, retry_after_s: int, holder: str) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.extensions = {"code": self.code, "retryAfter": retry_after_s, "budgetOf": holder}


class RequestError(Exception):
    """A request that never becomes a GraphQL query: answered with ``status`` and one error of ``code``."""

    def __init__(
        self, message: str, *, status: int, code: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}
