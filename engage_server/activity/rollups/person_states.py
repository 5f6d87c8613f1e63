"""Brings what the roll-ups know of persons up to date: roots, who counts, stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import connection

from engage_server.activity.models import DayBitmap

# A root's or an account's day whose bits may say too much.
StaleCell = tuple[DayBitmap.Kind, int, date]

# The families of the persons that the batches name, as they are now and as they were: whoever takes part in a merge,
# or in its undoing, is named or shares a family with somebody who is. A batch that marks nobody changed nobody: of its
# persons only those are looked at whom the roll-ups do not know.
SYNC: Final = """
    WITH batch AS (
        SELECT persons, marked FROM activity_eventdelta WHERE id = ANY(%(claim)s)
    ),
    named AS (
        SELECT unnest(persons || marked) AS person FROM batch WHERE marked IS NOT NULL
        UNION
        SELECT met.person FROM (SELECT DISTINCT unnest(persons) AS person FROM batch WHERE marked IS NULL) met
        WHERE NOT EXISTS (SELECT FROM activity_personstate known WHERE known.person = met.person)
    ),
    mentioned AS (
        SELECT person FROM named
        UNION SELECT state.root FROM named JOIN activity_personstate state USING (person)
    ),
    found AS MATERIALIZED (
        SELECT mentioned.person, COALESCE(stored.merged_into_id, stored.id) AS root
        FROM mentioned LEFT JOIN customers_person stored ON stored.id = mentioned.person
    ),
    root AS MATERIALIZED (SELECT DISTINCT root AS id FROM found WHERE root IS NOT NULL),
    member AS (
        SELECT id, root, bool_or(is_excluded) FILTER (WHERE id = root) OVER (PARTITION BY root) OR is_excluded AS is_excluded
        FROM (
            SELECT person.id, person.id AS root, person.is_excluded
            FROM root JOIN customers_person person ON person.id = root.id
            UNION ALL
            SELECT person.id, root.id, person.is_excluded
            FROM root JOIN customers_person person ON person.merged_into_id = root.id) one
    ),
    stays AS (
        SELECT member.root, array_agg(stay.account_id ORDER BY stay.starts_at DESC, stay.id DESC) AS accounts,
               array_agg(stay.starts_at ORDER BY stay.starts_at DESC, stay.id DESC) AS starts,
               array_agg(stay.ends_at ORDER BY stay.starts_at DESC, stay.id DESC) AS ends
        FROM member JOIN customers_membership stay ON stay.person_id = member.id GROUP BY member.root
    ),
    fresh AS (
        SELECT member.id AS person, member.root, NOT member.is_excluded AS is_counted,
               COALESCE(stays.accounts, '{}') AS accounts, COALESCE(stays.starts, '{}') AS starts,
               COALESCE(stays.ends, '{}') AS ends
        FROM member LEFT JOIN stays ON stays.root = member.root
        UNION ALL
        SELECT person, person, false, '{}', '{}', '{}' FROM found JOIN named USING (person) WHERE root IS NULL
    ),
    change AS MATERIALIZED (
        SELECT fresh.*, known.person IS NULL AS is_new, known.root AS former, known.is_counted AS was_counted,
               known.stay_accounts AS known_accounts, known.stay_starts AS known_starts, known.stay_ends AS known_ends,
               (known.stay_accounts, known.stay_starts, known.stay_ends)
                   IS DISTINCT FROM (fresh.accounts, fresh.starts, fresh.ends) AS has_moved
        FROM fresh LEFT JOIN activity_personstate known USING (person)
        WHERE (known.root, known.is_counted, known.stay_accounts, known.stay_starts, known.stay_ends)
            IS DISTINCT FROM (fresh.root, fresh.is_counted, fresh.accounts, fresh.starts, fresh.ends)
    ),
    added AS (
        INSERT INTO activity_personstate (person, root, is_counted, stay_accounts, stay_starts, stay_ends)
        SELECT person, root, is_counted, accounts, starts, ends FROM change WHERE is_new ORDER BY person
    )
    UPDATE activity_personstate state SET
        root = change.root, is_counted = change.is_counted, stay_accounts = change.accounts,
        stay_starts = change.starts, stay_ends = change.ends
    FROM change WHERE state.person = change.person AND NOT change.is_new
    RETURNING change.person, change.former, change.root, change.has_moved, change.was_counted, change.is_counted,
              change.known_accounts, change.known_starts, change.known_ends, change.accounts, change.starts, change.ends
"""
SUSPECTS: Final = """
    SELECT DISTINCT subject.kind, subject.id, day.day
    FROM unnest(%(persons)s::int[], %(former)s::int[], %(roots)s::int[]) AS change (person, former, root)
    JOIN activity_personday day USING (person)
    CROSS JOIN LATERAL (VALUES (0, change.former), (0, change.root), (1, day.account)) AS subject (kind, id)
"""
# Events whose account has to be decided anew go through the log once more, like new ones.
REQUEUE: Final = """
    WITH gone AS (
        DELETE FROM activity_personday WHERE person = ANY(%(persons)s) AND NOT is_named
        RETURNING person, names, times, cardinality(names) AS size
    )
    INSERT INTO activity_eventdelta (size, sign, persons, accounts, names, times, marked)
    SELECT size, 1, array_fill(person, ARRAY[size]), array_fill(NULL::int, ARRAY[size]), names, times, '{}'
    FROM gone
    RETURNING id
"""


@dataclass(frozen=True, slots=True)
class StayOf:
    """One stay of a root's family: in this account from ``start`` to ``end`` (exclusive; None = still)."""

    account: int
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class PersonChange:
    """A person whose state changed after it had been rolled up; ``has_moved``: its stays are others now.

    The stays before and now are in the order in which they decide, the youngest first.
    """

    person: int
    former_root: int
    root: int
    has_moved: bool
    was_counted: bool
    is_counted: bool
    former_stays: tuple[StayOf, ...]
    stays: tuple[StayOf, ...]


def sync_states(claim: Sequence[int]) -> list[PersonChange]:
    """Write the states of everybody whom the claimed batches concern; return what changed for known ones."""
    with connection.cursor() as cursor:
        cursor.execute(SYNC, {"claim": list(claim)})
        return [
            PersonChange(
                person=row[0],
                former_root=row[1],
                root=row[2],
                has_moved=row[3],
                was_counted=row[4],
                is_counted=row[5],
                former_stays=_stays(row[6:9]),
                stays=_stays(row[9:]),
            )
            for row in cursor.fetchall()
        ]


def _stays(columns: Sequence[Sequence[Any]]) -> tuple[StayOf, ...]:
    return tuple(StayOf(*stay) for stay in zip(*columns, strict=True))


def stale_cells(changes: Sequence[PersonChange]) -> set[StaleCell]:
    """Every day of the changed persons: of the root before, of the root now, and of the accounts they were in."""
    with connection.cursor() as cursor:
        cursor.execute(
            SUSPECTS,
            {
                "persons": [change.person for change in changes],
                "former": [change.former_root for change in changes],
                "roots": [change.root for change in changes],
            },
        )
        return {(DayBitmap.Kind(kind), subject, day) for kind, subject, day in cursor.fetchall()}


def requeue(changes: Sequence[PersonChange]) -> list[int]:
    """Send the events of persons whose stays changed through the log again; return the new batches' ids."""
    with connection.cursor() as cursor:
        cursor.execute(REQUEUE, {"persons": [change.person for change in changes if change.has_moved]})
        return [batch for (batch,) in cursor.fetchall()]
