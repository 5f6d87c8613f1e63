"""Keeps accounts from standing below themselves, on whatever day. Inside the tenant's scope.

Of two statements that together would close a circle, the one that comes in second is left out.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, tzinfo
from typing import Final

from django.db import connection

from engage_server.customers.account_history import read_histories
from engage_server.customers.attribute_history import PARENT, AttributeHistory, Statement

LOCK_CLASS: Final = 0x1DE275  # next to that of ``customers.subscriptions``
# One writer of parents at a time: whether they close a circle depends on all others.
LOCK: Final = "SELECT pg_advisory_xact_lock(%s, hashtext(current_schema()))"
# All that ever stood above the accounts, on whatever day.
EVER_ABOVE: Final = """
    WITH RECURSIVE above (id) AS (
        SELECT unnest(%s::int[])
        UNION
        SELECT step.parent FROM above CROSS JOIN LATERAL (
            SELECT parent_id FROM customers_account WHERE id = above.id
            UNION
            SELECT (value #>> '{}')::int FROM customers_accountattribute
            WHERE account_id = above.id AND attribute = 'parent'
        ) step (parent) WHERE step.parent IS NOT NULL
    )
    SELECT above.id, account.parent_id FROM above JOIN customers_account account USING (id)
"""


def circular_parents(told: Mapping[int, Sequence[Statement]], *, zone: tzinfo) -> frozenset[tuple[int, int]]:
    """Those (account, parent) of the statements that would have the parent stand below the account on some day.

    The others may be written in the transaction: until its end nobody else writes parents.
    """
    if not told:
        return frozenset()
    histories = _histories({*told, *(one.value for of in told.values() for one in of)}, zone)
    left = [(account, one) for account, of in told.items() for one in of]
    # What another statement of the batch makes room for is taken after it.
    while True:
        refused = [(account, one) for account, one in left if not _take(histories, account, one)]
        if len(refused) == len(left):
            return frozenset((account, one.value) for account, one in refused)
        left = refused


def _histories(accounts: Collection[int], zone: tzinfo) -> dict[int, AttributeHistory]:
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [LOCK_CLASS])
        cursor.execute(EVER_ABOVE, [list(accounts)])
        present: dict[int, int | None] = dict(cursor.fetchall())
    stored = read_histories(dict.fromkeys(present), zone=zone, attributes=[PARENT])
    return {account: stored.history(account, PARENT, unknown=parent) for account, parent in present.items()}


def _take(histories: dict[int, AttributeHistory], account: int, statement: Statement) -> bool:
    """Let the statement hold, unless it closes a circle."""
    history = histories[account].copy()
    history.tell(statement)
    former, histories[account] = histories[account], history
    above = _ever_above(histories, statement.value)
    if account in above:
        edges = {one.first for id in above for one in histories[id].periods()}
        if any(_is_circular(histories, account, day) for day in edges):
            histories[account] = former
            return False
    return True


def _ever_above(histories: Mapping[int, AttributeHistory], account: int) -> set[int]:
    found: set[int] = set()
    waiting = [account]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += [period.value for period in histories[one].periods() if period.value is not None]
    return found


def _is_circular(histories: Mapping[int, AttributeHistory], account: int, day: date | None) -> bool:
    step = histories[account].on(day)
    seen = {account}
    while step is not None and step not in seen:
        seen.add(step)
        step = histories[step].on(day)
    return step is not None
