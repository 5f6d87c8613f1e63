"""Computes history again under another configuration, and says what would be different. Writes nothing.

Works inside the tenant's scope.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from typing import Any, Final

from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.windows import day_window
from engage_server.engine.compute import resolve
from engage_server.engine.data_retention import require_kept
from engage_server.engine.exceptions import TooManyDaysError, UnknownMetricError
from engage_server.engine.gc_tuning import rare_collections
from engage_server.engine.shared_reads import SharedReads
from engage_server.metrics.bands import BAND, Banded, Subject, banded_by_day
from engage_server.metrics.value_ranges import ValuesOfRange
from engage_server.metrics.writer import stored_number
from engage_server.plugin_host import guard
from engage_server.plugin_host.activation import ActivePlugin, active_plugin, validate_config
from engage_server.sdk import ComputeRequest, InputSpec, MetricValues
from engage_server.sdk.compute import Number
from engage_server.tenancy.scope import current_tenant

MOST_DAYS: Final = 400
DAYS_AT_ONCE: Final = 30
NOTHING: Final = Banded(None, None)
# Ten places are stored: what is nearer than half of the last one is the same, what is further another. Floats of this size
# have the places to tell.
EXACT_BELOW: Final = 1e3
SURELY_THE_SAME: Final = 0.49e-10
SURELY_ANOTHER: Final = 0.51e-10
Of = tuple[str, Subject]
"""A metric's full id, and the subject."""
Measured = tuple[Number | None, str | None]
"""A value with its band, not yet as it would be stored."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What one subject's value is on the last day, and what it would be; null where there is none."""

    subject_kind: str
    subject_id: int
    stored: Banded
    computed: Banded

    @property
    def change(self) -> float:
        """How much higher the value would be; 0 where one of them is missing."""
        if self.stored.value is None or self.computed.value is None:
            return 0.0
        return self.computed.value - self.stored.value

    @property
    def changes_band(self) -> bool:
        """Whether it would lie in another band."""
        return self.stored.band != self.computed.band


@dataclass(frozen=True, slots=True)
class MetricOutcome:
    """What would be different of one metric.

    Args:
        metric: full id.
        values: values of subjects and days that were compared, stored or computed.
        changed: how many of them would be others.
        band_days: how many values of days would go from one band to another; bands that are no other are not there.
        last_day: of each subject what it is and would be on the last day, who changes band first, then by the change.
    """

    metric: str
    values: int
    changed: int
    band_days: Mapping[tuple[str | None, str | None], int]
    last_day: tuple[Difference, ...]

    @property
    def band_changes(self) -> tuple[Difference, ...]:
        """Who would lie in another band on the last day."""
        return tuple(one for one in self.last_day if one.changes_band)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What would be different under a configuration, by metric."""

    plugin: str
    first: date
    last: date
    metrics: tuple[MetricOutcome, ...]


@dataclass(slots=True)
class _Tally:
    values: int = 0
    changed: int = 0
    band_days: Counter[tuple[str | None, str | None]] = field(default_factory=Counter)
    last_day: list[Difference] = field(default_factory=list)


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
    full_ids = [f"{plugin}.{metric}" for metric in asked]
    tallies = {metric: _Tally() for metric in full_ids}
    stored: Mapping[date, Mapping[Of, Banded]] = {}
    with rare_collections(), current_rollups():
        for done, (day, computed) in enumerate(
            _computed(active, asked, specs, first=first, last=last), start=1
        ):
            if (day - first).days % DAYS_AT_ONCE == 0:
                stored = banded_by_day(full_ids, first=day, last=_end(day, last))
            _compare(stored.get(day, {}), computed, tallies, is_last=day == last)
            progress(done, days)
    return WhatIf(plugin, first, last, tuple(_outcome(metric, tally) for metric, tally in tallies.items()))


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


def _computed(
    active: ActivePlugin, asked: Collection[str], specs: Mapping[str, InputSpec], *, first: date, last: date
) -> Iterator[tuple[date, dict[Of, Measured]]]:
    """What the plugin measures day by day; other metrics' values are read for a month at once."""
    plugin, zone = active.plugin, current_tenant().timezone
    names = {metric: f"{plugin.id}.{metric}" for metric in asked}
    ranges: dict[str, ValuesOfRange] = {}
    windows = [day_window(first + timedelta(days=n), zone) for n in range((last - first).days + 1)]
    shared = SharedReads(windows)
    for window in windows:
        day = window.day
        if (day - first).days % DAYS_AT_ONCE == 0:
            ranges = {
                name: ValuesOfRange(spec, first=day, last=_end(day, last))
                for name, spec in specs.items()
                if isinstance(spec, MetricValues) and not spec.days
            }
        frames = {
            name: ranges[name].on(day)
            if name in ranges
            else resolve(plugin.id, spec, window, shared, None)[0]
            for name, spec in specs.items()
        }
        request = ComputeRequest(config=active.config, window=window, inputs=frames, metrics=frozenset(asked))
        measured = guard.compute(plugin, request).measurements
        yield (
            day,
            {
                (names[one.metric], (one.subject.kind, one.subject.id)): (one.value, _band_of(one.details))
                for one in measured
                if one.metric in names and not one.is_absence
            },
        )


def _end(day: date, last: date) -> date:
    """The last of the days that are read together from this one on."""
    return min(last, day + timedelta(days=DAYS_AT_ONCE - 1))


def _banded(measured: Measured) -> Banded:
    """What was measured as it would be stored."""
    number = stored_number(measured[0])
    return Banded(None if number is None else float(number), measured[1])


def is_same(stored: Banded, computed: Measured) -> bool:
    """Whether storing what was computed would change nothing; decimals are asked where it is close."""
    value, number = stored.value, computed[0]
    if stored.band != computed[1] or value is None or number is None:
        return stored == computed
    off = abs(value - float(number))
    if abs(value) < EXACT_BELOW and not SURELY_THE_SAME <= off <= SURELY_ANOTHER:
        return off < SURELY_THE_SAME
    return stored == _banded(computed)


def _band_of(details: Any) -> str | None:
    """The band as it would be stored: enumerations by name."""
    band = details.get(BAND) if isinstance(details, Mapping) else getattr(details, BAND, None)
    if isinstance(band, Enum):
        return band.name
    return band if isinstance(band, str) else None


def _compare(
    stored: Mapping[Of, Banded],
    computed: Mapping[Of, Measured],
    tallies: Mapping[str, _Tally],
    *,
    is_last: bool,
) -> None:
    for metric, subject in dict.fromkeys([*stored, *computed]):
        was, would_be = stored.get((metric, subject), NOTHING), computed.get((metric, subject), NOTHING)
        tally = tallies[metric]
        tally.values += 1
        tally.changed += not is_same(was, would_be)
        if was.band != would_be[1]:
            tally.band_days[was.band, would_be[1]] += 1
        if is_last:
            tally.last_day.append(Difference(*subject, was, _banded(would_be)))


def _outcome(metric: str, tally: _Tally) -> MetricOutcome:
    ordered = sorted(
        tally.last_day,
        key=lambda one: (not one.changes_band, -abs(one.change), one.subject_kind, one.subject_id),
    )
    return MetricOutcome(metric, tally.values, tally.changed, dict(tally.band_days), tuple(ordered))
