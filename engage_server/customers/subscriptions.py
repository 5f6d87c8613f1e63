"""Stores subscriptions under the external id that the tenant gives them, with the days on which their terms changed."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from typing import Final

from django.db import connection

from engage_server.customers.subscription_terms import EVER, Terms, TermsHistory

LOCK_CLASS: Final = 0x1DE274  # next to that of ``activity.rollups.compaction``


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """What is told of a subscription.

    ``changed_on``: from when its terms are so. None: where the subscription is new, ever since it started, else from
    today on.
    """

    external_id: str
    terms: Terms
    starts_on: date
    ends_on: date | None
    changed_on: date | None = None


# One writer of the tenant at a time: what a row changes depends on all that is known of its subscription.
LOCK: Final = "SELECT pg_advisory_xact_lock(%s, hashtext(current_schema()))"
KNOWN: Final = """
    SELECT external_id, starts_on, ends_on, valid_from, account_id, plan, seats, amount, currency, interval_months,
           is_trial, status, channel, cancel_reason
    FROM customers_subscription WHERE external_id = ANY(%s)
"""
ENTER: Final = """
    INSERT INTO customers_subscription
        (external_id, starts_on, ends_on, valid_from, account_id, plan, seats, amount, currency, interval_months,
         is_trial, status, channel, cancel_reason)
    SELECT * FROM unnest(%s::text[], %s::date[], %s::date[], %s::date[], %s::int[], %s::text[], %s::int[],
                         %s::numeric[], %s::text[], %s::smallint[], %s::boolean[], %s::text[], %s::text[], %s::text[])
    ON CONFLICT ON CONSTRAINT subscription_terms_once DO UPDATE
    SET account_id = EXCLUDED.account_id, plan = EXCLUDED.plan, seats = EXCLUDED.seats, amount = EXCLUDED.amount,
        currency = EXCLUDED.currency, interval_months = EXCLUDED.interval_months, is_trial = EXCLUDED.is_trial,
        status = EXCLUDED.status, channel = EXCLUDED.channel, cancel_reason = EXCLUDED.cancel_reason
"""
MOVE: Final = """
    UPDATE customers_subscription known SET starts_on = moved.starts_on, ends_on = moved.ends_on
    FROM unnest(%s::text[], %s::date[], %s::date[]) AS moved (external_id, starts_on, ends_on)
    WHERE known.external_id = moved.external_id
      AND (known.starts_on, known.ends_on) IS DISTINCT FROM (moved.starts_on, moved.ends_on)
"""
Entry = tuple[str, date]


def write_subscriptions(rows: Sequence[SubscriptionRow], *, today: date) -> frozenset[date]:
    """Store what the rows say, in their order and whatever their number in four statements.

    Args:
        rows: several may be of one subscription.
        today: the running day of the tenant's calendar.

    Returns:
        For each subscription that is not as it was, the first day that it concerns.
    """
    if not rows:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [LOCK_CLASS])
    histories = _histories([row.external_id for row in rows])
    changed: set[date | None] = set()
    entered: dict[Entry, Terms] = {}
    moved: dict[str, TermsHistory] = {}
    for row in rows:
        history = histories.setdefault(row.external_id, TermsHistory())
        on = _entry_of(row, history, today)
        if (history.starts_on, history.ends_on) != (row.starts_on, row.ends_on):
            changed.add(history.move(row.starts_on, row.ends_on))
            moved[row.external_id] = history
        if on is not None:
            changed.add(history.enter(row.terms, on=on))
            entered[row.external_id, on] = row.terms
    _enter(entered, histories)
    _move(moved)
    return frozenset(day for day in changed if day is not None)


def _entry_of(row: SubscriptionRow, history: TermsHistory, today: date) -> date | None:
    """The day from which the row's terms hold; None where that is known already."""
    if row.changed_on is not None:
        return None if history.entries.get(row.changed_on) == row.terms else row.changed_on
    if not history.entries:
        return EVER
    return None if history.at(today) == row.terms else today


def _histories(external_ids: Sequence[str]) -> dict[str, TermsHistory]:
    histories: dict[str, TermsHistory] = {}
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [list(external_ids)])
        for external_id, starts_on, ends_on, since, *terms in cursor.fetchall():
            history = histories.setdefault(external_id, TermsHistory(starts_on, ends_on))
            history.entries[since or EVER] = Terms(*terms)
    return histories


def _enter(entered: Mapping[Entry, Terms], histories: Mapping[str, TermsHistory]) -> None:
    if not entered:
        return
    lines = [
        (
            external_id,
            histories[external_id].starts_on,
            histories[external_id].ends_on,
            None if on == EVER else on,
            *astuple(terms),
        )
        for (external_id, on), terms in entered.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(ENTER, [list(column) for column in zip(*lines, strict=True)])


def _move(moved: Mapping[str, TermsHistory]) -> None:
    if not moved:
        return
    with connection.cursor() as cursor:
        starts, ends = [c.starts_on for c in moved.values()], [c.ends_on for c in moved.values()]
        cursor.execute(MOVE, [list(moved), starts, ends])
