"""What can go wrong in schedules and runs."""


class EngineError(Exception):
    """Base of all errors of this package."""


class InvalidCronError(EngineError):
    """A cron expression cannot be read."""


class LostLeaseError(EngineError):
    """Somebody else holds the run by now; nothing of this attempt may be written."""


class UnresolvableInputError(EngineError):
    """A plugin declares an input that the server has no resolver for."""
