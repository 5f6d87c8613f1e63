"""Historical value: what came in so far less what the customer cost, with its distribution."""

from collections.abc import Iterator
from decimal import Decimal
from math import ceil

import polars as pl

from engage_customer_value.config import CustomerValueConfig
from engage_customer_value.details import Bin, HistoricalValue
from engage_customer_value.values import Values, values
from engage_server.sdk import TENANT, Answer, Computation, Contribution, Subject, account
from engage_server.sdk.ranks import percentile


def historical(rows: Computation[CustomerValueConfig]) -> Iterator[tuple[Subject, Answer]]:
    """The mean over the tenant's customers, then the value of each, with its percentile as normalised value."""
    state = rows.only("subscriptions", "ledger").once(values)
    if state.customers.is_empty():
        return
    threshold = high_value_from(state.customers["value"], rows.config)
    yield TENANT, _tenant(state, threshold, rows.config)
    ranked = state.customers.with_columns(place=percentile(pl.col("value")))
    for row in ranked.iter_rows(named=True):
        details = HistoricalValue(
            currency=state.currency,
            revenue=row["revenue"],
            years=row["years"],
            revenue_per_year=float(row["revenue"]) / row["years"],
            acquisition_cost=row["acquisition"],
            service_cost=row["service"],
            is_high_value=row["value"] >= threshold,
        )
        yield account(row["account"]), Answer(row["value"], n=1, details=details, normalised=row["place"])


def high_value_from(found: pl.Series, config: CustomerValueConfig) -> float:
    """The value of the last customer among the most valuable share; at least one customer is among them."""
    size = max(1, ceil(config.high_value_share * len(found) - 1e-9))
    return float(found.sort(descending=True)[size - 1])


def _tenant(state: Values, threshold: float, config: CustomerValueConfig) -> Answer:
    customers, n = state.customers, state.customers.height
    revenue, acquisition, service = (
        Decimal(customers[name].sum()) for name in ("revenue", "acquisition", "service")
    )
    mean = float(revenue - acquisition - service) / n
    high = float(customers.filter(pl.col("value") >= threshold)["value"].sum())
    total = float(customers["value"].sum())
    years = float(customers["years"].sum()) / n
    details = HistoricalValue(
        currency=state.currency,
        revenue=revenue / n,
        years=years,
        revenue_per_year=float(revenue) / n / years,
        acquisition_cost=acquisition / n,
        service_cost=service / n,
        median=float(customers.select(pl.col("value").median()).item()),
        high_value_from=threshold,
        high_value_share_of_total=high / total if total > 0 else None,
        left_out=state.left_out,
        histogram=tuple(histogram(customers["value"], config.histogram_bins)),
    )
    parts = (
        Contribution("revenue", "Revenue of a customer", float(revenue / n), points=float(revenue / n)),
        Contribution("acquisition", "Winning it", float(acquisition / n), points=-float(acquisition / n)),
        Contribution("service", "Serving it", float(service / n), points=-float(service / n)),
    )
    return Answer(mean, n=n, details=details, parts=parts)


def histogram(found: pl.Series, bins: int) -> Iterator[Bin]:
    """Equal steps from the least to the greatest value; one where all are the same."""
    ordered = found.sort().to_list()
    low, high = ordered[0], ordered[-1]
    step = (high - low) / bins
    if step == 0:
        yield Bin(low, high, len(ordered), Decimal(sum(ordered)))
        return
    inside: list[list[float]] = [[] for _ in range(bins)]
    for value in ordered:
        inside[min(bins - 1, int((value - low) / step))].append(value)
    for place, members in enumerate(inside):
        last = high if place == bins - 1 else low + (place + 1) * step
        yield Bin(low + place * step, last, len(members), Decimal(sum(members)))
