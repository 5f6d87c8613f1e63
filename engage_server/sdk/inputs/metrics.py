"""The inputs that give other metrics' values, and what people set in place of a metric's own."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from engage_server.sdk.inputs.base import Dataset, InputSpec, Read


@dataclass(frozen=True, slots=True)
class MetricValues(InputSpec):
    """Values of other metrics for the computed day, or for the metric's last one within ``max_age_days`` before it.

    With ``days``, instead: the values of the so many days before the computed one, a row for each day. These are there
    whatever is computed first, so that a plugin's own metrics may be among them. With ``ago``, likewise: the values of
    the single days that lie so many days before the computed one, such as (7, 30, 90).
    Without either all rows of a metric are of one day: a subject without a value on it has no row, whatever it had
    earlier.
    The server computes the plugins that own these metrics first; a circle is refused at start-up.
    ``metrics`` are full ids ("nps.score"). A metric whose plugin is not enabled simply has no rows.
    ``subject`` is the account, person or feature id; 0 for the tenant. ``normalised`` is the value brought to 0..100
    (100 is best) by the plugin that measured it, where its details say so, else null.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "metric": pl.String,
        "subject_kind": pl.String,
        "subject": pl.Int64,
        "day": pl.Date,
        "value": pl.Float64,
        "status": pl.String,
        "n": pl.Int64,
        "normalised": pl.Float64,
    }
    metrics: tuple[str, ...]
    subject_kind: str = "account"
    max_age_days: int = 7
    days: int = 0
    ago: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what asks for two things at once, or for a day that is not before the computed one."""
        if (self.days and self.ago) or any(number < 1 for number in self.ago):
            raise ValueError(
                f"MetricValues(days={self.days}, ago={self.ago}) names no days before the computed one. "
                "Remedy: either days, or ago with numbers from 1 on."
            )

    @property
    def reads(self) -> tuple[Read, ...]:
        plugins = frozenset(metric.partition(".")[0] for metric in self.metrics)
        if self.ago:
            return tuple(
                Read(Dataset.METRIC_VALUES, plugins=plugins, ends_before=number)
                for number in sorted(set(self.ago))
            )
        if self.days:
            return (Read(Dataset.METRIC_VALUES, self.days, plugins=plugins, ends_before=1),)
        return (Read(Dataset.METRIC_VALUES, self.max_age_days + 1, plugins=plugins),)


@dataclass(frozen=True, slots=True)
class MetricBands(InputSpec):
    """The bands that a metric's values lie in, for the computed day or the metric's last one within ``max_age_days``.

    A band is what the metric's details call ``band``: RED, YELLOW, GREEN, UNKNOWN or whatever the plugin names so. It
    follows from the unrounded value and the configuration that it was computed with, profiles included. All rows are of
    one day; a metric without bands has none. ``subject`` is the account, person or feature id; 0 for the tenant.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "subject_kind": pl.String,
        "subject": pl.Int64,
        "day": pl.Date,
        "band": pl.String,
    }
    metric: str
    subject_kind: str = "account"
    max_age_days: int = 7

    @property
    def reads(self) -> tuple[Read, ...]:
        plugins = frozenset({self.metric.partition(".")[0]})
        return (Read(Dataset.METRIC_VALUES, self.max_age_days + 1, plugins=plugins),)


@dataclass(frozen=True, slots=True)
class Overrides(InputSpec):
    """What people set in place of a metric's value, as far as it holds on the computed day: one row for each account.

    An override holds from ``starts_on`` until ``ends_on`` (exclusive); of several that hold the one that began last
    counts. ``only_lower``: it is meant to lower what is computed, never to raise it. ``reason`` is its author's text,
    ``author`` as in the audit log. What the metric does with it is the plugin's affair; the computed value belongs
    beside it.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "account": pl.Int64,
        "value": pl.Float64,
        "only_lower": pl.Boolean,
        "reason": pl.String,
        "author": pl.String,
        "starts_on": pl.Date,
        "ends_on": pl.Date,
    }
    metric: str

    @property
    def reads(self) -> tuple[Read, ...]:
        return (Read(Dataset.OVERRIDES, plugins=frozenset({self.metric.partition(".")[0]})),)
