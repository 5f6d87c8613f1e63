"""Kaplan-Meier's estimate of how long something takes where not everybody has come to it yet."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log, sqrt
from typing import Final

from engage_server.sdk.intervals import z_of

NEARLY: Final = 1e-12
"""So far a product of fractions may miss the share that it stands for."""


@dataclass(frozen=True, slots=True)
class Survival:
    """The share of all that has not come to it yet, as a falling staircase.

    ``times`` are those at which somebody came to it, in order; ``remaining`` the share, 0 to 1, that had not after each of
    them, and ``errors`` its standard error by Greenwood's formula. Before the first time the share is 1.
    """

    times: tuple[float, ...]
    remaining: tuple[float, ...]
    errors: tuple[float, ...]

    @property
    def reached(self) -> float:
        """The share that has come to it after the last of the times."""
        return 1 - self.remaining[-1] if self.remaining else 0.0

    def reached_by(self, time: float) -> float:
        """The share that has come to it by this time."""
        steps = zip(reversed(self.times), reversed(self.remaining), strict=True)
        return 1 - next((left for at, left in steps if at <= time), 1.0)

    def time_of(self, share: float) -> float | None:
        """The time by which this share (0.5: the median) has come to it; None where fewer have."""
        steps = zip(self.times, self.remaining, strict=True)
        return next((time for time, left in steps if left <= 1 - share + NEARLY), None)

    def bounds_of(self, share: float, *, level: float = 0.95) -> tuple[float, float | None] | None:
        """Between which times that time lies; the upper is None where it is open, all is None where nothing is said.

        It is the set of times at which a test on the log-log scale does not refute the share.
        Source: R. Brookmeyer, J. Crowley, A Confidence Interval for the Median Survival Time, Biometrics 38 (1982).
        """
        z, wanted = z_of(level), log(-log(1 - share))
        kept = []
        for place, (left, error) in enumerate(zip(self.remaining, self.errors, strict=True)):
            if 0 < left < 1 and error > 0:
                scaled = error / (left * -log(left))
                if abs(log(-log(left)) - wanted) <= z * scaled:
                    kept.append(place)
        if not kept:
            return None
        after = kept[-1] + 1
        return self.times[kept[0]], self.times[after] if after < len(self.times) else None


def kaplan_meier(
    reached: Iterable[float] | Mapping[float, int], waiting: Iterable[float] | Mapping[float, int]
) -> Survival:
    """The estimate from how long it took who came to it, and how long who did not has been looked at so far.

    Both are a time for each of them, or how many there are by time. Who stops being looked at when another one comes to
    it is counted among those who could have come.

    Source: E. L. Kaplan, P. Meier, Nonparametric Estimation from Incomplete Observations, JASA 53 (1958).
    """
    came_at: Counter[float] = Counter(reached)
    left_at: Counter[float] = Counter(waiting)
    at_risk, left, spread = came_at.total() + left_at.total(), 1.0, 0.0
    times, remaining, errors = [], [], []
    for time in sorted(came_at.keys() | left_at.keys()):
        if came := came_at[time]:
            left *= (at_risk - came) / at_risk
            spread += came / (at_risk * (at_risk - came)) if came < at_risk else 0.0
            times.append(time)
            remaining.append(left)
            errors.append(left * sqrt(spread))
        at_risk -= came + left_at[time]
    return Survival(tuple(times), tuple(remaining), tuple(errors))
