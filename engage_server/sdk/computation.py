"""What a metric's function is called with, and what it answers."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Generic, Self, TypeVar, cast

import polars as pl

from engage_server.sdk.compute import (
    TENANT,
    ConfigT,
    Contribution,
    Interval,
    Measurement,
    Number,
    Status,
    Subject,
    Window,
)
from engage_server.sdk.manifest import Direction
from engage_server.sdk.recent import Recent

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """One subject's value; see Measurement for the fields.

    ``status`` is seldom needed: a null value is NO_DATA, a number OK, of a subject too young IMMATURE, of a running day
    PARTIAL. ``window_days`` is the longest window of the metric's inputs, unless the answer says which part of them
    it covers.
    """

    value: Number | None
    n: int
    details: Any = None
    parts: tuple[Contribution, ...] = ()
    interval: Interval | None = None
    status: Status | None = None
    unit: str | None = None
    direction: Direction | None = None
    normalised: Number | None = None
    window_days: int | None = None

    def measured(self, metric: str, subject: Subject, *, window_days: int, is_young: bool) -> Measurement:
        """The measurement that the answer makes for a subject."""
        status = self.status or (Status.NO_DATA if self.value is None else Status.OK)
        return Measurement(
            metric=metric,
            subject=subject,
            value=self.value,
            n=self.n,
            status=Status.IMMATURE if is_young and status is Status.OK else status,
            window_days=self.window_days or window_days,
            contributions=self.parts,
            details=self.details,
            interval=self.interval,
            unit=self.unit,
            direction=self.direction,
            normalised=self.normalised,
        )


@dataclass(frozen=True, slots=True)
class Computation(Generic[ConfigT]):
    """The rows of one subject, or of all of them, with the configuration and the day's window.

    ``rows["active"]`` is the frame of the input that the metric declares under this name. Of a single subject it holds
    the subject's rows; an input without a column that names subjects of this kind is given whole.
    """

    config: ConfigT
    window: Window
    inputs: Mapping[str, pl.DataFrame]
    subject: Subject = TENANT
    recent: Recent = field(default_factory=Recent, repr=False, compare=False)
    _kept: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def __getitem__(self, name: str) -> pl.DataFrame:
        """The frame of an input by the metric's name for it."""
        return self.inputs[name]

    @property
    def day(self) -> date:
        """The computed day."""
        return self.window.day

    def only(self, *names: str) -> Self:
        """The same with these inputs alone, so that ``once`` is shared by metrics that read different others."""
        return replace(self, inputs={name: self.inputs[name] for name in names})

    def once(self, work: "Callable[[Computation[ConfigT]], T]") -> T:
        """What ``work`` makes of this computation; done once, however many metrics over the same inputs ask."""
        key = (work, tuple(id(frame) for frame in self.inputs.values()))
        if key not in self._kept:
            self._kept[key] = work(self)
        return cast("T", self._kept[key])

    def alike(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` makes, once for all that have the same key: subjects, and days that follow one another.

        The key holds all that it depends on besides the configuration, and begins with a name that no other key of the
        plugin begins with. An answer that is given again is neither checked nor packed again.
        """
        return self.recent.made(key, make)
