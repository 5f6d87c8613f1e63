"""Keeps what was told of accounts' attributes, by the time of which it was told. Inside the tenant's scope.

A row of ``customers_accountattribute`` is a run of statements of one value without another between them: readers go by
``since`` alone, the writer needs ``told`` to put in what comes late.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from django.db import connection

from engage_server.customers.attribute_history import TRAIT, AttributeHistory, Period, Statement

# A row stays below what PostgreSQL stores apart; its successor goes on with the same value.
MOST_TOLD: Final = 100
Key = tuple[int, str]
# What is told from a time on touches no run but those from the last one that began well before it.
FIND: Final = """
    SELECT known.id, known.account_id, known.attribute, known.value::text, known.told, known.heard
    FROM unnest(%s::int[], %s::timestamptz[]) AS wanted (account_id, told_from)
    JOIN customers_accountattribute known ON known.account_id = wanted.account_id
    WHERE (%s::text[] IS NULL OR known.attribute = ANY(%s)) AND NOT EXISTS (
        SELECT FROM customers_accountattribute later
        WHERE (later.account_id, later.attribute) = (known.account_id, known.attribute)
          AND later.since > known.since AND later.since < wanted.told_from - interval '2 days')
    ORDER BY known.account_id, known.attribute, known.since, known.value::text COLLATE "C"
"""
ADD: Final = """
    INSERT INTO customers_accountattribute (account_id, attribute, value, since, told, heard)
    SELECT account_id, attribute, value, since, told::timestamptz[], heard::timestamptz[]
    FROM unnest(%s::int[], %s::text[], %s::jsonb[], %s::timestamptz[], %s::text[], %s::text[])
         AS run (account_id, attribute, value, since, told, heard)
"""
# Not an UPDATE: on a Citus cluster none reads times out of a text.
CHANGE: Final = """
    INSERT INTO customers_accountattribute AS known (id, account_id, attribute, value, since, told, heard)
    SELECT id, account_id, attribute, value, since, told::timestamptz[], heard::timestamptz[]
    FROM unnest(%s::int[], %s::int[], %s::text[], %s::jsonb[], %s::timestamptz[], %s::text[], %s::text[])
         AS run (id, account_id, attribute, value, since, told, heard)
    ON CONFLICT (id) DO UPDATE
    SET value = EXCLUDED.value, since = EXCLUDED.since, told = EXCLUDED.told, heard = EXCLUDED.heard
"""
BEGIN: Final = """
    INSERT INTO customers_accountattribute (account_id, attribute, value, since, told, heard)
    SELECT account.id, 'traits.' || trait.name, account.traits -> trait.name, %(at)s, ARRAY[%(at)s], ARRAY[%(at)s]
    FROM customers_account account JOIN unnest(%(traits)s::text[]) AS trait (name)
        ON jsonb_exists(account.traits, trait.name)
    ORDER BY account.id, trait.name
"""
END: Final = "DELETE FROM customers_accountattribute WHERE attribute = ANY(%s)"
REMOVE: Final = "DELETE FROM customers_accountattribute WHERE id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class _Run:
    """Statements of one value in their order."""

    statements: tuple[Statement, ...]

    @property
    def columns(self) -> tuple[str, datetime, str, str]:
        """Value, since, told, heard."""
        first = self.statements[0]
        return (
            first.text,
            first.at,
            _times(one.at for one in self.statements),
            _times(one.received_at for one in self.statements),
        )


@dataclass(slots=True)
class StoredHistories:
    """The histories of some accounts' attributes, and the rows that they stand in."""

    zone: tzinfo
    rows: dict[Key, list[tuple[int, _Run]]]

    def history(self, account: int, attribute: str, *, unknown: Any = None) -> AttributeHistory:
        """One of them; empty where nothing was told."""
        runs = self.rows.get((account, attribute), ())
        told = (one for _, run in runs for one in run.statements)
        return AttributeHistory(attribute, self.zone, told, unknown=unknown)


