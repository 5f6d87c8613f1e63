"""Messages about an account in GraphQL: what was sent to whom, from what it followed, and what became of it."""

from datetime import datetime
from enum import StrEnum
from typing import Self

import strawberry

from engage_server.access.principal import Permission
from engage_server.api.context import Info
from engage_server.api.permissions import personal, requires
from engage_server.api.types.circular import LazyPerson, subject_node
from engage_server.api.types.subjects import SubjectKind
from engage_server.automation.models import Delivery
from engage_server.automation.outbox import definition_of, origin_of, person_of
from engage_server.sdk.graphql import expose_enum


class DeliveryOrigin(StrEnum):
    """From what a message follows."""

    RULE = "rule"
    PLAYBOOK = "playbook"
    SURVEY = "survey"
    REPORT = "report"
    TEST = "test"


expose_enum(
    DeliveryOrigin,
    name="DeliveryOrigin",
    description="From what a message follows. RULE: a signal that a rule raised. PLAYBOOK: a step of a playbook. "
    "SURVEY: that a survey asks. REPORT: that a report is due, or was sent by hand. TEST: that a channel was tried.",
)


@strawberry.type(
    description="A message about an account, or about a person who belongs to it alone. What it says, and whom it names, is "
    "null without `personal:read`."
)
class AccountDelivery:
    row: strawberry.Private[Delivery]
    key: str = strawberry.field(description="The same as in `deliveries`, and in every attempt.")
    type: str
    origin: DeliveryOrigin = strawberry.field(
        description="From what it follows; `name` says from which of them."
    )
    state: Delivery.State
    created_at: datetime
    finished_at: datetime | None = strawberry.field(description="When it was sent or given up; null before.")

    @strawberry.field(description="How the rule, playbook, survey or report is called, or was.")
    def name(self, info: Info) -> str:
        return info.context.deliveries.name_of(definition_of(self.row))

    @strawberry.field(description="The name of the channel by which it goes.")
    def channel(self, info: Info) -> str:
        return info.context.deliveries.name_of(self.row.channel)

    @strawberry.field(description="What people are told first.")
    def subject(self, info: Info) -> str | None:
        return personal(info, str(self.row.message["subject"]))

    @strawberry.field(description="What came of the last attempt; null before the first.")
    def said(self, info: Info) -> str | None:
        return personal(info, str(self.row.log[-1]["said"])) if self.row.log else None

    @strawberry.field(
        description="The person whom it is about, to whom it goes where the channel mails persons; null where it is about "
        "the account.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def person(self, info: Info) -> LazyPerson | None:
        id = person_of(self.row)
        return None if id is None else personal(info, subject_node(info.context, SubjectKind.PERSON, id))

    @classmethod
    def of(cls, row: Delivery) -> Self:
        """What is told of a row of the tenant in scope."""
        return cls(
            row=row,
            key=str(row.key),
            type=row.message["type"],
            origin=DeliveryOrigin(origin_of(row)),
            state=Delivery.State(row.state),
            created_at=row.created_at,
            finished_at=row.finished_at,
        )
