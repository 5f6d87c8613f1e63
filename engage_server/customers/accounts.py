"""Resolves accounts by external id and keeps what is known of them, set-based."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from typing import Any, Final

from django.db import connection

from engage_server.customers import hierarchy
from engage_server.customers.account_history import Key, read_histories, write_histories
from engage_server.customers.attribute_history import (
    OWNER,
    PARENT,
    PLAN,
    STAGE,
    TRAIT,
    AttributeHistory,
    Statement,
    differences,
)
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
        owner = COALESCE(change.owner, account.owner), started_at = COALESCE(change.started_at, account.started_at),
        traits = CASE WHEN change.traits || change.defaults = '{}' THEN account.traits
                      ELSE change.defaults || account.traits || change.traits END
    FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::int[], %s::text[], %s::timestamptz[], %s::jsonb[],
                %s::jsonb[])
         AS change (id, name, plan, stage, parent_id, owner, started_at, traits, defaults)
    WHERE account.id = change.id
      AND ((account.name, account.plan, account.stage, account.parent_id, account.owner, account.started_at)
           IS DISTINCT FROM
           (COALESCE(change.name, account.name), COALESCE(change.plan, account.plan),
            COALESCE(change.stage, account.stage), COALESCE(change.parent_id, account.parent_id),
            COALESCE(change.owner, account.owner), COALESCE(change.started_at, account.started_at))
           OR (change.traits || change.defaults <> '{}'
               AND change.defaults || account.traits || change.traits IS DISTINCT FROM account.traits))
"""
STANDING: Final = """
    SELECT id, parent_id, plan, stage, owner, started_at, traits::text
    FROM customers_account WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """What was told of an account at a time; None says nothing. ``parent`` is an id, ``traits`` are tracked ones."""

    at: datetime
    plan: str | None = None
    stage: str | None = None
    parent: int | None = None
    owner: str | None = None
    traits: Mapping[str, Any] = field(default_factory=dict)

    def attributes(self) -> dict[str, Any]:
        """The values told, by attribute."""
        own = {PLAN: self.plan, STAGE: self.stage, PARENT: self.parent, OWNER: self.owner}
        told = {name: value for name, value in own.items() if value is not None}
        return {**told, **{TRAIT + name: value for name, value in self.traits.items()}}


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What becomes known of an account; None leaves a field as it is.

    ``statements`` are dated, and may come in any order; of the rest the latest word stands. ``defaults`` are traits
    that stand only where none is known.
    """

    name: str | None = None
    started_at: datetime | None = None
    statements: tuple[AccountStatement, ...] = ()
    traits: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is known of an account at present."""

    parent: int | None
    plan: str
    stage: str
    owner: str
    started_at: datetime | None
    traits: Mapping[str, Any]

    def value(self, attribute: str) -> Any:
        if attribute.startswith(TRAIT):
            return self.traits.get(attribute.removeprefix(TRAIT))
        return {PLAN: self.plan, STAGE: self.stage, PARENT: self.parent, OWNER: self.owner}[attribute]


@dataclass(frozen=True, slots=True)
class Described:
    """Which of the past a description has changed, and what of it could not be taken.

    ``periods``: days on which accounts are no longer as they were, ``(first, until)`` with until exclusive, None as of
    ``attribute_history.Period``. ``full``: accounts that would have too many traits, of which none was changed.
    ``circular``: accounts one of whose parents would have stood below them, on some day; that one was left out.
    """

    periods: frozenset[tuple[int, date | None, date | None]] = frozenset()
    full: frozenset[int] = frozenset()
    circular: frozenset[tuple[int, int]] = frozenset()


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


def describe_accounts(changes: Mapping[int, AccountChange], *, now: datetime, zone: tzinfo) -> Described:
    """Write the changes, by id; rows that would stay the same are not written.

    Plan, stage, parent, owner and tracked traits are what was told last up to the end of a day, in whatever order it
    comes in; before the first word that one holds. Of accounts that would have too many traits no trait is changed.

    Args:
        changes: what becomes known.
        now: when it came in.
        zone: whose days.
    """
    if not changes:
        return Described()
    with connection.cursor() as cursor:
        cursor.execute(STANDING, [list(changes)])
        former = {
            id: _Standing(parent, plan, stage, owner, started_at, json.loads(traits))
            for id, parent, plan, stage, owner, started_at, traits in cursor.fetchall()
        }
    full = full_rows("customers_account", changes)
    values = {
        account: _without_traits(change) if account in full else change for account, change in changes.items()
    }
    told = _told(values, former, now=now, zone=zone)
    _describe(values, told.histories)
    periods = {
        (key[0], first, until) for key, days in told.changed.items() for first, until in days
    } | _moved_starts(values, former, zone)
    return Described(frozenset(periods), full, told.circular)


@dataclass(frozen=True, slots=True)
class _Told:
    """The attributes' histories after the statements, the days that differ, and the parents that were left out."""

    histories: Mapping[Key, AttributeHistory]
    changed: Mapping[Key, list[tuple[date | None, date | None]]]
    circular: frozenset[tuple[int, int]]


