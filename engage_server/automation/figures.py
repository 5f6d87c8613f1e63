"""Figures of metrics for who looks on from outside of the API: named, with their day, withheld where few stand behind.

Works inside the tenant's scope.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from engage_server.automation import evidence
from engage_server.automation.evidence import Told
from engage_server.metrics.bands import BAND
from engage_server.metrics.reader import StoredMetricReader
from engage_server.plugin_host.registry import registry
from engage_server.plugin_host.server_catalogues import server_catalogues
from engage_server.sdk import Status, Subject
from engage_server.sdk.catalogues import said_in
from engage_server.sdk.graphql import StoredValue
from engage_server.tenancy.scope import current_tenant

WITHHELD: Final = "WITHHELD"


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric's value of a subject on a day. ``value`` is null with the reason in ``status``; ``parts`` add up to it."""

    metric: str
    title: str
    unit: str
    value: float | None
    status: str
    day: date | None
    band: str = ""
    parts: tuple[tuple[str, float | None], ...] = ()


def figures(
    metrics: Sequence[str], subject: Subject, *, on: date | None = None, language: str = "en"
) -> list[Figure]:
    """The newest value of each metric, or that of a day, in the order asked for; a metric that is gone is left out."""
    known = [name for name in metrics if _is_known(name)]
    found = StoredMetricReader().latest_of(known, subject, on)
    hidden = few([found[name] for name in known if name in found])
    return [_figure(name, found.get(name), language, is_hidden=name in hidden) for name in known]


def few(values: Sequence[StoredValue]) -> frozenset[str]:
    """The metrics among these values of one subject that rest on fewer persons than the tenant's minimum."""
    return frozenset(one.metric for one in _of_few(values))


def withheld_of(values: Sequence[StoredValue]) -> frozenset[int]:
    """The subjects among these values of one metric and day whose value rests on fewer persons than that."""
    return frozenset(one.subject.id for one in _of_few(values))


def _of_few(values: Sequence[StoredValue]) -> list[StoredValue]:
    told = [
        Told(
            one.subject.kind, one.subject.id, one.day, {"metric": one.metric, "value": one.value, "n": one.n}
        )
        for one in values
    ]
    shown = evidence.shown(told, minimum=current_tenant().minimum_persons)
    return [
        one
        for one, seen in zip(values, shown, strict=True)
        if one.value is not None and seen["value"] is None
    ]


def title_of(metric: str, language: str = "en") -> str:
    """What people call a metric."""
    _, found = registry().metric(metric)
    return found.titles.get(language, found.title)


def written(value: float | None, unit: str) -> str:
    """A value as people read it."""
    if value is None:
        return "–"
    number = f"{value:,.1f}".removesuffix(".0")
    return f"{number}%" if unit == "%" else f"{number} {unit}".strip()


def labels_of(metric: str, language: str) -> Mapping[str, str]:
    """What the metric's plugin and the server call parts and causes in a language; empty for English."""
    plugin, _ = registry().metric(metric)
    said = (server_catalogues().get(language), plugin.manifest.catalogues.get(language))
    return {english: label for one in said if one is not None for english, label in one.labels.items()}


def _is_known(metric: str) -> bool:
    plugin_id, _, metric_id = metric.partition(".")
    plugin = registry().plugins.get(plugin_id)
    return plugin is not None and any(one.id == metric_id for one in plugin.manifest.metrics)


def _figure(metric: str, found: StoredValue | None, language: str, *, is_hidden: bool) -> Figure:
    _, declared = registry().metric(metric)
    title = declared.titles.get(language, declared.title)
    unit = declared.units.get(language, declared.unit)
    if found is None:
        return Figure(metric, title, unit, None, Status.NO_DATA.value, None)
    if is_hidden:
        return Figure(metric, title, unit, None, WITHHELD, found.day)
    band = found.details.get(BAND)
    return Figure(
        metric, title, found.unit or unit, found.value, found.status.value, found.day,
        band=band if isinstance(band, str) else "", parts=_parts(found.contributions, labels_of(metric, language)),
    )  # fmt: skip


def _parts(
    contributions: Sequence[Mapping[str, object]], labels: Mapping[str, str]
) -> tuple[tuple[str, float | None], ...]:
    parts = []
    for one in contributions:
        value = one.get("value")
        label = said_in(labels, str(one.get("label", "")))
        parts.append((label, float(value) if isinstance(value, int | float) else None))
    return tuple(parts)
