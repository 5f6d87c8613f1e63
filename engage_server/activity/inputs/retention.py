"""Answers the input about who comes back: whole tenants from bitmaps, slices from who was born and active in them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import polars as pl
from django.db import connection

from engage_server.activity.inputs.distinct_counts import (
    ACCOUNT,
    CHUNKS_AT_ONCE,
    ROOT,
    SET_BYTES,
    WANTED_EVENT,
)
from engage_server.activity.inputs.person_activity import window_days
from engage_server.activity.inputs.registration import resolves
from engage_server.activity.inputs.rolling_retention import births, count_rolling_clock
from engage_server.activity.inputs.sliced_statements import restricted
from engage_server.activity.inputs.slices_of_counts import MAP
from engage_server.activity.models import CHUNK
from engage_server.activity.retention_counts import Counts, count_retained, first_occurrences
from engage_server.activity.rollups.bitmaps import ANY_EVENT, FIRST_EVER, NO_BITS
from engage_server.activity.rollups.freshness import require_current
from engage_server.customers.slicers import Frames, slices
from engage_server.customers.slices import WHOLE, Ids, Slice, sliced_by
from engage_server.sdk import Retention, Window

Sets = dict[date, int]
Stored = Iterable[tuple[int, Sequence[int], bytes]]
EVER: Final = date(1970, 1, 1)

BORN_EVER: Final = f"""
    SELECT day, chunk, bits FROM activity_daybitmap
    WHERE kind = {ROOT} AND event = {FIRST_EVER} AND day BETWEEN %(first)s AND %(last)s
