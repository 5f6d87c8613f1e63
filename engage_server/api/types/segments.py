"""Segments in GraphQL: which there are, who is in them on a day, making and changing them."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from operator import attrgetter
from typing import Any, Self

import strawberry
from strawberry.scalars import JSON

from engage_server import sdk
from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.masking import Masker, each_text
from engage_server.api.permissions import requires
from engage_server.api.types.accounts import Account
from engage_server.api.types.metrics import MetricValue
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, listed, numbered, page_request
from engage_server.api.types.persons import Person
from engage_server.api.types.subjects import SEGMENT, plain, segment_number
from engage_server.api.types.writes import (
    EXPECTED_VERSION,
    WRITTEN_NODE,
    IdInput,
    WriteInput,
    WritePayload,
    carry_out,
    carry_out_defined,
)
from engage_server.customers import models
from engage_server.definitions.kinds import read_body
from engage_server.operations import segments as operations
from engage_server.operations.writes import Facts
from engage_server.segments import catalogue
from engage_server.segments.body import SegmentBody
from engage_server.segments.conditions import OF_ACCOUNTS_THEMSELVES, parts
from engage_server.tenancy.scope import current_tenant

MOST_NAMED = 1_000
READ = requires(Permission.METRICS_READ)  # segments come back from mutations too


@strawberry.enum(description="What the members of a segment are.")
class SegmentSubject(Enum):
    ACCOUNT = "account"
    PERSON = "person"


@strawberry.type(description="What a segment said in one of its versions.")
class SegmentVersion:
    name: str
    subject: SegmentSubject
    description: str
    condition: JSON | None = strawberry.field(
        description="The words of docs/segments.md; null where members are listed by hand."
    )
    is_static: bool = strawberry.field(description="Whether members are listed by hand.")
    tracked: bool = strawberry.field(description="Whether metrics are computed for it by schedule.")
    dimension: str = strawberry.field(
        description="The tracked dimension of which the server made it, such as `plan`; empty where somebody made it."
    )
    version: int
    author: str = strawberry.field(description="Who wrote this version, as in the audit log.")
    created_at: datetime = strawberry.field(description="When this version was written.")

    @classmethod
    def of_stored(cls, segment: catalogue.Segment, **more: Any) -> Self:
        """What a version said, and what a type of its own adds."""
        body = segment.body
        condition = (
            None if body.condition is None else body.condition.model_dump(mode="json", exclude_defaults=True)
        )
        return cls(
            name=segment.name,
            subject=SegmentSubject(body.subject),
            description=body.description,
            condition=None if condition is None else JSON(condition),
            is_static=body.is_static,
            tracked=body.tracked,
            dimension=body.dimension,
            version=segment.version,
            author=segment.author,
            created_at=segment.created_at,
            **more,
        )


@strawberry.type(name=SEGMENT, description="A saved filter over accounts or persons, or a list of them.")
class SegmentNode(Node, SegmentVersion):
    number: int = strawberry.field(description="Its number, by which triggers of rules name it.")

    @strawberry.field(
        description="How many are in it on a day (default: today, as far as it has come); null where it is persons, few "
        "of them, and the caller lacks `personal:read`.",
        extensions=[READ],
    )
    def size(self, info: Info, on: date | None = None) -> int | None:
        return _told(info, self.subject, len(operations.members_on(self.number, on).ids))

    @strawberry.field(
        description="Accounts or persons that are in it on a day (default: today), the oldest first.",
        extensions=[READ],
    )
    def members(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        *,
        on: date | None = None,
    ) -> Connection[Node]:
        return numbered(
            operations.members_on(self.number, on).ids,
            of="segmentMembers",
            asked=page_request(first, after, last, before),
            key=int,
            nodes=lambda page: _nodes(page, self.subject, info.context),
        )

    @strawberry.field(
        description="What a tracked segment has on the newest day of each metric; metrics without it are left out.",
        extensions=[READ],
    )
    def metrics(self, info: Info) -> list[MetricValue]:
        names = info.context.metric_ids("tenant")
        values = info.context.metrics.latest_of(names, sdk.Subject("segment", self.number))
        return [value for name in names if (value := MetricValue.of_any(values.get(name))) is not None]

    @strawberry.field(description="The newest versions, this one first.")
    def history(
        self,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> "Connection[SegmentVersion]":
        return listed(
            operations.versions_of(self.number),
            of=f"segmentHistory.{self.number}",
            asked=page_request(first, after, last, before),
            key=attrgetter("version"),
            nodes=lambda found: [SegmentVersion.of_stored(one) for one in found],
        )

    @classmethod
    def of(cls, segment: catalogue.Segment, context: Context) -> Self:
        """The node of a segment of the context's tenant."""
        id = strawberry.ID(ids.global_id(SEGMENT, tenant_id=context.tenant.id, pk=segment.number))
        return cls.of_stored(segment, id=id, number=segment.number)


