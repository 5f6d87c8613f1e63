"""Whether more is said than in the window before."""

from dataclasses import dataclass
from typing import Annotated

from engage_server.sdk import Answer, Interval
from engage_server.sdk.intervals import excludes_zero, wilson


@dataclass(frozen=True, slots=True)
class Change:
    """The two numbers of a change."""

    texts: Annotated[int, "In the window."]
    previous_texts: Annotated[int, "In the window before, of the same length."]
    significant: Annotated[
        bool | None, "Whether the interval of the change excludes 0; null where there is none."
    ]


def change_of(now: int, before: int, *, level: float) -> Answer:
    """100 x (now / before - 1); n is the number of both, whose split between the windows is the sample."""
    interval = ratio_interval(now, before, level=level)
    return Answer(
        100 * (now / before - 1) if before else None,
        n=now + before,
        details=Change(now, before, None if interval is None else excludes_zero(interval)),
        interval=interval,
    )


def ratio_interval(now: int, before: int, *, level: float) -> Interval | None:
    """Interval of the change between two counts of windows of one length, in per cent; None where before is 0.

    Given their sum, ``now`` is binomial with the share r / (1 + r), r being the ratio of the two rates; the share's
    Wilson interval is brought back to r. Source: J. Przyborowski and H. Wilenski, Biometrika 31 (1940).
    """
    share = wilson(now, now + before, level=level, scale=1)
    if share is None or not before:
        return None
    low, high = (float(end) for end in (share.low, share.high))
    return Interval(100 * (low / (1 - low) - 1), 100 * (high / (1 - high) - 1), level, "Wilson of the split")
