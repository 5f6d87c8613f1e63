"""What the persons of a simulated company do, as the messages of a tracking SDK (Segment's specification)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from engage_server.demo.simulator.companies import Company
from engage_server.demo.simulator.population import SEED, Person, Population

Message = dict[str, Any]

DAY_BEGINS_AT_MINUTE: Final = 7 * 60 + 30
DAY_LASTS_MINUTES: Final = 10 * 60
LIBRARY: Final = {"name": "engage-demo-simulator", "version": "1"}


def introductions(population: Population, *, until: date) -> Iterator[Message]:
    """An identify and a group call for each person who joined by ``until`` (included)."""
    zone = ZoneInfo(population.company.timezone)
    for person in population.persons:
        if person.joined_on > until:
            continue
        joined = timestamp(joined_at(person, zone))
        yield _message(
            "identify", person, id="identify", at=joined, traits={"name": person.name, "email": person.email}
        )
        yield _message("group", person, id="group", at=joined, groupId=person.account.external_id, traits={})


def activity(population: Population, *, first: date, last: date) -> Iterator[Message]:
    """Page and track calls from ``first`` to ``last`` (both included), day by day.

    A day's messages depend on that day alone: asking for it again gives the same ones.
    """
    day = first
    while day <= last:
        for person in population.persons:
            yield from _visit(population, person, day)
        day += timedelta(days=1)


def joined_at(person: Person, zone: ZoneInfo) -> datetime:
    """Nine in the morning of the day the person joined."""
    return datetime.combine(person.joined_on, time(9), tzinfo=zone)


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC, as the SDKs write it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _visit(population: Population, person: Person, day: date) -> Iterator[Message]:
    company = population.company
    random = Random(f"{SEED}/{company.slug}/visit/{person.external_id}/{day.isoformat()}")
    chance = _chance(company, day) * person.habit
    if not person.comes(day) or random.random() >= chance:
        return
    moment = datetime.combine(day, time(), tzinfo=ZoneInfo(company.timezone)) + timedelta(
        minutes=DAY_BEGINS_AT_MINUTE + random.randrange(DAY_LASTS_MINUTES - 60)
    )
    yield _message("page", person, id=f"{day:%Y%m%d}-0", at=timestamp(moment), name="Home", properties={})
    in_use = [index for index, since in person.uses if since <= day]
    for number in range(1, 2 + min(12, int(random.expovariate(1 / company.actions)))):
        moment += timedelta(seconds=random.randrange(20, 240))
        feature = company.features[
            random.choices(in_use, weights=[company.features[index].weight for index in in_use])[0]
        ]
        yield _message(
            "track",
            person,
            id=f"{day:%Y%m%d}-{number}",
            at=timestamp(moment),
            event=feature.event,
            properties={},
        )


def _chance(company: Company, day: date) -> float:
    usual = company.weekdays[day.weekday()]
    if company.month_edge is None or day.weekday() > 4:
        return usual
    is_edge = day.day <= 3 or (day + timedelta(days=2)).month != day.month
    return company.month_edge if is_edge else usual


def _message(kind: str, person: Person, *, id: str, at: str, **fields: Any) -> Message:
    return {
        "type": kind,
        "messageId": f"{person.external_id}-{id}",
        "timestamp": at,
        "userId": person.external_id,
        "context": {"groupId": person.account.external_id, "library": LIBRARY},
        **fields,
    }
