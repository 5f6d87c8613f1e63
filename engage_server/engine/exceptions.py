"""What can go wrong in schedules and runs."""

from datetime import datetime
from typing import ClassVar


class EngineError(Exception):
    """Base of all errors of this package; those with a ``code`` may reach a client as they are."""

    code: ClassVar[str | None] = None


class InvalidCronError(EngineError):
    """A cron expression cannot be read."""


class LostLeaseError(EngineError):
    """Somebody else holds the run by now; nothing of this attempt may be written."""


class UnresolvableInputError(EngineError):
    """A plugin declares an input that the server has no resolver for."""


class BreakerOpenError(EngineError):
    """A plugin failed too often for this tenant; its runs wait until ``until``."""

    def __init__(self, plugin: str, until: datetime) -> None:
        self.until = until
        super().__init__(
            f"The plugin {plugin!r} failed too often; its runs wait until {until:%Y-%m-%d %H:%M:%S %Z}. "
            f"Remedy: see its last errors, then `resetPlugin` or `manage.py plugin reset {plugin}`."
        )


class BeyondRetentionError(EngineError):
    """A day's value needs raw events that its tenant no longer keeps."""

    code = "BEYOND_RETENTION"


class ClockError(EngineError):
    """This process's clock is too far from the database's."""


class TooFewConnectionsError(EngineError):
    """The database does not take as many connections as this process may need."""


class NoTenantValueError(EngineError):
    """A metric is not measured for the tenant as a whole, so no slice has a value of it."""

    code = "NO_TENANT_VALUE"


class TooManyAnswersError(EngineError):
    """A question asks for more values than are computed at once."""

    code = "LIMIT_EXCEEDED"


class UnknownComputationError(EngineError):
    """There is no computation of this id, or it is no longer kept."""

    code = "NOT_FOUND"


class UnknownMetricError(EngineError):
    """A plugin has no metric of this id."""

    code = "UNKNOWN_METRIC"


class UnknownCohortError(EngineError):
    """A metric has no cohorts, or not the one that is asked for."""

    code = "BAD_USER_INPUT"


class NoDirectionError(EngineError):
    """A metric does not say which way is good, so that nothing can be said of what it predicts."""

    code = "BAD_USER_INPUT"


class TooManyDaysError(EngineError):
    """The days asked for end before they begin, or are more than can be computed at once."""
