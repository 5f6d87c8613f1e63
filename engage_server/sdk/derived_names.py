"""The names that the server gives a plugin's metrics in GraphQL, and what is wrong with those of one plugin.

One rule for all: ``nps.score`` is the field ``score`` of ``Query.nps`` and ``Account.nps``, its type is ``NpsScore``,
its list over accounts ``Query.npsScoreByAccount``. Classes and enumerations within details bear the plugin's name
first: ``Band`` of ``health_score`` is ``HealthScoreBand``.
"""

from collections.abc import Iterator

from engage_server.sdk.compute import TENANT
from engage_server.sdk.details import RESERVED, DetailsField, DetailsShape
from engage_server.sdk.manifest import Manifest, Metric


def field_name(*ids: str) -> str:
    """The field of ids in snake case: ``license_utilization`` is ``licenseUtilization``."""
    pascal = type_name(*ids)
    return pascal[0].lower() + pascal[1:]


def type_name(*ids: str) -> str:
    """The type of ids in snake case: ``nps`` and ``score`` are ``NpsScore``."""
    return "".join(word[0].upper() + word[1:] for id in ids for word in id.split("_") if word)


def list_name(plugin_id: str, metric_id: str, kind: str) -> str:
    """The root field that lists a metric's values for all subjects of a kind."""
    return f"{field_name(plugin_id, metric_id)}By{type_name(kind)}"


def owned_name(plugin_id: str, name: str) -> str:
    """The type of a class or enumeration within details: the plugin's name first, once."""
    prefix = type_name(plugin_id)
    return name if name.startswith(prefix) and name != prefix else prefix + name


def plugin_type_name(plugin_id: str, kind: str) -> str:
    """The type that has a field for each metric of the plugin that is measured for the kind."""
    return type_name(plugin_id) if kind == TENANT.kind else f"{type_name(plugin_id)}Of{type_name(kind)}"


def kinds_of(manifest: Manifest) -> list[str]:
    """The kinds of subject that the plugin measures something for, in alphabetical order."""
    return sorted({kind for metric in manifest.metrics for kind in metric.subjects})


def name_problems(manifest: Manifest) -> Iterator[str]:
    """Names that would stand for two things in the plugin's part of a schema; each with its remedy."""
    owners: dict[str, str] = {}
    for name, owner in _types(manifest):
        other = owners.setdefault(name, owner)
        if other != owner:
            yield f"The GraphQL type {name} of {manifest.id} would be {other} and {owner}. Remedy: rename one."
    for metric in manifest.metrics:
        if metric.details is not None:
            yield from _reserved(f"{manifest.id}.{metric.id}", metric.details)
    yield from _differing(manifest)


def _types(manifest: Manifest) -> Iterator[tuple[str, str]]:
    for kind in kinds_of(manifest):
        yield plugin_type_name(manifest.id, kind), f"what the plugin has for the kind {kind!r}"
    for metric in manifest.metrics:
        owner = f"the metric {metric.id!r}"
        yield type_name(manifest.id, metric.id), owner
        yield from ((f"{name}{end}", f"a page of {owner}") for name, end in _pages(manifest, metric))
        for part in within(metric.details):
            yield owned_name(manifest.id, part), f"the class or enumeration {part!r}"


def _pages(manifest: Manifest, metric: Metric) -> Iterator[tuple[str, str]]:
    if set(metric.subjects) != {TENANT.kind}:
        name = type_name(manifest.id, metric.id)
        yield from ((name, "Connection"), (name, "Edge"))


def within(shape: DetailsShape | None) -> Iterator[str]:
    """The names of the classes and enumerations that the fields of a shape have."""
    for field in shape.fields if shape else ():
        if field.shape is not None:
            yield field.shape.name
            yield from within(field.shape)
        elif field.kind == "enum":
            yield field.enum_name


def _reserved(metric: str, shape: DetailsShape) -> Iterator[str]:
    for field in shape.fields:
        if field.name in RESERVED:
            yield (
                f"{metric}: the detail {field.name!r} of {shape.name} is a field that every result has. "
                f"Remedy: rename it, to {shape.name.lower()}_{field.name} for instance."
            )
    for fields in _all_fields(shape):
        seen: dict[str, str] = {}
        for field in fields:
            other = seen.setdefault(field_name(field.name), field.name)
            if other != field.name:
                yield (
                    f"{metric}: the details {other!r} and {field.name!r} are both {field_name(field.name)} in GraphQL. "
                    "Remedy: rename one."
                )


def _all_fields(shape: DetailsShape) -> Iterator[tuple[DetailsField, ...]]:
    yield shape.fields
    for field in shape.fields:
        if field.shape is not None:
            yield from _all_fields(field.shape)


def _differing(manifest: Manifest) -> Iterator[str]:
    """Classes and enumerations of one name that two metrics understand differently."""
    known: dict[str, object] = {}
    for metric in manifest.metrics:
        for fields in _all_fields(metric.details) if metric.details else ():
            for field in fields:
                name = field.enum_name if field.kind == "enum" else field.shape.name if field.shape else ""
                meaning = field.values if field.kind == "enum" else field.shape
                if name and known.setdefault(name, meaning) != meaning:
                    yield (
                        f"The metrics of {manifest.id} have two different classes or enumerations {name!r} in their "
                        "details. Remedy: use one for all, or rename one."
                    )
