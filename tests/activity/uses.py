"""The events that count, told plainly: whose each one is, in which account and on which day of the tenant's calendar."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from engage_server.activity.models import Event, EventName
from engage_server.customers.models import Membership, Person
from engage_server.sdk import Window


@dataclass(frozen=True)
class Use:
    """An event of a person that counts; ``day`` in the tenant's calendar."""

    person: int
    account: int | None
    name: EventName
    at: datetime
    day: date


def counted_uses(window: Window) -> list[Use]:
    """All events before the window's end, in order of time, then account (none last)."""
    canonical = {p.id: p.merged_into_id or p.id for p in Person.objects.all()}
    excluded = set(Person.objects.filter(is_excluded=True).values_list("id", flat=True))
    periods = defaultdict(list)
    for period in Membership.objects.order_by("-starts_at", "-id"):
        periods[canonical[period.person_id]].append(period)
    uses = []
    for event in Event.objects.select_related("name").filter(occurred_at__lt=window.end):
        person = canonical.get(event.person_id)
        if person is None or {event.person_id, person} & excluded:
            continue
        account = event.account_id or next(
            (
                period.account_id
                for period in periods[person]
                if period.starts_at <= event.occurred_at
                and not (period.ends_at and period.ends_at <= event.occurred_at)
            ),
            None,
        )
        day = event.occurred_at.astimezone(ZoneInfo(window.timezone)).date()
        uses.append(Use(person, account, event.name, event.occurred_at, day))
    return sorted(uses, key=lambda use: (use.at, use.account is None, use.account, use.name.id))


def first_day(window: Window, days: int) -> date:
    return window.day - timedelta(days=days - 1)


def within(uses: list[Use], window: Window, days: int) -> list[Use]:
    return [use for use in uses if use.day >= first_day(window, days)]


def grouped(uses: list[Use], *fields: str) -> dict[tuple, list[Use]]:
    groups = defaultdict(list)
    for use in uses:
        groups[tuple(getattr(use, field) for field in fields)].append(use)
    return groups


def minutes(uses: list[Use]) -> int:
    return len({use.at.replace(second=0, microsecond=0) for use in uses})


def qualifying(uses: list[Use], event_class: str) -> list[Use]:
    return [
        use
        for use in uses
        if use.name.event_class == "VALUE" or (event_class == "any" and use.name.event_class != "NOTICE")
    ]
