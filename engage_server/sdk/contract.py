"""The contract of a plugin, stated as checks: the manifest, and each measurement.

The server refuses on these grounds; the test kit shows an author the same sentences beforehand.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import NoneType
from typing import Any

from engage_server.sdk.compute import (
    SUBJECT_KINDS,
    TENANT,
    Contribution,
    Interval,
    Measurement,
    Number,
    Status,
)
from engage_server.sdk.derived_names import name_problems
from engage_server.sdk.details import DetailsError, encode, shape_of, shape_problems
from engage_server.sdk.inputs.checks import spec_problems
from engage_server.sdk.manifest import Card, Direction, Lifecycle, Manifest, Metric, PluginConfig

NAME = re.compile(r"[a-z][a-z0-9_]{0,49}\Z")
POINTS_TOLERANCE = Decimal("1e-6")
TOLERANCE = float(POINTS_TOLERANCE)
ROUNDING = 2.0**-50
NUMBERS = (int, float, Decimal)
PLAIN = frozenset({int, float, NoneType})
NULL_STATUSES = frozenset({Status.NO_DATA, Status.SUPPRESSED})
DIRECTIONS = tuple(direction for direction in Direction if direction is not Direction.VARIES)


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
    if (manifest.lifecycle is Lifecycle.DEPRECATED) != (manifest.deprecated_on is not None):
        yield (
            f"{manifest.id} is {manifest.lifecycle} and deprecated_on is {manifest.deprecated_on}. "
            "Remedy: name the day exactly where the lifecycle is DEPRECATED."
        )
    yield from name_problems(manifest)
    yield from _config_problems(manifest)


def _card_problems(name: str, card: Card) -> Iterator[str]:
    if not card.formula or not card.source:
        yield f"The card of {name} needs a formula and its source."
    if not card.edge_rules:
        yield f"The card of {name} names no edge rule, not even the zero denominator."
    for language, text in card.translations.items():
        if text.edge_rules and len(text.edge_rules) != len(card.edge_rules):
            yield (
                f"The card of {name} has {len(card.edge_rules)} edge rules and {len(text.edge_rules)} in {language!r}. "
                "Remedy: translate each, or none."
            )


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
        for problem in spec_problems(spec):
            yield f"The input {manifest.id}.{name} {problem}."


def measurement_problems(manifest: Manifest, measurement: Measurement) -> Iterator[str]:
    """What is wrong with one measurement; the server refuses the run on the same grounds."""
    if not isinstance(measurement, Measurement):
        yield f"{manifest.id} returned {type(measurement).__name__} instead of a Measurement."
        return
    for fault in _faults(manifest, measurement):
        yield f"{full_name(manifest, measurement)}: {fault}"


def _faults(manifest: Manifest, measurement: Measurement) -> Iterator[str]:
    metric = _metric_of(manifest, measurement.metric)
    if metric is None:
        yield "the manifest declares no such metric."
    elif measurement.subject.kind not in metric.subjects:
        yield f"the manifest declares the metric for {', '.join(metric.subjects)} only."
    elif (
        metric.direction is Direction.VARIES
        and measurement.value is not None
        and measurement.direction is None
    ):
        yield "its direction varies. Remedy: say it in the measurement's direction."
    if measurement.subject.kind == TENANT.kind and measurement.subject != TENANT:
        yield "the tenant's id is 0. Remedy: use TENANT of the SDK."
    if measurement.n < 0:
        yield f"the sample size {measurement.n} is negative."
    yield from _value_problems(measurement)
    yield from _contribution_problems(measurement.value, measurement.contributions)
    if measurement.details is not None:
        yield from _details_problems(metric, measurement)
    if measurement.interval is not None:
        yield from _interval_problems(measurement.interval)
    if measurement.direction is not None and measurement.direction not in DIRECTIONS:
        yield f"its direction is {measurement.direction!r}, not UP, DOWN or TARGET."
    if measurement.unit is not None and not isinstance(measurement.unit, str):
        yield f"its unit is {measurement.unit!r}, which is no text."
    if measurement.normalised is not None and not _is_number(measurement.normalised):
        yield f"its normalised value is {measurement.normalised!r}. Remedy: give null for no number."


def _metric_of(manifest: Manifest, id: str) -> Metric | None:
    for metric in manifest.metrics:  # a generator takes longer, and this is asked for each measurement
        if metric.id == id:
            return metric
    return None


def _details_problems(metric: Metric | None, measurement: Measurement) -> Iterator[str]:
    shape = None if metric is None else metric.details
    details = measurement.details
    if isinstance(details, Mapping):
        if shape is not None:
            yield from shape_problems(shape, details)
            return
        for key, detail in details.items():
            if not (detail is None or isinstance(detail, str) or _is_number(detail)):
                yield f"the detail {key!r} is {detail!r}. Remedy: give a JSON scalar, null for no number."
        return
    try:
        own = shape_of(type(details))
        if shape is None or (own is not shape and own != shape):
            declared = "none" if shape is None else shape.name
            yield (
                f"its details are {type(details).__name__} and the metric declares {declared}. "
                "Remedy: declare details=shape_of(...) of the class."
            )
            return
        object.__setattr__(measurement, "_encoded", encode(shape, details))
    except DetailsError as error:
        yield str(error)


def _interval_problems(interval: Interval) -> Iterator[str]:
    if not isinstance(interval, Interval):
        yield f"its interval is {type(interval).__name__}. Remedy: give an Interval of the SDK."
    elif not (_is_number(interval.low) and _is_number(interval.high) and interval.low <= interval.high):
        yield f"its interval from {interval.low} to {interval.high} is none. Remedy: two numbers, the lower first."
    elif not 0 < interval.level < 1 or not interval.method:
        yield "its interval lacks a level between 0 and 1, or the name of its method."


def _value_problems(measurement: Measurement) -> Iterator[str]:
    value = measurement.value
    if value is not None and not _is_number(value):
        yield f"{value} is no number. Remedy: give null with the status NO_DATA."
    goes_with_status = (value is None) == (measurement.status in NULL_STATUSES)
    if not goes_with_status and measurement.status is not Status.IMMATURE:
        yield f"value {value} does not go with the status {measurement.status}."


def _contribution_problems(value: Any, parts: tuple[Contribution, ...]) -> Iterator[str]:
    if not parts or _are_sound(value, parts):
        return
    points: list[Number] = []
    for part in parts:
        for field, number in (("value", part.value), ("points", part.points), ("weight", part.weight)):
            if number is not None and not _is_number(number):
                yield f"the {field} of contribution {part.key!r} is {number}, which is no number."
                return
        if part.points is not None:
            points.append(part.points)
    if len(points) < len(parts) or not _is_number(value) or _surely_add_up(points, value):
        return
    total = sum((Decimal(str(point)) for point in points), Decimal(0))
    if abs(total - Decimal(str(value))) > POINTS_TOLERANCE:
        yield f"the contributions add up to {total}, not to {value}."


def _are_sound(value: Any, parts: tuple[Contribution, ...]) -> bool:
    """Whether all is surely well, told by few calls; what is not sure is looked at one by one."""
    points = [part.points for part in parts if part.points is not None]
    numbers = [part.value for part in parts] + points + [part.weight for part in parts]
    if not PLAIN.issuperset(map(type, numbers)):
        return False
    try:
        if not math.isfinite(math.fsum([number for number in numbers if number is not None])):
            return False
    except (OverflowError, ValueError):
        return False
    is_partly = len(points) < len(parts) or value is None
    return is_partly or (_is_number(value) and _surely_add_up(points, value))


def _surely_add_up(points: Sequence[Number], value: Number) -> bool:
    """Whether they do by floating point even if all of it erred one way; else decimals tell."""
    try:
        error = math.fsum([abs(float(point)) for point in points]) + abs(float(value))
        return abs(math.fsum(points) - float(value)) + error * ROUNDING < TOLERANCE
    except OverflowError:
        return False


def _is_number(value: object) -> bool:
    # Integers always are, those too that no float can hold.
    return isinstance(value, int) or (isinstance(value, NUMBERS) and math.isfinite(value))


def full_name(manifest: Manifest, measurement: Measurement) -> str:
    """How problems name a measurement: plugin, metric and subject."""
    return f"{manifest.id}.{measurement.metric} of {measurement.subject.kind} {measurement.subject.id}"
