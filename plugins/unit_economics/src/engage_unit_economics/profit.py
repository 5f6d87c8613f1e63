"""Revenue of the window less what winning, keeping and serving customers cost, by account and by segment."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import polars as pl

from engage_server.sdk import TENANT, Answer, Computation, Contribution, Subject, account
from engage_server.sdk.money import AMOUNT
from engage_server.sdk.recurring import accrued
from engage_unit_economics.config import UnitEconomicsConfig
from engage_unit_economics.costs import PURPOSES, Economy, economy
from engage_unit_economics.details import Profitability, SegmentProfit

FIGURES: Final = ("revenue", *PURPOSES)
LABELS: Final = {
    "revenue": "Revenue",
    "acquisition": "Winning customers",
    "retention": "Keeping customers",
    "service": "All other costs",
}


def profitability(rows: Computation[UnitEconomicsConfig]) -> Iterator[tuple[Subject, Answer]]:
    """The tenant's with its segments, then that of each account with revenue or costs."""
    state = rows.only("subscriptions", "ledger").once(economy)
    accounts, common, unassigned = by_account(state), _common(state), _revenue_of_nobody(state)
    if accounts.is_empty() and not unassigned and not any(common.values()):
        return
    # Common costs that nobody is there to bear are the tenant's alone.
    left = common if accounts.is_empty() else dict.fromkeys(PURPOSES, Decimal(0))
    totals = {name: Decimal(accounts[name].sum()) for name in FIGURES}
    totals |= {name: totals[name] + left[name] for name in PURPOSES}
    totals["revenue"] += unassigned
    dimension = rows.config.segment_by
    segments = tuple(_segments(accounts, _values(rows)))
    yield TENANT, _answer(totals, state, n=accounts.height, segmented_by=dimension, segments=segments)
    for id, *amounts in accounts.select("account", *FIGURES).iter_rows():
        yield account(id), _answer(dict(zip(FIGURES, amounts, strict=True)), state, n=1)


def by_account(state: Economy) -> pl.DataFrame:
    """Per account with revenue or costs its revenue and its costs by purpose, common ones included, by id.

    Common costs are those without an account: of winning customers shared equally by those who paid for the first time
    in the window, all others (and these, where nobody did) by those who brought revenue in it; by all, where nobody did.
    """
    earned = pl.concat(
        [
            accrued(state.recurring.terms, first=state.first, last=state.last),
            _one_off(state).select("account", "amount"),
        ]
    ).with_columns(purpose=pl.lit("revenue"))
    costs = state.costs(state.first, state.last).select("account", "amount", "purpose")
    entries = pl.concat([earned, costs]).drop_nulls("account")
    sums = [pl.col("amount").filter(pl.col("purpose") == name).sum().alias(name) for name in FIGURES]
    accounts = entries.group_by("account").agg(sums).sort("account")
    new = state.recurring.moved.filter(pl.col("kind") == "new")["account"].unique()
    bears = {
        "acquisition": pl.col("account").is_in(new.implode()),
        "retention": pl.col("revenue") > 0,
        "service": pl.col("revenue") > 0,
    }
    for purpose, amount in _common(state).items():
        for bearing in (bears[purpose], bears["retention"], pl.lit(True)):
            size = accounts.filter(bearing).height
            if size:
                share = pl.lit(amount, dtype=AMOUNT) / pl.lit(size)
                accounts = accounts.with_columns(
                    pl.when(bearing).then(pl.col(purpose) + share).otherwise(pl.col(purpose)).alias(purpose)
                )
                break
    return accounts


def _one_off(state: Economy) -> pl.DataFrame:
    is_inside = pl.col("day").is_between(state.first, state.last)
    return state.ledger.filter((pl.col("kind") == "REVENUE") & is_inside)


def _revenue_of_nobody(state: Economy) -> Decimal:
    return Decimal(_one_off(state).filter(pl.col("account").is_null())["amount"].sum())


def _common(state: Economy) -> dict[str, Decimal]:
    """The costs without an account, by purpose."""
    costs = state.costs(state.first, state.last).filter(pl.col("account").is_null())
    return {
        purpose: Decimal(costs.filter(pl.col("purpose") == purpose)["amount"].sum()) for purpose in PURPOSES
    }


def _values(rows: Computation[UnitEconomicsConfig]) -> pl.DataFrame:
    """The value of the dimension of each account on the day: account and segment."""
    dimension = rows.config.segment_by
    if not dimension.startswith("traits."):
        return rows["accounts"].select("account", segment=pl.col(dimension).fill_null(""))
    held = rows["history"].filter(
        (pl.col("attribute") == dimension)
        & (pl.col("first").is_null() | (pl.col("first") <= rows.day))
        & (pl.col("until").is_null() | (pl.col("until") > rows.day))
    )
    return held.select("account", segment=pl.col("value").fill_null("")).unique("account", keep="any")


def _segments(accounts: pl.DataFrame, values: pl.DataFrame) -> Iterator[SegmentProfit]:
    sums = (
        accounts.join(values, on="account", how="left")
        .with_columns(pl.col("segment").fill_null(""))
        .group_by("segment")
        .agg(pl.len().alias("accounts"), *(pl.col(name).sum() for name in FIGURES))
        .sort("segment")
    )
    for row in sums.iter_rows(named=True):
        yield SegmentProfit(profit=_profit(row), **row)


def _profit(amounts: Mapping[str, Any]) -> Decimal:
    return Decimal(amounts["revenue"]) - sum((amounts[name] for name in PURPOSES), Decimal(0))


def _answer(amounts: Mapping[str, Any], state: Economy, *, n: int, **more: Any) -> Answer:
    profit = _profit(amounts)
    revenue = amounts["revenue"]
    details = Profitability(
        currency=state.exchange.currency,
        margin=float(profit / revenue) if revenue > 0 else None,
        **{name: amounts[name] for name in FIGURES},
        **more,
    )
    parts = tuple(
        Contribution(
            name, LABELS[name], float(amount), points=float(amount if name == "revenue" else -amount)
        )
        for name, amount in amounts.items()
        if amount
    )
    return Answer(float(profit), n=n, details=details, parts=parts)
