"""Keeps history true: what changed in the past marks its days, and only the values that see them are recomputed.

Code that changes data of a day that may be computed already calls ``note_changes`` in the transaction of the
change. A dispatcher's round turns the notes into runs of the plugins and days concerned, by what their inputs declare
that they read; a run writes a revision where a value really changed. Values that other plugins build on are noted in
turn.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from engage_server.activity.rollups.affected_days import AffectedDays
from engage_server.engine import away
from engage_server.engine.data_retention import first_computable
from engage_server.engine.models import AffectedDay, Run
from engage_server.metrics.beginnings import days_of
from engage_server.plugin_host import guard
from engage_server.plugin_host.activation import ActivePlugin, standing
from engage_server.plugin_host.exceptions import PluginFailedError
from engage_server.sdk import Dataset, Read
from engage_server.segments.tracking import tracked_reach, tracked_specs
from engage_server.tenancy.clock import in_seconds
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, current_tenant, shared_scope, tenant_scope
from engage_server.tenancy.shared_statements import as_visit, execute_shared

Cause = AffectedDay.Cause
SETTLE_S: Final = 5.0
TENANTS_A_ROUND: Final = 100
PLAIN: Final[Mapping[str, str]] = {Cause.EVENTS: "events", Cause.RESPONSES: "survey responses"}
# An erasure concerns whatever is computed from what persons did or said.
OF_PERSONS: Final = frozenset({Dataset.EVENTS, Dataset.SURVEY_RESPONSES, Dataset.FEEDBACK})
# Texts come and change with the responses that hold them.
NOTED_AS: Final[Mapping[Dataset, str]] = {Dataset.FEEDBACK: Cause.RESPONSES}
# Their notes name whose values they are about.
OF_ONE_PLUGIN: Final = frozenset({Cause.CONFIGURATION, Cause.ERASURE})
# Every batch of late events makes notes, mostly such as are there already.
NOTE: Final = """
    INSERT INTO engine_affectedday (tenant_id, cause, plugin, why, day)
    SELECT %s, %s, %s, %s, day FROM unnest(%s::date[]) AS past (day)
    ON CONFLICT DO NOTHING
"""
NOTE_OF_EVENTS: Final = """
    INSERT INTO engine_affectedday (tenant_id, cause, plugin, why, day)
    SELECT {tenant}, 'EVENTS', '', '', day FROM unnest('{{{days}}}'::date[]) AS past (day)
    ON CONFLICT DO NOTHING
"""
log = logging.getLogger("engage.engine")


@dataclass(frozen=True, slots=True)
class Noted:
    """What one call noted: past days whose data changed, and as ``note_changes`` has it of what kind and why."""

    cause: Cause
    days: tuple[date, ...]
    plugin: str = ""
    why: str = ""


_heard: ContextVar[list[Noted] | None] = ContextVar("engage_noted_changes", default=None)


@contextmanager
def hearing_changes() -> Iterator[list[Noted]]:
    """Collect what is noted inside, for who asked for a change and is told what follows from it."""
    heard: list[Noted] = []
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)


def note_changes(
    tenant: TenantRef, cause: Cause, days: Iterable[date], *, plugin: str = "", why: str = ""
) -> None:
    """Mark days of the tenant's calendar whose data changed; the running day needs no mark and gets none.

    Call it last in the transaction of the change: two transactions that mark the same day take turns.

    Args:
        cause: what kind of data changed.
        days: the days that the changed data belong to.
        plugin: with the cause METRIC, whose values changed; with CONFIGURATION, whose configuration; with
            ERASURE, whose values of just these days have to be computed again.
        why: how the data changed ("merge"), where it is not that they came late.
    """
    past = _past(tenant, days)
    if past:
        _hear(Noted(cause, tuple(past), plugin, why))
        execute_shared(NOTE, [tenant.id, cause, plugin, why, past])


def note_of_events(tenant: TenantRef, days: Iterable[date]) -> list[str]:
    """The statements that mark these days of late events, to be sent last in a message of the tenant's scope."""
    past = _past(tenant, days)
    if past:
        _hear(Noted(Cause.EVENTS, tuple(past)))
    listed = ",".join([day.isoformat() for day in past])
    return [as_visit(NOTE_OF_EVENTS.format(tenant=tenant.id, days=listed))] if past else []


