"""What other systems export about a simulated company's customers: rows of CSV files, ready to import."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from engage_server.demo.simulator.activity import joined_at, timestamp
from engage_server.demo.simulator.companies import DAYS, Story
from engage_server.demo.simulator.contracts import TRIAL_DAYS
from engage_server.demo.simulator.population import SEED, Account, Person, Population
from engage_server.demo.simulator.words import NOTES, comment

Row = Mapping[str, object]

STARS_AFTER_DAYS: Final = 12
"""How long after joining a person is asked for stars."""
NOTES_A_DAY: Final = 0.004
"""Chance a day that somebody of the company writes down what an account said."""
NPS_EVERY_DAYS: Final = 75
"""How often a person is asked whether they would recommend the product."""
ANSWERS: Final = 0.55
DISMISSES: Final = 0.15
TICKETS_A_DAY: Final = 0.006
"""Chance a day that a person contacts support, and is asked how much effort it was."""


def accounts(population: Population, *, until: date) -> Iterator[Row]:
    """The CRM's export: parents first, a row for each stage that an account has come to."""
    zone = ZoneInfo(population.company.timezone)
    for account in population.accounts:
        for since, stage in _stages(account):
            if since <= until:
                yield {
                    "external_id": account.external_id,
                    "name": account.name,
                    "parent": account.parent,
                    "plan": account.plan,
                    "stage": stage,
                    "owner": account.owner,
                    "industry": account.industry,
                    "started_at": account.started_on.isoformat(),
                    "changed_at": timestamp(datetime.combine(since, time(), tzinfo=zone)),
                }


def departures(population: Population, *, until: date) -> Iterator[Row]:
    """The identity provider's export: memberships that ended."""
    zone = ZoneInfo(population.company.timezone)
    for person in population.persons:
        if person.left_on is not None and person.left_on <= until and person.joined_on < person.left_on:
            yield {
                "person": person.external_id,
                "account": person.account.external_id,
                "starts_at": timestamp(joined_at(person, zone)),
                "ends_at": timestamp(datetime.combine(person.left_on, time(), tzinfo=zone)),
            }


def responses(population: Population, *, until: date) -> Iterator[Row]:
    """The survey tool's export: recommendation (0-10) every 75 days, effort (1-5) after a support contact,
    stars once, a while after joining.
    """
    for person in population.persons:
        first = max(person.joined_on, population.first_day)
        ends = [end for end in (person.left_on, person.account.ended_on) if end is not None]
        last = min([until, *(end - timedelta(days=1) for end in ends)])
        turn = Random(f"{SEED}/{population.company.slug}/turn/{person.external_id}").randrange(NPS_EVERY_DAYS)
        for day_number in range((last - first).days + 1):
            day = first + timedelta(days=day_number)
            is_turn = (day - population.first_day).days % NPS_EVERY_DAYS == turn
            yield from _asked(population, person, day, is_turn=is_turn)


def _asked(population: Population, person: Person, day: date, *, is_turn: bool) -> Iterator[Row]:
    random = Random(f"{SEED}/{population.company.slug}/survey/{person.external_id}/{day.isoformat()}")
    mood = _mood(population, person.account, day)
    if is_turn and (answer := _answered(random)) is not None:
        score = max(0, min(10, round(random.gauss(7.7 + 2.1 * mood, 1.7)))) if answer else None
        yield _response(population, person, day, instrument="nps", scale="0-10", score=score)
    if random.random() < TICKETS_A_DAY and (answer := _answered(random)) is not None:
        score = max(1, min(5, round(random.gauss(3.7 + 1.2 * mood, 0.9)))) if answer else None
        instrument = population.company.effort_instrument
        yield _response(population, person, day, instrument=instrument, scale="1-5", score=score)
    # Drawn apart, so that the other answers stay as they are.
    stars = Random(f"{SEED}/{population.company.slug}/stars/{person.external_id}")
    if (day - person.joined_on).days == STARS_AFTER_DAYS and (answer := _answered(stars)) is not None:
        score = max(1, min(5, round(stars.gauss(4.1 + 0.9 * mood, 0.8)))) if answer else None
        yield _response(population, person, day, instrument="csat", scale="1-5", score=score)


def notes(population: Population, *, until: date) -> Iterator[Row]:
    """The success team's notebook: what customers said to them."""
    for account in population.accounts:
        day = max(account.started_on, population.first_day)
        last = until if account.ended_on is None else min(until, account.ended_on - timedelta(days=1))
        while day <= last:
            random = Random(f"{SEED}/{population.company.slug}/note/{account.external_id}/{day.isoformat()}")
            if random.random() < NOTES_A_DAY:
                tag, text = random.choice(NOTES)
                yield {
                    "external_id": f"{account.external_id}-note-{day:%Y%m%d}",
                    "occurred_at": _noon(population, day),
                    "account": account.external_id,
                    "text": text,
                    "tags": tag,
                    "given_by": "STAFF",
                    "instrument": "call",
                }
            day += timedelta(days=1)


def _answered(random: Random) -> bool | None:
    """True: a score. False: shown and dismissed. None: never opened."""
    draw = random.random()
    if draw < ANSWERS:
        return True
    return False if draw < ANSWERS + DISMISSES else None


def _mood(population: Population, account: Account, day: date) -> float:
    """Satisfaction on a day, -1 to 1: the account's own and the drift of the company."""
    progress = min(1.0, (day - population.first_day).days / DAYS)
    if account.story in {Story.FADING, Story.SLIPPING}:
        return 0.4 - 1.8 * progress
    return max(-1.0, min(1.0, account.mood + population.company.drift * (progress - 0.5)))


def _response(
    population: Population, person: Person, day: date, *, instrument: str, scale: str, score: int | None
) -> Row:
    low, high = map(int, scale.split("-"))
    words = Random(
        f"{SEED}/{population.company.slug}/words/{person.external_id}/{instrument}/{day.isoformat()}"
    )
    return {
        "external_id": f"{person.external_id}-{instrument}-{day:%Y%m%d}",
        "instrument": instrument,
        "direction": "UP",
        "occurred_at": _noon(population, day),
        "score": score,
        "scale": scale,
        "text": "" if score is None else comment(words, share=(score - low) / (high - low)),
        "person": person.external_id,
        "account": person.account.external_id,
    }


def _noon(population: Population, day: date) -> str:
    return timestamp(datetime.combine(day, time(12), tzinfo=ZoneInfo(population.company.timezone)))


def _stages(account: Account) -> Iterator[tuple[date, str]]:
    is_won = account.story is Story.WON
    yield account.started_on, "TRIAL" if account.is_trial or is_won else "CUSTOMER"
    if is_won:
        yield account.started_on + timedelta(days=TRIAL_DAYS), "CUSTOMER"
    if account.ended_on is not None:
        yield account.ended_on, "CHURNED"