@strawberry.input(description="What a new segment is.")
class CreateSegmentInput(WriteInput):
    name: str
    subject: SegmentSubject
    condition: JSON | None = None
    description: str = ""
    tracked: bool = False


@strawberry.input(description="What changes of a segment; what is left out stays.")
class SegmentChanges:
    name: str | None = None
    condition: JSON | None = None
    description: str | None = None
    tracked: bool | None = None

    def of_body(self) -> dict[str, Any]:
        """The fields that are given, besides the name."""
        given = {
            "condition": self.condition,
            "description": None if self.description is None else plain(self.description),
            "tracked": self.tracked,
        }
        return {field: value for field, value in given.items() if value is not None}


@strawberry.input(description="A segment, and what changes of it.")
class UpdateSegmentInput(WriteInput):
    id: strawberry.ID
    changes: SegmentChanges
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)


@strawberry.input(description="Who is listed in a segment without a condition, and who no longer.")
class ChangeSegmentMembersInput(WriteInput):
    id: strawberry.ID
    add: list[str] | None = strawberry.field(
        default=None, description="External ids of accounts, or user ids of persons."
    )
    remove: list[str] | None = None
    from_: date | None = strawberry.field(
        name="from", default=None, description="Since this day; default: today."
    )


@strawberry.type(description="The segment that was written.")
class SegmentPayload(WritePayload):
    segment: SegmentNode | None = strawberry.field(description=WRITTEN_NODE)


@strawberry.type(description="The segment, and how many came into it and left it.")
class SegmentMembersPayload(SegmentPayload):
    @strawberry.field
    def joined(self) -> int:
        return self.number("joined")

    @strawberry.field
    def left(self) -> int:
        return self.number("left")


