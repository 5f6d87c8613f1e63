"""Published figures to compare a value with: to which values one applies, and where a value stands against it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

PARTIAL_DAY: Final = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?\Z")


class Cadence(StrEnum):
    """How often a tenant's own users are expected to come."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


class Standing(StrEnum):
    """Where a value lies against a benchmark's bounds, both of which belong to it; which side is good the direction says."""

    BELOW = "BELOW"
    WITHIN = "WITHIN"
    ABOVE = "ABOVE"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A published figure to compare with, or a claim without bounds.

    Args:
        statement: what the source says, in a sentence.
        source: who says it, so that a reader finds it.
        low, high: the bounds, in ``unit``; None where there is none on that side.
        applies_to: for readers: of which products, customers or features it is said.
        verified: whether we checked the source's own data. False is a claim: shown as such, relied on by nothing.
        published: when it was said, as far as that is known: "2016", "2016-05" or "2016-05-31"; empty: unknown.
        cadences: of which tenants it is said, by how often their users come; empty: of all.
        accounts: of which accounts it is said: by attribute ("stage", "plan" or the name of a trait) the values that
            count. Such a benchmark applies to values of accounts alone. Empty: to every subject's.
        details: figures of its details that a value must show, e.g. {"period": "YEAR"}; empty: any.
        unit: of the bounds; empty: the metric's. A value in another unit is not compared.
        figure: name of the number among its details that the bounds are about, and in whose unit they are; empty: the
            value itself.
        translations: the statement by language code, such as "ko".
        sources: likewise the source, where it says more than what is cited.
    """

    statement: str
    source: str
    low: float | None = None
    high: float | None = None
    applies_to: str = ""
    verified: bool = False
    published: str = ""
    cadences: tuple[Cadence, ...] = ()
    accounts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    unit: str = ""
    figure: str = ""
    translations: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.published and not PARTIAL_DAY.match(self.published):
            raise ValueError(
                f"A benchmark was published {self.published!r}. Remedy: '2016', '2016-05' or '2016-05-31'."
            )
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(
                f"A benchmark reaches from {self.low} to {self.high}. Remedy: low is at most high."
            )

    def fits(self, value: "Compared") -> bool:
        """Whether it is said of such a value."""
        return (
            (not self.cadences or value.cadence in self.cadences)
            and all(value.attributes.get(name) in allowed for name, allowed in self.accounts.items())
            and all(value.details.get(name) == wanted for name, wanted in self.details.items())
            and (bool(self.figure) or value.unit == (self.unit or value.metric_unit))
        )

    def compared(self, value: float | None, details: Mapping[str, Any]) -> float | None:
        """The number that the bounds are about; None where the details have none of the name."""
        if not self.figure or value is None:
            return value
        found = details.get(self.figure)
        return float(found) if isinstance(found, int | float) else None

    def standing(self, value: float | None) -> Standing | None:
        """Where a number lies; None for no number, and for a claim without bounds."""
        if value is None or (self.low is None and self.high is None):
            return None
        if self.low is not None and value < self.low:
            return Standing.BELOW
        return Standing.ABOVE if self.high is not None and value > self.high else Standing.WITHIN


@dataclass(frozen=True, slots=True)
class Compared:
    """What decides whether a benchmark applies to a value.

    ``attributes`` are those of the account that the value is of, as texts; empty for other subjects.
    """

    cadence: str
    unit: str
    metric_unit: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
