"""On which days accounts left or paid more: what scores are held against. Works inside the tenant's scope."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

import polars as pl

from engage_server.customers.statuses import SeatRule, statuses_of
from engage_server.customers.windows import day_window
from engage_server.engine.resolving import resolve_input
from engage_server.sdk import AccountHistory, Subscriptions
from engage_server.tenancy.scope import current_tenant

ASKER: Final = "backtest"
"""For whom inputs are read, in the words of errors."""
NOT_PAID: Final = frozenset(
    {*statuses_of(SeatRule.TRIAL), *statuses_of(SeatRule.IDLE), *statuses_of(SeatRule.ENDED)}
)


class Outcome(StrEnum):
    """What became of an account.

    CHURN: its stage became CHURNED, or its last paid subscription ended. UPGRADE: its paid subscriptions came to more
    money a month than the day before, the first one among them.
    """

    CHURN = "CHURN"
    UPGRADE = "UPGRADE"


def outcome_days(outcome: Outcome, *, first: date, last: date) -> Mapping[int, date]:
    """Of each account that had the outcome after ``first`` and by ``last`` the first day of it."""
    window = day_window(last, current_tenant().timezone)
    terms = resolve_input(ASKER, Subscriptions(days=(last - first).days + 2), window)
    if outcome is Outcome.UPGRADE:
        found = _rises(terms)
    else:
        found = [*_ends(terms), *_churned(resolve_input(ASKER, AccountHistory(), window))]
    days: dict[int, date] = {}
    for account, day in sorted(found, key=lambda one: one[1], reverse=True):
        if first < day <= last:
            days[account] = day
    return days


def _churned(history: pl.DataFrame) -> Iterable[tuple[int, date]]:
    """When the stage became CHURNED; not where it was ever so."""
    rows = history.filter(
        pl.col("attribute") == "stage", pl.col("value") == "CHURNED", pl.col("first").is_not_null()
    )
    return rows.select("account", "first").iter_rows()


def _ends(terms: pl.DataFrame) -> Iterable[tuple[int, date]]:
    """The days on which an account had a paid subscription until the day before, and has none."""
    for account, changes in _changes(terms, lambda row: Decimal(1)).items():
        running = Decimal(0)
        for day in sorted(changes):
            before, running = running, running + changes[day]
            if before > 0 and running <= 0:
                yield account, day


def _rises(terms: pl.DataFrame) -> Iterable[tuple[int, date]]:
    """The days on which an account pays more a month than the day before, in one of its currencies."""
    for currency in terms["currency"].unique().sort():
        own = terms.filter(pl.col("currency") == currency)
        monthly = _changes(own, lambda row: Decimal(row["amount"]) / row["interval_months"])
        for account, changes in monthly.items():
            yield from ((account, day) for day, change in sorted(changes.items()) if change > 0)


def _changes(terms: pl.DataFrame, worth: Any) -> Mapping[int, Mapping[date, Decimal]]:
    """By how much what an account's paid terms are worth changed on which day."""
    changes: defaultdict[int, defaultdict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in terms.iter_rows(named=True):
        if row["is_trial"] or row["status"] in NOT_PAID:
            continue
        changes[row["account"]][row["valid_from"]] += worth(row)
        until = min((day for day in (row["valid_until"], row["ends_on"]) if day is not None), default=None)
        if until is not None:
            changes[row["account"]][until] -= worth(row)
    return changes


def snapshot_days(*, first: date, last: date, horizon: int) -> list[date]:
    """The days whose scores are held against what became of the accounts in the ``horizon`` days that follow.

    They lie a horizon apart, so that no outcome is counted for two, and the last one a horizon before ``last``, so that
    of each it is known what became of them. The newest first.
    """
    return [last - timedelta(days=back) for back in range(horizon, (last - first).days + 1, horizon)]
