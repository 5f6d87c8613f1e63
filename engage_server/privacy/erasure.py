"""Erases a person from every table, step by step, a bounded transaction each. Killed anywhere, it goes on from there.

The order matters: what is found by a name comes before the names are removed, what values are computed from before the
values, and the roll-ups come last.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils import timezone

from engage_server.activity.erasure import forget_persons, remove_events_of
from engage_server.activity.rollups.deltas import log_persons
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.audit import log as audit_log
from engage_server.automation.erasure import (
    redact_reasons,
    redact_tasks,
    remove_deliveries_about,
    remove_invitations_of,
    remove_journeys_of,
    remove_signals_of,
    remove_tasks_of,
)
from engage_server.customers.cache_epoch import bump_epoch, lock_epoch
from engage_server.customers.erasure import (
    hidden_among,
    identifying_texts,
    redact_responses,
    remove_persons,
    remove_responses,
)
from engage_server.customers.person_mentions import NameMatcher
from engage_server.definitions.erasure import redact_texts
from engage_server.engine.background_tasks import BackgroundTask
from engage_server.engine.erasure import forget_answers, scrub_errors
from engage_server.engine.restatement import Cause, note_changes
from engage_server.ingest.erasure import remove_mentioning
from engage_server.ingest.imports.uploads import forget_files, forget_rejects
from engage_server.metrics.erasure import redact_values, remove_values_of
from engage_server.privacy.exceptions import PrivacyError
from engage_server.privacy.local_exports import remove_exports_with
from engage_server.privacy.models import PrivacyRequest
from engage_server.segments.erasure import remove_from_segments
from engage_server.suppression.exceptions import SuppressionError
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, current_tenant, shared_scope, tenant_scope

QUARANTINE_ROWS: Final = 1_000
RESPONSES_AT_ONCE: Final = 5_000
EVENTS: Final = 20_000
CHORE_EVERY_S: Final = 2.0
log = logging.getLogger("engage.privacy")


@dataclass(frozen=True, slots=True)
class Progress:
    """What a part of a step came to. ``position``: where the step goes on; None: it is done."""

    counts: Mapping[str, int] = field(default_factory=dict)
    days: frozenset[date] = frozenset()
    position: int | None = None


Step = Callable[[PrivacyRequest], Progress]


def empty_quarantine(persons: Sequence[int]) -> None:
    """Delete at once what mentions these persons or any suppressed name there, inside the tenant's scope."""
    texts = identifying_texts(persons)
    position: int | None = 0
    while position is not None:
        with transaction.atomic():
            position = remove_mentioning(texts, after=position, limit=QUARANTINE_ROWS).last


def _quarantine(request: PrivacyRequest) -> Progress:
    persons = request.persons
    if request.kind == PrivacyRequest.Kind.SUPPRESS:
        lock_epoch()  # Nobody is admitted again between the next line and the deletion.
        persons = hidden_among(persons)
    done = remove_mentioning(identifying_texts(persons), after=request.position, limit=QUARANTINE_ROWS)
    counts = {"ingest_quarantineditem": done.removed}
    if pieces := _forget_imports(request):
        counts["ingest_importpart"] = pieces
    return Progress(counts, position=done.last)


def _forget_imports(request: PrivacyRequest) -> int:
    """Files that came by request are erased as a whole: their rows are the tenant's, which has them."""
    files = forget_files() if request.kind == PrivacyRequest.Kind.ERASE else 0
    return files + forget_rejects()


def _exports(request: PrivacyRequest) -> Progress:
    return Progress({"exports on disk": remove_exports_with(request.persons)})


def _events(request: PrivacyRequest) -> Progress:
    removed = remove_events_of(request.persons, limit=EVENTS)
    note_changes(current_tenant(), Cause.ERASURE, removed.days)
    return Progress(
        {"activity_event": removed.events},
        days=frozenset(removed.days),
        position=0 if removed.events == EVENTS else None,
    )


def _responses(request: PrivacyRequest) -> Progress:
    tenant = current_tenant()
    moments = remove_responses(request.persons)
    days = frozenset(moment.astimezone(tenant.zone).date() for moment in moments)
    note_changes(tenant, Cause.ERASURE, days)
    return Progress({"customers_surveyresponse": len(moments)}, days=days)


def _feedback(request: PrivacyRequest) -> Progress:
    tenant = current_tenant()
    done = redact_responses(
        identifying_texts(request.persons), after=request.position, limit=RESPONSES_AT_ONCE
    )
    days = frozenset(moment.astimezone(tenant.zone).date() for moment in done.moments)
    note_changes(tenant, Cause.ERASURE, days)
    return Progress({"customers_surveyresponse, redacted": len(done.moments)}, days=days, position=done.last)


def _definitions(request: PrivacyRequest) -> Progress:
    names = identifying_texts(request.persons)
    count = redact_texts(NameMatcher(names).matches) if names else 0
    return Progress({"definitions_definition, redacted": count})


def _automation(request: PrivacyRequest) -> Progress:
    removed = remove_signals_of(request.persons)
    names = identifying_texts(request.persons)
    mentions = NameMatcher(names).matches if names else lambda text: False
    counts = {
        "automation_signal": removed,
        "automation_signal, redacted": redact_reasons(mentions),
        "automation_journey": remove_journeys_of(request.persons),
        "automation_task": remove_tasks_of(request.persons),
        "automation_task, redacted": redact_tasks(mentions),
        "automation_delivery": remove_deliveries_about(request.persons, mentions),
        "automation_surveyinvitation": remove_invitations_of(request.persons),
    }
    return Progress(counts)


