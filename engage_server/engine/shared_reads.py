"""Reads inputs once for several days that are computed one after the other, as in a backfill, and has answers serve again.

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
from engage_server.plugin_host.activation import ActivePlugin
from engage_server.sdk import InputSpec, PluginConfig, Window
from engage_server.sdk.recent import Recent

MOST_AGE_S: Final = 3.0  # below ``restatement.SETTLE_S``
FIRST_DAYS: Final = 16  # as many as a job has of four plugins
MOST_DAYS: Final = 31  # of which the rows are held in memory at once


@dataclass(slots=True)
class _Read:
    """The rows of an input for some days, when they were read and what the tenant's data knew before.

    ``used``: the days of which they were asked for.
    """

    cut: Cut
    days: frozenset[date]
    at: float
    data_as_of: datetime | None
    used: set[date] = field(default_factory=set)

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self.at <= MOST_AGE_S

    @property
    def following(self) -> int:
        """How many days the next reading takes: more where these were all used, else as many as there was time for."""
        return min(2 * len(self.days), MOST_DAYS) if self.used == self.days else len(self.used)


@dataclass(frozen=True, slots=True)
class Reused:
    """What serves again on the next day of a plugin under one configuration: made by it, checked, and packed."""

    config: PluginConfig
    made: Recent = field(default_factory=Recent)
    checked: Recent = field(default_factory=Recent)
    packed: Recent = field(default_factory=Recent)

    def begin(self) -> None:
        """A day begins."""
        for one in (self.made, self.checked, self.packed):
            one.begin()


@dataclass(slots=True)
class SharedReads:
    """The answers to inputs over the ``windows`` to be computed, in their order; one tenant's, and one thread's."""

    windows: Sequence[Window] = ()
    _reads: dict[InputSpec, _Read] = field(default_factory=dict)
    _reused: dict[str, Reused] = field(default_factory=dict)

    def reused(self, active: ActivePlugin) -> Reused:
        """What the plugin's days have in common; nothing of another configuration."""
        known = self._reused.get(active.plugin.id)
        if known is None or known.config is not active.config:
            known = self._reused[active.plugin.id] = Reused(active.config)
        return known

    def answer(self, spec: InputSpec, window: Window) -> tuple[pl.DataFrame, datetime | None] | None:
        """The rows of the window, and the watermark from before they were read; None: nothing is to be read ahead."""
        reader = RANGE_RESOLVERS.get(type(spec))
        if reader is None:
            return None
        known = self._reads.get(spec)
        if known is None or window.day not in known.days or not known.is_fresh:
            size = FIRST_DAYS if known is None else known.following
            windows = [one for one in self.windows if one.day >= window.day][:size]
            # Nothing is left to share with, or a day takes so long that what is read ahead would not be used.
            if window not in windows or len(windows) < 2:
                return None
            data_as_of, begun = watermark(), time.monotonic()
            days = frozenset(one.day for one in windows)
            known = _Read(reader(spec, windows), days, begun, data_as_of)
            self._reads[spec] = known
        known.used.add(window.day)
        return known.cut(window), known.data_as_of
