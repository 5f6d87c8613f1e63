"""How long it takes until something is reached, where some have not reached it yet: the Kaplan-Meier estimate.

Who has not reached it by the end of what was observed is *censored*: counted for as long as it was seen, and left in the
denominator until then, so that those who wait do not vanish from the answer.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, log, sqrt

from engage_server.sdk.compute import Interval
from engage_server.sdk.intervals import z_of


@dataclass(frozen=True, slots=True)
class SurvivalStep:
    """The state just after a time at which somebody reached it.

    ``waiting`` is the estimated share (0 to 1) who have not reached it by then, between ``low`` and ``high``; ``at_risk``
    were observed and waiting just before, ``reached`` of whom reached it.
    """

    at: float
    at_risk: int
    reached: int
    waiting: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """The steps of the estimate, in order of time, with the confidence level of their bounds."""

    steps: tuple[SurvivalStep, ...]
    level: float

    def reached_by(self, at: float) -> float:
        """The estimated share (0 to 1) who have reached it by this time."""
        return 1 - next((step.waiting for step in reversed(self.steps) if step.at <= at), 1.0)

    def quantile(self, share: float) -> float | None:
        """The first time by which this share (0.5: the median) has reached it; None: not reached in what was observed."""
        return _first(self.steps, [step.waiting for step in self.steps], 1 - share)

    def quantile_interval(self, share: float) -> Interval | None:
        """The interval of a quantile by inverting that of the curve; None where it has no upper or lower end.

        Source: R. Brookmeyer, J. Crowley, A Confidence Interval for the Median Survival Time, Biometrics 38 (1982).
        """
        low = _first(self.steps, [step.low for step in self.steps], 1 - share)
        high = _first(self.steps, [step.high for step in self.steps], 1 - share)
        return None if low is None or high is None else Interval(low, high, self.level, "Brookmeyer-Crowley")


def kaplan_meier(
    reached: Iterable[float], censored: Iterable[float] = (), *, level: float = 0.95
) -> SurvivalCurve:
    """The estimate from the times at which it was reached, and how long those were observed who have not reached it.

    Who is censored at a time at which others reach it counts as waiting then. The bounds are Greenwood's on the scale
    of log(-log), so that they stay between 0 and 1; where everybody has reached it they are not defined, and the upper
    one stays.
    Sources: E. Kaplan, P. Meier, Nonparametric Estimation from Incomplete Observations, JASA 53 (1958);
    J. Kalbfleisch, R. Prentice, The Statistical Analysis of Failure Time Data (1980), 1.3.

    Args:
        reached: a time for each who has reached it, in any unit.
        censored: likewise for each who has not.
        level: confidence of the bounds.
    """
    done, gone = Counter(reached), Counter(censored)
    at_risk = done.total() + gone.total()
    steps: list[SurvivalStep] = []
    waiting, greenwood, z = 1.0, 0.0, z_of(level)
    low, high = 1.0, 1.0
    for at in sorted(done.keys() | gone.keys()):
        if number := done[at]:
            left = at_risk - number
            waiting *= left / at_risk
            greenwood += number / (at_risk * left) if left else 0.0
            low, high = _bounds(waiting, greenwood, z) if left else (0.0, high)
            steps.append(SurvivalStep(at, at_risk, number, waiting, low, high))
        at_risk -= number + gone[at]
    return SurvivalCurve(tuple(steps), level)


def _bounds(waiting: float, greenwood: float, z: float) -> tuple[float, float]:
    width = z * sqrt(greenwood) / log(waiting)
    first, second = waiting ** exp(width), waiting ** exp(-width)
    return min(first, second), max(first, second)


def _first(steps: tuple[SurvivalStep, ...], shares: list[float], edge: float) -> float | None:
    # A tolerance, since products of fractions that should be the edge miss it by the last bit.
    return next(
        (step.at for step, share in zip(steps, shares, strict=True) if share <= edge + 1e-12),
        None,
    )
