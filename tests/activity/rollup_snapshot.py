"""The roll-ups of a tenant with every number replaced by what it stands for, so that two tenants can be compared."""

from collections import defaultdict
from typing import Any

from engage_server.activity.models import CHUNK, DayBitmap, EventName, PersonDay, PersonState
from engage_server.customers.models import Account, Person, PersonAlias


def rollup_snapshot() -> dict[str, list[Any]]:
    """Person-days by stored person, bits, and states, of the tenant in scope."""
    persons, canonical = person_names()
    accounts = {0: None} | dict(Account.objects.values_list("id", "external_id"))
    events = {0: "any", -1: "first"} | dict(EventName.objects.values_list("id", "name"))
    days = [
        (
            persons[first.person],
            first.day,
            accounts[first.account] or "",
            first.is_named,
            sum(part.active_minutes for part in parts),
            sorted(
                (at, events[name]) for part in parts for name, at in zip(part.names, part.times, strict=True)
            ),
        )
        for parts in whole_days()
        for first in parts[:1]
    ]
    bits = [
        (row.kind, events[row.event], row.day, (accounts if row.kind else canonical)[number])
        for row in DayBitmap.objects.all()
        for number in numbers(row)
    ]
    # A state may exist for a person without events: whether it does depends on which batches were seen together.
    states = [
        (
            persons[row.person],
            canonical[row.root],
            row.is_counted,
            row.first_at,
            row.first_day,
            periods(row, accounts),
        )
        for row in PersonState.objects.all()
        if row.first_at or row.first_day
    ]
    return {"days": sorted(days), "bits": sorted(bits), "states": sorted(states, key=str)}


def whole_days() -> list[list[PersonDay]]:
    """The parts of each person-day, each of which has to be later than the one before."""
    found = defaultdict(list)
    for row in PersonDay.objects.order_by("part"):
        found[row.day, row.person, row.account, row.is_named].append(row)
    for parts in found.values():
        times = [at for part in parts for at in part.times]
        assert [part.part for part in parts] == list(range(len(parts)))
        assert times == sorted(times)
    return list(found.values())


def numbers(row: DayBitmap) -> list[int]:
    """The ids whose bits are set."""
    return (
        [row.chunk * CHUNK + place for place, bit in enumerate(row.bits) if bit == "1"]
        if "1" in row.bits
        else []
    )


def periods(row: PersonState, accounts: dict[int, str | None]) -> list[tuple]:
    return [
        (accounts[account], start, end)
        for account, start, end in zip(row.stay_accounts, row.stay_starts, row.stay_ends, strict=True)
    ]


def person_names() -> tuple[dict[int, str], dict[int, str]]:
    """What a stored person is called; and a canonical one, by the names of everybody it stands for."""
    own = dict(PersonAlias.objects.values_list("person_id", "alias"))
    groups = defaultdict(list)
    for person in Person.objects.all():
        groups[person.merged_into_id or person.id].append(own[person.id])
    return own, {person: "+".join(sorted(names)) for person, names in groups.items()}
