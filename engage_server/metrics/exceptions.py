"""What can go wrong when stored values are asked for."""


class MetricsError(Exception):
    """Base of all errors of this package."""


class InvalidRangeError(MetricsError):
    """The days asked for end before they begin, or are too many."""
