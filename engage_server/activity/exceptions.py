"""What can go wrong around events."""


class ActivityError(Exception):
    """Base of all errors of this package."""


class RepeatedIdsError(ActivityError):
    """A batch was written as new, and is not."""
