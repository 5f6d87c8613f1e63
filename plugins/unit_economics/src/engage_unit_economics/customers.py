"""What customers cost to win and to keep, one against the other, and when they have paid for themselves."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import polars as pl

from engage_server.sdk import TENANT, Answer, Computation, Subject
from engage_server.sdk.recurring import total
from engage_unit_economics.config import UnitEconomicsConfig
from engage_unit_economics.costs import Economy, by_category, economy, in_words, spent
from engage_unit_economics.details import AcquisitionCost, CostRatio, Payback, RetentionCost

YEAR: Final = 365.25
Rows = Computation[UnitEconomicsConfig]


def cac(rows: Rows) -> Iterator[tuple[Subject, Answer]]:
    """Spend on winning customers / new customers."""
    details = rows.only("subscriptions", "ledger").once(_acquisition)
    yield TENANT, Answer(_cac(details), n=details.new_customers, details=details)


def crc(rows: Rows) -> Iterator[tuple[Subject, Answer]]:
    """Spend on keeping customers / customers."""
    details = rows.only("subscriptions", "ledger").once(_retention)
    yield TENANT, Answer(_crc(details), n=details.customers, details=details)


def cac_to_crc(rows: Rows) -> Iterator[tuple[Subject, Answer]]:
    """The cost of winning one customer / the cost of keeping one."""
    rows = rows.only("subscriptions", "ledger")
    won, kept = rows.once(_acquisition), rows.once(_retention)
    cac, crc = _cac(won), _crc(kept)
    ratio = cac / crc if cac is not None and crc else None
    balance = float(kept.spend / won.spend) if won.spend else None
    details = CostRatio(
        currency=won.currency,
        cac=cac,
        crc=crc,
        to_yearly_crc=None if ratio is None else ratio * rows.config.window_days / YEAR,
        retention_to_acquisition=balance,
    )
    yield TENANT, Answer(ratio, n=won.new_customers, details=details)


def payback(rows: Rows) -> Iterator[tuple[Subject, Answer]]:
    """Months until a customer's margin has paid its cost."""
    rows = rows.only("subscriptions", "ledger")
    state, won = rows.once(economy), rows.once(_acquisition)
    cac, margin = _cac(won), rows.config.gross_margin
    arpu = float(state.recurring.mrr / state.payers) if state.payers else None
    earned = None if arpu is None else arpu * margin
    details = Payback(
        currency=won.currency,
        cac=cac,
        arpu=arpu,
        gross_margin=margin,
        never=cac is not None and earned is not None and earned <= 0,
    )
    months = cac / earned if cac is not None and earned is not None and earned > 0 else None
    yield TENANT, Answer(months, n=won.new_customers, details=details)


def _cac(details: AcquisitionCost) -> float | None:
    """None without new customers, and without any entry of such costs, for then they are unknown."""
    if not details.new_customers or not details.categories:
        return None
    return float(details.spend / details.new_customers)


def _crc(details: RetentionCost) -> float | None:
    if not details.customers or not details.categories:
        return None
    return float(details.spend / details.customers)


def _acquisition(rows: Rows) -> AcquisitionCost:
    state, config = rows.once(economy), rows.config
    lag = timedelta(days=config.lag_days)
    costs = state.costs(state.first - lag, state.last - lag).filter(pl.col("purpose") == "acquisition")
    paid_costs = costs.filter(in_words("category", config.paid_categories))
    paid_spend = total(paid_costs)
    new, paid = _new_customers(state, config)
    return AcquisitionCost(
        currency=state.exchange.currency,
        spend=total(costs),
        new_customers=new,
        paid=float(paid_spend / paid) if paid and not paid_costs.is_empty() else None,
        paid_spend=paid_spend,
        paid_customers=paid,
        spent_from=state.first - lag,
        spent_to=state.last - lag,
        categories=tuple(by_category(costs)),
    )


def _new_customers(state: Economy, config: UnitEconomicsConfig) -> tuple[int, int]:
    """The accounts that paid for the first time ever, and those of them that bought through a paid channel that day."""
    new = state.recurring.moved.filter(pl.col("kind") == "new").select("account", "day")
    paid = state.recurring.changed.join(new, on=["account", "day"]).filter(
        in_words("channel", config.paid_channels)
    )
    return new.height, paid["account"].n_unique()


def _retention(rows: Rows) -> RetentionCost:
    state = rows.once(economy)
    costs = state.costs(state.first, state.last)
    return RetentionCost(
        currency=state.exchange.currency,
        spend=spent(costs, "retention"),
        customers=state.payers,
        left_out=spent(costs, "service"),
        categories=tuple(by_category(costs.filter(pl.col("purpose") == "retention"))),
    )