def _hear(noted: Noted) -> None:
    heard = _heard.get()
    if heard is not None:
        heard.append(noted)


def _past(tenant: TenantRef, days: Iterable[date]) -> list[date]:
    today = timezone.now().astimezone(tenant.zone).date()
    return sorted({day for day in days if day < today})


def note_person_changes(affected: AffectedDays) -> None:
    """Mark the days of the events and survey responses that a change of persons has moved; as ``note_changes``."""
    tenant = current_tenant()
    note_changes(tenant, Cause.EVENTS, affected.event_days, why=affected.why)
    note_changes(tenant, Cause.RESPONSES, affected.response_days, why=affected.why)


def restate_all(tenant: TenantRef, plugin: str) -> None:
    """Have every stored day of a plugin recomputed: its configuration changed."""
    note_changes(tenant, Cause.CONFIGURATION, [date.min], plugin=plugin)


def restate_segment(tenant: TenantRef, number: int, first: date) -> None:
    """Have the stored days from one on recomputed where values of a tracked segment hang on this one's members."""
    if number in tracked_reach():
        note_changes(tenant, Cause.SEGMENTS, [first])


def note_definition(tenant: TenantRef, plugin: str, *, why: str) -> None:
    """Have every stored day of a plugin recomputed: a definition of it was raised."""
    longest = AffectedDay._meta.get_field("why").max_length
    note_changes(tenant, Cause.CONFIGURATION, [date.min], plugin=plugin, why=why[:longest])


def restate_calendar(tenant: TenantRef) -> None:
    """Have every stored day of every plugin recomputed: the tenant's days begin at another hour."""
    note_changes(tenant, Cause.TIMEZONE, [date.min], why=tenant.timezone)


def days_to_restate(changes: Iterable[Noted]) -> Mapping[str, Collection[date]]:
    """The stored days of the tenant in scope that these changes have recomputed, by the plugin whose values they are.

    Those of plugins that read the data themselves, as they are configured now. Where a value then changes, what is built
    on it follows.
    """
    notes = [
        AffectedDay(cause=noted.cause, plugin=noted.plugin, why=noted.why, kept_for="", day=day)
        for noted in changes
        for day in noted.days
    ]
    return _concerned(standing().active, notes) if notes else {}


def open_runs(*, settle_s: float = SETTLE_S) -> int:
    """Turn notes into runs, a transaction per tenant; return the number of runs opened.

    ``settle_s``: how long a note rests first, so that a stream of late events is restated once.
    """
    opened = 0
    with shared_scope():
        tenants = list(
            Tenant.objects.filter(
                status=Tenant.Status.ACTIVE, affected_days__noted_at__lte=in_seconds(-settle_s)
            ).distinct()[:TENANTS_A_ROUND]
        )
    for tenant in tenants:
        with shared_scope(), transaction.atomic():
            opened += _open_runs_of(tenant.ref)
    return opened


def _open_runs_of(tenant: TenantRef) -> int:
    notes = list(AffectedDay.objects.select_for_update(skip_locked=True).filter(tenant_id=tenant.id))
    AffectedDay.objects.filter(pk__in=[note.pk for note in notes]).delete()
    with tenant_scope(tenant):
        found = standing()
        concerned = _concerned(found.active, notes)
    _keep(tenant, notes, found.waiting)
    moment = datetime.now(tenant.zone)
    runs = [
        Run(
            tenant_id=tenant.id,
            plugin=plugin_id,
            scheduled_for=moment,
            day=day,
            reason=reason,
            # Today's numbers never wait for yesterday's corrections.
            priority=Run.Priority.BACKFILL,
        )
        for plugin_id, days in concerned.items()
        for day, reason in sorted(days.items())
        if not _is_open(tenant, plugin_id, day)
    ]
    Run.objects.bulk_create(runs)
    return len(runs)


def _concerned(
    active: Mapping[str, ActivePlugin], notes: Iterable[AffectedDay]
) -> dict[str, dict[date, str]]:
    """The stored days of each plugin that the notes concern, with the first reason."""
    return {
        plugin_id: days
        for plugin_id, one in active.items()
        if (days := _stored_days(one, list(_spans(one, notes))))
    }


