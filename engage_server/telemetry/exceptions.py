"""What can go wrong while a server prepares to report."""


class TelemetryError(Exception):
    """Base of all errors of this package."""


class TracingUnavailableError(TelemetryError):
    """Traces were asked for and their packages are not installed."""
