"""Inputs about when features came into use."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from engage_server.sdk.inputs.base import Dataset, InputSpec, Read


@dataclass(frozen=True, slots=True)
class FirstUses(InputSpec):
    """How long the persons first seen in the trailing ``days`` took to the first use of each feature.

    One row per feature, number of ``days`` and whether it was ``used``, with its ``persons``. They are counted from the
    day on which the person could use it: that of the person's first event or of the feature's release (as ``Features``
    has it), whichever was later. Of those who did not use it (``used`` is false) until the computed day: they are
    censored, and not left out. A use before the release counts as on its day.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "feature": pl.Int64,
        "feature_name": pl.String,
        "days": pl.Int64,
        "used": pl.Boolean,
        "persons": pl.Int64,
    }
    days: int = 90

    @property
    def reads(self) -> tuple[Read, ...]:
        return (
            Read(Dataset.EVENTS, self.days, since_ever=True),
            Read(Dataset.EVENT_FEATURES, self.days, since_ever=True),
            Read(Dataset.FEATURE_RELEASES, since_ever=True),
        )


@dataclass(frozen=True, slots=True)
class ReleaseReach(InputSpec):
    """Who used a feature before and after its release: one row for each that was released in the trailing ``days``.

    The sides are the ``side_days`` before the day of the release, and as many from it on, as far as they are over by the
    computed day (``days_after``). ``users_before`` of ``active_before`` persons with any event used it, likewise after.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "feature": pl.Int64,
        "feature_name": pl.String,
        "released_on": pl.Date,
        "days_after": pl.Int64,
        "users_before": pl.Int64,
        "active_before": pl.Int64,
        "users_after": pl.Int64,
        "active_after": pl.Int64,
    }
    days: int = 90
    side_days: int = 30

    @property
    def reads(self) -> tuple[Read, ...]:
        return (
            Read(Dataset.EVENTS, self.days + self.side_days),
            Read(Dataset.EVENT_FEATURES, self.days + self.side_days),
            Read(Dataset.FEATURE_RELEASES, self.days),
        )