def _keep(tenant: TenantRef, notes: Iterable[AffectedDay], waiting: Collection[str]) -> None:
    """Note once more what plugins that cannot run now have still to be told; they are looked at again in a while."""
    AffectedDay.objects.bulk_create(
        (
            AffectedDay(
                tenant_id=tenant.id, cause=note.cause, plugin=note.plugin, day=note.day, why=note.why,
                kept_for=plugin, noted_at=in_seconds(away.AWAY_S),
            )
            for plugin in waiting
            for note in notes
            if _is_for(note, plugin) and (note.cause not in OF_ONE_PLUGIN or note.plugin in ("", plugin))
        ),
        ignore_conflicts=True,
    )  # fmt: skip


def _is_for(note: AffectedDay, plugin: str) -> bool:
    return note.kept_for in ("", plugin)


@dataclass(frozen=True, slots=True)
class _Span:
    """Days from ``first`` to ``last`` (included; None = without end) that a change concerns, and why."""

    first: date
    last: date | None
    reason: str


def _spans(active: ActivePlugin, notes: Iterable[AffectedDay]) -> Iterable[_Span]:
    try:
        # Who is in a tracked segment decides on its values as the plugin's own inputs do.
        specs = [*guard.inputs(active.plugin, active.config).values(), *tracked_specs()]
    except PluginFailedError as error:
        # Its next run fails with the reason; the other plugins' history is restated all the same.
        log.error("%s", error, extra={"action": "plugin_inputs", "plugin": active.plugin.id})
        return
    for note in notes:
        if not _is_for(note, active.plugin.id):
            continue
        if note.cause == Cause.CONFIGURATION:
            if note.plugin == active.plugin.id:
                yield _Span(note.day, None, note.why or f"configuration version {active.version}")
            continue
        if note.cause == Cause.SEGMENTS:
            yield _Span(note.day, None, _reason(note))
            continue
        if note.cause == Cause.TIMEZONE:
            yield _Span(note.day, None, f"{Cause.TIMEZONE.label} {note.why}")
            continue
        if note.cause == Cause.ERASURE and note.plugin:
            if note.plugin == active.plugin.id:
                yield _Span(note.day, note.day, f"{Cause.ERASURE.label} of {note.day}")
            continue
        for spec in specs:
            for read in spec.reads:
                if _concerns(read, note):
                    yield _Span(note.day, read.last_day(note.day), _reason(note))


def _reason(note: AffectedDay) -> str:
    what = f"{note.why}: {PLAIN[note.cause]}" if note.why else Cause(note.cause).label
    return what if note.day == date.min else f"{what} of {note.day}"


def _concerns(read: Read, note: AffectedDay) -> bool:
    if note.cause == Cause.ERASURE:
        return read.dataset in OF_PERSONS
    cause = NOTED_AS.get(read.dataset, read.dataset.value)
    return cause == note.cause and (read.plugins is None or note.plugin in read.plugins)


def _stored_days(active: ActivePlugin, spans: list[_Span]) -> dict[date, str]:
    """The plugin's computed days within the spans, each with the first reason."""
    if not spans:
        return {}
    metrics = [f"{active.plugin.id}.{metric.id}" for metric in active.plugin.manifest.metrics]
    first = min(span.first for span in spans)
    reasons: dict[date, str] = {}
    for day in days_of(metrics, first=first):
        for span in spans:
            if span.first <= day and (span.last is None or day <= span.last):
                reasons.setdefault(day, span.reason)
                break
    return _still_computable(active, reasons)


def _still_computable(active: ActivePlugin, reasons: dict[date, str]) -> dict[date, str]:
    """Without the days for which raw events are no longer kept: their values stand."""
    tenant = current_tenant()
    if not reasons or tenant.events_keep_days is None:
        return reasons
    first = first_computable(tenant, guard.inputs(active.plugin, active.config).values())
    refused = sorted(day for day in reasons if first is not None and day < first)
    if refused:
        log.warning(
            "%s is not restated for %s days up to %s (%s): their events are no longer kept.",
            active.plugin.id, len(refused), refused[-1], reasons[refused[-1]],
            extra={"action": "restatement_refused", "plugin": active.plugin.id, "days": len(refused)},
        )  # fmt: skip
    return {day: reason for day, reason in reasons.items() if day not in refused}


def _is_open(tenant: TenantRef, plugin: str, day: date) -> bool:
    return Run.objects.filter(tenant_id=tenant.id, plugin=plugin, day=day, state=Run.State.PENDING).exists()
