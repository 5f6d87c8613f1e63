"""Merges of persons in GraphQL: which there are, what one would move, making one and taking it back."""

from datetime import datetime
from operator import attrgetter
from typing import Final, Self

import strawberry

from engage_server.access.principal import Permission
from engage_server.activity.merge_impact import MergeImpact, count_impact
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, page, page_request
from engage_server.api.types.subjects import plain
from engage_server.api.types.writes import (
    IdInput,
    WriteInput,
    WritePayload,
    carry_out,
)
from engage_server.customers import unmerge
from engage_server.customers.exceptions import CustomersError
from engage_server.operations import merges
from engage_server.operations.writes import Facts
from engage_server.sdk.graphql import expose_enum

MERGE = "Merge"
MOVED: Final = ("persons", "events", "days", "answers", "memberships", "accounts")
expose_enum(
    unmerge.MergeKind,
    name="MergeKind",
    description="TIE: a device was used by the user. JOIN: an alias call or an operator said so.",
)


@strawberry.type(description="How much is stored under the persons that a merge, or its undoing, moves.")
class MovedData:
    persons: int
    events: int
    days: int = strawberry.field(description="Days of the tenant's calendar with an event.")
    answers: int = strawberry.field(description="Survey answers and dismissals.")
    memberships: int
    accounts: int = strawberry.field(description="Distinct accounts of events, answers and memberships.")

    @classmethod
    def of(cls, moved: MergeImpact) -> Self:
        """The node of these numbers."""
        return cls(
            persons=moved.persons,
            events=moved.events,
            days=moved.days,
            answers=moved.answers,
            memberships=moved.memberships,
            accounts=moved.accounts,
        )


@strawberry.type(description="A person that counts as another.")
class Merge(Node):
    kind: unmerge.MergeKind
    at: datetime | None = strawberry.field(
        description="Time of the item that tied them, or of the joining; null where that was not recorded."
    )
    name: str | None = strawberry.field(
        description="The merged person's own user id or anonymous id; null without `personal:read`."
    )
    into: str | None = strawberry.field(
        description="That of the person it counts as; null without `personal:read`."
    )


@strawberry.type
class MergeQuery:
    @strawberry.field(
        description="The merges in force, by the merged persons.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def merges(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Merge]:
        asked = page_request(first, after, last, before)
        place = None if asked.cursor is None else ids.row_before(asked.cursor, of="merges")
        if asked.is_backwards:
            found = unmerge.merges(
                before=ids.LARGEST_PK + 1 if place is None else place, limit=asked.size + 1
            )
        else:
            found = unmerge.merges(after=place or 0, limit=asked.size + 1)
        return page(
            found,
            of="merges",
            asked=asked,
            key=attrgetter("person"),
            nodes=lambda page: [merge_node(merge, info.context) for merge in page],
            count=unmerge.count_merges,
        )

    @strawberry.field(
        description="What `mergePersons` would move; changes nothing.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def merge_preview(self, info: Info, previous: str, into: str) -> MovedData:
        info.context.principal.require(Permission.PERSONAL_READ)
        try:
            return MovedData.of(merges.preview_merge(plain(previous), plain(into)).moved)
        except CustomersError as error:
            raise BadUserInputError(str(error)) from None


@strawberry.input(description="Two persons who are one.")
class MergePersonsInput(WriteInput):
    previous: str = strawberry.field(
        description="User id or anonymous id of the one who counts as the other."
    )
    into: str = strawberry.field(description="User id of the other.")


@strawberry.type(description="What a merge, or its undoing, moved.")
class MergePayload(WritePayload):
    @strawberry.field
    def moved(self) -> MovedData:
        return MovedData(**{field: self.number(field) for field in MOVED})


@strawberry.type
class MergeMutation:
    @strawberry.mutation(
        description="Let the person known as `previous` count as the one with the user id `into`, as after an "
        "alias call; the days concerned are restated.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def merge_persons(self, info: Info, input: MergePersonsInput) -> MergePayload:
        info.context.principal.require(Permission.PERSONAL_READ)

        def change() -> Facts:
            return _facts(merges.merge(plain(input.previous), plain(input.into)).moved)

        return MergePayload(**carry_out(info, input, change))

    @strawberry.mutation(
        description="Take a merge back, by its id: who parts leaves with those who came with it. A device is not "
        "tied again by itself; an alias call that names both joins them again.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def undo_merge(self, info: Info, input: IdInput) -> MergePayload:
        person = ids.row_of(input.id, type_name=MERGE, tenant_id=info.context.tenant.id)
        if person is None:
            raise BadUserInputError(
                f"There is no merge {input.id!r}. Remedy: pass the `id` of one of `merges`."
            )

        def change() -> Facts:
            undone = merges.undo_merge(person)
            with current_rollups():
                return _facts(count_impact(undone.persons))

        return MergePayload(**carry_out(info, input, change))


def _facts(moved: MergeImpact) -> Facts:
    return {field: getattr(moved, field) for field in MOVED}


def merge_of(context: Context, person: int) -> Merge | None:
    """The merge of this person into another; None where there is none."""
    found = unmerge.merges(after=person - 1, limit=1)
    return next((merge_node(one, context) for one in found if one.person == person), None)


def merge_node(merge: unmerge.Merge, context: Context) -> Merge:
    """The node of a merge of the context's tenant."""
    named = context.principal.may(Permission.PERSONAL_READ)
    return Merge(
        id=strawberry.ID(ids.global_id(MERGE, tenant_id=context.tenant.id, pk=merge.person)),
        kind=merge.kind,
        at=merge.at,
        name=merge.name if named else None,
        into=merge.canonical_name if named else None,
    )
