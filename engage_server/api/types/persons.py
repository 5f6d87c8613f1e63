"""Persons in GraphQL. Who lacks `personal:read` sees that there is one, and not who it is."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any, Self

import strawberry
from strawberry.scalars import JSON

from engage_server.access.principal import Permission
from engage_server.activity.timeline import events_of_person
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.permissions import personal, requires
from engage_server.api.types.circular import LazyAccount, account_or_none
from engage_server.api.types.entries import FeedbackEntry, answer_page
from engage_server.api.types.events import Event, EventFilter, timeline
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, PageRequest, listed, page_request
from engage_server.api.types.subjects import PERSON
from engage_server.customers import models
from engage_server.customers.canonical_persons import canonical_person


@strawberry.type(
    name=PERSON,
    description="A user of the tenant's product. What names the person is null without `personal:read`.",
)
class Person(Node):
    row: strawberry.Private[models.Person]
    is_excluded: bool = strawberry.field(description="Bots, test users, staff: stored, never counted.")
    first_known_at: datetime = strawberry.field(description="When the first item of the person came in.")

    @strawberry.field(description="What the tenant calls the person; null for anonymous visitors too.")
    def external_id(self, info: Info) -> str | None:
        return personal(info, self.row.external_id)

    @strawberry.field
    def name(self, info: Info) -> str | None:
        return personal(info, _name(self.row.traits))

    @strawberry.field
    def email(self, info: Info) -> str | None:
        return personal(info, _text(self.row.traits.get("email")))

    @strawberry.field
    def traits(self, info: Info) -> JSON | None:
        return personal(info, self.row.traits)

    @strawberry.field(
        description="The stays in accounts, the latest begun first; null without `personal:read`."
    )
    def accounts(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> "Connection[Stay] | None":
        return personal(info, self._accounts(info.context, page_request(first, after, last, before)))

    def _accounts(self, context: Context, asked: PageRequest) -> "Connection[Stay]":
        return listed(
            context.persons.memberships(self.row.pk),
            of=f"stays.{self.row.pk}",
            asked=asked,
            key=attrgetter("pk"),
            nodes=lambda found: _stays(found, context),
        )

    @strawberry.field(
        description="What the person did, the newest first: of 30 days where no other days are named; null without "
        "`personal:read`."
    )
    def events(
        self,
        info: Info,
        *,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        where: EventFilter | None = None,
    ) -> Connection[Event] | None:
        asked, pk = page_request(first, after, last, before), self.row.pk
        if personal(info, pk) is None:
            return None
        return timeline(
            partial(events_of_person, pk), info.context, where, of=f"personEvents.{pk}", asked=asked
        )

    @strawberry.field(
        description="What the person answered and said, the newest first; null without `personal:read`."
    )
    def answers(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[FeedbackEntry] | None:
        asked, persons, pk = page_request(first, after, last, before), info.context.persons, self.row.pk
        if personal(info, pk) is None:
            return None
        return answer_page(
            partial(persons.answers, pk),
            lambda: persons.answer_count(pk),
            info.context,
            of=f"personAnswers.{pk}",
            asked=asked,
            instrument=None,
        )

    @classmethod
    def of(cls, row: models.Person, context: Context) -> Self:
        """The node of a row of the context's tenant."""
        return cls(
            id=strawberry.ID(ids.global_id(PERSON, tenant_id=context.tenant.id, pk=row.pk)),
            row=row,
            is_excluded=row.is_excluded,
            first_known_at=row.created_at,
        )


@strawberry.type(description="That a person belongs to an account for some time.")
class Stay:
    row: strawberry.Private[models.Membership]
    starts_at: datetime = strawberry.field(description="Since when.")
    ends_at: datetime | None = strawberry.field(description="Until when; null: still.")

    @strawberry.field(
        description="The account; null where it may not be shown.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def account(self, info: Info) -> LazyAccount | None:
        return account_or_none(info.context.accounts.find(self.row.account_id), info.context)


def _stays(found: Sequence[models.Membership], context: Context) -> list[Stay]:
    context.accounts.expect(row.account_id for row in found)
    return [Stay(row=row, starts_at=row.starts_at, ends_at=row.ends_at) for row in found]


def person_node(context: Context, id: str) -> Person | None:
    """The person that a global id names, or the one that it was merged into; None where there is none to be shown."""
    pk = ids.row_of(id, type_name=PERSON, tenant_id=context.tenant.id)
    if pk is None or context.principal.account_id is not None:
        return None
    return persons_of(context, [pk]).get(pk)


def persons_of(context: Context, pks: Sequence[int]) -> dict[int, Person]:
    """The persons of these keys, or those that they were merged into, by key; without those who are not to be shown."""
    rows = models.Person.objects.select_related("merged_into").filter(pk__in=pks)
    pairs = [(row, canonical_person(row)) for row in rows]
    context.persons.see(canonical for _, canonical in pairs)
    return {
        row.pk: Person.of(canonical, context)
        for row, canonical in pairs
        if not (row.is_suppressed or canonical.is_suppressed)
    }


def _name(traits: dict[str, Any]) -> str | None:
    parts = [_text(traits.get(key)) for key in ("firstName", "lastName")]
    return _text(traits.get("name")) or " ".join(filter(None, parts)) or None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