def _told(
    changes: Mapping[int, AccountChange], standing: Mapping[int, _Standing], *, now: datetime, zone: tzinfo
) -> _Told:
    statements: dict[Key, list[Statement]] = defaultdict(list)
    for account, change in changes.items():
        for one in change.statements:
            for attribute, value in one.attributes().items():
                statements[account, attribute].append(Statement(one.at, value, now))
    if not statements:
        return _Told({}, {}, frozenset())
    earliest: dict[int, datetime | None] = {
        account: min(one.at for one in change.statements)
        for account, change in changes.items()
        if change.statements
    }
    stored = read_histories(earliest, zone=zone, attributes={attribute for _, attribute in statements})
    present: dict[Key, AttributeHistory] = {}
    changed: dict[Key, list[tuple[date | None, date | None]]] = {}
    for (account, attribute), told in statements.items():
        former = stored.history(account, attribute, unknown=standing[account].value(attribute))
        history = former.copy()
        for statement in told:
            history.tell(statement)
        present[account, attribute] = history
        changed[account, attribute] = differences(former, history)
    parents = {
        account: told
        for (account, attribute), told in statements.items()
        if attribute == PARENT and changed[account, attribute]
    }
    circular = hierarchy.circular_parents(parents, zone=zone)
    for account in {account for account, _ in circular}:
        key = (account, PARENT)
        former = stored.history(account, PARENT, unknown=standing[account].parent)
        present[key] = former.copy()
        for statement in statements[key]:
            if (account, statement.value) not in circular:
                present[key].tell(statement)
        changed[key] = differences(former, present[key])
    write_histories(stored, present)
    return _Told(present, changed, circular)


def _describe(changes: Mapping[int, AccountChange], histories: Mapping[Key, AttributeHistory]) -> None:
    def present(attribute: str) -> list[Any]:
        found = [histories.get((account, attribute)) for account in changes]
        return [None if history is None else history.present for history in found]

    traits = {account: dict(change.traits) for account, change in changes.items()}
    for (account, attribute), history in histories.items():
        if attribute.startswith(TRAIT):
            traits[account][attribute.removeprefix(TRAIT)] = history.present
    with connection.cursor() as cursor:
        cursor.execute(
            DESCRIBE,
            [
                list(changes),
                [change.name for change in changes.values()],
                present(PLAN),
                present(STAGE),
                present(PARENT),
                present(OWNER),
                [change.started_at for change in changes.values()],
                [json.dumps(traits[account]) for account in changes],
                [json.dumps(change.defaults) for change in changes.values()],
            ],
        )


def _without_traits(change: AccountChange) -> AccountChange:
    statements = tuple(replace(one, traits={}) for one in change.statements)
    return replace(change, statements=statements, traits={}, defaults={})


def _moved_starts(
    changes: Mapping[int, AccountChange], former: Mapping[int, _Standing], zone: tzinfo
) -> set[tuple[int, date | None, date | None]]:
    """An account tells on every day when it started, and one of unknown start was there on all days before."""
    found: set[tuple[int, date | None, date | None]] = set()
    for account, change in changes.items():
        known, told = former[account].started_at, change.started_at
        if told is not None and told != known:
            found.add((account, min(known or told, told).astimezone(zone).date(), None))
            if known is None:
                found.add((account, None, None))
    return found
