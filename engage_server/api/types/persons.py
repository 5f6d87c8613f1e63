"""Persons in GraphQL. Who lacks `personal:read` sees that there is one, and not who it is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

import strawberry
from strawberry.scalars import JSON

from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.permissions import personal
from engage_server.api.types.nodes import Node
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

    @classmethod
    def of(cls, row: models.Person, context: Context) -> Self:
        """The node of a row of the context's tenant."""
        return cls(
            id=strawberry.ID(ids.global_id(PERSON, tenant_id=context.tenant.id, pk=row.pk)),
            row=row,
            is_excluded=row.is_excluded,
            first_known_at=row.created_at,
        )


def person_node(context: Context, id: str) -> Person | None:
    """The person that a global id names, or the one that it was merged into; None where there is none to be shown."""
    pk = ids.row_of(id, type_name=PERSON, tenant_id=context.tenant.id)
    if pk is None or context.principal.account_id is not None:
        return None
    return persons_of(context, [pk]).get(pk)


def persons_of(context: Context, pks: Sequence[int]) -> dict[int, Person]:
    """The persons of these keys, or those that they were merged into, by key; without those who are not to be shown."""
    rows = models.Person.objects.select_related("merged_into").filter(pk__in=pks)
    pairs = ((row, canonical_person(row)) for row in rows)
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
