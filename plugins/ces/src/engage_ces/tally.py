"""Counts survey responses by account, instrument, scale and score: one grouping for all accounts."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

import polars as pl

from engage_ces.distribution import Group, Scale

GROUP = ("instrument", "scale_min", "scale_max", "direction")


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
    """The whole tenant's tally, and one per known account by id.

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
