"""Keeps who belongs to which account, and since when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection


@dataclass(frozen=True, slots=True)
class MembershipPeriod:
    """A person belongs to an account from ``starts_at`` until ``ends_at`` (exclusive; None = still); ids."""

    person: int
    account: int
    starts_at: datetime
    ends_at: datetime | None = None


DATED: Final = """
    INSERT INTO customers_membership (person_id, account_id, starts_at, ends_at)
    SELECT * FROM unnest(%s::int[], %s::int[], %s::timestamptz[], %s::timestamptz[])
         AS period (person_id, account_id, starts_at, ends_at)
    ORDER BY person_id, account_id, starts_at
    ON CONFLICT ON CONSTRAINT membership_once DO UPDATE SET ends_at = EXCLUDED.ends_at
    WHERE customers_membership.ends_at IS DISTINCT FROM EXCLUDED.ends_at
"""

# Clients repeat the group call at every visit: a call inside a known period says nothing new, and one before an
# open period moves its beginning. So the order in which the calls arrive does not matter.
OPEN: Final = """
    WITH period AS (
        SELECT * FROM unnest(%(persons)s::int[], %(accounts)s::int[], %(starts)s::timestamptz[])
             AS period (person_id, account_id, starts_at)
    ),
    news AS (
        SELECT * FROM period WHERE NOT EXISTS (
            SELECT FROM customers_membership known
            WHERE (known.person_id, known.account_id) = (period.person_id, period.account_id)
              AND known.starts_at <= period.starts_at
              AND (known.ends_at IS NULL OR known.ends_at > period.starts_at))
    ),
    moved AS (
        UPDATE customers_membership known SET starts_at = news.starts_at
        FROM news
        WHERE known.id = (
            SELECT id FROM customers_membership opened
            WHERE (opened.person_id, opened.account_id) = (news.person_id, news.account_id)
              AND opened.ends_at IS NULL
            ORDER BY opened.starts_at LIMIT 1)
    )
    INSERT INTO customers_membership (person_id, account_id, starts_at)
    SELECT * FROM news
    WHERE NOT EXISTS (
        SELECT FROM customers_membership known
        WHERE (known.person_id, known.account_id) = (news.person_id, news.account_id) AND known.ends_at IS NULL)
    ORDER BY person_id, account_id
    ON CONFLICT ON CONSTRAINT membership_once DO NOTHING
"""


def write_memberships(periods: Sequence[MembershipPeriod]) -> None:
    """Store the periods. The caller holds a lock on their persons, so that no two writers open the same one."""
    dated = {
        (period.person, period.account, period.starts_at): period
        for period in periods
        if period.ends_at is not None
    }
    if dated:
        with connection.cursor() as cursor:
            cursor.execute(DATED, _columns(list(dated.values())))
    opened: dict[tuple[int, int], MembershipPeriod] = {}
    for period in periods:
        known = opened.get((period.person, period.account))
        if period.ends_at is None and (known is None or period.starts_at < known.starts_at):
            opened[period.person, period.account] = period
    if opened:
        _open(opened)


def _open(opened: Mapping[tuple[int, int], MembershipPeriod]) -> None:
    persons, accounts, starts, _ = _columns(list(opened.values()))
    with connection.cursor() as cursor:
        cursor.execute(OPEN, {"persons": persons, "accounts": accounts, "starts": starts})


def _columns(
    periods: Sequence[MembershipPeriod],
) -> tuple[list[int], list[int], list[datetime], list[datetime | None]]:
    return (
        [period.person for period in periods],
        [period.account for period in periods],
        [period.starts_at for period in periods],
        [period.ends_at for period in periods],
    )
