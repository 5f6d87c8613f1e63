"""Computes history again under another configuration, and says what would be different. Writes nothing.

Works inside the tenant's scope.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, TypeGuard

import polars as pl

from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.windows import day_window
from engage_server.engine.comparison import Comparison, MetricOutcome, as_stored
from engage_server.engine.compute import resolve
from engage_server.engine.data_retention import require_kept
from engage_server.engine.exceptions import TooManyDaysError, UnknownMetricError
from engage_server.engine.gc_tuning import rare_collections
from engage_server.engine.shared_reads import SharedReads
from engage_server.metrics.bands import COLUMNS, banded_frame
from engage_server.metrics.value_ranges import ValuesOfRange
from engage_server.plugin_host import guard
from engage_server.plugin_host.activation import ActivePlugin, active_plugin, validate_config
from engage_server.sdk import ComputeRequest, DaysRequest, InputSpec, MetricValues, Window
from engage_server.sdk.days import ON, band_of
from engage_server.tenancy.scope import current_tenant

MOST_DAYS: Final = 400
DAYS_AT_ONCE: Final = 30


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What would be different under a configuration, by metric."""

    plugin: str
    first: date
    last: date
    metrics: tuple[MetricOutcome, ...]


def what_if(
    plugin: str,
    config: Mapping[str, Any],
    *,
    first: date,
    last: date,
    metrics: Collection[str] | None = None,
    most_days: int = MOST_DAYS,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> WhatIf:
    """Compute the days from ``first`` to ``last`` under ``config`` and compare with what is stored.

    What is stored is read for a month at once. ``metrics`` are full ids of those that are compared, None all of the
    plugin: what the others alone take is neither read nor computed. ``progress`` is told days done and in all.

    Raises:
        UnknownMetricError: the plugin has no such metric.
        UnknownPluginError, PluginDisabledError: the plugin cannot compute for this tenant.
        InvalidConfigurationError: it does not take the configuration; field by field.
        TooManyDaysError: the range is empty or longer than ``most_days``.
        BeyondRetentionError: events that a day needs are no longer kept.
        PluginFailedError: it failed under this configuration.
    """
    days = (last - first).days + 1
    if not 1 <= days <= most_days:
        raise TooManyDaysError(
            f"From {first} to {last} are {days} days, and 1 to {most_days} can be computed at once. "
            "Remedy: put the earlier day first and ask for fewer, or use `manage.py what_if`."
        )
    present = active_plugin(plugin)
    active = ActivePlugin(present.plugin, validate_config(present.plugin, config), present.version)
    asked = _asked(active, metrics)
    specs = _read_by(active, asked)
    require_kept(current_tenant(), specs.values(), first)
    compared = Comparison(tuple(f"{plugin}.{metric}" for metric in asked))
    windows = [day_window(first + timedelta(days=n), current_tenant().timezone) for n in range(days)]
    question = _Question(active, asked, specs, SharedReads(windows))
    with rare_collections(), current_rollups():
        for begin in range(0, days, DAYS_AT_ONCE):
            of_month = windows[begin : begin + DAYS_AT_ONCE]
            computed = question.together(of_month)
            if computed is None:
                computed = question.one_by_one(of_month, progress=progress)
            stored = banded_frame(compared.metrics, first=of_month[0].day, last=of_month[-1].day)
            compared.add(stored, computed, last=last)
            progress(begin + len(of_month), days)
    return WhatIf(plugin, first, last, compared.outcomes())


def _asked(active: ActivePlugin, metrics: Collection[str] | None) -> list[str]:
    """The ids within the plugin of those that are compared, in its order."""
    known = [metric.id for metric in active.plugin.manifest.metrics]
    if metrics is None:
        return known
    wanted = set(metrics)
    if strange := wanted - {f"{active.plugin.id}.{metric}" for metric in known}:
        raise UnknownMetricError(
            f"{min(strange)!r} is no metric of {active.plugin.id}. Remedy: one or more of "
            + ", ".join(f"{active.plugin.id}.{metric}" for metric in known)
            + "."
        )
    return [metric for metric in known if f"{active.plugin.id}.{metric}" in wanted]


def _read_by(active: ActivePlugin, asked: Collection[str]) -> Mapping[str, InputSpec]:
    """What is to be read for these metrics: all of the plugin's inputs, where one of them does not say what it reads."""
    specs = guard.inputs(active.plugin, active.config)
    own = [
        metric.inputs_for(active.config)
        for metric in active.plugin.manifest.metrics
        if metric.id in asked and metric.inputs is not None
    ]
    if len(own) < len(asked):
        return specs
    wanted = [spec for inputs in own if inputs is not None for spec in inputs.values()]
    return {name: spec for name, spec in specs.items() if spec in wanted}


@dataclass(frozen=True, slots=True)
class _Question:
    """What is computed of each day: the ``asked`` metrics of a plugin, of what ``specs`` read."""

    active: ActivePlugin
    asked: Sequence[str]
    specs: Mapping[str, InputSpec]
    shared: SharedReads

    def together(self, windows: Sequence[Window]) -> pl.DataFrame | None:
        """The values of these days, where the plugin can tell them of all days at once."""
        plugin = self.active.plugin
        if not all(plugin.metric(metric).of_days for metric in self.asked):
            return None
        days = tuple(window.day for window in windows)
        inputs = {name: self._of_days(spec, windows) for name, spec in self.specs.items()}
        request = DaysRequest(self.active.config, days, inputs, frozenset(self.asked))
        frames = guard.compute_days(plugin, request)
        if frames is None:
            return None
        return pl.concat(
            [
                frame.with_columns(metric=pl.lit(f"{plugin.id}.{metric}")).select(*COLUMNS)
                for metric, frame in frames.items()
            ]
        )

    def one_by_one(self, windows: Sequence[Window], *, progress: Callable[[int, int], None]) -> pl.DataFrame:
        """The values of these days; ``progress`` is told of how many of all days they are known by now."""
        every = self.shared.windows
        before = every.index(windows[0])
        rows: list[tuple[str, str, int, date, float | None, str | None]] = []
        ranges = {
            name: ValuesOfRange(spec, first=windows[0].day, last=windows[-1].day)
            for name, spec in self.specs.items()
            if _is_of_newest(spec)
        }
        for done, window in enumerate(windows, start=1):
            frames = {
                name: ranges[name].on(window.day) if name in ranges else self._of_day(spec, window)
                for name, spec in self.specs.items()
            }
            request = ComputeRequest(
                config=self.active.config, window=window, inputs=frames, metrics=frozenset(self.asked)
            )
            for one in guard.compute(self.active.plugin, request).measurements:
                if one.metric in self.asked and not one.is_absence:
                    metric, band = f"{self.active.plugin.id}.{one.metric}", band_of(one.details)
                    value = as_stored(one.value)
                    rows.append((metric, one.subject.kind, one.subject.id, window.day, value, band))
            progress(before + done, len(every))
        return pl.DataFrame(rows, schema=COLUMNS, orient="row")

    def _of_days(self, spec: InputSpec, windows: Sequence[Window]) -> pl.DataFrame:
        if _is_of_newest(spec):
            days = [window.day for window in windows]
            return ValuesOfRange(spec, first=days[0], last=days[-1]).of(days)
        return pl.concat(
            [self._of_day(spec, window).select(pl.lit(window.day).alias(ON), pl.all()) for window in windows]
        )

    def _of_day(self, spec: InputSpec, window: Window) -> pl.DataFrame:
        return resolve(self.active.plugin.id, spec, window, self.shared, None)[0]


def _is_of_newest(spec: InputSpec) -> TypeGuard[MetricValues]:
    """Whether it can be read for many days at once: not the same rows over and over."""
    return isinstance(spec, MetricValues) and not spec.days
