"""Records what is done in a tenant, and reads the record."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import QuerySet
from pydantic import JsonValue

from engage_server.audit.actor import current_actor
from engage_server.audit.chain import START, Verdict, check, digest_of
from engage_server.audit.models import AuditEntry
from engage_server.telemetry.context import current_fields
from engage_server.telemetry.logs import mask
from engage_server.tenancy import citus
from engage_server.tenancy.scope import current_tenant, tenant_scope

LOCK: Final = 0x0A0D17  # namespace of the advisory lock, one per tenant, that puts entries in a row
COPY: Final = "COPY audit_auditentry FROM STDIN"
log = logging.getLogger("engage.audit")


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """What was done: ``action`` dotted and in the past tense (``key.revoked``), ``subject`` what it was done to (a public
    id, a plugin, a person's number), ``details`` more about it. Never a secret or personal data."""

    action: str
    subject: str = ""
    details: Mapping[str, JsonValue] = field(default_factory=dict)


def record(action: str, *, subject: str = "", details: Mapping[str, JsonValue] | None = None) -> AuditEntry:
    """Append an entry to the log of the tenant in scope, in the transaction of what it tells of; see ``AuditRecord``.

    Raises:
        NoTenantError: no tenant is in scope.
    """
    return record_all([AuditRecord(action, subject, details or {})])[0]


def record_all(records: Sequence[AuditRecord]) -> list[AuditEntry]:
    """As ``record``, for several records at the cost of one.

    Raises:
        NoTenantError: no tenant is in scope.
    """
    tenant = current_tenant()
    with tenant_scope(tenant), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s), clock_timestamp()", [LOCK, tenant.id])
            now: datetime = cursor.fetchone()[1]
        last = AuditEntry.objects.order_by("-position").values_list("position", "digest").first()
        entries = _chain(records, at=now, behind=(last[0], bytes(last[1])) if last else (0, START))
        AuditEntry.objects.bulk_create(entries)
        # What is recorded is done in the shared tables, too.
        citus.commit_together(COPY)
    for entry in entries:
        # The line leaves this database: an operator who keeps logs can later compare the chain's head with it.
        log.info(
            "%s %s %s",
            entry.actor,
            entry.action,
            entry.subject,
            extra={"action": entry.action, "position": entry.position, "digest": entry.digest.hex()},
        )
    return entries


def _chain(records: Sequence[AuditRecord], *, at: datetime, behind: tuple[int, bytes]) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    position, previous = behind
    for one in records:
        position += 1
        entry = AuditEntry(
            position=position,
            at=at,
            actor=mask(current_actor())[:100],
            action=one.action,
            subject=mask(one.subject)[:200],
            request=str(current_fields().get("request", ""))[:60],
            details=dict(one.details),
            previous=previous,
        )
        previous = entry.digest = digest_of(entry)
        entries.append(entry)
    return entries


def verify(*, behind: int = 0, most: int | None = None) -> Verdict:
    """Follow the chain of the tenant in scope.

    Args:
        behind: the position of an entry that was found to fit; 0: from the first entry on.
        most: how many entries to follow; None: all.
    """
    current_tenant()
    entries = AuditEntry.objects.order_by("position").filter(position__gt=behind)
    if most is not None:
        entries = entries[:most]
    head = START
    if behind:
        start = AuditEntry.objects.filter(position=behind).values_list("digest", flat=True).first()
        if start is None:
            return Verdict(0, START.hex(), broken_at=behind, reason=f"Entry {behind} is missing.")
        head = bytes(start)
    return check(entries.iterator(chunk_size=2_000), behind=behind, head=head)


def newest(count: int, *, before: int | None = None, action: str = "") -> list[AuditEntry]:
    """The newest entries of the tenant in scope, the newest first.

    Args:
        count: how many at most.
        before: only those of lower positions, for the next page.
        action: only this action, or with a trailing dot those that begin with it (``key.``).
    """
    found = entries(action).order_by("-position")
    if before is not None:
        found = found.filter(position__lt=before)
    return list(found[:count])


def entries(action: str = "") -> QuerySet[AuditEntry]:
    """The entries of the tenant in scope; ``action`` as in ``newest``."""
    current_tenant()
    if not action:
        return AuditEntry.objects.all()
    return AuditEntry.objects.filter(**{"action__startswith" if action.endswith(".") else "action": action})


def contains(digest: str) -> bool:
    """Whether an entry of the tenant in scope has this digest (hexadecimal)."""
    current_tenant()
    try:
        wanted = bytes.fromhex(digest)
    except ValueError:
        return False
    return AuditEntry.objects.filter(digest=wanted).exists()
