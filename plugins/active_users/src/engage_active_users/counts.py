"""Who was active in a window: distinct persons and accounts, and those of them who got value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from engage_active_users.config import ActiveUsersConfig, Span
from engage_server.sdk import first_of, last_of

DAYS: Final[Mapping[Span, int]] = {"day": 1, "week": 7, "month": 30}
LONGEST: Final = 31
"""Days of the longest window, a calendar month."""


@dataclass(frozen=True, slots=True)
class Count:
    """Distinct persons and accounts of a window."""

    persons: int = 0
    accounts: int = 0


def first_day(span: Span, day: date, config: ActiveUsersConfig) -> date:
    """The first day of the window that ends with the day."""
    if config.windows == "rolling" or span == "day":
        return day - timedelta(days=DAYS[span] - 1)
    return first_of(span, day)


def is_running(span: Span, day: date, config: ActiveUsersConfig) -> bool:
    """Whether the calendar period goes on after the day."""
    return config.windows == "calendar" and span != "day" and last_of(span, day) != day


def count_since(active: pl.DataFrame, first: date) -> tuple[Count, dict[int, int]]:
    """Count who was active from a day on: of all, and the persons by account."""
    inside = active.filter(pl.col("day") >= first)
    whole = Count(inside["person"].drop_nulls().n_unique(), inside["account"].drop_nulls().n_unique())
    return whole, persons_by_account(inside)


def persons_by_account(rows: pl.DataFrame) -> dict[int, int]:
    """Distinct persons by account; who acted in none is left out."""
    known = rows.select("account", "person").drop_nulls()
    return dict(known.group_by("account").agg(pl.col("person").n_unique()).iter_rows())


def all_accounts(accounts: pl.DataFrame, *others: Mapping[int, Any]) -> list[int]:
    """The accounts that the day knows and those of the others, by id."""
    return sorted({*accounts["account"].drop_nulls(), *(id for other in others for id in other)})
