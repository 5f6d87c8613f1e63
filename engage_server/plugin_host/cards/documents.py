"""Definition cards as plain JSON: all that a metric declares, and nothing of a tenant."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engage_server.plugin_host.registry import Plugin
from engage_server.sdk import Benchmark, Card, DetailsShape, Metric


def documents(plugins: Iterable[Plugin]) -> list[dict[str, Any]]:
    """Every metric of the plugins, by full id."""
    found = (_document(plugin, metric) for plugin in plugins for metric in plugin.manifest.metrics)
    return sorted(found, key=lambda one: str(one["id"]))


def _document(plugin: Plugin, metric: Metric) -> dict[str, Any]:
    return {
        "id": f"{plugin.id}.{metric.id}",
        "plugin": plugin.id,
        "plugin_version": plugin.version,
        "titles": {"en": metric.title, **metric.titles},
        "units": {"en": metric.unit, **metric.units},
        "direction": metric.direction.value,
        "category": metric.category,
        "subjects": list(metric.subjects),
        "sample": metric.sample.value,
        "lifecycle": metric.lifecycle.value,
        "definition_version": metric.definition_version,
        "no_interval": metric.no_interval,
        "min_age_days": metric.min_age_days,
        "details": [] if metric.details is None else list(_fields(metric.details)),
        **_card(metric.card),
    }


def _card(card: Card) -> dict[str, Any]:
    return {
        "formula": card.formula,
        "source": card.source,
        "edge_rules": list(card.edge_rules),
        "timing": card.timing.value,
        "vanity_risk": card.vanity_risk,
        "refresh_cadence": card.refresh_cadence,
        "vectors": [
            {
                "given": vector.given,
                "expected": vector.expected,
                "source": vector.source,
                "rows": plain(vector.rows),
                "config": plain(vector.config),
                "measured": plain(vector.measured),
            }
            for vector in card.vectors
        ],
        "benchmarks": [_benchmark(benchmark) for benchmark in card.benchmarks],
    }


def _benchmark(benchmark: Benchmark) -> dict[str, Any]:
    return {
        "statement": benchmark.statement,
        "source": benchmark.source,
        "published": benchmark.published,
        "verified": benchmark.verified,
        "low": benchmark.low,
        "high": benchmark.high,
        "unit": benchmark.unit,
        "figure": benchmark.figure,
        "applies_to": benchmark.applies_to,
        "cadences": [cadence.value for cadence in benchmark.cadences],
        "accounts": {name: list(values) for name, values in benchmark.accounts.items()},
        "details": plain(benchmark.details),
    }


def _fields(shape: DetailsShape, prefix: str = "") -> Iterator[Mapping[str, Any]]:
    """The fields of the details, those of nested ones by their path."""
    for field in shape.fields:
        name = f"{prefix}{field.name}"
        kind = field.enum_name if field.kind == "enum" else field.kind
        yield {
            "name": name,
            "kind": f"list of {kind}" if field.is_list else kind,
            "description": field.description,
            "personal": field.is_personal,
        }
        if field.shape is not None:
            yield from _fields(field.shape, f"{name}.")


def plain(declared: Any) -> Any:
    """What a plugin wrote in Python (dates, Decimals, enumerations) as JSON."""
    return json.loads(json.dumps(declared, default=str))