"""
# Of a name, or of accounts, no first day is kept: it is that of which no earlier one has the bit.
BORN_BY_NAME: Final = f"""
    SELECT day, chunk, bits & ~COALESCE(before, {NO_BITS}) AS bits
    FROM (
        SELECT day, chunk, bits, bit_or(bits) OVER (
                   PARTITION BY chunk ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
        FROM activity_daybitmap
        WHERE kind = %(kind)s AND event = {WANTED_EVENT.replace("%(event)s", "%(birth)s")} AND day <= %(last)s
          AND chunk BETWEEN %(chunk)s AND %(last_chunk)s
    ) known WHERE day >= %(first)s
"""
BACK: Final = f"""
    SELECT day, chunk, bits FROM activity_daybitmap
    WHERE kind = %(kind)s AND event = {WANTED_EVENT} AND day BETWEEN %(first)s AND %(last)s
"""
# Of each chunk its sets, day by day: bit_send puts the number of bits, in four bytes, before them.
PACKED: Final = """
    SELECT chunk, array_agg(day - date '1970-01-01' ORDER BY day),
           string_agg(substr(bit_send(bits), 5), ''::bytea ORDER BY day)
    FROM ({sets}) one WHERE chunk BETWEEN %(chunk)s AND %(last_chunk)s GROUP BY chunk
"""
SLICED: Final = f"WITH {MAP} {PACKED.format(sets='SELECT * FROM map WHERE kind = %(kind)s')}"
LAST_CHUNK: Final = f"""
    SELECT COALESCE(max(chunk), -1) FROM activity_daybitmap
    WHERE kind = %(kind)s AND event = {ANY_EVENT} AND day BETWEEN %(first)s AND %(last)s
"""
ALL_CHUNKS: Final[Mapping[str, int]] = {"chunk": 0, "last_chunk": 2**31 // CHUNK}


@resolves(Retention)
def _retention(spec: Retention, window: Window) -> pl.DataFrame:
    return _answer(spec, window, WHOLE)


@slices(Retention)
def _retention_of_slices(spec: Retention, window: Window, parts: Sequence[Slice]) -> Frames:
    require_current()
    return [_answer(spec, window, part) for part in parts]


def _answer(spec: Retention, window: Window, part: Slice) -> pl.DataFrame:
    if problem := next(spec.problems(), None):
        raise ValueError(f"{spec!r}: {problem}")
    if spec.clock == "rolling":
        counts = count_rolling_clock(spec, window, part)
    elif spec.subject == "person" and part.accounts is None:
        counts = _count_stored(spec, window, part.persons)
    elif part == WHOLE:
        counts = _count_stored(spec, window, None)
    else:
        counts = _count_sliced(spec, window, part)
    rows = [(*cell, *numbers) for cell, numbers in counts.items()]
    return pl.DataFrame(rows, schema=spec.columns, orient="row")


def _count_stored(spec: Retention, window: Window, persons: Ids | None) -> Counts:
    """From the bitmaps of the tenant, of these persons alone where some are named."""
    counts: Counts = {}
    for chunk, born, active in stored_sets(spec, window):
        members = born
        if persons is not None:
            chosen = set_of(persons, chunks=range(chunk, chunk + CHUNKS_AT_ONCE))
            members = {day: on_day & chosen for day, on_day in born.items()}
        count_retained(spec, born=members, active=active, last=window.day, counts=counts)
    return counts


def stored_sets(spec: Retention, window: Window) -> Iterator[tuple[int, Sets, Sets]]:
    """Who was born and who was active, by day, for one stretch of ids after the other: its first chunk and both."""
    params: dict[str, Any] = {
        **window_days(spec, window),
        "kind": ROOT if spec.subject == "person" else ACCOUNT,
        "event": spec.event,
        "birth": spec.birth_event,
    }
    born = BORN_EVER if spec.subject == "person" and spec.birth_event is None else BORN_BY_NAME
    with connection.cursor() as cursor:
        cursor.execute(LAST_CHUNK, params)
        (last_chunk,) = cursor.fetchone()
        for chunk in range(0, last_chunk + 1, CHUNKS_AT_ONCE):
            limits = {**params, "chunk": chunk, "last_chunk": chunk + CHUNKS_AT_ONCE - 1}
            found = []
            for sets in (born, BACK):
                cursor.execute(PACKED.format(sets=sets), limits)
                found.append(_by_day(cursor.fetchall(), first_chunk=chunk))
            yield chunk, found[0], found[1]


def _by_day(rows: Stored, *, first_chunk: int = 0) -> Sets:
    """The sets of all chunks joined, by day."""
    joined: Sets = defaultdict(int)
    for chunk, days, packed in rows:
        place = (chunk - first_chunk) * CHUNK
        for number, day in enumerate(days):
            bits = int.from_bytes(packed[number * SET_BYTES : (number + 1) * SET_BYTES])
            joined[EVER + timedelta(days=day)] |= bits << place
    return joined


def set_of(ids: Iterable[int], *, chunks: range) -> int:
    """The ids of these chunks as a set, with the bits where bitmaps have them."""
    packed = {chunk: bytearray(SET_BYTES) for chunk in chunks}
    for one in ids:
        if one // CHUNK in packed:
            place = one % CHUNK
            packed[one // CHUNK][place // 8] |= 0x80 >> place % 8
    return sum(int.from_bytes(bits) << (chunk - chunks[0]) * CHUNK for chunk, bits in packed.items())


def _count_sliced(spec: Retention, window: Window, part: Slice) -> Counts:
    """Born is whose first event ever lies in the slice, back who did something in it.

    An account is born with its first event of the slice.
    """
    last = window.day
    active = _sliced_sets(spec, window, part, event=spec.event)
    if spec.subject == "account":
        by_birth = _sliced_sets(spec, window, part, event=spec.birth_event, since=EVER)
        born = first_occurrences(by_birth, since=spec.first_day(last))
    else:
        found = births(spec, window, part).group_by("day").agg("person").iter_rows()
        born = {day: set_of(persons, chunks=range(max(persons) // CHUNK + 1)) for day, persons in found}
    counts: Counts = {}
    count_retained(spec, born=born, active=active, last=last, counts=counts)
    return counts


def _sliced_sets(
    spec: Retention, window: Window, part: Slice, *, event: str | None, since: date | None = None
) -> Mapping[date, int]:
    edges = window_days(spec, window)
    first = since or edges["first"]
    kind = ROOT if spec.subject == "person" else ACCOUNT
    params = {"first": first, "last": edges["last"], "before": 0, "event": event, "kind": kind, **ALL_CHUNKS}
    with sliced_by(part), connection.cursor() as cursor:
        cursor.execute(*restricted(SLICED, params))
        return _by_day(cursor.fetchall())
