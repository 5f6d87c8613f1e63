"""Checks a plugin against the contract and says what its author forgot."""

import math
import re
from collections.abc import Iterator
from decimal import Decimal
from types import ModuleType
from typing import Any

import pluggy

from engage_server.sdk import hookspecs
from engage_server.sdk.compute import SUBJECT_KINDS, Measurement, Status
from engage_server.sdk.inputs import InputSpec
from engage_server.sdk.manifest import Manifest
from engage_server.sdk.testing.requests import request_for

NAME = re.compile(r"[a-z][a-z0-9_]{0,49}\Z")
POINTS_TOLERANCE = 1e-6


def conformance_problems(plugin: ModuleType | object) -> list[str]:
    """Sentences that name what breaks the contract, each with its remedy; empty for a good plugin."""
    return list(_problems(plugin))


def _problems(plugin: ModuleType | object) -> Iterator[str]:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(plugin)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        yield f"A hook does not match the contract: {error}. Remedy: compare its name and arguments with the hookspecs."
        return
    manifest = getattr(plugin, "engage_manifest", lambda: None)()
    if not isinstance(manifest, Manifest):
        yield "engage_manifest() must return a Manifest. Remedy: define the hook with @hookimpl."
        return
    yield from manifest_problems(manifest)
    if not hasattr(plugin, "engage_compute"):
        yield "engage_compute is missing. Remedy: define the hook with @hookimpl."
        return
    yield from _compute_problems(plugin, manifest)


def manifest_problems(manifest: Manifest) -> Iterator[str]:
    """What is wrong with a manifest taken by itself; the server refuses a plugin on the same grounds."""
    if not NAME.match(manifest.id):
        yield f"The plugin id {manifest.id!r} must be lower-case letters, digits and underscores, at most 50."
    if not manifest.metrics:
        yield f"{manifest.id} declares no metric. Remedy: list at least one Metric in the manifest."
    seen: set[str] = set()
    for metric in manifest.metrics:
        if not NAME.match(metric.id):
            yield f"The metric id {metric.id!r} must be lower-case letters, digits and underscores, at most 50."
        if metric.id in seen:
            yield f"{manifest.id} declares the metric {metric.id!r} twice."
        seen.add(metric.id)
        strange = set(metric.subjects) - SUBJECT_KINDS
        if strange or not metric.subjects:
            yield (
                f"{manifest.id}.{metric.id} has subjects {metric.subjects!r}; "
                f"known kinds are {', '.join(sorted(SUBJECT_KINDS))}."
            )
        if not metric.card.formula or not metric.card.source:
            yield f"The card of {manifest.id}.{metric.id} needs a formula and its source."
        if not metric.card.edge_rules:
            yield f"The card of {manifest.id}.{metric.id} names no edge rule, not even the zero denominator."
    try:
        config = manifest.config()
    except ValueError as error:
        yield f"The configuration of {manifest.id} has no valid defaults: {error}. Remedy: give every field one."
        return
    for name, field in manifest.config.model_fields.items():
        if not field.description:
            yield f"The configuration field {manifest.id}.{name} has no description; forms show it."
    for name, spec in manifest.inputs_for(config).items():
        if not isinstance(spec, InputSpec):
            yield f"The input {manifest.id}.{name} is {type(spec).__name__}, not an input specification of the SDK."


def _compute_problems(plugin: Any, manifest: Manifest) -> Iterator[str]:
    request = request_for(manifest)
    returned = plugin.engage_compute(request)
    if returned is None:
        yield f"engage_compute of {manifest.id} returned None. Remedy: return an iterable, empty if need be."
        return
    first = list(returned)
    if first != list(plugin.engage_compute(request)):
        yield f"engage_compute of {manifest.id} is not pure: the same request gave two answers."
    for measurement in first:
        yield from measurement_problems(manifest, measurement)


def measurement_problems(manifest: Manifest, measurement: Measurement) -> Iterator[str]:
    """What is wrong with one measurement; the server refuses the run on the same grounds."""
    if not isinstance(measurement, Measurement):
        yield f"{manifest.id} returned {type(measurement).__name__} instead of a Measurement."
        return
    name = f"{manifest.id}.{measurement.metric} of {measurement.subject.kind} {measurement.subject.id}"
    metric = next((m for m in manifest.metrics if m.id == measurement.metric), None)
    if metric is None:
        yield f"{name}: the manifest declares no such metric."
    elif measurement.subject.kind not in metric.subjects:
        yield f"{name}: the manifest declares the metric for {', '.join(metric.subjects)} only."
    value = measurement.value
    if value is not None and not math.isfinite(value):
        yield f"{name}: {value} is no number. Remedy: give null with the status NO_DATA."
    if (value is None) != (measurement.status in {Status.NO_DATA, Status.SUPPRESSED}) and (
        measurement.status is not Status.IMMATURE
    ):
        yield f"{name}: value {value} does not go with the status {measurement.status}."
    if measurement.n < 0:
        yield f"{name}: the sample size {measurement.n} is negative."
    points = [part.points for part in measurement.contributions]
    if value is not None and points and all(p is not None for p in points):
        total = sum(Decimal(str(p)) for p in points)
        if abs(total - Decimal(str(value))) > Decimal(str(POINTS_TOLERANCE)):
            yield f"{name}: the contributions add up to {total}, not to {value}."
