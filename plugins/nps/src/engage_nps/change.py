"""The change of a score against the window before, and whether it is more than chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import Annotated

from engage_nps.config import NpsConfig
from engage_nps.counts import Counts, total
from engage_server.sdk import Answer
from engage_server.sdk.intervals import excludes_zero, net_difference


@dataclass(frozen=True, slots=True)
class Change:
    """Both scores of a change."""

    score: Annotated[float | None, "Of the window; null where it has no answer."]
    previous_score: Annotated[float | None, "Of the window before; null where it has no answer."]
    answers: Annotated[int, "Valid answers in the window."]
    previous_answers: Annotated[int, "Valid answers in the window before."]
    significant: Annotated[
        bool | None, "Whether the interval of the change excludes 0; null where there is none."
    ]


def change_of(
    now: Sequence[Counts], before: Sequence[Counts], config: NpsConfig, *, by_mean: bool = False
) -> Answer:
    """The score of the groups now less that before; n is the smaller number of answers of the two."""
    counts, former = total(now), total(before)
    score, previous = _mean_score(now), _mean_score(before)
    interval = None if by_mean else net_difference(counts.net, former.net, level=config.confidence)
    return Answer(
        None if score is None or previous is None else score - previous,
        n=min(counts.n, former.n),
        details=Change(
            score=score,
            previous_score=previous,
            answers=counts.n,
            previous_answers=former.n,
            significant=None if interval is None else excludes_zero(interval),
        ),
        interval=interval,
    )


def _mean_score(groups: Sequence[Counts]) -> float | None:
    scores = [100 * (group.promoters - group.detractors) / group.n for group in groups if group.n]
    return fsum(scores) / len(scores) if scores else None
