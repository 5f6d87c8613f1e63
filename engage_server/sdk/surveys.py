"""Survey answers, counted by account, instrument, scale and score: what every measure of one survey scale begins with."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

GROUP = ("instrument", "scale_min", "scale_max", "direction")


@dataclass(frozen=True, slots=True, order=True)
class Scale:
    """A survey scale. ``direction`` is UP where a high score is good; stars and emojis of k steps are 1 to k."""

    low: int
    high: int
    direction: Literal["UP", "DOWN"]

    def rank(self, score: int) -> int:
        """Steps above the worst score: 0 to ``high - low``."""
        return score - self.low if self.direction == "UP" else self.high - score

    def best(self, counts: Mapping[int, int], *, boxes: int) -> int:
        """How many of the answers, given as score to number, are in the ``boxes`` best scores."""
        lowest = self.high - self.low - boxes
        return sum(count for score, count in counts.items() if self.rank(score) > lowest)

    def __str__(self) -> str:
        return f"{self.low}-{self.high}, {'high' if self.direction == 'UP' else 'low'} is good"


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """The answers that may be averaged: one instrument on one scale."""

    instrument: str
    scale: Scale

    @property
    def key(self) -> str:
        """Stable name, e.g. ``ces_security:1:7:UP``."""
        return f"{self.instrument}:{self.scale.low}:{self.scale.high}:{self.scale.direction}"


class TopBox(BaseModel):
    """How many of a scale's best scores count as positive; on a scale where low is good, the lowest ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scale_min: int = Field(description="Lowest score of the scale.")
    scale_max: int = Field(description="Highest score of the scale.")
    boxes: int = Field(ge=1, description="Number of best scores that count as positive.")

    @model_validator(mode="after")
    def _leaves_a_negative_score(self) -> Self:
        if self.boxes > self.scale_max - self.scale_min:
            raise ValueError(
                f"{self.boxes} boxes leave no other score on the scale {self.scale_min}-{self.scale_max}. "
                f"Give at most {self.scale_max - self.scale_min}."
            )
        return self


def boxes_of(top_boxes: Sequence[TopBox], scale: Scale) -> int | None:
    """The number of positive scores of a scale; None where none of the boxes is of it."""
    ends = (scale.low, scale.high)
    return next((box.boxes for box in top_boxes if (box.scale_min, box.scale_max) == ends), None)


@dataclass(slots=True)
class Tally:
    """The responses about one subject. ``respondents``: known persons, and each answer without one."""

    groups: dict[Group, Counter[int]] = field(default_factory=dict)
    respondents: int = 0
    dismissed: int = 0
    invalid: int = 0

    @property
    def n(self) -> int:
        """The valid answers."""
        return sum(counts.total() for counts in self.groups.values())

    @property
    def scales(self) -> list[Scale]:
        """The distinct scales, ordered."""
        return sorted({group.scale for group in self.groups})

    @property
    def key(self) -> Hashable:
        """Equal for equal responses."""
        groups = frozenset((group, frozenset(counts.items())) for group, counts in self.groups.items())
        return groups, self.respondents, self.dismissed, self.invalid

    def merged(self) -> Counter[int]:
        """The scores of all groups together; only for a single scale."""
        return sum(self.groups.values(), Counter())


def tallies(responses: pl.DataFrame) -> tuple[Tally, dict[int, Tally]]:
    """The whole tenant's tally, and one per known account by id; one grouping for all accounts.

    A valid answer is a whole score of a scale with whole ends and a direction, of a named instrument.

    Args:
        responses: columns of ``SurveyResponses``.
    """
    classed = responses.with_columns(valid=_valid() & ~pl.col("dismissed").fill_null(False))
    by_account = {
        row.pop("account"): Tally(**row)
        for row in classed.group_by("account").agg(*_tallied()).sort("account").iter_rows(named=True)
    }
    cells = classed.filter("valid").group_by("account", *GROUP, "score").len()
    for account, instrument, low, high, direction, scores, counts in (
        cells.group_by("account", *GROUP).agg("score", "len").iter_rows()
    ):
        group = Group(instrument, Scale(int(low), int(high), direction))
        by_account[account].groups[group] = Counter(dict(zip(map(int, scores), counts, strict=True)))
    tenant = Tally(groups=_summed(by_account.values()), **classed.select(*_tallied()).row(0, named=True))
    return tenant, {account: tally for account, tally in by_account.items() if account is not None}


def _summed(parts: Iterable[Tally]) -> dict[Group, Counter[int]]:
    groups: dict[Group, Counter[int]] = {}
    for part in parts:
        for group, counts in part.groups.items():
            groups.setdefault(group, Counter()).update(counts)
    return groups


def _valid() -> pl.Expr:
    """A whole score within a scale that has a direction; whatever is missing makes it invalid."""
    low, high, score = pl.col("scale_min"), pl.col("scale_max"), pl.col("score")
    whole = pl.all_horizontal(
        *(column.is_finite() & (column == column.floor()) for column in (low, high, score))
    )
    scale = (low < high) & pl.col("direction").is_in(["UP", "DOWN"]) & pl.col("instrument").is_not_null()
    return (whole & scale & score.is_between(low, high)).fill_null(False)


def _tallied() -> tuple[pl.Expr, ...]:
    person, dismissed = pl.col("person").filter("valid"), pl.col("dismissed").fill_null(False)
    return (
        (person.drop_nulls().n_unique() + person.null_count()).alias("respondents"),
        dismissed.sum().alias("dismissed"),
        (~pl.col("valid") & ~dismissed).sum().alias("invalid"),
    )
