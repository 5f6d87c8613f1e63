"""How steady daily actives are: their coefficient of variation, and the gap between DAU and MAU against its usual size."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev
from typing import Annotated, Final

from engage_active_users.config import ActiveUsersConfig

MIN_DAYS: Final = 7
"""Days of which a variation says something."""
CONSISTENT: Final = 0.6745
"""The 0.75 quantile of the normal distribution, by which MAD becomes a standard deviation."""
MEAN_CONSISTENT: Final = 1.253314
"""The same for the mean absolute deviation, where more than half of the days are alike and MAD is 0."""


@dataclass(frozen=True, slots=True)
class Volatility:
    """Daily actives and how far they stray from their mean."""

    mean: Annotated[float | None, "Mean of the daily active persons."]
    deviation: Annotated[float | None, "Their standard deviation, with n - 1."]
    lowest: Annotated[int | None, "Of the day with fewest."]
    highest: Annotated[int | None, "Of the day with most."]
    observed_days: Annotated[int, "Days compared; young accounts have fewer."]


@dataclass(frozen=True, slots=True)
class Gap:
    """DAU against MAU today, and on the same kind of day (weekday or weekend) before."""

    dau: Annotated[int, "Active on the day."]
    mau: Annotated[int, "Active in the trailing 30 days."]
    usual_gap: Annotated[float | None, "Median of the baseline in per cent; null while there is no full one."]
    wider_by: Annotated[float | None, "Percentage points above the usual gap; negative where it is narrower."]
    z: Annotated[float | None, "Modified z-score; null without baseline, or where that never moved."]
    is_warning: Annotated[bool | None, "Wider than usual by z and by points; null without a baseline."]
    baseline_days: Annotated[int, "Days of the same kind in the baseline."]


def volatility(counts: Sequence[int]) -> tuple[float | None, Volatility]:
    """The coefficient of variation in per cent; null for fewer than seven days or where nobody was active."""
    if len(counts) < MIN_DAYS or not any(counts):
        mean = fmean(counts) if counts else None
        lowest, highest = min(counts, default=None), max(counts, default=None)
        return None, Volatility(mean, None, lowest, highest, len(counts))
    mean, deviation = fmean(counts), stdev(counts)
    details = Volatility(mean, deviation, min(counts), max(counts), len(counts))
    return 100 * deviation / mean, details


def gap(
    daily: Sequence[int], monthly: Sequence[int], is_weekend: Sequence[bool], config: ActiveUsersConfig
) -> tuple[float | None, Gap]:
    """1 - DAU/MAU of the last day in per cent, against the days before it of the same kind.

    Args:
        daily, monthly: DAU and MAU of the baseline's days and, at last, of the computed one.
        is_weekend: which of the days are Saturdays and Sundays.
        config: the thresholds.
    """
    today = _gap(daily[-1], monthly[-1])
    former = list(zip(daily[:-1], monthly[:-1], is_weekend[:-1], strict=True))
    # A subject that was not there all the time has no usual size yet.
    whole = len(former) >= config.baseline_days and all(mau for _, mau, _ in former)
    alike = [_gap(dau, mau) for dau, mau, weekend in former if weekend == is_weekend[-1]] if whole else []
    base = [value for value in alike if value is not None]
    if today is None or not base:
        return today, Gap(daily[-1], monthly[-1], None, None, None, None, len(base))
    usual = median(base)
    wider, z = today - usual, modified_z(today, base)
    warns = wider >= config.gap_points and wider > 0 and (z is None or z >= config.gap_z)
    return today, Gap(daily[-1], monthly[-1], usual, wider, z, warns, len(base))


def modified_z(value: float, base: Sequence[float]) -> float | None:
    """The modified z-score of a value; null where the base never moved.

    Source: B. Iglewicz and D. C. Hoaglin, How to Detect and Handle Outliers (1993).
    """
    middle = median(base)
    distances = [abs(one - middle) for one in base]
    if mad := median(distances):
        return CONSISTENT * (value - middle) / mad
    if mean := fmean(distances):
        return (value - middle) / (MEAN_CONSISTENT * mean)
    return None


def _gap(dau: int, mau: int) -> float | None:
    return 100 * (1 - dau / mau) if mau else None
