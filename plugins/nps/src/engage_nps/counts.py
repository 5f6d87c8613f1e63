"""Survey responses, classed and counted: one grouping for all accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import polars as pl

SCALE: Final = (0, 10)
PROMOTER_FROM, PASSIVE_FROM = 9, 7


@dataclass(frozen=True, slots=True)
class Counts:
    """How many responses of each kind; the names of the numbers up to ``invalid`` are also the kinds."""

    promoters: Annotated[int, "Answers of 9 and 10."] = 0
    passives: Annotated[int, "Answers of 7 and 8."] = 0
    detractors: Annotated[int, "Answers of 0 to 6, of critics."] = 0
    dismissed: Annotated[int, "Surveys shown but not answered; no part of n."] = 0
    not_comparable: Annotated[int, "Answers on another scale than 0-10; no part of n."] = 0
    invalid: Annotated[int, "Answers that are no whole number from 0 to 10; no part of n."] = 0
    unanswered: Annotated[
        int, "Of the dismissed, those on 0-10 of who gave no valid answer in the window."
    ] = 0
    not_comparable_instruments: Annotated[
        tuple[str, ...], "Names of the instruments that asked on another scale than 0-10, such as 1-10."
    ] = ()

    @property
    def n(self) -> int:
        """The valid answers."""
        return self.promoters + self.passives + self.detractors

    @property
    def net(self) -> tuple[int, int, int]:
        """Promoters, detractors and n, as intervals take them."""
        return self.promoters, self.detractors, self.n


ANSWERED: Final = ("promoters", "passives", "detractors")
KINDS: Final = (*ANSWERED, "dismissed", "not_comparable", "invalid")
NUMBERS: Final = (*KINDS, "unanswered")


def count_by_account(responses: pl.DataFrame) -> dict[int | None, Counts]:
    """Counts per account, ordered by id; the key None holds responses without a known account."""
    classed = responses.with_columns(kind=_kind(), is_comparable=_is_comparable())
    answered = classed.filter(pl.col("kind").is_in(ANSWERED))["person"].drop_nulls().unique()
    silent = ~pl.col("person").is_in(answered.implode()).fill_null(False)
    grouped = (
        classed.group_by("account")
        .agg(
            *((pl.col("kind") == kind).sum().alias(kind) for kind in KINDS),
            unanswered=((pl.col("kind") == "dismissed") & pl.col("is_comparable") & silent).sum(),
            instruments=pl.col("instrument")
            .filter(pl.col("kind") == "not_comparable")
            .drop_nulls()
            .unique()
            .sort(),
        )
        .sort("account")
    )
    return {
        id: Counts(**dict(zip(NUMBERS, numbers, strict=True)), not_comparable_instruments=tuple(names))
        for id, *numbers, names in grouped.iter_rows()
    }


def answered_accounts(responses: pl.DataFrame) -> pl.Series:
    """The known accounts with a valid answer, each once."""
    answered = responses.filter(_kind().is_in(ANSWERED))
    return answered["account"].drop_nulls().unique()


def total(parts: Sequence[Counts]) -> Counts:
    """The sums, kind by kind, and all names."""
    numbers = {name: sum(getattr(part, name) for part in parts) for name in NUMBERS}
    names = sorted({name for part in parts for name in part.not_comparable_instruments})
    return Counts(**numbers, not_comparable_instruments=tuple(names))


def _is_comparable() -> pl.Expr:
    return (
        pl.col("scale_min").eq_missing(SCALE[0])
        & pl.col("scale_max").eq_missing(SCALE[1])
        & pl.col("direction").ne_missing("DOWN")
    )


def _kind() -> pl.Expr:
    score = pl.col("score")
    whole = score.is_not_null() & score.is_between(*SCALE) & (score == score.floor())
    return (
        pl.when(pl.col("dismissed"))
        .then(pl.lit("dismissed"))
        .when(~_is_comparable())
        .then(pl.lit("not_comparable"))
        .when(~whole)
        .then(pl.lit("invalid"))
        .when(score >= PROMOTER_FROM)
        .then(pl.lit("promoters"))
        .when(score >= PASSIVE_FROM)
        .then(pl.lit("passives"))
        .otherwise(pl.lit("detractors"))
    )
