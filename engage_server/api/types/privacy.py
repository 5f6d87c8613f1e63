"""Suppressing, erasing and exporting persons in GraphQL."""

from collections.abc import Callable
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
from engage_server.api.types.writes import (
    WRITTEN_NODE,
    WriteInput,
    WritePayload,
    carry_out,
    carry_out_one,
)
from engage_server.operations.writes import Facts
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
    found = _receipt(number)
    return None if found is None else PrivacyRequest.of(found, context)


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


@strawberry.input(description="One person.")
class PersonInput(WriteInput):
    person: strawberry.ID = strawberry.field(description="User id or anonymous id.")


@strawberry.input(description="Whether a person agrees.")
class SetConsentInput(PersonInput):
    consents: bool


@strawberry.type(description="The request that was made.")
class PrivacyRequestPayload(WritePayload):
    request: PrivacyRequest | None = strawberry.field(description=WRITTEN_NODE)


@strawberry.type(description="What is stored about a person.")
class PersonExportPayload(WritePayload):
    data: JSON | None = strawberry.field(description="Everything, by table; null of a trial.")


@strawberry.type(description="Whether a person agrees.")
class ConsentPayload(WritePayload):
    consents: bool


@strawberry.type(description="Whether somebody is taken in again.")
class AdmittedPayload(WritePayload):
    @strawberry.field(description="False: the person was not suppressed.")
    def admitted(self) -> bool:
        return bool(self.written.facts["admitted"])


@strawberry.type
class PrivacyMutation:
    @strawberry.mutation(
        description="Take in and show nothing more of the person of this user id or anonymous id; what is stored stays, "
        "but for quarantined items that mention the person.",
        extensions=[MANAGE],
    )
    def suppress_person(self, info: Info, input: PersonInput) -> PrivacyRequestPayload:
        return _carry_out(info, input, requests.suppress)

    @strawberry.mutation(
        description="Suppress the person at once and have the workers erase it from every table; metrics are restated.",
        extensions=[MANAGE],
    )
    def delete_person(self, info: Info, input: PersonInput) -> PrivacyRequestPayload:
        return _carry_out(info, input, requests.request_erasure)

    @strawberry.mutation(
        description="Everything that is stored about a person; the audit log says who asked for it.",
        extensions=[MANAGE, requires(Permission.EXPORT_READ)],
    )
    def export_person(self, info: Info, input: PersonInput) -> PersonExportPayload:
        exported: list[JSON] = []

        def change() -> Facts:
            exported.append(JSON(person_export.export_person(person_name(input.person))))
            return {}

        done = carry_out(info, input, change)
        if not exported:
            # A repeated request is one more look at the person: it stands in the audit log as well.
            change()
        # A trial leaves nothing in the audit log, so it shows nothing.
        return PersonExportPayload(data=None if input.dry_run else exported[0], **done)

    @strawberry.mutation(
        description="Say whether what a person does may be stored for analysis, from now on.",
        extensions=[MANAGE],
    )
    def set_consent(self, info: Info, input: SetConsentInput) -> ConsentPayload:
        def change() -> Facts:
            requests.set_consent(person_name(input.person), consents=input.consents)
            return {}

        return ConsentPayload(consents=input.consents, **carry_out(info, input, change))

    @strawberry.mutation(
        description="Take in what a suppressed person does again, from now on.", extensions=[MANAGE]
    )
    def admit_person(self, info: Info, input: PersonInput) -> AdmittedPayload:
        name = person_name(input.person)

        def change() -> Facts:
            return {"admitted": requests.unsuppress(name)}

        return AdmittedPayload(**carry_out(info, input, change))


def _carry_out(info: Info, given: PersonInput, change: Callable[[str], Receipt]) -> PrivacyRequestPayload:
    return PrivacyRequestPayload(
        **carry_out_one(
            info,
            given,
            lambda: change(person_name(given.person)),
            name="request",
            node=lambda receipt: PrivacyRequest.of(receipt, info.context),
            fact=lambda receipt: str(receipt.id),
            again=lambda id: _receipt(UUID(id)),
        )
    )


def _receipt(number: UUID) -> Receipt | None:
    try:
        return requests.receipt(number)
    except UnknownRequestError:
        return None
