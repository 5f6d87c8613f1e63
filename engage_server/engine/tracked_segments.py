"""Measures the segments that a tenant tracks, with each plugin's day: the tenant's metrics, of the segment alone.

Works inside the tenant's scope and ``current_rollups()``. Measuring writes nothing.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from engage_server.audit.log import record
from engage_server.customers.exceptions import NotSliceableError
from engage_server.customers.slices import Slice
from engage_server.engine.on_demand import measure_slices
from engage_server.plugin_host.activation import ActivePlugin
from engage_server.sdk import TENANT, Measurement, Subject, Window
from engage_server.segments.body import SegmentBody
from engage_server.segments.dimensions import make_missing
from engage_server.segments.evaluation import Evaluation
from engage_server.segments.tracking import tracked

SEGMENT: Final = "segment"
log = logging.getLogger("engage.engine")


@dataclass(frozen=True, slots=True)
class OfSegments:
    """What was measured of segments, and who was found to be in each, by number."""

    measurements: tuple[Measurement, ...] = ()
    members: Mapping[int, frozenset[int]] = field(default_factory=dict)


def follow_dimensions(window: Window) -> None:
    """Make segments of the values that tracked dimensions have on the day and had on none before, on record."""
    for made in make_missing(Evaluation(window)):
        record(
            "segment.created",
            subject=f"segment {made.number}",
            details={"version": made.version, "subject": made.body.subject, "tracked": True},
        )


def measure_tracked(active: ActivePlugin, window: Window) -> OfSegments:
    """The plugin's metrics of the tenant for each tracked segment, and its members on the day.

    A segment that the plugin's inputs cannot be cut by has no values of it, which the log says; who asks for one over
    GraphQL is told the reason.

    Raises:
        UnresolvableInputError, PluginFailedError: as without segments.
    """
    wanted = tracked()
    metrics = [metric.id for metric in active.plugin.manifest.metrics if TENANT.kind in metric.subjects]
    if not wanted or not metrics:
        return OfSegments()
    evaluation = Evaluation(window)
    members = {one.number: evaluation.members(one.number) for one in wanted}
    parts = {one.number: slice_of(one.body, members[one.number]) for one in wanted}
    found: list[Measurement] = []
    for subject in ("account", "person"):
        numbers = [one.number for one in wanted if one.body.subject == subject]
        found += _measured(active, window, {number: parts[number] for number in numbers})
    return OfSegments(tuple(found), members)


def slice_of(body: SegmentBody, members: frozenset[int]) -> Slice:
    """The slice of a segment's members."""
    return Slice(accounts=members) if body.subject == "account" else Slice(persons=members)


def _measured(active: ActivePlugin, window: Window, parts: Mapping[int, Slice]) -> Sequence[Measurement]:
    if not parts:
        return ()
    try:
        of_parts = measure_slices(active, window, list(parts.values()))
    except NotSliceableError as error:
        log.info(
            "%s has no values of some segments. %s", active.plugin.id, error,
            extra={"action": "segments_not_measured", "plugin": active.plugin.id},
        )  # fmt: skip
        return ()
    return [
        replace(measurement, subject=Subject(SEGMENT, number))
        for number, measurements in zip(parts, of_parts, strict=True)
        for measurement in measurements
        if measurement.subject == TENANT
    ]
