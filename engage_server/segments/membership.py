"""Keeps who belonged to a segment on which days. Works inside the tenant's scope.

Of a segment that is computed, a day that was not computed counts as the computed one before it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final

from django.db import connection, transaction

from engage_server.customers.canonical_persons import canonical_id
from engage_server.segments.periods import Period, from_day_on, on_day

ON_DAY: Final = """
    member.segment = %(segment)s AND member.starts_on <= %(day)s
    AND (member.ends_on IS NULL OR member.ends_on > %(day)s)
"""
STORED: Final = f"SELECT member.subject FROM segments_segmentmember member WHERE {ON_DAY}"  # noqa: S608
# Who was merged since it was listed belongs as the person that it counts as.
MEMBERS_ON: Final[Mapping[str, str]] = {
    "account": STORED,
    "person": f"""
        SELECT DISTINCT {canonical_id("person")} FROM segments_segmentmember member
        JOIN customers_person person ON person.id = member.subject WHERE {ON_DAY}
    """,  # noqa: S608
}
# Two writers of one segment take turns.
LOCK: Final = """
    SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ':segment:' || %(segment)s, 0))
"""
PERIODS: Final = """
    SELECT subject, starts_on, ends_on FROM segments_segmentmember
    WHERE segment = %(segment)s AND subject = ANY(%(subjects)s) ORDER BY subject, starts_on
"""
REMOVE: Final = (
    "DELETE FROM segments_segmentmember WHERE segment = %(segment)s AND subject = ANY(%(subjects)s)"
)
INSERT: Final = """
    INSERT INTO segments_segmentmember (segment, subject, starts_on, ends_on)
    SELECT %(segment)s, * FROM unnest(%(subjects)s::int[], %(starts)s::date[], %(ends)s::date[])
"""
LAST_CHANGE: Final = """
    SELECT max(GREATEST(starts_on, ends_on)) FROM segments_segmentmember WHERE segment = %(segment)s
"""
# Of these segments alone, and of these subjects, who belongs on a day.
AMONG: Final = """
    SELECT segment, subject FROM segments_segmentmember
    WHERE segment = ANY(%(segments)s::int[]) AND subject = ANY(%(subjects)s::int[])
      AND starts_on <= %(day)s AND (ends_on IS NULL OR ends_on > %(day)s)
"""
FORGET: Final = "DELETE FROM segments_segmentmember WHERE segment = %(segment)s"


@dataclass(frozen=True, slots=True)
class Moved:
    """Who came into a segment and who left it."""

    joined: frozenset[int]
    left: frozenset[int]

    def __bool__(self) -> bool:
        return bool(self.joined or self.left)


def add_members(segment: int, subjects: Collection[int], day: date) -> frozenset[int]:
    """Let these belong from the day on, without end; return those who did not on that day."""
    with transaction.atomic():
        _lock(segment)
        news = frozenset(subjects) - stored_members(segment, day)
        _rewrite(segment, frozenset(subjects), partial(from_day_on, day=day, inside=True))
    return news


def remove_members(segment: int, subjects: Collection[int], day: date) -> frozenset[int]:
    """Let these not belong from the day on; return those who did on that day."""
    with transaction.atomic():
        _lock(segment)
        leaving = frozenset(subjects) & stored_members(segment, day)
        _rewrite(segment, frozenset(subjects), partial(from_day_on, day=day, inside=False))
    return leaving


def record_members(segment: int, members: Collection[int], day: date) -> Moved:
    """Keep who was found to belong on a day; of a day in the past no other day is touched."""
    with transaction.atomic():
        _lock(segment)
        known = stored_members(segment, day)
        moved = Moved(frozenset(members) - known, known - frozenset(members))
        if moved:
            last = _last_change(segment)
            change = from_day_on if last is None or day >= last else on_day
            _rewrite(segment, moved.joined, partial(change, day=day, inside=True))
            _rewrite(segment, moved.left, partial(change, day=day, inside=False))
    return moved


def stored_members(segment: int, day: date) -> frozenset[int]:
    """Who the table says belongs on the day, each under the number that it was listed by."""
    return frozenset(number for (number,) in _rows(STORED, {"segment": segment, "day": day}))


def memberships(
    segments: Collection[int], subjects: Collection[int], day: date
) -> frozenset[tuple[int, int]]:
    """Of these segments and subjects the pairs (segment, subject) in which one belongs on the day; one statement."""
    rows = _rows(AMONG, {"segments": list(segments), "subjects": list(subjects), "day": day})
    return frozenset((segment, subject) for segment, subject in rows)


def forget_members(segment: int) -> None:
    """Remove all that is known of a segment's members."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET, {"segment": segment})


def _rewrite(
    segment: int, subjects: Collection[int], change: Callable[[Sequence[Period]], list[Period]]
) -> None:
    if not subjects:
        return
    ordered = sorted(subjects)
    params: dict[str, Any] = {"segment": segment, "subjects": ordered}
    former: dict[int, list[Period]] = defaultdict(list)
    for subject, start, end in _rows(PERIODS, params):
        former[subject].append((start, end))
    rows = [(one, *period) for one in ordered for period in change(former[one])]
    with connection.cursor() as cursor:
        cursor.execute(REMOVE, params)
        if rows:
            numbers, starts, ends = zip(*rows, strict=True)
            cursor.execute(
                INSERT,
                {"segment": segment, "subjects": list(numbers), "starts": list(starts), "ends": list(ends)},
            )


def _last_change(segment: int) -> date | None:
    last: date | None
    ((last,),) = _rows(LAST_CHANGE, {"segment": segment})
    return last


def _lock(segment: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(LOCK, {"segment": segment})


def _rows(statement: str, params: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows: list[Any] = cursor.fetchall()
        return rows
