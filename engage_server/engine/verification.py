"""Computes stored values again from their lineage and compares. Writes nothing."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.windows import day_window
from engage_server.engine.compute import ComputedDay, compute_day
from engage_server.engine.exceptions import EngineError
from engage_server.engine.tracked_segments import SEGMENT
from engage_server.metrics.bulk_copy import Row
from engage_server.metrics.exceptions import UnstorableValueError
from engage_server.metrics.models import MetricValue
from engage_server.metrics.writer import as_row
from engage_server.plugin_host.activation import ActivePlugin, configured, setting_of
from engage_server.plugin_host.exceptions import PluginHostError
from engage_server.sdk import TENANT, Status
from engage_server.segments.tracking import tracked
from engage_server.tenancy.scope import TenantRef, tenant_scope

TIMEOUT_MS: Final = 300_000
NO_RUN: Final = 0
UNSTEADY: Final = "the plugin gives another value each time: it is not deterministic"


class Verdict(StrEnum):
    """NOT_COMPARABLE: plugin, definition, configuration or data are not what they were."""

    EQUAL = "equal"
    DIFFERENT = "different"
    NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one stored value. ``why`` is a sentence, or the fields that differ as "stored, recomputed"."""

    metric: str
    subject: str
    day: date
    verdict: Verdict
    why: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """The values in force that one plugin gave for one day under one configuration."""

    plugin: str
    day: date
    configuration_version: int
    timezone: str


Key = tuple[str, str, int]


def verify(
    tenant: TenantRef,
    *,
    plugins: Sequence[str] = (),
    first: date | None = None,
    last: date | None = None,
    sample: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Finding]:
    """Verify the values in force of some plugins (default: all) and days (default: all).

    ``sample`` verifies this many plugin days, drawn at random. ``progress`` is told plugin days done and in all.
    """
    with tenant_scope(tenant, timeout_ms=TIMEOUT_MS):
        batches = _batches(plugins=plugins, first=first, last=last)
        if sample is not None and sample < len(batches):
            batches = random.sample(batches, sample)
        findings: list[Finding] = []
        for done, batch in enumerate(batches, start=1):
            findings += _verified(batch)
            progress(done, len(batches))
    return findings


def _batches(*, plugins: Sequence[str], first: date | None, last: date | None) -> list[Batch]:
    rows = MetricValue.objects.filter(superseded_at=None)
    if first is not None:
        rows = rows.filter(day__gte=first)
    if last is not None:
        rows = rows.filter(day__lte=last)
    found = {
        Batch(metric.partition(".")[0], day, version, timezone)
        for metric, day, version, timezone in rows.values_list(
            "metric", "day", "configuration_version", "timezone"
        ).distinct()
    }
    wanted = (batch for batch in found if not plugins or batch.plugin in plugins)
    return sorted(wanted, key=lambda batch: (batch.day, batch.plugin, batch.configuration_version))


def _verified(batch: Batch) -> list[Finding]:
    of_the_day = MetricValue.objects.filter(metric__startswith=f"{batch.plugin}.", day=batch.day)
    in_force = list(of_the_day.filter(superseded_at=None).order_by("metric", "subject_kind", "subject_id"))
    stored = [
        row
        for row in in_force
        if (row.configuration_version, row.timezone) == (batch.configuration_version, batch.timezone)
    ]
    try:
        active = _as_configured(batch)
        computed, again = _recomputed(active, batch)
    except (PluginHostError, EngineError, UnstorableValueError) as error:
        return [_not_comparable(row, str(error)) for row in stored]
    # A run that changes nothing writes nothing: the day's newest row, in force or not, knows the last inputs best.
    newest = of_the_day.order_by("-computed_at", "-run_id").first()
    same_inputs = newest is not None and newest.input_digest == computed.lineage.input_digest
    findings = [
        _compared(row, again.get(_key(row)), same_inputs=same_inputs, active=active) for row in stored
    ]
    if same_inputs and _same_definition(stored, active):
        missing = set(again) - {_key(row) for row in in_force} - _of_later_segments(again, newest)
        findings += [
            Finding(metric, _subject(kind, id), batch.day, Verdict.DIFFERENT, "recomputed, but not stored")
            for metric, kind, id in sorted(missing)
        ]
    if any(finding.verdict is Verdict.DIFFERENT for finding in findings):
        _, once_more = _recomputed(active, batch)
        findings = list(_told_apart(findings, again, once_more))
    return findings


