"""Computes a metric now, for slices of a tenant's data and any configuration. Stores nothing.

Works inside the tenant's scope and ``current_rollups()``. The plugin is called as on its schedule, with inputs that
hold the rows of one slice: it never hears of slices.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl
from django.utils import timezone

from engage_server.customers.slicers import answer_slices
from engage_server.customers.slices import WHOLE, Slice
from engage_server.engine.data_retention import require_kept
from engage_server.engine.exceptions import NoTenantValueError
from engage_server.engine.resolving import resolve_input
from engage_server.plugin_host import guard
from engage_server.plugin_host.activation import ActivePlugin
from engage_server.sdk import (
    TENANT,
    ComputeRequest,
    InputSpec,
    Measurement,
    Status,
    Window,
)
from engage_server.tenancy.scope import current_tenant

Frames = list[pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Asked:
    """A metric by its id within an active plugin, which has the configuration to compute with."""

    active: ActivePlugin
    metric: str

    @property
    def full_id(self) -> str:
        """Plugin's id, dot, metric's id."""
        return f"{self.active.plugin.id}.{self.metric}"


def compute_slices(asked: Asked, window: Window, parts: Sequence[Slice]) -> list[Measurement]:
    """The tenant's value of a metric on a day for each slice, as if there were nothing else; in their order.

    Raises:
        NoTenantValueError: the metric is not measured for the tenant.
        NotSliceableError: an input of the plugin cannot be restricted so.
        BeyondRetentionError, UnresolvableInputError, PluginFailedError: as on the schedule.
    """
    require_tenant_value(asked)
    return [
        chosen(asked, measurements, window) for measurements in measure_slices(asked.active, window, parts)
    ]


def measure_slices(
    active: ActivePlugin, window: Window, parts: Sequence[Slice]
) -> list[tuple[Measurement, ...]]:
    """All that a plugin measures of each slice; the inputs are read once for all of them.

    Raises:
        NotSliceableError, BeyondRetentionError, UnresolvableInputError, PluginFailedError: see ``compute_slices``.
    """
    plugin = active.plugin
    specs = guard.inputs(plugin, active.config)
    require_kept(current_tenant(), specs.values(), window.day)
    frames = {name: _frames(plugin.id, spec, window, parts) for name, spec in specs.items()}
    found = []
    for place in range(len(parts)):
        inputs = {name: of_parts[place] for name, of_parts in frames.items()}
        request = ComputeRequest(config=active.config, window=window, inputs=inputs)
        found.append(guard.compute(plugin, request).measurements)
    return found


def require_tenant_value(asked: Asked) -> None:
    """Go on with a metric that is measured for the tenant as a whole, and so for any part of it.

    Raises:
        NoTenantValueError: it is not.
    """
    subjects = asked.active.plugin.metric(asked.metric).subjects
    if TENANT.kind not in subjects:
        raise NoTenantValueError(
            f"{asked.full_id} is measured for each {' or '.join(subjects)} alone, so a part of the tenant has no value "
            "of it. Remedy: a metric with the subject 'tenant'."
        )


def chosen(asked: Asked, measurements: Sequence[Measurement], window: Window) -> Measurement:
    """The tenant's value of the metric among what its plugin measured: PARTIAL while the day or its period runs."""
    specs = guard.inputs(asked.active.plugin, asked.active.config)
    running = window.end > timezone.now() or asked.metric in unfinished(asked.active, specs, window.day)
    wanted = (one for one in measurements if (one.metric, one.subject) == (asked.metric, TENANT))
    nothing = Measurement(metric=asked.metric, subject=TENANT, value=None, n=0, status=Status.NO_DATA)
    measured = next(wanted, nothing)
    return replace(measured, status=Status.PARTIAL) if running and measured.status is Status.OK else measured


def unfinished(active: ActivePlugin, specs: Mapping[str, InputSpec], day: date) -> frozenset[str]:
    """The metrics over a calendar period that goes on after the day."""
    return frozenset(
        metric.id
        for metric in active.plugin.manifest.metrics
        if not all(spec.is_whole_on(day) for spec in (metric.inputs_for(active.config) or specs).values())
    )


def _frames(plugin_id: str, spec: InputSpec, window: Window, parts: Sequence[Slice]) -> Frames:
    """The input for each part; the whole is answered as on the schedule, the others from one read where that goes."""
    sliced = [part for part in parts if part != WHOLE]
    answers = iter(answer_slices(spec, window, sliced) if sliced else ())
    whole = resolve_input(plugin_id, spec, window) if len(sliced) < len(parts) else None
    return [whole if part == WHOLE and whole is not None else next(answers) for part in parts]
