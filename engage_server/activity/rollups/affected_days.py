"""Tells which days a merge, its undoing, an exclusion or a membership has changed, once it is in the roll-ups.

Only here both states of a person are known, the one that values were computed from and the one in force, whichever
way the change came in. Restatement listens.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

from django.db import connection

from engage_server.activity.rollups.person_states import PersonChange
from engage_server.customers.memberships import MembershipPeriod
from engage_server.tenancy.late_registration import load_registrations
from engage_server.tenancy.scope import current_tenant


class ChangeReason(StrEnum):
    """What happened to the persons; the words stand in the reasons of revisions."""

    MERGE = "merge"
    PARTING = "undone merge"
    EXCLUSION = "changed exclusion"
    MEMBERSHIP = "changed membership"


@dataclass(frozen=True, slots=True)
class AffectedDays:
    """The days, in the tenant's calendar, of the events and of the survey responses that count otherwise now."""

    why: ChangeReason
    event_days: frozenset[date]
    response_days: frozenset[date]


@dataclass(frozen=True, slots=True)
class Interval:
    """What counts otherwise of a person: everything, or what names no account within [start, end)."""

    person: int
    why: ChangeReason
    start: datetime | None = None
    end: datetime | None = None


STRETCHES: Final = """
    unnest(%(persons)s::int[], %(whys)s::text[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
        AS stretch (person, why, start, until)
"""
EVENT_DAYS: Final = f"""
    SELECT DISTINCT stretch.why, day.day
    FROM {STRETCHES} JOIN activity_personday day USING (person)
    WHERE stretch.start IS NULL OR NOT day.is_named AND EXISTS (
        SELECT FROM unnest(day.times) AS event (at)
        WHERE event.at >= stretch.start AND event.at < COALESCE(stretch.until, 'infinity'))
"""
RESPONSE_DAYS: Final = f"""
    SELECT DISTINCT stretch.why, (response.occurred_at AT TIME ZONE %(zone)s)::date
    FROM {STRETCHES} JOIN customers_surveyresponse response ON response.person_id = stretch.person
    WHERE stretch.start IS NULL OR response.account_id IS NULL
      AND response.occurred_at >= stretch.start AND response.occurred_at < COALESCE(stretch.until, 'infinity')
"""
Listener = Callable[[AffectedDays], None]
_listeners: Final[list[Listener]] = []


def on_persons_changed(listener: Listener) -> None:
    """Have this called for each kind of change, at the end of the transaction that takes it into the roll-ups."""
    _listeners.append(listener)


def notify(changes: Sequence[PersonChange]) -> None:
    """Tell the listeners what the changes came to; inside the tenant's scope, after the person-days are right."""
    regroupings = _regroupings(changes)
    stretches = [stretch for change in changes for stretch in _stretches(change, regroupings)]
    if not stretches:
        return
    load_registrations()
    event_days, response_days = _days(EVENT_DAYS, stretches), _days(RESPONSE_DAYS, stretches)
    for why in ChangeReason:
        affected = AffectedDays(why, event_days.get(why, frozenset()), response_days.get(why, frozenset()))
        if affected.event_days or affected.response_days:
            for listener in _listeners:
                listener(affected)


def changed_stretches(
    before: Sequence[MembershipPeriod], after: Sequence[MembershipPeriod]
) -> Iterator[tuple[datetime, datetime | None]]:
    """The times at which the periods give another account than they did; ends are exclusive, None = without end."""
    bounds = {
        bound
        for period in (*before, *after)
        for bound in (period.starts_at, period.ends_at)
        if bound is not None
    }
    for start, end in pairwise([*sorted(bounds), None]):
        if start is not None and account_at(before, start) != account_at(after, start):
            yield start, end


def account_at(periods: Sequence[MembershipPeriod], at: datetime) -> int | None:
    """The account that the first period in force gives; periods come in the order in which they decide."""
    in_force = (
        period
        for period in periods
        if period.starts_at <= at and (period.ends_at is None or at < period.ends_at)
    )
    return next((period.account for period in in_force), None)


def _regroupings(changes: Sequence[PersonChange]) -> Mapping[int, ChangeReason]:
    """The canonical persons whom somebody joined or left, and which of the two; who came with one that left, leaves too."""
    moved = [change for change in changes if change.canonical != change.former_canonical]
    left = {change.person for change in moved if change.canonical == change.person}
    return {
        person: ChangeReason.PARTING if change.canonical in left else ChangeReason.MERGE
        for change in moved
        for person in (change.former_canonical, change.canonical)
    }


def _stretches(change: PersonChange, regroupings: Mapping[int, ChangeReason]) -> Iterator[Interval]:
    # Of a merge group that is joined, the others' days stay as they are where the periods give the same account: whatever
    # both have part in lies on a day of the one that moved.
    if not (change.was_counted or change.is_counted):
        return
    if change.canonical != change.former_canonical:
        yield Interval(change.person, regroupings[change.canonical])
    elif change.was_counted != change.is_counted:
        yield Interval(change.person, ChangeReason.EXCLUSION)
    else:
        why = regroupings.get(change.canonical, ChangeReason.MEMBERSHIP)
        for start, end in changed_stretches(change.former_periods, change.periods):
            yield Interval(change.person, why, start, end)


def _days(statement: str, stretches: Sequence[Interval]) -> dict[ChangeReason, frozenset[date]]:
    params: Mapping[str, Any] = {
        "persons": [stretch.person for stretch in stretches],
        "whys": [stretch.why for stretch in stretches],
        "starts": [stretch.start for stretch in stretches],
        "ends": [stretch.end for stretch in stretches],
        "zone": current_tenant().timezone,
    }
    days: dict[ChangeReason, set[date]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        for why, day in cursor.fetchall():
            days.setdefault(ChangeReason(why), set()).add(day)
    return {why: frozenset(found) for why, found in days.items()}
