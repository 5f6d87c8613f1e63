"""Whose voice a score is: the share of the accounts, and of the recurring revenue, that answered."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

import polars as pl

from engage_nps.config import NpsConfig
from engage_nps.counts import answered_accounts
from engage_server.sdk import Answer, Computation


@dataclass(frozen=True, slots=True)
class Money:
    """Monthly recurring revenue in one currency; that of trials is left out."""

    currency: Annotated[str, "ISO 4217."]
    mrr: Annotated[Decimal, "Of the covered accounts."]
    answered_mrr: Annotated[Decimal, "Of those that answered."]
    share: Annotated[float | None, "0 to 1; null where there is no revenue."]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who answered, in accounts and in money."""

    accounts: Annotated[int, "Accounts of the stages that are to be covered."]
    answered_accounts: Annotated[int, "Those with a valid answer in the window."]
    mrr_share: Annotated[float | None, "Share of the revenue, 0 to 1; null with several currencies or none."]
    money: Annotated[tuple[Money, ...], "By currency."]


def coverage_of(rows: Computation[NpsConfig]) -> Answer:
    """Accounts with a valid answer / accounts x 100, of the configured stages on the day."""
    stages = list(rows.config.covered_stages)
    accounts = rows["accounts"].filter(pl.col("stage").is_in(stages))["account"].unique()
    answered = set(answered_accounts(rows["responses"])) & set(accounts)
    money = tuple(_money(rows["seats"].filter(pl.col("account").is_in(accounts.implode())), answered))
    total = len(accounts)
    return Answer(
        100 * len(answered) / total if total else None,
        n=total,
        details=Coverage(
            accounts=total,
            answered_accounts=len(answered),
            mrr_share=money[0].share if len(money) == 1 else None,
            money=money,
        ),
    )


def _money(seats: pl.DataFrame, answered: set[int]) -> Iterator[Money]:
    sums: dict[str, list[Decimal]] = {}
    paid = seats.filter(~pl.col("is_trial").fill_null(False)).drop_nulls(["mrr", "currency"])
    for account, mrr, currency in paid.select("account", "mrr", "currency").iter_rows():
        of_currency = sums.setdefault(currency, [Decimal(0), Decimal(0)])
        of_currency[0] += Decimal(mrr)
        of_currency[1] += Decimal(mrr) if account in answered else 0
    for currency, (mrr, answered_mrr) in sorted(sums.items()):
        yield Money(currency, mrr, answered_mrr, float(answered_mrr / mrr) if mrr else None)