def read_histories(
    accounts: Mapping[int, datetime | None], *, zone: tzinfo, attributes: Collection[str] | None = None
) -> StoredHistories:
    """What was told of these accounts' attributes (None: of all), by the days of the zone.

    ``accounts`` says from which time on anything may be told of each: what was so before that is left out, and
    ``write_histories`` leaves it alone. None: all is read.
    """
    rows: dict[Key, list[tuple[int, _Run]]] = defaultdict(list)
    wanted = None if attributes is None else list(attributes)
    with connection.cursor() as cursor:
        cursor.execute(FIND, [list(accounts), list(accounts.values()), wanted, wanted])
        for id, account, attribute, value, told, heard in cursor.fetchall():
            read = json.loads(value)
            run = _Run(tuple(Statement(at, read, got) for at, got in zip(told, heard, strict=True)))
            rows[account, attribute].append((id, run))
    return StoredHistories(zone, dict(rows))


def begin_tracking(traits: Collection[str], *, at: datetime) -> None:
    """Let the traits that accounts have now be the first that is told of them."""
    if traits:
        with connection.cursor() as cursor:
            cursor.execute(BEGIN, {"traits": sorted(traits), "at": at})


def end_tracking(traits: Collection[str]) -> None:
    """Forget the history of these traits."""
    if traits:
        with connection.cursor() as cursor:
            cursor.execute(END, [[TRAIT + trait for trait in traits]])


def write_histories(stored: StoredHistories, present: Mapping[Key, AttributeHistory]) -> None:
    """Bring the rows of ``stored`` to what ``present`` tells; rows that would stay the same are not written."""
    changed: list[tuple[int, Key, _Run]] = []
    added: list[tuple[Key, _Run]] = []
    removed: list[int] = []
    for key, history in present.items():
        runs = _runs(history.statements())
        known = stored.rows.get(key, [])
        kept = {run for _, run in known} & set(runs)
        old = [id for id, run in known if run not in kept]
        new = [run for run in runs if run not in kept]
        changed += [(id, key, run) for id, run in zip(old, new, strict=False)]
        removed += old[len(new) :]
        added += [(key, run) for run in new[len(old) :]]
    with connection.cursor() as cursor:
        if removed:
            cursor.execute(REMOVE, [removed])
        if changed:
            lines = [(id, *key, *run.columns) for id, key, run in changed]
            cursor.execute(CHANGE, [list(column) for column in zip(*lines, strict=True)])
        if added:
            fresh = [(*key, *run.columns) for key, run in sorted(added, key=lambda one: one[0])]
            cursor.execute(ADD, [list(column) for column in zip(*fresh, strict=True)])


def _runs(statements: Iterable[Statement]) -> list[_Run]:
    runs: list[list[Statement]] = []
    for statement in statements:
        if runs and runs[-1][-1].text == statement.text and len(runs[-1]) < MOST_TOLD:
            runs[-1].append(statement)
        else:
            runs.append([statement])
    return [_Run(tuple(run)) for run in runs]


def _times(times: Iterable[datetime]) -> str:
    return "{" + ",".join(f'"{time.isoformat()}"' for time in times) + "}"


def periods_of(
    accounts: Collection[int], *, zone: tzinfo, as_of: datetime | None = None
) -> dict[int, dict[str, list[Period]]]:
    """Which values the accounts' attributes had on which days, by account and attribute.

    ``as_of``: as far as that had come in by then; a word that was repeated on its day counts from its first receipt.
    """
    stored = read_histories(dict.fromkeys(accounts), zone=zone)
    found: dict[int, dict[str, list[Period]]] = {account: {} for account in accounts}
    for account, attribute in stored.rows:
        told = stored.history(account, attribute).statements()
        believed = [one for one in told if as_of is None or one.received_at <= as_of]
        if believed:
            found[account][attribute] = AttributeHistory(attribute, zone, believed).periods()
    return found
