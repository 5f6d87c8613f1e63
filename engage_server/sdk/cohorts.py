"""Shares of a cohort that came to something in time: sign-ups that were activated, attempts that were completed.

Numerator and denominator are of the same cohort, so that no share exceeds the whole. A matured cohort is made of those
whose time is over, so that its share is final; a trailing one of all, and IMMATURE while one of them is in time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from engage_server.sdk.computation import Answer
from engage_server.sdk.compute import TENANT, Contribution, Status, Subject, Window, account
from engage_server.sdk.inputs.progress import ANY_VALUE, Milestones
from engage_server.sdk.intervals import wilson
from engage_server.sdk.manifest import PluginConfig


class Milestone(PluginConfig):
    """An event, and how often it takes to reach something."""

    event: str = Field(
        ANY_VALUE,
        min_length=1,
        description="Name of the event; * for any of class VALUE but the sign-up itself.",
    )
    times: int = Field(1, ge=1, le=1_000_000, description="How often the event must happen.")


class SignupConfig(PluginConfig):
    """What marks a sign-up."""

    signup_event: str = Field(
        "", description="Event that marks the sign-up; empty takes a person's first event ever."
    )
    existing_users_days: int = Field(
        30,
        ge=0,
        le=366,
        description="Without a sign-up event: persons first seen in so many first days of the tenant's events were "
        "users before and are no sign-ups.",
    )


class CohortConfig(PluginConfig):
    """Which of those who entered form the cohort."""

    cohort_days: int = Field(30, ge=1, le=366, description="Days of entries that form the cohort.")
    cohort: Literal["matured", "trailing"] = Field(
        "matured", description="Newest entries whose time is over, or all of the last days (IMMATURE)."
    )

    def days_read(self, within: timedelta) -> int:
        """Trailing days that hold the cohort: a matured one ends ``within`` before the end of the day."""
        return self.cohort_days + (-(-within // timedelta(days=1)) if self.cohort == "matured" else 0)


@dataclass(frozen=True, slots=True)
class Cohort:
    """What became of a cohort."""

    entrants: Annotated[int, "Who entered: the whole."]
    reached: Annotated[int, "Came to it in time."]
    open: Annotated[int, "Did not yet, but are still in time."]

    @property
    def lapsed(self) -> int:
        """Did not in time."""
        return self.entrants - self.reached - self.open


@dataclass(frozen=True, slots=True)
class Wording:
    """How the parts of a share are called."""

    reached: str = "In time"
    open: str = "Still in time"
    lapsed: str = "Not in time"


def pairs(milestones: tuple[Milestone, ...]) -> Milestones:
    """The milestones of a configuration, as inputs take them."""
    return tuple((milestone.event, milestone.times) for milestone in milestones)


def percent(part: float, whole: float) -> float | None:
    """``100 * part / whole``; null where the whole is zero."""
    return 100 * part / whole if whole else None


def when_all(number: int) -> pl.Expr:
    """The time at which the last of so many milestones (``milestone_1`` …) was reached; null while one of them is not."""
    times = [pl.col(f"milestone_{place}") for place in range(1, number + 1)]
    return pl.when(pl.all_horizontal(time.is_not_null() for time in times)).then(pl.max_horizontal(times))


def outcomes(
    rows: pl.DataFrame,
    *,
    entered: str,
    reached: str,
    within: timedelta,
    window: Window,
    config: CohortConfig,
) -> pl.DataFrame:
    """What became of each entry: ``reached`` in time, or whether the time is ``over``; only of the cohort's entries.

    ``entered`` and ``reached`` are columns of ``rows`` with times, the latter null where it was not; other columns stay.
    """
    deadline = pl.col(entered) + within
    end = window.end.astimezone(UTC)
    in_time = (
        pl.col(reached).is_not_null() & (pl.col(reached) >= pl.col(entered)) & (pl.col(reached) < deadline)
    )
    table = rows.drop_nulls(entered).with_columns(reached=in_time, over=deadline <= end)
    return table.filter("over") if config.cohort == "matured" else table


def count_cohorts(table: pl.DataFrame, *, accounts: pl.DataFrame) -> Iterator[tuple[Subject, Cohort]]:
    """The cohort of the tenant and of each account that is listed or has an entry, from what ``outcomes`` gives."""
    still_open = (~pl.col("reached") & ~pl.col("over")).sum()
    counts = (pl.len().alias("entrants"), pl.col("reached").sum(), still_open.alias("open"))
    yield TENANT, Cohort(*table.select(*counts).row(0))
    ids = pl.concat([accounts.select("account"), table.select("account")]).drop_nulls().unique()
    by_account = ids.join(table.group_by("account").agg(*counts), on="account", how="left")
    for id, *counted in by_account.fill_null(0).sort("account").iter_rows():
        yield account(id), Cohort(*counted)


def share(
    cohort: Cohort, *, wording: Wording, details: object, of: Literal["reached", "lapsed"] = "reached"
) -> Answer:
    """The answer of the share, in per cent, that reached it (or that lapsed), with Wilson's interval and its parts."""
    counted = {"reached": cohort.reached, "open": cohort.open, "lapsed": cohort.lapsed}
    value = percent(counted[of], cohort.entrants)
    parts = tuple(
        Contribution(key, getattr(wording, key), number, points=value if key == of else 0, n=number)
        for key, number in counted.items()
    )
    return Answer(
        value,
        n=cohort.entrants,
        details=details,
        parts=parts if cohort.entrants else (),
        interval=wilson(counted[of], cohort.entrants),
        status=Status.IMMATURE if cohort.entrants and cohort.open else None,
    )
