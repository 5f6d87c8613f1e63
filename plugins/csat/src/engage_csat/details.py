"""The further figures of customer satisfaction, and how a tally gives them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from engage_csat.config import CsatConfig
from engage_server.sdk.surveys import Group, Scale, Tally, boxes_of


@dataclass(frozen=True, slots=True)
class ScoreCount:
    """How many answered a score."""

    score: Annotated[int, "As it was given."]
    count: Annotated[int, "Answers of this score."]


@dataclass(frozen=True, slots=True)
class Instrument:
    """The answers of one instrument on one scale."""

    key: Annotated[str, "That of its contribution."]
    instrument: Annotated[str, "Its name."]
    scale_min: Annotated[int, "Lowest score."]
    scale_max: Annotated[int, "Highest score."]
    scale_direction: Annotated[str, "UP where a high score is good, else DOWN."]
    n: Annotated[int, "Valid answers."]
    satisfied: Annotated[int | None, "Answers of the best scores; null where the scale has no boxes."]
    mean: Annotated[float, "In points of the scale."]
    distribution: Annotated[tuple[ScoreCount, ...], "Ascending; scores nobody gave are left out."]


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """What a value is made of."""

    note: Annotated[str, "Why the value is withheld; empty otherwise."]
    respondents: Annotated[int, "Known persons, and each answer without one."]
    satisfied: Annotated[int, "Answers of the best scores, each of its own scale."]
    dismissed: Annotated[int, "Surveys shown but not answered; no part of n."]
    invalid: Annotated[int, "Scores that are no whole number of their scale; no part of n."]
    not_comparable: Annotated[int, "Answers on a scale without boxes; no part of the share's n."]
    instruments: Annotated[tuple[Instrument, ...], "By instrument and scale."]


@dataclass(frozen=True, slots=True)
class Counted:
    """A group's answers: score to number, and how many are satisfied."""

    group: Group
    counts: Counter[int]
    satisfied: int | None

    @property
    def n(self) -> int:
        """The answers."""
        return self.counts.total()

    @property
    def sum(self) -> int:
        """The sum of the scores."""
        return sum(score * count for score, count in self.counts.items())


def counted(tally: Tally, config: CsatConfig) -> tuple[Counted, ...]:
    """The groups of a tally, ordered."""
    return tuple(
        Counted(group, counts, _satisfied(group.scale, counts, config))
        for group, counts in sorted(tally.groups.items())
    )


def _satisfied(scale: Scale, counts: Mapping[int, int], config: CsatConfig) -> int | None:
    boxes = boxes_of(config.top_boxes, scale)
    return None if boxes is None else scale.best(counts, boxes=boxes)


def details_of(tally: Tally, groups: tuple[Counted, ...], *, note: str) -> Satisfaction:
    """The figures of one subject."""
    return Satisfaction(
        note=note,
        respondents=tally.respondents,
        satisfied=sum(one.satisfied or 0 for one in groups),
        dismissed=tally.dismissed,
        invalid=tally.invalid,
        not_comparable=sum(one.n for one in groups if one.satisfied is None),
        instruments=tuple(map(_instrument, groups)),
    )


def _instrument(one: Counted) -> Instrument:
    scale = one.group.scale
    return Instrument(
        key=one.group.key,
        instrument=one.group.instrument,
        scale_min=scale.low,
        scale_max=scale.high,
        scale_direction=scale.direction,
        n=one.n,
        satisfied=one.satisfied,
        mean=one.sum / one.n,
        distribution=tuple(ScoreCount(*of_score) for of_score in sorted(one.counts.items())),
    )
