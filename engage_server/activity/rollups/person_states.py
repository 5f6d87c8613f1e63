"""Brings what the roll-ups know of persons up to date: as whom they count, if they do, and their membership periods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection

from engage_server.activity.models import DayBitmap
from engage_server.customers.canonical_persons import canonical_id
from engage_server.customers.memberships import MembershipPeriod

# A canonical person's or an account's day whose bits may say too much.
StaleCell = tuple[DayBitmap.Kind, int, date]

# The merge groups of the persons that the batches name, as they are now and as they were: who takes part in a merge,
# or in its undoing, is named or shares a group with somebody who is. A batch that marks nobody changed nobody: of its
# persons only those are looked at whom the roll-ups do not know.
SYNC: Final = f"""
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
        SELECT mentioned.person, {canonical_id("stored")} AS canonical
        FROM mentioned LEFT JOIN customers_person stored ON stored.id = mentioned.person
    ),
    canonical AS MATERIALIZED (SELECT DISTINCT canonical AS id FROM found WHERE canonical IS NOT NULL),
    member AS (
        SELECT id, canonical,
               bool_or(is_excluded) FILTER (WHERE id = canonical) OVER (PARTITION BY canonical) OR is_excluded AS is_excluded
        FROM (
            SELECT person.id, person.id AS canonical, person.is_excluded
            FROM canonical JOIN customers_person person ON person.id = canonical.id
            UNION ALL
            SELECT person.id, canonical.id, person.is_excluded
            FROM canonical JOIN customers_person person ON person.merged_into_id = canonical.id) one
    ),
    stays AS (
        SELECT member.canonical, array_agg(stay.account_id ORDER BY stay.starts_at DESC, stay.id DESC) AS accounts,
               array_agg(stay.starts_at ORDER BY stay.starts_at DESC, stay.id DESC) AS starts,
               array_agg(stay.ends_at ORDER BY stay.starts_at DESC, stay.id DESC) AS ends
        FROM member JOIN customers_membership stay ON stay.person_id = member.id GROUP BY member.canonical
    ),
    fresh AS (
        SELECT member.id AS person, member.canonical, NOT member.is_excluded AS is_counted,
               COALESCE(stays.accounts, '{{}}') AS accounts, COALESCE(stays.starts, '{{}}') AS starts,
               COALESCE(stays.ends, '{{}}') AS ends
        FROM member LEFT JOIN stays ON stays.canonical = member.canonical
        UNION ALL
        SELECT person, person, false, '{{}}', '{{}}', '{{}}' FROM found JOIN named USING (person) WHERE canonical IS NULL
    ),
    change AS MATERIALIZED (
        SELECT fresh.*, known.person IS NULL AS is_new, known.root AS former, known.is_counted AS was_counted,
               known.stay_accounts AS known_accounts, known.stay_starts AS known_starts, known.stay_ends AS known_ends,
               (known.stay_accounts, known.stay_starts, known.stay_ends)
                   IS DISTINCT FROM (fresh.accounts, fresh.starts, fresh.ends) AS has_moved
        FROM fresh LEFT JOIN activity_personstate known USING (person)
        WHERE (known.root, known.is_counted, known.stay_accounts, known.stay_starts, known.stay_ends)
            IS DISTINCT FROM (fresh.canonical, fresh.is_counted, fresh.accounts, fresh.starts, fresh.ends)
    ),
    added AS (
        INSERT INTO activity_personstate (person, root, is_counted, stay_accounts, stay_starts, stay_ends)
        SELECT person, canonical, is_counted, accounts, starts, ends FROM change WHERE is_new ORDER BY person
    )
    UPDATE activity_personstate state SET
        root = change.canonical, is_counted = change.is_counted, stay_accounts = change.accounts,
        stay_starts = change.starts, stay_ends = change.ends
    FROM change WHERE state.person = change.person AND NOT change.is_new
    RETURNING change.person, change.former, change.canonical, change.has_moved, change.was_counted, change.is_counted,
              change.known_accounts, change.known_starts, change.known_ends, change.accounts, change.starts, change.ends
"""
SUSPECTS: Final = """
    SELECT DISTINCT subject.kind, subject.id, day.day
    FROM unnest(%(persons)s::int[], %(former)s::int[], %(canonical)s::int[]) AS change (person, former, canonical)
    JOIN activity_personday day USING (person)
    CROSS JOIN LATERAL (VALUES (0, change.former), (0, change.canonical), (1, day.account)) AS subject (kind, id)
"""
# Events whose account has to be decided again go through the log once more, like new ones.
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
class PersonChange:
    """A person whose state changed after it had been rolled up; ``has_moved``: its periods are others now.

    The membership periods of the merge group before and now are in the order in which they decide, the youngest first.
    """

    person: int
    former_canonical: int
    canonical: int
    has_moved: bool
    was_counted: bool
    is_counted: bool
    former_periods: tuple[MembershipPeriod, ...]
    periods: tuple[MembershipPeriod, ...]


def sync_states(claim: Sequence[int]) -> list[PersonChange]:
    """Write the states of everybody whom the claimed batches concern; return what changed for known ones."""
    with connection.cursor() as cursor:
        cursor.execute(SYNC, {"claim": list(claim)})
        return [
            PersonChange(
                person=row[0],
                former_canonical=row[1],
                canonical=row[2],
                has_moved=row[3],
                was_counted=row[4],
                is_counted=row[5],
                former_periods=_periods(row[1], row[6:9]),
                periods=_periods(row[2], row[9:]),
            )
            for row in cursor.fetchall()
        ]


def _periods(canonical: int, columns: Sequence[Sequence[Any]]) -> tuple[MembershipPeriod, ...]:
    return tuple(MembershipPeriod(canonical, *period) for period in zip(*columns, strict=True))


def stale_cells(changes: Sequence[PersonChange]) -> set[StaleCell]:
    """Every day of the changed persons: of the canonical person before and now, and of the accounts they were in."""
    with connection.cursor() as cursor:
        cursor.execute(
            SUSPECTS,
            {
                "persons": [change.person for change in changes],
                "former": [change.former_canonical for change in changes],
                "canonical": [change.canonical for change in changes],
            },
        )
        return {(DayBitmap.Kind(kind), subject, day) for kind, subject, day in cursor.fetchall()}


def requeue(changes: Sequence[PersonChange]) -> list[int]:
    """Send the events of persons whose periods changed through the log again; return the new batches' ids."""
    with connection.cursor() as cursor:
        cursor.execute(REQUEUE, {"persons": [change.person for change in changes if change.has_moved]})
        return [batch for (batch,) in cursor.fetchall()]
