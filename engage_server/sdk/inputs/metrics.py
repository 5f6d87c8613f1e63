"""The input that gives other metrics' values."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from engage_server.sdk.inputs.base import Dataset, InputSpec, Read


@dataclass(frozen=True, slots=True)
class MetricValues(InputSpec):
    """Values of other metrics for the computed day, or for the metric's last one within ``max_age_days`` before it.

    With ``days``, instead: the values of the so many days before the computed one, a row for each day. These are there
    whatever is computed first, so that a plugin's own metrics may be among them.
    Without ``days`` all rows of a metric are of one day: a subject without a value on it has no row, whatever it had
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

    @property
    def reads(self) -> tuple[Read, ...]:
        plugins = frozenset(metric.partition(".")[0] for metric in self.metrics)
        if self.days:
            return (Read(Dataset.METRIC_VALUES, self.days, plugins=plugins, ends_before=1),)
        return (Read(Dataset.METRIC_VALUES, self.max_age_days + 1, plugins=plugins),)