def _values(request: PrivacyRequest) -> Progress:
    removed = remove_values_of(request.persons)
    redacted = redact_values(identifying_texts(request.persons))
    for metric, day in redacted.in_force:
        note_changes(current_tenant(), Cause.ERASURE, [day], plugin=metric.partition(".")[0])
    return Progress(
        {"metrics_metricvalue": removed, "metrics_metricvalue, redacted": redacted.values},
        days=frozenset(day for _, day in redacted.in_force),
    )


def _errors(request: PrivacyRequest) -> Progress:
    counts = scrub_errors(identifying_texts(request.persons))
    redacted = {f"{table}, redacted": count for table, count in counts.items()}
    return Progress({**redacted, "engine_computation": forget_answers()})


def _persons(request: PrivacyRequest) -> Progress:
    bump_epoch()
    listed = remove_from_segments(request.persons)
    counts = {"segments_segmentmember": listed, **remove_persons(request.persons)}
    log_persons(request.persons)
    return Progress(counts)


def _roll_ups(request: PrivacyRequest) -> Progress:
    with current_rollups():
        return Progress({"activity_personstate": forget_persons(request.persons)})


STEPS: Final[Mapping[str, Step]] = {
    "quarantine": _quarantine,
    "exports": _exports,
    "events": _events,
    "responses": _responses,
    "feedback": _feedback,
    "definitions": _definitions,
    "automation": _automation,
    "values": _values,
    "errors": _errors,
    "persons": _persons,
    "roll-ups": _roll_ups,
}
ORDER: Final[Mapping[str, tuple[str, ...]]] = {
    PrivacyRequest.Kind.ERASE: (*STEPS, ""),
    PrivacyRequest.Kind.SUPPRESS: ("quarantine", ""),
}


def erase(request: UUID, *, stop: threading.Event | None = None) -> None:
    """Do what is left of an erasure, inside the tenant's scope; nothing where it is done or in other hands.

    Of a suppression it is the quarantine alone.

    Each part of a step is a transaction with its counts, so that they are exact wherever it is killed.
    """
    while not (stop is not None and stop.is_set()):
        with tenant_scope(current_tenant(), timeout_ms=0), transaction.atomic():
            row = _lock_request(request)
            if row is None:
                return
            _advance(row)


def _lock_request(request: UUID) -> PrivacyRequest | None:
    """The request, until the transaction ends in nobody else's hands."""
    tenant_id = current_tenant().id
    with shared_scope():
        return (
            PrivacyRequest.objects.select_for_update(skip_locked=True)
            .filter(pk=request, tenant_id=tenant_id, state=PrivacyRequest.State.PENDING)
            .first()
        )


def _advance(row: PrivacyRequest) -> None:
    order = ORDER[row.kind]
    step = row.step or order[0]
    progress = STEPS[step](row)
    for table, count in progress.counts.items():
        row.counts[table] = row.counts.get(table, 0) + count
    row.days = sorted({*row.days, *progress.days})
    if progress.position is None:
        row.step, row.position = order[order.index(step) + 1], 0
    else:
        row.step, row.position = step, progress.position
    if not row.step:
        row.state, row.finished_at, row.error = PrivacyRequest.State.DONE, timezone.now(), ""
        row.days, row.days_restated = [], len(row.days)
        if row.kind == PrivacyRequest.Kind.ERASE:
            _record(row)
    with shared_scope():
        row.save()


def _record(row: PrivacyRequest) -> None:
    audit_log.record(
        "person.deleted",
        subject=", ".join(f"person {person}" for person in row.persons)[:200] or "a person not stored",
        details={"request": str(row.id), "counts": row.counts, "days": row.days_restated},
    )


def pending_requests(tenant: TenantRef) -> list[UUID]:
    """The tenant's erasures and suppressions that are not done, the oldest first."""
    with shared_scope():
        return list(
            PrivacyRequest.objects.filter(
                tenant_id=tenant.id, state=PrivacyRequest.State.PENDING
            ).values_list("id", flat=True)
        )


def _tenants() -> list[TenantRef]:
    """Suspended ones too: a person's right does not wait for its company."""
    with shared_scope():
        tenants = Tenant.objects.filter(privacy_requests__state=PrivacyRequest.State.PENDING).exclude(
            status__in=[Tenant.Status.DELETING, Tenant.Status.MOVING]
        )
        return [tenant.ref for tenant in tenants.distinct()]


def _work(tenant: TenantRef, stop: threading.Event) -> None:
    for request in pending_requests(tenant):
        try:
            with tenant_scope(tenant, timeout_ms=0):
                erase(request, stop=stop)
        except (DatabaseError, InterfaceError, OSError, PrivacyError, SuppressionError) as error:
            connection.close()
            _note_failure(request, error)


def _note_failure(request: UUID, error: Exception) -> None:
    """The kind of the error alone: databases and files are quoted in its text."""
    kind = type(error).__name__
    log.warning(
        "The erasure %s is tried again: %s.",
        request,
        kind,
        extra={"action": "erasure_failed", "request": str(request)},
    )
    with shared_scope():
        PrivacyRequest.objects.filter(pk=request).update(error=kind)


CHORE: Final = BackgroundTask("erasure of persons", every_s=CHORE_EVERY_S, tenants=_tenants, work=_work)
