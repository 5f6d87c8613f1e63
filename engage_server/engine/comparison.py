"""Holds values that would be computed against those that are stored, as columns: what would change, and who."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import polars as pl

from engage_server.metrics.bands import Banded
from engage_server.metrics.writer import stored_number
from engage_server.sdk import Number

# Ten places are stored: what is nearer than half of the last one is the same, what is further another. Floats of this size
# have the places to tell; decimals are asked about the others.
EXACT_BELOW: Final = 1e3
SURELY_THE_SAME: Final = 0.49e-10
SURELY_ANOTHER: Final = 0.51e-10
KEY: Final = ("metric", "kind", "subject", "on")


@dataclass(frozen=True, slots=True)
class Difference:
    """What one subject's value is on the last day, and what it would be; null where there is none."""

    subject_kind: str
    subject_id: int
    stored: Banded
    computed: Banded

    @property
    def change(self) -> float:
        """How much higher the value would be; 0 where one of them is missing."""
        if self.stored.value is None or self.computed.value is None:
            return 0.0
        return self.computed.value - self.stored.value

    @property
    def changes_band(self) -> bool:
        """Whether it would lie in another band."""
        return self.stored.band != self.computed.band


@dataclass(frozen=True, slots=True)
class MetricOutcome:
    """What would be different of one metric.

    Args:
        metric: full id.
        values: values of subjects and days that were compared, stored or computed.
        changed: how many of them would be others.
        band_days: how many values of days would go from one band to another; bands that are no other are not there.
        last_day: of each subject what it is and would be on the last day, who changes band first, then by the change.
    """

    metric: str
    values: int
    changed: int
    band_days: Mapping[tuple[str | None, str | None], int]
    last_day: tuple[Difference, ...]

    @property
    def band_changes(self) -> tuple[Difference, ...]:
        """Who would lie in another band on the last day."""
        return tuple(one for one in self.last_day if one.changes_band)


@dataclass(slots=True)
class Comparison:
    """What some metrics, by their full ids, come to, as their days are compared."""

    metrics: tuple[str, ...]
    _values: Counter[str] = field(default_factory=Counter)
    _changed: Counter[str] = field(default_factory=Counter)
    _band_days: dict[str, Counter[tuple[str | None, str | None]]] = field(default_factory=dict)
    _last_day: dict[str, list[Difference]] = field(default_factory=dict)

    def add(self, stored: pl.DataFrame, computed: pl.DataFrame, *, last: date) -> None:
        """Compare some days; each is added once. ``last`` is the day whose subjects are told one by one.

        Both have the columns of ``bands.COLUMNS``.
        """
        both = stored.join(
            computed, on=KEY, how="full", coalesce=True, nulls_equal=False, suffix="_computed"
        ).with_columns(is_same=_is_same())
        # Of most values floats tell by themselves.
        sure = both.filter(pl.col("is_same").is_not_null())
        unsure = both.filter(pl.col("is_same").is_null()).with_columns(
            is_same=pl.struct("value", "value_computed").map_elements(_is_stored_alike, pl.Boolean)
        )
        both = pl.concat([sure, unsure])
        told = both.group_by("metric").agg(pl.len(), (~pl.col("is_same")).sum().alias("changed"))
        for metric, values, changed in told.iter_rows():
            self._values[metric] += values
            self._changed[metric] += changed
        moved = both.filter(pl.col("band").ne_missing(pl.col("band_computed")))
        for metric, was, would_be, days in (
            moved.group_by("metric", "band", "band_computed").len().iter_rows()
        ):
            self._band_days.setdefault(metric, Counter())[was, would_be] += days
        shown = ("metric", "kind", "subject", "value", "band", "value_computed", "band_computed")
        for metric, kind, subject, *bands in both.filter(pl.col("on") == last).select(shown).iter_rows():
            was, would_be = Banded(*bands[:2]), Banded(as_stored(bands[2]), bands[3])
            self._last_day.setdefault(metric, []).append(Difference(kind, subject, was, would_be))

    def outcomes(self) -> tuple[MetricOutcome, ...]:
        """What was compared, by metric."""
        return tuple(
            MetricOutcome(
                metric,
                self._values[metric],
                self._changed[metric],
                dict(self._band_days.get(metric, ())),
                tuple(sorted(self._last_day.get(metric, ()), key=_first_shown)),
            )
            for metric in self.metrics
        )


def as_stored(value: Number | None) -> float | None:
    """A value as it would be read again once it is stored."""
    number = stored_number(value)
    return None if number is None else float(number)


def _is_same() -> pl.Expr:
    """Whether storing what was computed would change nothing; null where floats cannot tell."""
    was, would_be = pl.col("value"), pl.col("value_computed")
    off = (was - would_be).abs()
    is_told = (was.abs() < EXACT_BELOW) & ~off.is_between(SURELY_THE_SAME, SURELY_ANOTHER)
    return (
        pl.when(pl.col("band").ne_missing(pl.col("band_computed")) | (was.is_null() != would_be.is_null()))
        .then(pl.lit(value=False))
        .when(was.is_null())
        .then(pl.lit(value=True))
        .when(is_told)
        .then(off < SURELY_THE_SAME)
    )


def _is_stored_alike(values: Mapping[str, float]) -> bool:
    return values["value"] == as_stored(values["value_computed"])


def _first_shown(one: Difference) -> tuple[bool, float, str, int]:
    return (not one.changes_band, -abs(one.change), one.subject_kind, one.subject_id)
