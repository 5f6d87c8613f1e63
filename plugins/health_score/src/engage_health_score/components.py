"""The stored values of other metrics, brought to one score per account and component."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

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


def parts_by_account(
    component: Component, *, values: pl.DataFrame, accounts: pl.DataFrame, day: date
) -> Mapping[int, Part]:
    """The component's part for each account with a row, usable or not, within ``max_age_days`` of ``day``.

    Args:
        component: which metric, and how it becomes a score.
        values: rows of MetricValues.
        accounts: rows of Accounts; rows of ``values`` about other accounts are left out.
        day: the computed day.
    """
    oldest = day - timedelta(days=component.max_age_days)
    rows = accounts.select("account", "plan", "stage").join(
        values.filter(pl.col("metric") == component.metric, pl.col("day") >= oldest),
        left_on="account",
        right_on="subject",
    )
    is_usable = pl.col("value").is_not_null() & ~pl.col("status").is_in(WITHHELD)
    usable = rows.filter(is_usable).with_columns(score=component.normalisation.scores())
    parts = {
        row["account"]: Part(note=f"missing: {row['status']} on {row['day']}")
        for row in rows.filter(~is_usable).iter_rows(named=True)
    }
    for id, value, score, n, status, measured_on in usable.select(USED).iter_rows():
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
