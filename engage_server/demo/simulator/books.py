"""What a simulated company's bookkeeping and sales know: costs, one-off revenue and opportunities."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from random import Random
from typing import Final

from engage_server.demo.simulator.population import SEED, Account, Population

Row = Mapping[str, object]

MONTHLY_COSTS: Final = (
    # category, share of the monthly revenue, whether it keeps customers (else: wins them)
    ("support", 0.07, True),
    ("customer_success", 0.06, True),
    ("marketing", 0.09, False),
    ("sales", 0.08, False),
)
STAGES: Final = ("qualified", "proposal", "won", "lost")


def ledger(population: Population, *, until: date) -> Iterator[Row]:
    """Costs at each month's begin, workshops that were sold, and opportunities with the stages that they reached."""
    yield from _costs(population, until=until)
    for account in population.accounts:
        random = Random(f"{SEED}/{population.company.slug}/books/{account.external_id}")
        yield from _workshop(random, population, account, until=until)
        yield from _opportunity(random, population, account, until=until)


def _costs(population: Population, *, until: date) -> Iterator[Row]:
    prices = dict(population.company.seat_price)
    day = population.first_day.replace(day=1)
    while day <= until:
        revenue = sum(
            account.seats * prices[account.plan]
            for account in population.accounts
            if account.started_on <= day and (account.ended_on is None or day < account.ended_on)
        )
        if day >= population.first_day:
            for category, share, keeps in MONTHLY_COSTS:
                yield _entry(
                    population,
                    id=f"{category}-{day:%Y%m}",
                    kind="COST",
                    day=day,
                    amount=round(revenue * share),
                    category=category,
                    included_in_crc="yes" if keeps else "no",
                )
        day = (day + timedelta(days=32)).replace(day=1)


def _workshop(random: Random, population: Population, account: Account, *, until: date) -> Iterator[Row]:
    draw, day = random.random(), population.first_day + timedelta(days=random.randint(0, 175))
    if draw < 0.15 and account.started_on <= day <= until:
        yield _entry(
            population,
            id=f"workshop-{account.external_id}",
            kind="REVENUE",
            day=day,
            amount=1200,
            category="workshop",
            account=account.external_id,
        )


def _opportunity(random: Random, population: Population, account: Account, *, until: date) -> Iterator[Row]:
    draw, day = random.random(), population.first_day + timedelta(days=random.randint(0, 160))
    if draw >= 0.3 or account.started_on > day:
        return
    amount = 3 * 12 * dict(population.company.seat_price)[account.plan]
    for number, stage in enumerate((*STAGES[:2], STAGES[2] if random.random() < 0.6 else STAGES[3])):
        reached = day + timedelta(days=number * random.randint(5, 14))
        if reached > until:
            return
        yield _entry(
            population,
            id=f"more-seats-{account.external_id}",
            kind="OPPORTUNITY",
            day=reached,
            amount=amount,
            account=account.external_id,
            stage=stage,
            closes_on=(day + timedelta(days=30)).isoformat(),
        )


def _entry(population: Population, *, id: str, kind: str, day: date, amount: float, **more: str) -> Row:
    row = {
        "external_id": id,
        "kind": kind,
        "occurred_on": day.isoformat(),
        "amount": amount,
        "currency": population.company.currency,
        "account": "",
        "category": "",
        "stage": "",
        "closes_on": "",
        "included_in_crc": "",
    }
    return {**row, **more}
