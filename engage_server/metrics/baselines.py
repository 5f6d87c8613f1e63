"""What a series of daily values usually is: its slope, its level on each weekday, and how far it strays from both.

All three are medians, so that single wild days, or a shift that is not yet half as long as the history, do not move them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from statistics import fmean, median
from typing import Final

MAD_TO_SIGMA: Final = 1.4826
"""The standard deviation of normal values over their median absolute deviation."""
MEAN_TO_SIGMA: Final = 1.2533
"""The same over their mean absolute deviation, which stands in where more than half of the deviations are 0."""
OF_A_WEEKDAY: Final = 3
"""Values that a weekday must have for a level of its own."""
WEEK: Final = 7

Values = Sequence[tuple[date, float]]


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was usual in a history.

    ``slope`` is the change a day; ``levels`` are the values by weekday (0 is Monday) as they would be on ``origin``.
    ``scale`` is the standard deviation of a day around its level, 0 where nothing ever moved; ``mark`` the deviation
    that was never exceeded, of histories in which most days say the same, else 0.
    """

    origin: date
    slope: float
    levels: Mapping[int, float]
    scale: float
    mark: float

    def expected(self, day: date) -> float | None:
        """The usual value of a day; None where the history has too few values of its weekday."""
        level = self.levels.get(day.weekday())
        return None if level is None else level + self.slope * (day - self.origin).days


def fit(history: Values) -> Baseline:
    """The baseline of values by day; needs one value at least.

    The slope is the median over all pairs of values of one weekday (the seasonal Sen slope: R. M. Hirsch, J. R. Slack,
    R. A. Smith, Techniques of trend analysis for monthly water quality data, Water Resources Research 18, 1982), so that
    no pattern of the week looks like one. How far a day strays is measured against the other days of its weekday, as it
    will be for the days that are judged.
    """
    origin = history[-1][0]
    slope = seasonal_slope(history)
    flat: dict[int, list[float]] = defaultdict(list)
    for day, value in history:
        flat[day.weekday()].append(value - slope * (day - origin).days)
    known = {weekday: values for weekday, values in flat.items() if len(values) >= OF_A_WEEKDAY}
    deviations = [
        abs(value - median(values[:place] + values[place + 1 :]))
        for values in known.values()
        for place, value in enumerate(values)
    ]
    typical = median(deviations) if deviations else 0.0
    return Baseline(
        origin=origin,
        slope=slope,
        levels={weekday: median(values) for weekday, values in known.items()},
        scale=MAD_TO_SIGMA * typical
        if typical
        else MEAN_TO_SIGMA * (fmean(deviations) if deviations else 0.0),
        mark=0.0 if typical else max(deviations, default=0.0),
    )


def seasonal_slope(values: Values) -> float:
    """The median change a day between values of one weekday; 0 where no weekday has two."""
    slopes = [
        (later - earlier) / (after - before).days
        for of_weekday in by_weekday(values).values()
        for (before, earlier), (after, later) in combinations(of_weekday, 2)
    ]
    return median(slopes) if slopes else 0.0


def by_weekday(values: Values) -> dict[int, list[tuple[date, float]]]:
    """The values of each weekday, in their order."""
    found: dict[int, list[tuple[date, float]]] = defaultdict(list)
    for day, value in values:
        found[day.weekday()].append((day, value))
    return found
