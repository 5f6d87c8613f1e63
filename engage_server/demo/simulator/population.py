"""The accounts and persons of a simulated company."""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from engage_server.demo.simulator.companies import DAYS, Company, Story

SEED: Final = "engage-1"
FIRST_NAMES: Final = (
    "Ada", "Ben", "Carla", "David", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Kaya", "Lena", "Minh",
    "Nora", "Omar", "Priya", "Quentin", "Rosa", "Sven", "Tara", "Uwe", "Vera", "Wei", "Yara",
)  # fmt: skip
LAST_NAMES: Final = (
    "Abel", "Brandt", "Costa", "Dietz", "Ekman", "Fischer", "Garcia", "Haas", "Ito", "Jansen", "Kim", "Lopez",
    "Meyer", "Novak", "Okafor", "Park", "Quist", "Rossi", "Sato", "Tanaka", "Ueda", "Vogel", "Weber", "Young",
)  # fmt: skip
STORIES: Final = {
    1: Story.FADING,
    2: Story.SLIPPING,
    3: Story.OUTGROWN,
    4: Story.OVERSOLD,
    **dict.fromkeys((13, 20, 29, 37), Story.LEFT),
    **dict.fromkeys((11, 16, 23, 27, 33, 40), Story.WON),
}
"""By number of the account, the first of which is 1; the others are STEADY."""
OF_TWELVE: Final = frozenset({Story.FADING, Story.SLIPPING, Story.OUTGROWN, Story.OVERSOLD})
INDUSTRIES: Final = ("Manufacturing", "Media", "Services", "Retail", "Health")
MEDIAN_ADOPTION_DAYS: Final = 25
CHURN_DAY: Final = 172
TRIALS: Final = 2


@dataclass(frozen=True, slots=True)
class Account:
    """A customer of the company.

    Args:
        parent: external id of the account above, if any.
        started_on: first day of the relationship; ``ended_on`` the first day after it.
        owner: who of the company looks after it.
        mood: satisfaction, -1 to 1.
        toolbox: indexes of the features that its people use at all.
    """

    external_id: str
    name: str
    parent: str | None
    plan: str
    story: Story
    is_trial: bool
    seats: int
    started_on: date
    ended_on: date | None
    owner: str
    industry: str
    mood: float
    toolbox: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A user at one account, from ``joined_on`` until before ``left_on``.

    Args:
        stops_on: from this day on the person comes no more, though the company does not know it.
        habit: multiplies the company's rhythm.
        uses: from which day on which feature is used.
    """

    external_id: str
    name: str
    email: str
    account: Account
    joined_on: date
    left_on: date | None
    stops_on: date | None
    habit: float
    uses: tuple[tuple[int, date], ...]

    def comes(self, day: date) -> bool:
        """Whether the person may be active on this day."""
        return self.joined_on <= day and all(
            end is None or day < end for end in (self.left_on, self.stops_on)
        )


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody a company sells to, as seen from ``first_day``."""

    company: Company
    first_day: date
    accounts: tuple[Account, ...]
    persons: tuple[Person, ...]


def populate(company: Company, first_day: date) -> Population:
    """The company's customers; day numbers of stories and releases count from ``first_day``."""
    accounts: list[Account] = []
    persons: list[Person] = []
    for number, name in enumerate(company.names, start=1):
        account, people = _customer(company, number=number, name=name, first_day=first_day)
        accounts.append(account)
        persons += people
    return Population(company, first_day, tuple(accounts), tuple(persons))


def _customer(company: Company, *, number: int, name: str, first_day: date) -> tuple[Account, list[Person]]:
    random = Random(f"{SEED}/{company.slug}/account/{number}")
    story = STORIES.get(number, Story.STEADY)
    is_trial = number > len(company.names) - TRIALS
    size = 12 if story in OF_TWELVE else _size(company, random)
    family = [other for other in company.names if other.partition(" ")[0] == name.partition(" ")[0]]
    seats = _seats(random, story=story, size=size)
    started_on = first_day + timedelta(days=DAYS - 20 if is_trial else -random.randint(30, 900))
    life = Random(
        f"{SEED}/{company.slug}/life/{number}"
    )  # of its own, so that the rest stays as it was drawn
    account = Account(
        external_id=_identifier(name),
        name=name,
        parent=None if family[0] == name else _identifier(family[0]),
        plan=_plan(company, size),
        story=story,
        is_trial=is_trial,
        seats=seats,
        started_on=first_day + timedelta(days=life.randint(10, 140)) if story is Story.WON else started_on,
        ended_on=_ended_on(life, story=story, first_day=first_day),
        owner=life.choice(company.managers),
        industry=life.choice(INDUSTRIES),
        mood=max(-1.0, min(1.0, random.gauss(company.mood - 0.6 * (story is Story.LEFT), 0.45))),
        toolbox=_toolbox(company, random),
    )
    persons = [
        _person(company, account=account, number=n, size=size, first_day=first_day)
        for n in range(1, size + 1)
    ]
    return account, persons


