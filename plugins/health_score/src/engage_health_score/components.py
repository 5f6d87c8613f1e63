"""The stored values of other metrics, brought to one score per account and component."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from engage_health_score.component import Component
from engage_server.sdk import Status

USED = ("account", "value", "score", "n", "status", "day")
WITHHELD = (Status.NO_DATA.value, Status.SUPPRESSED.value)


@dataclass(frozen=True, slots=True)
class Part:
    """One component of one account.

    Args:
        raw: the metric's value in its own unit; null where it is missing.
        score: 0 to 100; null where the component is missing.
        n: observations behind the metric's value.
        note: why the component is missing or special; empty otherwise.
    """

    raw: float | None = None
    score: float | None = None
    n: int | None = None
    note: str = ""


def rows_of(component: Component, *, values: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """The metric's row for each account and day that has one within ``max_age_days``, with its ``score``.

    Withheld values and those that the normalisation does not score have none.

    Args:
        component: which metric, and how it becomes a score.
        values: rows of MetricValues, those of each computed day with the day ``on``.
        accounts: rows of Accounts, likewise; rows of ``values`` about other accounts are left out.
    """
    oldest = pl.col("on") - pl.duration(days=component.max_age_days)
    rows = accounts.select("on", "account", "plan", "stage").join(
        values.filter(pl.col("metric") == component.metric, pl.col("day") >= oldest),
        left_on=["on", "account"],
        right_on=["on", "subject"],
    )
    is_usable = pl.col("value").is_not_null() & ~pl.col("status").is_in(WITHHELD)
    usable = rows.filter(is_usable).with_columns(score=component.normalisation.scores())
    withheld = rows.filter(~is_usable).with_columns(score=pl.lit(None, pl.Float64))
    return pl.concat([withheld, usable.with_columns(pl.col("score").cast(pl.Float64))])


def parts_by_account(
    component: Component, *, values: pl.DataFrame, accounts: pl.DataFrame, day: date
) -> Mapping[int, Part]:
    """The component's part for each account with a row, usable or not, within ``max_age_days`` of ``day``.

    For the arguments see ``rows_of``; all rows are of the one day.
    """
    parts = {}
    for id, value, score, n, status, measured_on in (
        rows_of(component, values=values, accounts=accounts).select(USED).iter_rows()
    ):
        if value is None or status in WITHHELD:
            parts[id] = Part(note=f"missing: {status} on {measured_on}")
        else:
            note = _note(component, status=status, score=score, measured_on=measured_on, day=day)
            parts[id] = Part(value, score, n, note)
    return parts


def without_value(component: Component) -> Part:
    """The part of an account for which the metric has no recent row."""
    return Part(note=f"missing: no value within {component.max_age_days} days")


def _note(component: Component, *, status: str, score: float | None, measured_on: date, day: date) -> str:
    if status == Status.OK and measured_on == day and score is not None:
        return ""
    if score is None:
        return getattr(component.normalisation, "unscored", "missing")
    remarks = [] if measured_on == day else [f"value of {measured_on}"]
    if status != Status.OK:
        remarks.append(status)
    return ", ".join(remarks)
