"""What can go wrong when values are stored or asked for."""


class MetricsError(Exception):
    """Base of all errors of this package."""


class InvalidRangeError(MetricsError):
    """The days asked for end before they begin, or are too many."""


class UnstorableValueError(MetricsError):
    """A computed value, or what explains it, fits no column of the table."""