def _of_later_segments(again: Iterable[Key], newest: MetricValue | None) -> set[Key]:
    """What is told of segments that are tracked only since the day was computed: nothing is stored of them before."""
    later = {one.number for one in tracked() if newest is not None and one.created_at > newest.computed_at}
    return {key for key in again if key[1] == SEGMENT and key[2] in later}


def _recomputed(active: ActivePlugin, batch: Batch) -> tuple[ComputedDay, dict[Key, Row]]:
    with current_rollups():
        computed = compute_day(active, day_window(batch.day, batch.timezone), run_id=NO_RUN)
    return computed, {_key(row): row for row in map(as_row, computed.values)}


def _told_apart(
    findings: Iterable[Finding], again: Mapping[Key, Row], once_more: Mapping[Key, Row]
) -> Iterator[Finding]:
    """The findings; of a value that no two computations agree on it is said that the plugin is to blame."""
    unsteady = {
        (row.metric, _subject(row.subject_kind, row.subject_id))
        for key, row in again.items()
        if (other := once_more.get(key)) is None or _said(row) != _said(other)
    }
    for finding in findings:
        if finding.verdict is Verdict.DIFFERENT and (finding.metric, finding.subject) in unsteady:
            yield replace(finding, why=f"{finding.why}; {UNSTEADY}")
        else:
            yield finding


def _as_configured(batch: Batch) -> ActivePlugin:
    """The plugin under the configuration that the values were computed with.

    Raises:
        PluginHostError: it is not installed, does not take the configuration, or nobody knows it any more.
    """
    setting = setting_of(batch.plugin, batch.configuration_version)
    if setting is None:
        raise PluginHostError(
            f"The configuration version {batch.configuration_version} of {batch.plugin!r} is not on record."
        )
    return configured(setting)


def _compared(row: MetricValue, again: Row | None, *, same_inputs: bool, active: ActivePlugin) -> Finding:
    metric = {f"{active.plugin.id}.{metric.id}": metric for metric in active.plugin.manifest.metrics}.get(
        row.metric
    )
    if metric is None or metric.definition_version != row.definition_version:
        installed = "none" if metric is None else metric.definition_version
        return _not_comparable(row, f"definition version {row.definition_version}, installed is {installed}")
    differences = _differences(row, again)
    if not differences:
        return _finding(row, Verdict.EQUAL)
    if row.plugin_version != active.plugin.version:
        return _not_comparable(
            row, f"plugin version {row.plugin_version}, installed is {active.plugin.version}"
        )
    if not same_inputs:
        return _not_comparable(row, f"data changed since {_moment(row.data_as_of)}, recompute the day")
    if row.status == Status.PARTIAL and again is not None and again.status != Status.PARTIAL:
        return _not_comparable(row, "the day ended since, recompute it")
    return _finding(row, Verdict.DIFFERENT, differences)


def _differences(row: MetricValue, again: Row | None) -> str:
    if again is None:
        return "stored, but not recomputed"
    return "; ".join(
        f"{field}: {_text(getattr(row, field))}, {_text(value)}"
        for field, value in _said(again).items()
        if getattr(row, field) != value
    )


def _said(row: Row) -> dict[str, Any]:
    """What a recomputed value says, by the names that a stored one has for it."""
    contributions, details = row.explained
    return {
        "value": row.value, "status": row.status, "n": row.n, "contributions": contributions, "details": details,
    }  # fmt: skip


def _same_definition(stored: Iterable[MetricValue], active: ActivePlugin) -> bool:
    versions = {
        f"{active.plugin.id}.{metric.id}": metric.definition_version
        for metric in active.plugin.manifest.metrics
    }
    return all(
        row.plugin_version == active.plugin.version and versions.get(row.metric) == row.definition_version
        for row in stored
    )


def counts(findings: Iterable[Finding]) -> Mapping[Verdict, int]:
    """How many findings there are of each verdict."""
    verdicts = [finding.verdict for finding in findings]
    return {verdict: verdicts.count(verdict) for verdict in Verdict}


def _key(row: MetricValue | Row) -> Key:
    return (row.metric, row.subject_kind, row.subject_id)


def _not_comparable(row: MetricValue, why: str) -> Finding:
    return _finding(row, Verdict.NOT_COMPARABLE, why)


def _finding(row: MetricValue, verdict: Verdict, why: str = "") -> Finding:
    return Finding(row.metric, _subject(row.subject_kind, row.subject_id), row.day, verdict, why)


def _subject(kind: str, id: int) -> str:
    return kind if kind == TENANT.kind else f"{kind} {id}"


def _moment(moment: datetime | None) -> str:
    return "then" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S %Z}"


def _text(value: Any) -> str:
    text = f"{value.normalize():f}" if hasattr(value, "normalize") else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
