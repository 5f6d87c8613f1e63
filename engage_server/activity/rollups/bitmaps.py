"""Keeps the bitmaps: sets the bits of new events, and puts those of stale cells right."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.db import connection

from engage_server.activity.models import CHUNK, DayBitmap
from engage_server.activity.rollups.person_states import StaleCell

ANY_EVENT: Final = 0
FIRST_EVER: Final = -1
NO_BITS: Final = f"0::bit({CHUNK})"
# Rows of (kind, event, day, id) as bitmaps.
PACKED: Final = f"""
    SELECT kind, event, day, id / {CHUNK} AS chunk, bit_or(set_bit({NO_BITS}, id %% {CHUNK}, 1)) AS bits
    FROM {{marks}} GROUP BY kind, event, day, id / {CHUNK}
"""
# Two steps, which the compaction's lock allows: ON CONFLICT would lock, and so write, each row that has the bits already.
GROW: Final = """
    packed AS MATERIALIZED (
        SELECT packed.*, known.bits IS NOT NULL AS is_known FROM ({packed}) packed
        LEFT JOIN activity_daybitmap known USING (kind, event, day, chunk)
        WHERE known.bits IS NULL OR known.bits & packed.bits <> packed.bits
    ),
    grown AS (
        UPDATE activity_daybitmap known SET bits = known.bits | packed.bits FROM packed
        WHERE packed.is_known AND (known.kind, known.event, known.day, known.chunk)
            = (packed.kind, packed.event, packed.day, packed.chunk)
    )
"""
# After GROW.
ADD_MISSING: Final = """
    INSERT INTO activity_daybitmap (kind, event, day, chunk, bits)
    SELECT kind, event, day, chunk, bits FROM packed WHERE NOT is_known
    ORDER BY kind, event, day, chunk
"""
# Common table expressions stand before it, or WITH.
SET: Final = GROW + ADD_MISSING
# Common table expressions may stand before it.
CLEAR: Final = f"""
    wrong AS ({{packed}})
    UPDATE activity_daybitmap known SET bits = known.bits & ~wrong.bits FROM wrong
    WHERE (known.kind, known.event, known.day, known.chunk) = (wrong.kind, wrong.event, wrong.day, wrong.chunk)
      AND known.bits & wrong.bits <> {NO_BITS}
"""
# A canonical person's first day, from what is known of its merge group.
MOVE_FIRST: Final = """
    WITH canonical AS (SELECT unnest(%(persons)s::int[]) AS id),
    first AS (
        SELECT canonical.id, (min(member.first_at) AT TIME ZONE %(zone)s)::date AS day
        FROM canonical LEFT JOIN activity_personstate member ON member.root = canonical.id AND member.is_counted
        GROUP BY canonical.id
    )
    UPDATE activity_personstate state SET first_day = moved.day
    FROM (
        SELECT first.id, first.day, known.first_day AS former
        FROM first JOIN activity_personstate known ON known.person = first.id
        WHERE known.first_day IS DISTINCT FROM first.day) moved
    WHERE state.person = moved.id
    RETURNING moved.id, moved.former, moved.day
"""
FIRST_DAYS: Final = PACKED.format(
    marks=f"""(SELECT {DayBitmap.Kind.ROOT} AS kind, {FIRST_EVER} AS event, one.day, one.id
               FROM unnest(%(ids)s::int[], %(days)s::date[]) AS one (id, day)) first"""
)
SET_FIRST: Final = f"WITH {SET.format(packed=FIRST_DAYS)}"
CLEAR_FIRST: Final = f"WITH {CLEAR.format(packed=FIRST_DAYS)}"
# What the person-days say about the stale cells.
TRUTH: Final = f"""
    stale AS (
        SELECT * FROM unnest(%(kinds)s::smallint[], %(ids)s::int[], %(days)s::date[]) AS one (kind, id, day)
    ),
    held AS (
        SELECT stale.kind, stale.id, stale.day, day.names
        FROM stale JOIN activity_personstate state ON state.root = stale.id AND state.is_counted
        JOIN activity_personday day ON day.person = state.person AND day.day = stale.day
        WHERE stale.kind = {DayBitmap.Kind.ROOT}
        UNION ALL
        SELECT stale.kind, stale.id, stale.day, day.names
        FROM stale JOIN activity_personday day ON day.day = stale.day AND day.account = stale.id
        JOIN activity_personstate state ON state.person = day.person AND state.is_counted
        WHERE stale.kind = {DayBitmap.Kind.ACCOUNT}
    ),
    truth AS (
        SELECT held.kind, name.event, held.day, held.id FROM held CROSS JOIN LATERAL unnest(held.names) AS name (event)
        UNION SELECT kind, {ANY_EVENT}, day, id FROM held
    )
"""
SET_TRUE: Final = f"WITH {TRUTH}, {SET.format(packed=PACKED.format(marks='truth'))}"
CLEAR_FALSE: Final = f"""
    WITH {TRUTH},
    name AS (SELECT id AS event FROM activity_eventname UNION ALL VALUES ({ANY_EVENT})),
    untrue AS (
        SELECT stale.kind, name.event, stale.day, stale.id FROM stale CROSS JOIN name
        EXCEPT SELECT kind, event, day, id FROM truth
    ),
    {CLEAR.format(packed=PACKED.format(marks="untrue"))}
"""


def marks(*, events: str, visits: str) -> str:
    """The bits of events (day, root, account, name) and of visits (day, root, account), two relations; account 0 is none."""
    return f"""
        SELECT {DayBitmap.Kind.ROOT} AS kind, name AS event, day, root AS id FROM {events}
        UNION ALL SELECT {DayBitmap.Kind.ROOT}, {ANY_EVENT}, day, root FROM {visits}
        UNION ALL SELECT {DayBitmap.Kind.ACCOUNT}, name, day, account FROM {events} WHERE account <> 0
        UNION ALL SELECT {DayBitmap.Kind.ACCOUNT}, {ANY_EVENT}, day, account FROM {visits} WHERE account <> 0
    """


def move_first_days(persons: Collection[int], *, zone: str) -> None:
    """Move the bits of the first day ever of these canonical persons."""
    if not persons:
        return
    with connection.cursor() as cursor:
        cursor.execute(MOVE_FIRST, {"persons": sorted(persons), "zone": zone})
        moved = cursor.fetchall()
        former = [(person, day) for person, day, _ in moved if day is not None]
        current = [(person, day) for person, _, day in moved if day is not None]
        for statement, cells in ((CLEAR_FIRST, former), (SET_FIRST, current)):
            if cells:
                cursor.execute(
                    statement, {"ids": [cell[0] for cell in cells], "days": [cell[1] for cell in cells]}
                )


def recompute_cells(cells: Collection[StaleCell]) -> None:
    """Make the bits of these persons' and accounts' days say what the person-days say."""
    ordered = sorted(cell for cell in cells if cell[1])
    if not ordered:
        return
    params: Mapping[str, Any] = {
        "kinds": [kind.value for kind, _, _ in ordered],
        "ids": [subject for _, subject, _ in ordered],
        "days": [day for _, _, day in ordered],
    }
    with connection.cursor() as cursor:
        cursor.execute(SET_TRUE, params)
        cursor.execute(CLEAR_FALSE, params)