def _ended_on(life: Random, *, story: Story, first_day: date) -> date | None:
    if story is Story.LEFT:
        return first_day + timedelta(days=life.randint(50, 150))
    return first_day + timedelta(days=CHURN_DAY) if story is Story.FADING else None


def _size(company: Company, random: Random) -> int:
    return max(2, min(24, round(random.lognormvariate(math.log(company.persons_per_account) - 0.12, 0.5))))


def _plan(company: Company, size: int) -> str:
    return company.seat_price[0 if size < 6 else 1 if size < 12 else 2][0]


def _seats(random: Random, *, story: Story, size: int) -> int:
    if story is Story.OUTGROWN:
        return size - 3
    if story is Story.OVERSOLD:
        return size * 3
    return max(size, math.ceil(size / random.uniform(0.55, 0.98)))


def _toolbox(company: Company, random: Random) -> tuple[int, ...]:
    breadth = random.betavariate(4, 3)
    known = max(2, round(breadth * len(company.features)))
    # The first feature is what the product is bought for; the others are chosen by their reach.
    others = sorted(
        range(1, len(company.features)),
        key=lambda index: random.random() ** (1 / company.features[index].reach),
        reverse=True,
    )
    return (0, *sorted(others[: known - 1]))


def _person(company: Company, *, account: Account, number: int, size: int, first_day: date) -> Person:
    random = Random(f"{SEED}/{company.slug}/person/{account.external_id}/{number}")
    name = f"{random.choice(FIRST_NAMES)} {random.choice(LAST_NAMES)}"
    joined_on = _joined_on(random, account=account, number=number, size=size, first_day=first_day)
    leaves = account.story is Story.STEADY and not account.is_trial and random.random() < 0.04
    return Person(
        external_id=f"{account.external_id}-{number:02d}",
        name=name,
        email=f"{name.lower().replace(' ', '.')}.{number}@{account.external_id}.example",
        account=account,
        joined_on=joined_on,
        left_on=max(joined_on, first_day) + timedelta(days=random.randint(40, 170)) if leaves else None,
        stops_on=_stops_on(account, number=number, size=size, first_day=first_day),
        habit=0.35 + random.betavariate(3, 3),
        uses=tuple(_uses(company, random, account=account, first_day=first_day)),
    )


def _joined_on(random: Random, *, account: Account, number: int, size: int, first_day: date) -> date:
    if account.story is Story.OUTGROWN:
        return first_day + timedelta(days=20 * number - 110)
    if account.is_trial or account.story is Story.WON:
        return account.started_on + timedelta(days=random.randint(0, 6))
    if number > size * 0.85:
        return first_day + timedelta(days=random.randint(5, 170))
    return account.started_on + timedelta(days=random.randint(0, 25))


def _stops_on(account: Account, *, number: int, size: int, first_day: date) -> date | None:
    """People give up one after the other."""
    if account.story is Story.FADING:
        return first_day + timedelta(days=60 + 80 * number // size)
    if account.story is Story.SLIPPING and 4 * number <= 3 * size:
        return first_day + timedelta(days=115 + 35 * number // size)
    if account.story is Story.LEFT and account.ended_on is not None:
        return account.ended_on - timedelta(days=21 - 21 * number // size)
    return None


def _uses(company: Company, random: Random, *, account: Account, first_day: date) -> list[tuple[int, date]]:
    chosen = []
    for index in account.toolbox:
        feature = company.features[index]
        likes = random.random() < feature.reach or index == 0
        delay = random.expovariate(math.log(2) / MEDIAN_ADOPTION_DAYS) if feature.released_on else 0
        if likes:
            chosen.append((index, first_day + timedelta(days=feature.released_on + math.floor(delay))))
    return chosen


def _identifier(name: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())
