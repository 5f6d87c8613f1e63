"""What a simulated company's customers pay: the terms of their subscriptions, from day to day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Final

from engage_server.demo.simulator.companies import Company, Story
from engage_server.demo.simulator.population import SEED, Account, Population

Row = Mapping[str, object]

TRIAL_DAYS: Final = 14
NOTICE_DAYS: Final = 14
"""Days between a notice and the end that it brings."""
MONTHS_PAID_OF_A_YEAR: Final = 10
"""Who pays a year ahead gets two months for nothing."""
GROWS: Final = 0.28
SHRINKS: Final = 0.1
YEARLY: Final = 0.5
"""Chance that a customer of more than the smallest plan pays by the year."""
CHANNELS: Final = ("self-serve", "sales", "partner")
REASONS: Final = ("Too expensive", "Missing features", "Went to a competitor", "No longer needed")


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds of a subscription from a day on; the plan's monthly price of a seat and how many."""

    changed_on: date
    seats: int
    is_trial: bool
    status: str = "active"
    cancel_reason: str = ""


def subscriptions(population: Population, *, until: date) -> Iterator[Row]:
    """The billing system's export: one subscription for each account, a row for each change of its terms."""
    prices = dict(population.company.seat_price)
    for account in population.accounts:
        if account.started_on > until:
            continue
        random = Random(f"{SEED}/{population.company.slug}/contract/{account.external_id}")
        channel = random.choice(CHANNELS)
        is_yearly = _pays_yearly(random, population.company, account)
        price = prices[account.plan] * (MONTHS_PAID_OF_A_YEAR if is_yearly else 1)
        for terms in _course(random, population, account):
            if terms.changed_on <= until:
                yield {
                    "external_id": f"sub-{account.external_id}",
                    "account": account.external_id,
                    "starts_on": account.started_on.isoformat(),
                    "ends_on": _ends_on(account, until=until, is_yearly=is_yearly),
                    "changed_on": terms.changed_on.isoformat(),
                    "plan": account.plan,
                    "seats": terms.seats,
                    "amount": 0 if terms.is_trial else terms.seats * price,
                    "currency": population.company.currency,
                    "interval_months": 12 if is_yearly else 1,
                    "is_trial": "yes" if terms.is_trial else "no",
                    "status": terms.status,
                    "channel": channel,
                    "cancel_reason": terms.cancel_reason,
                }


def _pays_yearly(random: Random, company: Company, account: Account) -> bool:
    is_small = account.plan == company.seat_price[0][0]
    # Who leaves in the half year paid by the month: a paid year would still run.
    return random.random() < YEARLY and not is_small and not account.is_trial and account.ended_on is None


def _course(random: Random, population: Population, account: Account) -> Iterator[Terms]:
    terms = Terms(account.started_on, account.seats, account.is_trial or account.story is Story.WON)
    yield terms
    if account.story is Story.WON:
        yield (
            terms := replace(
                terms, changed_on=account.started_on + timedelta(days=TRIAL_DAYS), is_trial=False
            )
        )
    draw, day = random.random(), population.first_day + timedelta(days=random.randint(35, 170))
    if account.story is Story.STEADY and not account.is_trial and day > account.started_on:
        factor = 1.3 if draw < GROWS else 0.8 if draw < GROWS + SHRINKS else 1.0
        if (seats := max(1, round(terms.seats * factor))) != terms.seats:
            yield replace(terms, changed_on=day, seats=seats)
    if account.ended_on is not None:
        yield replace(
            terms,
            changed_on=account.ended_on - timedelta(days=NOTICE_DAYS),
            status="canceled",
            cancel_reason=random.choice(REASONS),
        )


def _ends_on(account: Account, *, until: date, is_yearly: bool) -> str | None:
    """The end that was given notice of, or the next time that a paid year is over."""
    if account.ended_on is not None and account.ended_on - timedelta(days=NOTICE_DAYS) <= until:
        return account.ended_on.isoformat()
    if not is_yearly:
        return None
    end = account.started_on
    while end <= until:
        end += timedelta(days=365)
    return end.isoformat()
