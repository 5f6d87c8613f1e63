"""Resolves accounts by external id and keeps what is known of them, set-based."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from django.db import connection

from engage_server.customers.traits import full_rows

FIND: Final = "SELECT external_id, id FROM customers_account WHERE external_id = ANY(%s)"
MAKE: Final = """
    INSERT INTO customers_account (external_id, name, plan, stage, traits)
    SELECT wanted.external_id, '', '', 'CUSTOMER', '{}' FROM unnest(%s::text[]) AS wanted (external_id)
    ORDER BY wanted.external_id
    ON CONFLICT (external_id) DO NOTHING
"""
DESCRIBE: Final = """
    UPDATE customers_account account
    SET name = COALESCE(change.name, account.name), plan = COALESCE(change.plan, account.plan),
        stage = COALESCE(change.stage, account.stage), parent_id = COALESCE(change.parent_id, account.parent_id),
        started_at = COALESCE(change.started_at, account.started_at),
        traits = CASE WHEN change.traits || change.defaults = '{}' THEN account.traits
                      ELSE change.defaults || account.traits || change.traits END
    FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::int[], %s::timestamptz[], %s::jsonb[], %s::jsonb[])
         AS change (id, name, plan, stage, parent_id, started_at, traits, defaults)
    WHERE account.id = change.id
      AND ((account.name, account.plan, account.stage, account.parent_id, account.started_at)
           IS DISTINCT FROM
           (COALESCE(change.name, account.name), COALESCE(change.plan, account.plan),
            COALESCE(change.stage, account.stage), COALESCE(change.parent_id, account.parent_id),
            COALESCE(change.started_at, account.started_at))
           OR (change.traits || change.defaults <> '{}'
               AND change.defaults || account.traits || change.traits IS DISTINCT FROM account.traits))
    RETURNING account.id, account.parent_id, account.plan, account.stage, account.started_at
"""
# The last column: known by its mention alone.
STANDING: Final = """
    SELECT id, parent_id, plan, stage, started_at,
           (name, plan, stage, traits) = ('', '', 'CUSTOMER', '{}') AND num_nulls(parent_id, started_at) = 2
    FROM customers_account WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""
# A second change within a day leaves what was before the first.
KEEP: Final = """
    INSERT INTO customers_formerstanding (account_id, until, parent_id, plan, stage)
    SELECT id, %s, parent_id, plan, stage
    FROM unnest(%s::int[], %s::int[], %s::text[], %s::text[]) AS former (id, parent_id, plan, stage)
    ON CONFLICT ON CONSTRAINT former_standing_once DO NOTHING
"""
ANCESTORS: Final = """
    WITH RECURSIVE above (id, parent_id) AS (
        SELECT id, parent_id FROM customers_account WHERE id = ANY(%s)
        UNION
        SELECT account.id, account.parent_id FROM customers_account account JOIN above ON account.id = above.parent_id
    )
    SELECT id, parent_id FROM above
"""


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What becomes known of an account; None leaves a field as it is. ``parent`` is an id.

    ``defaults`` are traits that stand only where none is known.
    """

    name: str | None = None
    parent: int | None = None
    plan: str | None = None
    stage: str | None = None
    started_at: datetime | None = None
    traits: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the inputs tell of an account, besides its traits; ``is_bare``: nothing but that it exists is known."""

    parent: int | None
    plan: str
    stage: str
    started_at: datetime | None
    is_bare: bool = False

    @property
    def dated(self) -> tuple[int | None, str, str]:
        """What changes on a day; when the account started is a time already, its latest word stands."""
        return self.parent, self.plan, self.stage


@dataclass(frozen=True, slots=True)
class Described:
    """Which of the past a description has changed: from these times on, and all days of these accounts.

    ``full``: accounts that would have too many traits, of which none was changed.
    """

    since: frozenset[datetime] = frozenset()
    throughout: frozenset[int] = frozenset()
    full: frozenset[int] = frozenset()


def resolve_accounts(external_ids: Collection[str]) -> dict[str, int]:
    """Ids by external id; unknown accounts are made."""
    wanted = sorted(set(external_ids))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(FIND, [wanted])
        found = dict(cursor.fetchall())
        missing = [external_id for external_id in wanted if external_id not in found]
        if missing:
            cursor.execute(MAKE, [missing])
            cursor.execute(FIND, [missing])
            found.update(cursor.fetchall())
    return found


def describe_accounts(changes: Mapping[int, AccountChange], *, today: date) -> Described:
    """Write the changes, by id; rows that would stay the same are not written.

    What first describes an account holds for all its past. From then on a change of parent, plan or stage holds
    from ``today`` on, the running day of the tenant's calendar, and the past keeps what it had. Of accounts that
    would have too many traits no trait is changed.
    """
    if not changes:
        return Described()
    with connection.cursor() as cursor:
        cursor.execute(STANDING, [list(changes)])
        former = {id: _Standing(*standing) for id, *standing in cursor.fetchall()}
        full = full_rows("customers_account", changes)
        values = [
            replace(change, traits={}, defaults={}) if account in full else change
            for account, change in changes.items()
        ]
        cursor.execute(
            DESCRIBE,
            [
                list(changes),
                [change.name for change in values],
                [change.plan for change in values],
                [change.stage for change in values],
                [change.parent for change in values],
                [change.started_at for change in values],
                [json.dumps(change.traits) for change in values],
                [json.dumps(change.defaults) for change in values],
            ],
        )
        written = {id: _Standing(*standing) for id, *standing in cursor.fetchall()}
    _keep_former(
        {
            id: former[id]
            for id, standing in written.items()
            if standing.dated != former[id].dated and not former[id].is_bare
        },
        until=today,
    )
    past = _past_of([(id, former[id], standing) for id, standing in written.items()])
    return replace(past, full=full)


def _keep_former(former: Mapping[int, _Standing], *, until: date) -> None:
    if former:
        columns = [list(column) for column in zip(*(one.dated for one in former.values()), strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(KEEP, [until, list(former), *columns])


def _past_of(described: Iterable[tuple[int, _Standing, _Standing]]) -> Described:
    since: set[datetime] = set()
    throughout: set[int] = set()
    for id, former, standing in described:
        starts = {former.started_at, standing.started_at}
        if len(starts) == 2:
            since.add(min(start for start in starts if start is not None))
        # An account whose start is unknown is there on every day.
        if former.started_at is None and (
            len(starts) == 2 or (former.is_bare and former.dated != standing.dated)
        ):
            throughout.add(id)
    return Described(frozenset(since), frozenset(throughout))


def circular_parents(parents: Mapping[int, int]) -> set[int]:
    """Those accounts of ``parents`` (account -> parent to be) whose parent would stand below them."""
    if not parents:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(ANCESTORS, [list({*parents, *parents.values()})])
        above: dict[int, int | None] = dict(cursor.fetchall())
    refused = set()
    for account, parent in parents.items():
        step: int | None = parent
        while step is not None and step != account:
            step = above.get(step)
        if step == account:
            refused.add(account)
        else:
            above[account] = parent
    return refused
