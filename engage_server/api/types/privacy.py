"""Suppressing, erasing and exporting persons in GraphQL."""

from datetime import datetime
from operator import attrgetter
from typing import Final, Self
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.permissions import requires
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, page, page_request
from engage_server.api.types.subjects import person_name
from engage_server.privacy import person_export, requests
from engage_server.privacy.exceptions import UnknownRequestError
from engage_server.privacy.models import PrivacyRequest as RequestRow
from engage_server.privacy.requests import Receipt
from engage_server.sdk.graphql import expose_enum

PRIVACY_REQUEST: Final = "PrivacyRequest"
MANAGE: Final = requires(Permission.PRIVACY_MANAGE)
expose_enum(RequestRow.Kind, name="PrivacyRequestKind", description="ERASE suppresses first.")
expose_enum(
    RequestRow.State, name="PrivacyRequestState", description="PENDING: the workers are at it, or will be."
)


@strawberry.type(description="Rows of one table that an erasure deleted or redacted.")
class ErasedRows:
    table: str
    rows: int


@strawberry.type(description="A request to suppress or erase a person, and its receipt; names nobody.")
class PrivacyRequest(Node):
    kind: RequestRow.Kind
    state: RequestRow.State
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
    erased: list[ErasedRows]
    days_restated: int = strawberry.field(
        description="Days whose values are computed again without the person."
    )

    @classmethod
    def of(cls, receipt: Receipt, context: Context) -> Self:
        """The node of a receipt."""
        return cls(
            id=strawberry.ID(ids.global_id(PRIVACY_REQUEST, tenant_id=context.tenant.id, pk=receipt.id)),
            kind=RequestRow.Kind(receipt.kind),
            state=RequestRow.State(receipt.state),
            requested_by=receipt.requested_by,
            requested_at=receipt.requested_at,
            finished_at=receipt.finished_at,
            erased=[ErasedRows(table=table, rows=rows) for table, rows in receipt.counts.items() if rows],
            days_restated=receipt.days_restated,
        )


def request_of(context: Context, number: UUID) -> PrivacyRequest | None:
    """The request of this number; None where there is none."""
    try:
        return PrivacyRequest.of(requests.receipt(number), context)
    except UnknownRequestError:
        return None


@strawberry.type
class PrivacyQuery:
    @strawberry.field(description="Requests concerning persons, the newest first.", extensions=[MANAGE])
    def privacy_requests(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[PrivacyRequest]:
        asked = page_request(first, after, last, before)
        place = None if asked.cursor is None else ids.uuid_before(asked.cursor, of="privacyRequests")
        return page(
            requests.newest(asked.size + 1, place=place, is_backwards=asked.is_backwards),
            of="privacyRequests",
            asked=asked,
            key=attrgetter("id"),
            nodes=lambda page: [PrivacyRequest.of(receipt, info.context) for receipt in page],
            count=requests.count,
        )


@strawberry.type
class PrivacyMutation:
    @strawberry.mutation(
        description="Take in and show nothing more of the person of this user id or anonymous id; what is stored stays, "
        "but for quarantined items that mention the person.",
        extensions=[MANAGE],
    )
    def suppress_person(self, info: Info, person: strawberry.ID) -> PrivacyRequest:
        return PrivacyRequest.of(requests.suppress(person_name(person)), info.context)

    @strawberry.mutation(
        description="Suppress the person at once and have the workers erase it from every table; metrics are restated.",
        extensions=[MANAGE],
    )
    def delete_person(self, info: Info, person: strawberry.ID) -> PrivacyRequest:
        return PrivacyRequest.of(requests.request_erasure(person_name(person)), info.context)

    @strawberry.mutation(
        description="Everything that is stored about a person; the audit log says who asked for it.",
        extensions=[MANAGE, requires(Permission.EXPORT_READ)],
    )
    def export_person(self, person: strawberry.ID) -> JSON:
        return JSON(person_export.export_person(person_name(person)))

    @strawberry.mutation(
        description="Say whether what a person does may be stored for analysis, from now on.",
        extensions=[MANAGE],
    )
    def set_consent(self, person: strawberry.ID, consents: bool) -> bool:
        requests.set_consent(person_name(person), consents=consents)
        return consents
