"""The tenant's audit log in GraphQL."""

from datetime import datetime
from typing import Final, Self

import strawberry
from strawberry.scalars import JSON

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Info
from engage_server.api.permissions import requires
from engage_server.api.types.pages import USUAL_PAGE, Connection, page_request, queried
from engage_server.api.types.subjects import plain
from engage_server.audit import chain, log, models

READ: Final = requires(Permission.AUDIT_READ)
MOST_VERIFIED: Final = 5_000  # entries a request; about a quarter of a second


@strawberry.type(description="One thing that was done in the tenant.")
class AuditEntry:
    position: int = strawberry.field(description="1 for the first; without gaps.")
    at: datetime
    actor: str = strawberry.field(
        description="`user:…`, `key:…`, `token:…`, `operator:…`, `visitor` or `system`."
    )
    action: str = strawberry.field(description="What was done, such as `key.revoked`.")
    subject: str = strawberry.field(description="What it was done to.")
    details: JSON
    request: str = strawberry.field(description="The request's id, as in the server's log; may be empty.")
    digest: str = strawberry.field(description="SHA-256 over this entry and the digest before it.")

    @classmethod
    def of(cls, entry: models.AuditEntry) -> Self:
        """The node of an entry."""
        return cls(
            position=entry.position,
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            details=entry.details,
            request=entry.request,
            digest=bytes(entry.digest).hex(),
        )


@strawberry.type(description="What following the audit log's digests from its first entry found.")
class AuditVerdict:
    intact: bool = strawberry.field(
        description="Whether all entries fit that were followed: to the log's end only where `endCursor` is null."
    )
    entries: int = strawberry.field(
        description="Position of the last entry that fits; those before it do too."
    )
    head: str = strawberry.field(
        description="Digest of the last that fits. Noted elsewhere, it shows later whether the end was cut off."
    )
    broken_at: int | None = strawberry.field(description="Position of the first that does not fit.")
    reason: str
    end_cursor: str | None = strawberry.field(
        description="Pass it as `after` to follow the rest; null where the end was reached or an entry does not fit."
    )

    @classmethod
    def of(cls, verdict: chain.Verdict, *, newest: int) -> Self:
        """The node of a verdict on a log whose last entry has the position ``newest``."""
        goes_on = verdict.broken_at is None and verdict.entries < newest
        return cls(
            end_cursor=ids.cursor(verdict.entries, of="auditVerified") if goes_on else None,
            intact=verdict.broken_at is None,
            entries=verdict.entries,
            head=verdict.head,
            broken_at=verdict.broken_at,
            reason=verdict.reason,
        )


@strawberry.type
class AuditQuery:
    @strawberry.field(
        description="What was done in the tenant and by whom, the newest first. `action` is one such as "
        "`key.revoked`, or with a dot at its end all that begin so.",
        extensions=[READ],
    )
    def audit_log(
        self,
        info: Info,
        *,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        action: str = "",
    ) -> Connection[AuditEntry]:
        entries = log.entries(plain(action))
        return queried(
            entries,
            of="auditLog",
            asked=page_request(first, after, last, before),
            nodes=lambda page: [AuditEntry.of(entry) for entry in page],
            count=entries.count,
            field="position",
            is_newest_first=True,
        )

    @strawberry.field(
        description=f"Whether each entry still has the digest that it was written with; {MOST_VERIFIED} entries a "
        "request, from the first on, or behind the cursor of the verdict before.",
        extensions=[READ],
    )
    def audit_verified(self, info: Info, after: str | None = None) -> AuditVerdict:
        behind = 0 if after is None else ids.row_before(after, of="auditVerified")
        verdict = log.verify(behind=behind, most=MOST_VERIFIED)
        newest = log.newest(1)
        return AuditVerdict.of(verdict, newest=newest[0].position if newest else 0)
