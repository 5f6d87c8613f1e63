"""Reads inputs once for several days that are computed one after the other, as in a backfill.

What is read ahead is used for a few seconds only: a note of late data rests longer than that before it opens runs, so
that a day is never stored for good without what came in while it waited.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

import polars as pl

from engage_server.activity.watermark import watermark
from engage_server.customers.input_resolvers import RANGE_RESOLVERS, Cut
from engage_server.sdk import InputSpec, Window

MOST_AGE_S: Final = 3.0  # below ``restatement.SETTLE_S``
MOST_DAYS: Final = 31  # of which the rows are held in memory at once


@dataclass(frozen=True, slots=True)
class _Read:
    """The rows of an input for some days, when they were read and what the tenant's data knew before."""

    cut: Cut
    days: frozenset[date]
    at: float
    data_as_of: datetime | None


@dataclass(slots=True)
class SharedReads:
    """The answers to inputs over the ``windows`` to be computed, in their order; one tenant's, and one thread's."""

    windows: Sequence[Window] = ()
    _reads: dict[InputSpec, _Read] = field(default_factory=dict)

    def answer(self, spec: InputSpec, window: Window) -> tuple[pl.DataFrame, datetime | None] | None:
        """The rows of the window, and the watermark from before they were read; None: nothing is to be read ahead."""
        reader = RANGE_RESOLVERS.get(type(spec))
        if reader is None:
            return None
        known = self._reads.get(spec)
        if known is None or window.day not in known.days or time.monotonic() - known.at > MOST_AGE_S:
            windows = [one for one in self.windows if one.day >= window.day][:MOST_DAYS]
            if window not in windows or len(windows) < 2:  # nothing is left to share with
                return None
            data_as_of, begun = watermark(), time.monotonic()
            known = _Read(reader(spec, windows), frozenset(one.day for one in windows), begun, data_as_of)
            self._reads[spec] = known
        return known.cut(window), known.data_as_of
