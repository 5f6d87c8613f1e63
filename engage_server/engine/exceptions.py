"""What can go wrong in schedules and runs."""

from datetime import datetime


class EngineError(Exception):
    """Base of all errors of this package."""


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
            f"Remedy: see its last errors, then `manage.py plugin reset {plugin}`."
        )


class BeyondRetentionError(EngineError):
    """A day's value needs raw events that its tenant no longer keeps."""


class ClockError(EngineError):
    """This process's clock is too far from the database's."""


class TooFewConnectionsError(EngineError):
    """The database does not take as many connections as this process may need."""


class TooManyDaysError(EngineError):
    """The days asked for end before they begin, or are more than can be computed at once."""
