"""Computes one plugin for one tenant and day: inputs, guarded call, values. Writes nothing.

Works inside the tenant's scope.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import polars as pl
from django.utils import timezone

from engage_server.activity.watermark import watermark
from engage_server.customers.inputs import trailing_start
from engage_server.engine import strangers
from engage_server.engine.data_retention import require_kept
from engage_server.engine.on_demand import unfinished
from engage_server.engine.resolving import resolve_input
from engage_server.engine.shared_reads import Reused, SharedReads
from engage_server.engine.tracked_segments import measure_tracked
from engage_server.metrics.bulk_copy import Lineage
from engage_server.metrics.writer import NewValue
from engage_server.plugin_host import guard
from engage_server.plugin_host.activation import ActivePlugin
from engage_server.sdk import ComputeRequest, InputSpec, Measurement, Status, Window
from engage_server.sdk.recent import Recent
from engage_server.tenancy.scope import current_tenant


@dataclass(frozen=True, slots=True)
class ComputedDay:
    """What a plugin's day came to.

    ``metrics`` are all full ids that the plugin owns, ``members`` who was found to be in the tracked segments,
    ``packed`` what of the values was stored for the day before.
    """

    values: tuple[NewValue, ...]
    lineage: Lineage
    metrics: tuple[str, ...]
    members: Mapping[int, frozenset[int]] = field(default_factory=dict)
    packed: Recent = field(default_factory=Recent, compare=False)


def compute_day(
    active: ActivePlugin, window: Window, *, run_id: int, shared: SharedReads | None = None
) -> ComputedDay:
    """Resolve the plugin's inputs, call it, and dress what it returns with its lineage; inside ``current_rollups()``.

    ``shared`` answers inputs that are read for several days at once.

    Raises:
        PluginFailedError: the plugin raised, broke the contract, or measured what there is not.
        UnresolvableInputError: it declares an input the server does not know.
        BeyondRetentionError: events that the day's value needs are no longer kept.
    """
    plugin = active.plugin
    specs = guard.inputs(plugin, active.config)
    require_kept(current_tenant(), specs.values(), window.day)
    # Before the inputs: what arrives while they are read is in some of them, and not vouched for.
    data_as_of = watermark()
    frames: dict[str, pl.DataFrame] = {}
    for name, spec in specs.items():
        frames[name], known = resolve(plugin.id, spec, window, shared, data_as_of)
        data_as_of = min(filter(None, (data_as_of, known)), default=None)
    reused = Reused(active.config) if shared is None else shared.reused(active)
    reused.begin()
    request = ComputeRequest(config=active.config, window=window, inputs=frames, recent=reused.made)
    computed = guard.compute(plugin, request, checked=reused.checked)
    strangers.refuse(plugin.id, computed.measurements, frames)
    running = window.end > timezone.now()
    lineage = Lineage(
        run_id=run_id,
        day=window.day,
        timezone=window.timezone,
        window_end=window.end,
        plugin_version=plugin.version,
        configuration_version=active.version,
        input_digest=_digest(frames),
        data_as_of=data_as_of,
    )
    going_on = unfinished(active, specs, window.day)
    versions = {metric.id: metric.definition_version for metric in plugin.manifest.metrics}
    of_segments = measure_tracked(active, window)
    kept = _without_absences([*computed.measurements, *of_segments.measurements])
    starts = {days: trailing_start(window, days) for days in {m.window_days for m in kept}}
    values = tuple(
        NewValue(
            metric=f"{plugin.id}.{measurement.metric}",
            measurement=_partial(measurement) if running or measurement.metric in going_on else measurement,
            definition_version=versions[measurement.metric],
            window_start=starts[measurement.window_days],
        )
        for measurement in kept
    )
    metrics = tuple(f"{plugin.id}.{metric.id}" for metric in plugin.manifest.metrics)
    return ComputedDay(values, lineage, metrics, of_segments.members, reused.packed)


def resolve(
    plugin_id: str, spec: InputSpec, window: Window, shared: SharedReads | None, known: datetime | None
) -> tuple[pl.DataFrame, datetime | None]:
    """The input's rows, and what the tenant's data knew before they were read; ``known`` where that is now."""
    with guard.answering(plugin_id, spec):
        ahead = None if shared is None else shared.answer(spec, window)
    return (resolve_input(plugin_id, spec, window), known) if ahead is None else ahead


def _without_absences(measurements: Iterable[Measurement]) -> list[Measurement]:
    """What is stored: absences only where a metric has nothing else, and then one, so that the day is known.

    A reader tells an absence from the metric's values of that day: thousands of rows that say nothing are not kept.
    """
    kept: dict[str, list[Measurement]] = {}
    absences: dict[str, Measurement] = {}
    for measurement in measurements:
        if not measurement.is_absence:
            kept.setdefault(measurement.metric, []).append(measurement)
        else:
            first = absences.setdefault(measurement.metric, measurement)
            absences[measurement.metric] = min(first, measurement, key=lambda absence: absence.subject)
    for metric, absence in absences.items():
        kept.setdefault(metric, [absence])
    return [measurement for of_metric in kept.values() for measurement in of_metric]


def _partial(measurement: Measurement) -> Measurement:
    if measurement.status is not Status.OK:
        return measurement
    return replace(measurement, status=Status.PARTIAL)


def _digest(frames: Mapping[str, pl.DataFrame]) -> str:
    """The same for the same rows in any order."""
    digest = hashlib.blake2b(digest_size=16)
    for name, frame in sorted(frames.items()):
        digest.update(name.encode())
        nested = [
            pl.struct(name).struct.json_encode().alias(name)
            for name, kind in frame.schema.items()
            if kind.is_nested()
        ]
        flat = frame.with_columns(nested)  # CSV holds no lists
        digest.update(flat.sort(flat.columns).write_csv().encode())
    return digest.hexdigest()
