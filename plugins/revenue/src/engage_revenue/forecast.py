"""A forecast of the monthly recurring revenue, with an interval from its own past errors.

The method is the naive one with drift: the revenue of today and the mean monthly change of the last months. Every month of
the past is forecast in the same way from what was there before it, and the errors of these forecasts are the interval.
Source: R. J. Hyndman, G. Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.2 and 5.8.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from math import ceil, floor
from statistics import fmean
from typing import Final

import polars as pl

from engage_revenue.config import RevenueConfig
from engage_revenue.details import BackTest, Forecast, ForecastMonth
from engage_revenue.recurring import recurring
from engage_server.sdk import TENANT, Answer, Computation, Interval, Subject
from engage_server.sdk.recurring import ZERO, RecurringPeriod, months_before

FEWEST_MONTHS: Final = 12
FEWEST_ERRORS: Final = 8
LONGEST: Final = 60
CENT: Final = Decimal("0.01")


def forecast(rows: Computation[RevenueConfig]) -> Iterator[tuple[Subject, Answer]]:
    """The revenue ``horizon_months`` ahead; null with fewer than twelve months of revenue behind it."""
    state = rows.only("subscriptions").once(recurring)
    if state.terms.is_empty():
        return
    series = monthly_series(state)
    config = rows.config
    if len(series) < FEWEST_MONTHS:
        note = f"It takes {FEWEST_MONTHS} months with revenue; there are {len(series)}."
        empty = Forecast(state.exchange.currency, None, (), (), None, note)
        yield TENANT, Answer(None, n=len(series), details=empty)
        return
    tested = {h: _Tested(series, h, config) for h in range(1, config.horizon_months + 1)}
    drift = _drift(series, len(series) - 1, config.drift_months)
    ahead = tuple(_month(state, series[-1], drift, h, one) for h, one in tested.items())
    last, errors = ahead[-1], tested[config.horizon_months].errors
    details = Forecast(
        currency=state.exchange.currency,
        monthly_change=Decimal(drift).quantize(CENT),
        ahead=ahead,
        back_test=tuple(one.report for one in tested.values()),
        beats_no_change=tested[config.horizon_months].beats_no_change,
    )
    interval = None
    if last.low is not None and last.high is not None:
        method = f"empirical, of {len(errors)} forecasts of the past"
        interval = Interval(float(last.low), float(last.high), config.forecast_level, method)
    yield TENANT, Answer(float(last.amount), n=len(series), details=details, interval=interval)


def monthly_series(state: RecurringPeriod) -> list[float]:
    """The revenue at the end of this day of each month, oldest first, from the first month with revenue on."""
    changed = state.changed.group_by("day").agg(pl.col("amount").sum()).sort("day")
    sums = changed.with_columns(pl.col("amount").cum_sum())
    anchors = [months_before(state.last, back) for back in range(LONGEST, -1, -1)]
    asked = pl.DataFrame({"day": anchors}, schema={"day": pl.Date})
    found = asked.join_asof(sums, on="day", strategy="backward")["amount"]
    values = [float(value or 0) for value in found]
    first = next((place for place, value in enumerate(values) if value > 0), len(values))
    return values[first:]


def ahead_of(series: Sequence[float], origin: int, months: int, drift_months: int) -> float:
    """The forecast from the value at ``origin``, so many months ahead; never below 0."""
    return max(0.0, series[origin] + months * _drift(series, origin, drift_months))


def _drift(series: Sequence[float], origin: int, drift_months: int) -> float:
    back = min(drift_months, origin)
    return (series[origin] - series[origin - back]) / back if back else 0.0


class _Tested:
    """The forecasts of the past, so many months ahead, with their relative errors."""

    def __init__(self, series: Sequence[float], months: int, config: RevenueConfig) -> None:
        origins = [one for one in range(1, len(series) - months) if series[one] > 0]
        self.errors: list[float] = []
        no_change, covered = [], []
        for origin in origins:
            actual, base = series[origin + months], series[origin]
            # What was known by then: errors of forecasts whose month had come.
            known = self.errors[: max(0, len(self.errors) - months + 1)]
            error = (actual - ahead_of(series, origin, months, config.drift_months)) / base
            if bounds := empirical_bounds(known, config.forecast_level):
                covered.append(bounds[0] <= error <= bounds[1])
            self.errors.append(error)
            no_change.append(abs(actual - base) / base)
        mean = fmean(map(abs, self.errors)) if self.errors else None
        naive = fmean(no_change) if no_change else None
        self.beats_no_change = None if mean is None or naive is None else mean < naive
        self.report = BackTest(
            months=months,
            forecasts=len(self.errors),
            mean_error=mean,
            naive_error=naive,
            intervals=len(covered),
            covered=fmean(covered) if covered else None,
        )
        self.bounds = empirical_bounds(self.errors, config.forecast_level)


def empirical_bounds(errors: Sequence[float], level: float) -> tuple[float, float] | None:
    """The order statistics between which at least ``level`` of the errors lie, tails alike; None for fewer than 8."""
    if len(errors) < FEWEST_ERRORS:
        return None
    ordered, tail = sorted(errors), (1 - level) / 2
    last = len(ordered) - 1
    return ordered[floor(tail * last)], ordered[ceil((1 - tail) * last)]


def _month(state: RecurringPeriod, last: float, drift: float, months: int, tested: _Tested) -> ForecastMonth:
    amount = max(0.0, last + months * drift)
    bounds = tested.bounds
    low, high = (None, None) if bounds is None else (max(0.0, amount + last * one) for one in bounds)
    return ForecastMonth(
        months=months,
        on=months_before(state.last, -months),
        amount=_cents(amount) or ZERO,
        low=_cents(low),
        high=_cents(high),
    )


def _cents(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(amount).quantize(CENT)