@strawberry.type
class SegmentQuery:
    @strawberry.field(
        description="Segments in the order in which they were made.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def segments(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[SegmentNode]:
        return numbered(
            catalogue.segments(),
            of="segments",
            asked=page_request(first, after, last, before),
            nodes=lambda page: [SegmentNode.of(one, info.context) for one in page],
        )

    @strawberry.field(
        description="The segment of a global id; null where there is none.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def segment(self, info: Info, id: strawberry.ID) -> SegmentNode | None:
        number = ids.row_of(id, type_name=SEGMENT, tenant_id=info.context.tenant.id)
        found = next((one for one in catalogue.segments() if one.number == number), None)
        return None if found is None else SegmentNode.of(found, info.context)

    @strawberry.field(
        description="How many a segment of this condition would have today, as far as today has come; nothing is made. "
        "Without `personal:read` null where it is few persons, and where the condition asks about more than plans, stages "
        "and the hierarchy of accounts, or names a person.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def segment_size(self, info: Info, subject: SegmentSubject, condition: JSON) -> int | None:
        body: dict[str, Any] = {"subject": subject.value, "condition": condition}
        number = operations.count_fitting(body)
        return None if _singles_out(info, subject, condition) else _told(info, subject, number)


def _told(info: Info, subject: SegmentSubject, number: int) -> int | None:
    """How many there are; null where they are few persons, whom the caller may not single out."""
    hidden = (
        subject is SegmentSubject.PERSON
        and not info.context.principal.may(Permission.PERSONAL_READ)
        and 0 < number < current_tenant().minimum_persons
    )
    return None if hidden else number


def _singles_out(info: Info, subject: SegmentSubject, condition: JSON) -> bool:
    """Whether a count would answer about single persons or accounts to who may not ask: more than what accounts are."""
    if info.context.principal.may(Permission.PERSONAL_READ):
        return False
    body = read_body(SegmentBody, {"subject": subject.value, "condition": condition})
    if body.condition is None:
        return False
    words = parts(body.condition, body.subject)
    masker = Masker()
    each_text(condition, masker.look)
    masker.learn()
    return any(not isinstance(word, OF_ACCOUNTS_THEMSELVES) for word, _ in words) or bool(
        each_text(condition, masker.mask) != condition
    )


@strawberry.type
class SegmentMutation:
    @strawberry.mutation(
        description="Make a segment; without a condition its members are listed by `changeSegmentMembers`.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def create_segment(self, info: Info, input: CreateSegmentInput) -> SegmentPayload:
        body: dict[str, Any] = {
            "subject": input.subject.value,
            "condition": input.condition,
            "description": plain(input.description),
            "tracked": input.tracked,
        }
        return _carry_out(info, input, lambda: operations.create_segment(plain(input.name), body))

    @strawberry.mutation(
        description="Change a segment; what is left out stays.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def update_segment(self, info: Info, input: UpdateSegmentInput) -> SegmentPayload:
        name = None if input.changes.name is None else plain(input.changes.name)

        def change() -> catalogue.Segment:
            return operations.change_segment(
                segment_number(info.context, input.id),
                name=name,
                changes=input.changes.of_body(),
                expected_version=input.expected_version,
            )

        return _carry_out(info, input, change)

    @strawberry.mutation(
        description="End a segment to which no other refers; its history stays.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def retire_segment(self, info: Info, input: IdInput) -> SegmentPayload:
        return _carry_out(
            info, input, lambda: operations.retire_segment(segment_number(info.context, input.id))
        )

    @strawberry.mutation(
        description=f"List members of a segment without a condition, from a day on; at most {MOST_NAMED:,}.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def change_segment_members(self, info: Info, input: ChangeSegmentMembersInput) -> SegmentMembersPayload:
        coming, leaving = ([plain(name) for name in names or ()] for names in (input.add, input.remove))
        if len(coming) + len(leaving) > MOST_NAMED:
            raise BadUserInputError(f"More than {MOST_NAMED:,} members at once. Remedy: send them in parts.")

        def change() -> Facts:
            number = segment_number(info.context, input.id)
            moved = operations.change_members(number, add=coming, remove=leaving, start=input.from_)
            return {"segment": number, "joined": len(moved.joined), "left": len(moved.left)}

        done = carry_out(info, input, change)
        number = done["written"].facts["segment"]
        found = next((one for one in catalogue.segments() if one.number == number), None)
        return SegmentMembersPayload(
            segment=None if found is None else SegmentNode.of(found, info.context), **done
        )


def _carry_out(info: Info, given: WriteInput, change: Callable[[], catalogue.Segment]) -> SegmentPayload:
    return SegmentPayload(
        **carry_out_defined(
            info, given, change, name="segment", node=SegmentNode.of, stored=catalogue.segments
        )
    )


def _nodes(numbers: Any, subject: SegmentSubject, context: Context) -> list[Node]:
    if subject is SegmentSubject.ACCOUNT:
        accounts: Mapping[int, models.Account] = context.accounts.visible().in_bulk(numbers)
        context.accounts.see(accounts.values())
        return [Account.of(accounts[number], context) for number in numbers]
    persons = models.Person.objects.in_bulk(numbers)
    return [Person.of(persons[number], context) for number in numbers]
