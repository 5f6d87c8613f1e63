"""What a plugin's compute hook receives and returns. All frozen; nothing here reaches a database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, TypeVar

import polars as pl

from engage_server.sdk.manifest import Direction, PluginConfig
from engage_server.sdk.recent import Recent

ConfigT = TypeVar("ConfigT", bound=PluginConfig)

Number = int | float | Decimal


class Status(StrEnum):
    """How far a value can be trusted.

    NO_DATA: nothing to divide by, the value is null. PARTIAL: the period still runs. IMMATURE: the subject is
    too young. SUPPRESSED: withheld, e.g. too small a group.
    """

    OK = "OK"
    NO_DATA = "NO_DATA"
    PARTIAL = "PARTIAL"
    IMMATURE = "IMMATURE"
    SUPPRESSED = "SUPPRESSED"


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What a value is about. ``id`` is the tenant's integer id; 0 for the tenant itself."""

    kind: str
    id: int


TENANT = Subject("tenant", 0)


def account(id: int) -> Subject:
    """The subject of an account."""
    return Subject("account", id)


def feature(id: int) -> Subject:
    """The subject of a feature."""
    return Subject("feature", id)


SUBJECT_KINDS = frozenset({"tenant", "account", "person", "segment", "feature"})


@dataclass(frozen=True, slots=True)
class Window:
    """Half-open interval [start, end) whose end is the midnight that ends ``day`` in ``timezone``.

    ``start`` is the midnight that begins ``day``; an input's trailing window begins ``days - 1`` days earlier.
    Both times carry the tenant's zone.
    """

    day: date
    start: datetime
    end: datetime
    timezone: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """One part of a value.

    Args:
        key: stable name of the part ("promoters", "adoption.breadth").
        label: the part's name for people.
        value: the part's own value, in its own unit; null where it is missing.
        weight: its weight, where parts are weighted.
        points: what the part adds to the value. Where every part has points, they sum up to the value.
        n: how many observations stand behind the part.
        note: why the part is missing, capped or special; empty otherwise.
    """

    key: str
    label: str
    value: Number | None
    points: Number | None = None
    weight: Number | None = None
    n: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """How far the true figure may lie from the measured one.

    Args:
        low, high: the bounds, in the value's unit; either may leave out the value itself (a shrunken interval does).
        level: the share of such intervals that contain the true figure.
        method: how it was reckoned, by the name that statistics gives it ("adjusted Wald", "Wilson").
    """

    low: Number
    high: Number
    level: float = 0.95
    method: str = ""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One computed value.

    Args:
        metric: id within the plugin ("score").
        subject: what it is about.
        value: null exactly where the status is NO_DATA or SUPPRESSED (IMMATURE may have either).
        n: sample size: how many observations the value rests on; the metric's ``sample`` says of what.
        status: see Status. The server itself turns OK into PARTIAL while the day still runs.
        window_days: length in days of the trailing window the value covers.
        contributions: the parts that explain the value.
        details: further figures: an instance of the dataclass whose shape the metric declares. A mapping is taken as
            what ``details.encode`` makes of one (a plugin in another process sends that); of a metric that declares
            no details it holds JSON scalars, which are served as they are.
        interval: where the value is an estimate, how sure it is; the metric's ``no_interval`` says why there is none.
        unit, direction: replace what the manifest says of the metric, where they follow from configuration or data.
        normalised: the value on the scale that was measured, 0 (worst) to 100 (best), for those who combine metrics.
    """

    metric: str
    subject: Subject
    value: Number | None
    n: int
    status: Status = Status.OK
    window_days: int = 1
    contributions: tuple[Contribution, ...] = ()
    details: Any = None
    interval: Interval | None = None
    unit: str | None = None
    direction: Direction | None = None
    normalised: Number | None = None
    # The details as JSON, from the check on: what was held against the contract is what is stored, and written once.
    _encoded: Mapping[str, Any] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def is_absence(self) -> bool:
        """Whether it says of an account, person or feature that there is nothing, and no more."""
        if self.status is not Status.NO_DATA:
            return False
        says_more = self.n or self.contributions or self.details not in (None, {})
        return not says_more and self.subject != TENANT

    def says_as(self, other: "Measurement") -> bool:
        """Whether it is the answer that was given of another subject: the same objects, whatever they hold.

        A plugin may answer alike subjects with one answer, which then is checked and packed once for all of them.
        """
        return (
            self.details is other.details
            and self.contributions is other.contributions
            and self.value is other.value
            and self.interval is other.interval
            and self.normalised is other.normalised
            and self.n == other.n
            and self.status is other.status
            and self.unit == other.unit
            and self.direction is other.direction
            and self.window_days == other.window_days
            and self.metric == other.metric
            and self.subject.kind == other.subject.kind
        )


def absent(metric: str, subject: Subject) -> Measurement:
    """The measurement of a subject of which nothing is known on this day.

    Give it for every subject that has a value on other days, so that readers see today's absence and no older value.
    It costs no storage: the server keeps none of a metric's absences, or one where the day has nothing else.
    """
    return Measurement(metric=metric, subject=subject, value=None, n=0, status=Status.NO_DATA)


@dataclass(frozen=True, slots=True)
class ComputeRequest(Generic[ConfigT]):
    """Everything a compute hook may look at: configuration, the day's window and the declared inputs.

    Args:
        config, window: the tenant's settings, and the day.
        inputs: the rows of each input by its name; of what no asked metric reads there is none.
        metrics: ids within the plugin of those that are asked for; None: all. Others may be measured and are left out.
        recent: what was made for the day before under the same configuration, where days follow one another; see
            ``Computation.alike``. The answer is the same whatever it holds.
    """

    config: ConfigT
    window: Window
    inputs: Mapping[str, pl.DataFrame]
    metrics: frozenset[str] | None = None
    recent: Recent = field(default_factory=Recent, repr=False, compare=False)
