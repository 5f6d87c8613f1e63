"""Reads what happened in an account or to a person, event by event, the newest first; inside the tenant's scope.

Events have an index by time alone. The roll-ups tell the days on which there is something, so that quiet days are not
looked through.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db import connection

from engage_server.activity.models import CHUNK, DayBitmap
from engage_server.activity.rollups.freshness import current_rollups, require_current
from engage_server.customers.canonical_persons import canonical_id, merged_into
from engage_server.customers.inputs import ACCOUNT_AT_THE_TIME, WITH_CANONICAL
from engage_server.tenancy.scope import current_tenant

Place = tuple[datetime, int, str]
LONGEST: Final = 92  # days that one question may look through
DAYS_OF_ACCOUNT: Final = f"""
    SELECT day FROM activity_daybitmap
    WHERE kind = {DayBitmap.Kind.ACCOUNT.value} AND event = 0 AND chunk = %(subject)s / {CHUNK}
      AND day BETWEEN %(first)s AND %(last)s AND get_bit(bits, %(subject)s %% {CHUNK}) = 1
"""  # noqa: S608  # constants of ours
DAYS_OF_PERSONS: Final = """
    SELECT DISTINCT day FROM activity_personday
    WHERE person = ANY(%(persons)s) AND day BETWEEN %(first)s AND %(last)s
"""
# Of each account everybody who was ever in it; an event that names another account is sorted out one by one.
PERSONS_OF_ACCOUNT: Final = f"""
    SELECT one.id FROM customers_person AS one
    WHERE {canonical_id("one")} IN (
        SELECT {canonical_id("person")} FROM customers_membership AS membership
        JOIN customers_person AS person ON person.id = membership.person_id
        WHERE membership.account_id = %(subject)s)
"""  # noqa: S608  # canonical_id gives a constant
EVENTS: Final = f"""
    SELECT found.* FROM (
        SELECT * FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS day (start, finish)
        ORDER BY start {{order}} OFFSET 0
    ) AS day CROSS JOIN LATERAL (
        SELECT event.occurred_at, event.source_id, event.message_id, name.name, name.event_class, feature.name,
               canonical.id AS person_id, {ACCOUNT_AT_THE_TIME.format(table="event")} AS account_id,
               event.properties::text
        FROM activity_event AS event
        JOIN activity_eventname AS name ON name.id = event.name_id
        JOIN activity_source AS source ON source.id = event.source_id AND source.environment = 'LIVE'
        LEFT JOIN activity_feature AS feature ON feature.id = name.feature_id
        {WITH_CANONICAL.format(table="event")}
        WHERE event.occurred_at >= day.start AND event.occurred_at < day.finish
          AND (event.occurred_at, event.source_id, event.message_id) {{side}} (%(at)s, %(source)s, %(message)s)
          AND {{whose}} AND (%(names)s::text[] IS NULL OR name.name = ANY(%(names)s))
          AND NOT (COALESCE(person.is_excluded, false) OR COALESCE(canonical.is_excluded, false)
                   OR COALESCE(person.is_suppressed, false) OR COALESCE(canonical.is_suppressed, false))
        ORDER BY event.occurred_at {{order}}, event.source_id {{order}}, event.message_id {{order}} LIMIT %(size)s
    ) AS found
    ORDER BY day.start {{order}}, found.occurred_at {{order}}, found.source_id {{order}}, found.message_id {{order}}
    LIMIT %(size)s
"""  # noqa: S608  # constants of ours
OF_ACCOUNT: Final = f"""
    (event.account_id = %(subject)s OR event.account_id IS NULL AND event.person_id IN ({PERSONS_OF_ACCOUNT}))
    AND {ACCOUNT_AT_THE_TIME.format(table="event")} = %(subject)s
"""  # constants of ours
OF_PERSONS: Final = "event.person_id = ANY(%(persons)s)"


@dataclass(frozen=True, slots=True)
class Happening:
    """An event with the names that it goes by; ``account`` is the one that it named, else that of the person then."""

    occurred_at: datetime
    source: int
    message_id: str
    name: str
    event_class: str
    feature: str | None
    person: int | None
    account: int | None
    properties: str

    @property
    def place(self) -> Place:
        """Where it stands in a timeline."""
        return self.occurred_at, self.source, self.message_id


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days of a timeline, both included, and where in it to go on; ``names`` of events alone, where given.

    What comes behind ``place`` in the timeline, which is older, or read backwards before it.
    """

    first: date
    last: date
    place: Place | None = None
    names: Sequence[str] | None = None
    is_backwards: bool = False


def events_of_account(account: int, of: Stretch, *, size: int) -> list[Happening]:
    """The account's events of these days, at most ``size``; of persons who are excluded or suppressed none."""
    with current_rollups():
        return _events(DAYS_OF_ACCOUNT, OF_ACCOUNT, of, {"subject": account, "size": size})


def events_of_person(person: int, of: Stretch, *, size: int) -> list[Happening]:
    """The events of a canonical person, and of those who were merged into it."""
    group = [person, *merged_into([person])]
    with current_rollups():
        return _events(DAYS_OF_PERSONS, OF_PERSONS, of, {"persons": group, "size": size})


def _events(days: str, whose: str, of: Stretch, params: Mapping[str, Any]) -> list[Happening]:
    require_current()
    zone = current_tenant().zone
    first, last = of.first, of.last
    if of.place is not None:
        day_of_place = of.place[0].astimezone(zone).date()
        first, last = (
            (max(first, day_of_place), last) if of.is_backwards else (first, min(last, day_of_place))
        )
    with connection.cursor() as cursor:
        cursor.execute(days, {**params, "first": first, "last": last})
        found = sorted(day for (day,) in cursor.fetchall())
        if not found:
            return []
        at, source, message = of.place or _outside(found, is_backwards=of.is_backwards)
        way = {"order": "ASC", "side": ">"} if of.is_backwards else {"order": "DESC", "side": "<"}
        cursor.execute(
            EVENTS.format(whose=whose, **way),
            {
                **params,
                "starts": [datetime.combine(day, time(), zone) for day in found],
                "ends": [datetime.combine(day + timedelta(days=1), time(), zone) for day in found],
                "at": at,
                "source": source,
                "message": message,
                "names": None if of.names is None else list(of.names),
            },
        )
        happenings = [Happening(*row) for row in cursor.fetchall()]
    return happenings[::-1] if of.is_backwards else happenings


def _outside(days: Collection[date], *, is_backwards: bool) -> Place:
    """A place that all events of these days come behind or, read backwards, before."""
    day = min(days) - timedelta(days=2) if is_backwards else max(days) + timedelta(days=2)
    return datetime.combine(day, time(), current_tenant().zone), 0, ""
