"""Checks a plugin against the contract and says what its author forgot."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from types import ModuleType
from typing import Any

import pluggy
import polars as pl

from engage_server.sdk import hookspecs
from engage_server.sdk.compute import (
    SUBJECT_KINDS,
    TENANT,
    ComputeRequest,
    Contribution,
    Measurement,
    Status,
    Subject,
)
from engage_server.sdk.graphql import GraphQLContribution
from engage_server.sdk.inputs import InputSpec
from engage_server.sdk.inputs.customers import Accounts
from engage_server.sdk.manifest import Card, Direction, Manifest, PluginConfig
from engage_server.sdk.testing.requests import frame, request_for

NAME = re.compile(r"[a-z][a-z0-9_]{0,49}\Z")
POINTS_TOLERANCE = Decimal("1e-6")
NUMBERS = (int, float, Decimal)
NULL_STATUSES = frozenset({Status.NO_DATA, Status.SUPPRESSED})
DIRECTIONS = tuple(direction for direction in Direction if direction is not Direction.VARIES)


def conformance_problems(
    plugin: ModuleType | object, *, requests: Iterable[ComputeRequest[Any]] = ()
) -> list[str]:
    """Sentences that name what breaks the contract, each with its remedy; empty for a good plugin.

    The compute hook is tried with empty frames and with each of ``requests``.
    """
    return list(_problems(plugin, requests))


def _problems(plugin: ModuleType | object, requests: Iterable[ComputeRequest[Any]]) -> Iterator[str]:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(plugin)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        yield (
            f"A hook does not match the contract: {error}. "
            "Remedy: compare its name and arguments with the hookspecs."
        )
        return
    manifest = _answer(manager.hook.engage_manifest())
    if not isinstance(manifest, Manifest):
        yield "engage_manifest() must return a Manifest. Remedy: define the hook with @hookimpl."
        return
    manifest_problems_found = list(manifest_problems(manifest))
    yield from manifest_problems_found
    if manager.hook.engage_graphql.get_hookimpls():
        yield from _graphql_problems(manifest, _answer(manager.hook.engage_graphql()))
    if not manager.hook.engage_compute.get_hookimpls():
        yield "engage_compute is missing. Remedy: define the hook with @hookimpl."
        return
    if not manifest_problems_found:
        for request in (request_for(manifest), *requests):
            yield from _compute_problems(manager, manifest=manifest, request=request)


def _answer(answers: list[Any]) -> Any:
    """What the only registered plugin returned, through pluggy like the server; pluggy drops a None."""
    return answers[0] if answers else None


def manifest_problems(manifest: Manifest) -> Iterator[str]:
    """What is wrong with a manifest taken by itself; the server refuses a plugin on the same grounds."""
    if not NAME.match(manifest.id):
        yield f"The plugin id {manifest.id!r} must be lower-case letters, digits and underscores, at most 50."
    if not manifest.metrics:
        yield f"{manifest.id} declares no metric. Remedy: list at least one Metric in the manifest."
    seen: set[str] = set()
    for metric in manifest.metrics:
        if not NAME.match(metric.id):
            yield (
                f"The metric id {metric.id!r} must be lower-case letters, digits and underscores, at most 50."
            )
        if metric.id in seen:
            yield f"{manifest.id} declares the metric {metric.id!r} twice."
        seen.add(metric.id)
        strange = set(metric.subjects) - SUBJECT_KINDS
        if strange or not metric.subjects:
            yield (
                f"{manifest.id}.{metric.id} has subjects {metric.subjects!r}; "
                f"known kinds are {', '.join(sorted(SUBJECT_KINDS))}."
            )
        yield from _card_problems(f"{manifest.id}.{metric.id}", metric.card)
    yield from _config_problems(manifest)


def _card_problems(name: str, card: Card) -> Iterator[str]:
    if not card.formula or not card.source:
        yield f"The card of {name} needs a formula and its source."
    if not card.edge_rules:
        yield f"The card of {name} names no edge rule, not even the zero denominator."


def _config_problems(manifest: Manifest) -> Iterator[str]:
    if not issubclass(manifest.config, PluginConfig):
        yield f"The configuration of {manifest.id} is no PluginConfig. Remedy: derive it from that class."
        return
    try:
        config = manifest.config()
    except ValueError as error:
        yield (
            f"The configuration of {manifest.id} has no valid defaults: {error}. "
            "Remedy: give every field one."
        )
        return
    for name, field in manifest.config.model_fields.items():
        if not field.description:
            yield f"The configuration field {manifest.id}.{name} has no description; forms show it."
    for name, spec in manifest.inputs_for(config).items():
        if not isinstance(spec, InputSpec):
            yield (
                f"The input {manifest.id}.{name} is {type(spec).__name__}, "
                "not an input specification of the SDK."
            )


def _graphql_problems(manifest: Manifest, contribution: Any) -> Iterator[str]:
    if not isinstance(contribution, GraphQLContribution):
        yield (
            f"engage_graphql of {manifest.id} returned {type(contribution).__name__}. "
            "Remedy: return a GraphQLContribution, or leave the hook out."
        )
        return
    for kind in (contribution.query, contribution.account, *contribution.types):
        if kind is not None and not hasattr(kind, "__strawberry_definition__"):
            yield (
                f"{kind.__name__}, contributed by {manifest.id}, is no Strawberry type. "
                "Remedy: decorate it with @strawberry.type."
            )


def _compute_problems(
    manager: pluggy.PluginManager, *, manifest: Manifest, request: ComputeRequest[Any]
) -> Iterator[str]:
    returned = _answer(manager.hook.engage_compute(request=request))
    if returned is None:
        yield f"engage_compute of {manifest.id} returned None. Remedy: return an iterable, empty if need be."
        return
    first = list(returned)
    # By their text: two NaN of a pure plugin are not equal to one another.
    if repr(first) != repr(list(_answer(manager.hook.engage_compute(request=request)) or ())):
        yield f"engage_compute of {manifest.id} is not pure: the same request gave two answers."
    seen: set[tuple[str, Subject]] = set()
    for measurement in first:
        yield from measurement_problems(manifest, measurement)
        if isinstance(measurement, Measurement):
            key = (measurement.metric, measurement.subject)
            if key in seen:
                yield f"{_name(manifest, measurement)}: measured twice in one run."
            seen.add(key)
    yield from _absence_problems(manager, manifest=manifest, request=request, measured=seen)


def _absence_problems(
    manager: pluggy.PluginManager,
    *,
    manifest: Manifest,
    request: ComputeRequest[Any],
    measured: Iterable[tuple[str, Subject]],
) -> Iterator[str]:
    """Who is measured on this day and not on one that knows the same accounts and nothing else: one per metric."""
    asked = {key for key in measured if key[1].kind in {TENANT.kind, "account"}}
    accounts = {subject.id for _, subject in asked if subject.kind == "account"}
    bare = replace(request, inputs=_nothing_but(accounts, request, manifest.inputs_for(request.config)))
    again = _answer(manager.hook.engage_compute(request=bare)) or ()
    missing = asked - {(m.metric, m.subject) for m in again if isinstance(m, Measurement)}
    for metric in sorted({metric for metric, _ in missing}):
        subject = min(subject for of_metric, subject in missing if of_metric == metric)
        yield (
            f"{manifest.id}.{metric} of {subject.kind} {subject.id}: it is not measured once its rows are gone, and "
            "readers may take its last value for today's. Remedy: measure the tenant always and each row of Accounts, "
            "with NO_DATA or absent()."
        )


def _nothing_but(
    ids: Iterable[int], request: ComputeRequest[Any], specs: Mapping[str, InputSpec]
) -> dict[str, pl.DataFrame]:
    inputs = {name: rows.clear() for name, rows in request.inputs.items()}
    for name, spec in specs.items():
        if isinstance(spec, Accounts):
            known = request.inputs[name]
            others = sorted(set(ids) - set(known["account"]))
            made = frame(spec, [{"account": id, "stage": "CUSTOMER"} for id in others])
            inputs[name] = pl.concat([known, made])
    return inputs


def measurement_problems(manifest: Manifest, measurement: Measurement) -> Iterator[str]:
    """What is wrong with one measurement; the server refuses the run on the same grounds."""
    if not isinstance(measurement, Measurement):
        yield f"{manifest.id} returned {type(measurement).__name__} instead of a Measurement."
        return
    for fault in _faults(manifest, measurement):
        yield f"{_name(manifest, measurement)}: {fault}"


def _faults(manifest: Manifest, measurement: Measurement) -> Iterator[str]:
    metric = next((m for m in manifest.metrics if m.id == measurement.metric), None)
    direction = measurement.details.get("value_direction")
    if metric is None:
        yield "the manifest declares no such metric."
    elif measurement.subject.kind not in metric.subjects:
        yield f"the manifest declares the metric for {', '.join(metric.subjects)} only."
    elif metric.direction is Direction.VARIES and measurement.value is not None and direction is None:
        yield "its direction varies. Remedy: say it in the detail 'value_direction'."
    if measurement.subject.kind == TENANT.kind and measurement.subject != TENANT:
        yield "the tenant's id is 0. Remedy: use TENANT of the SDK."
    if measurement.n < 0:
        yield f"the sample size {measurement.n} is negative."
    yield from _value_problems(measurement)
    yield from _contribution_problems(measurement.value, measurement.contributions)
    for key, detail in measurement.details.items():
        if not (detail is None or isinstance(detail, str) or _is_number(detail)):
            yield f"the detail {key!r} is {detail!r}. Remedy: give a JSON scalar, null for no number."
    if direction is not None and direction not in DIRECTIONS:
        yield f"the detail 'value_direction' is {direction!r}, not UP, DOWN or TARGET."


def _value_problems(measurement: Measurement) -> Iterator[str]:
    value = measurement.value
    if value is not None and not _is_number(value):
        yield f"{value} is no number. Remedy: give null with the status NO_DATA."
    goes_with_status = (value is None) == (measurement.status in NULL_STATUSES)
    if not goes_with_status and measurement.status is not Status.IMMATURE:
        yield f"value {value} does not go with the status {measurement.status}."


def _contribution_problems(value: Any, parts: tuple[Contribution, ...]) -> Iterator[str]:
    for part in parts:
        for field in ("value", "points", "weight"):
            number = getattr(part, field)
            if number is not None and not _is_number(number):
                yield f"the {field} of contribution {part.key!r} is {number}, which is no number."
                return
    points = [part.points for part in parts if part.points is not None]
    if not parts or len(points) < len(parts) or not _is_number(value):
        return
    total = sum((Decimal(str(point)) for point in points), Decimal(0))
    if abs(total - Decimal(str(value))) > POINTS_TOLERANCE:
        yield f"the contributions add up to {total}, not to {value}."


def _is_number(value: object) -> bool:
    return isinstance(value, NUMBERS) and math.isfinite(value)


def _name(manifest: Manifest, measurement: Measurement) -> str:
    return f"{manifest.id}.{measurement.metric} of {measurement.subject.kind} {measurement.subject.id}"
