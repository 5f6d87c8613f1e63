"""Two-by-two tables of an action and what became of those who did it, and who did not."""

from dataclasses import dataclass
from math import erfc, exp, log, sqrt

from engage_server.sdk import Interval
from engage_server.sdk.associations import fisher
from engage_server.sdk.intervals import wilson, z_of


@dataclass(frozen=True, slots=True)
class Table:
    """How many did the action and have the outcome, did it and have not, did not and have, neither."""

    did_with: int
    did_without: int
    others_with: int
    others_without: int

    @property
    def n(self) -> int:
        """All of them."""
        return self.did + self.others

    @property
    def did(self) -> int:
        """Those who did the action."""
        return self.did_with + self.did_without

    @property
    def others(self) -> int:
        """Those who did not."""
        return self.others_with + self.others_without

    @property
    def outcome(self) -> int:
        """Those who have the outcome."""
        return self.did_with + self.others_with

    @property
    def least_expected(self) -> float:
        """The smallest cell that chance would give; it knows the margins alone, so that it selects by no outcome."""
        return min(self.did, self.others) * min(self.outcome, self.n - self.outcome) / self.n

    @property
    def phi(self) -> float:
        """The correlation of action and outcome, -1 to 1; 0 where a margin is empty."""
        margins = self.did * self.others * self.outcome * (self.n - self.outcome)
        difference = self.did_with * self.others_without - self.did_without * self.others_with
        return difference / sqrt(margins) if margins else 0.0

    @property
    def p(self) -> float:
        """The chi-square test's p with Yates' correction, two-sided; 1 where a margin is empty."""
        margins = self.did * self.others * self.outcome * (self.n - self.outcome)
        if not margins:
            return 1.0
        difference = abs(self.did_with * self.others_without - self.did_without * self.others_with)
        corrected = max(0.0, difference - self.n / 2)
        return erfc(sqrt(self.n * corrected**2 / margins / 2))

    @property
    def precision(self) -> float:
        """Share of those who did it that have the outcome."""
        return self.did_with / self.did

    @property
    def recall(self) -> float:
        """Share of those with the outcome that did it."""
        return self.did_with / self.outcome

    @property
    def lift(self) -> float:
        """How much more often than all together those who did it have the outcome."""
        return self.precision / (self.outcome / self.n)

    def interval_of_phi(self, level: float) -> Interval | None:
        """Fisher's z."""
        return fisher(self.phi, self.n, level=level)

    def interval_of_precision(self, level: float) -> Interval | None:
        """Wilson's, 0 to 1."""
        return wilson(self.did_with, self.did, level=level, scale=1)

    def interval_of_recall(self, level: float) -> Interval | None:
        """Wilson's, 0 to 1."""
        return wilson(self.did_with, self.outcome, level=level, scale=1)

    def interval_of_lift(self, level: float) -> Interval | None:
        """Katz' log interval of the relative risk, carried over to the lift at the share who did it; None with an empty
        cell on top.

        Source: D. Katz, J. Baptista, S. P. Azen, M. C. Pike, Biometrics 34 (1978).
        """
        if not self.did_with or not self.others_with:
            return None
        risk = (self.did_with / self.did) / (self.others_with / self.others)
        error = sqrt(1 / self.did_with - 1 / self.did + 1 / self.others_with - 1 / self.others)
        share = self.did / self.n
        low, high = (
            ratio / (share * ratio + 1 - share)
            for ratio in (exp(log(risk) + sign * z_of(level) * error) for sign in (-1, 1))
        )
        return Interval(low, high, level, "Katz")
