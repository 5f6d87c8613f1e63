"""What cannot be done with customers."""


class CustomersError(Exception):
    """Base of all errors of this package."""


class UnknownPersonError(CustomersError):
    """Nobody is known under a name."""


class NotMergeableError(CustomersError):
    """Two names stand for one person already, or the one to merge into has no user id."""


class NotMergedError(CustomersError):
    """A person that is to part is not merged into anybody."""


class UnknownStatusError(CustomersError):
    """No billing system that we know has this status of a subscription."""


class InvalidTagsError(CustomersError):
    """Tags of feedback, or the metric that it is about, that cannot be stored."""


class DuplicateResolverError(CustomersError):
    """Two functions claim to answer one input."""


class NotSliceableError(CustomersError):
    """An input cannot be restricted to accounts or persons."""

    code = "NOT_SLICEABLE"
