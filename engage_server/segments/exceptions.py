"""Why a segment cannot be defined, evaluated or used."""

from typing import ClassVar


class SegmentsError(Exception):
    """Base of all errors of this package; ``code`` goes to the client."""

    code: ClassVar[str] = "BAD_USER_INPUT"


class UnknownSegmentError(SegmentsError):
    """There is no segment of this name or number."""

    code = "UNKNOWN_SEGMENT"


class SegmentCycleError(SegmentsError):
    """A segment would refer to itself, perhaps by way of others."""

    code = "SEGMENT_CYCLE"


class SegmentInUseError(SegmentsError):
    """Other segments refer to it."""

    code = "SEGMENT_IN_USE"


class WrongSubjectError(SegmentsError):
    """A condition that is about accounts stands where persons are meant, or the other way round."""

    code = "WRONG_SUBJECT"


class UnknownTraitError(SegmentsError):
    """No account or person has a trait of this name."""

    code = "UNKNOWN_TRAIT"


class UnknownEventError(SegmentsError):
    """The dictionary has no event of this name."""

    code = "UNKNOWN_EVENT"


class UnknownAccountError(SegmentsError):
    """No account goes by an external id."""

    code = "UNKNOWN_ACCOUNT"


class UnknownMemberError(SegmentsError):
    """Nobody goes by a name that is to become a member."""

    code = "UNKNOWN_MEMBER"


class NotStaticError(SegmentsError):
    """Members are listed for static segments alone; those of others follow from their condition."""

    code = "NOT_STATIC"


class TooComplexError(SegmentsError):
    """A condition has too many parts or is nested too deeply."""

    code = "TOO_COMPLEX"


class UnknownMetricConditionError(SegmentsError):
    """No installed plugin measures the metric for this subject."""

    code = "UNKNOWN_METRIC"


class UnknownDimensionError(SegmentsError):
    """Nobody has a value of the dimension."""

    code = "UNKNOWN_DIMENSION"


class TooManyGroupsError(SegmentsError):
    """A dimension has more values than are computed at once."""

    code = "TOO_MANY_GROUPS"
