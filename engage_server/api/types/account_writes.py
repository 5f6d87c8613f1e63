"""Mutations of accounts, of persons and of where they belong."""

from datetime import datetime
from typing import Any, Final

import strawberry
from strawberry.scalars import JSON

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Info
from engage_server.api.permissions import requires
from engage_server.api.types.accounts import Account, account_node
from engage_server.api.types.persons import Person, person_node
from engage_server.api.types.references import (
    ACCOUNT_NAMED,
    PERSON_NAMED,
    account_name,
    person_name_of,
    person_names,
)
from engage_server.api.types.subjects import PERSON
from engage_server.api.types.writes import WriteInput, WritePayload, carry_out, told
from engage_server.customers import models
from engage_server.operations import accounts, persons
from engage_server.operations.records import AccountFacts, NewMembership, PersonFacts, read_record
from engage_server.operations.writes import Facts

WRITES: Final = requires(Permission.EVENTS_WRITE)
READS: Final = requires(Permission.METRICS_READ)


@strawberry.input
class AccountFields(WriteInput):
    """What may be told of an account."""

    name: str | None = None
    plan: str | None = strawberry.field(default=None, description="At most 100 characters; empty: none.")
    stage: models.Account.Stage | None = None
    owner: str | None = strawberry.field(
        default=None, description="Who looks after it on the tenant's side; empty: nobody."
    )
    parent: strawberry.ID | None = strawberry.field(
        default=None, description=f"The account above. {ACCOUNT_NAMED}"
    )
    traits: JSON | None = strawberry.field(
        default=None, description="An object; its traits are added or replaced, the others stay."
    )
    started_at: datetime | None = strawberry.field(default=None, description="When the relationship began.")
    at: datetime | None = strawberry.field(
        default=None,
        description="Since when plan, stage, owner, parent and tracked traits are so; default: now. A time gone by dates "
        "them back, and the days since then are computed again.",
    )


@strawberry.input(description="A new account.")
class CreateAccountInput(AccountFields):
    external_id: str = strawberry.field(description="What the tenant calls it; 1 to 200 characters.")


@strawberry.input(description="What changes of an account; what is left out stays.")
class UpdateAccountInput(AccountFields):
    account: strawberry.ID = strawberry.field(description=ACCOUNT_NAMED)
    expected_version: str | None = strawberry.field(
        default=None,
        description="The account's `version` as it was read; where it has another by now, that is a CONFLICT.",
    )


@strawberry.input(description="What is known of a person; what is left out stays.")
class DescribePersonInput(WriteInput):
    person: strawberry.ID = strawberry.field(description=PERSON_NAMED)
    traits: JSON | None = strawberry.field(
        default=None, description="An object; its traits are added or replaced, the others stay."
    )
    is_excluded: bool | None = strawberry.field(
        default=None, description="True: a bot, a test user or staff, stored and never counted."
    )


@strawberry.input(description="That a person belongs to an account.")
class AddMembershipInput(WriteInput):
    person: strawberry.ID = strawberry.field(description=PERSON_NAMED)
    account: strawberry.ID = strawberry.field(description=ACCOUNT_NAMED)
    from_: datetime | None = strawberry.field(name="from", default=None, description="Default: now.")
    until: datetime | None = strawberry.field(default=None, description="Exclusive; default: open.")


@strawberry.input(description="That a person belongs to an account no longer.")
class EndMembershipInput(WriteInput):
    person: strawberry.ID = strawberry.field(description=PERSON_NAMED)
    account: strawberry.ID = strawberry.field(description=ACCOUNT_NAMED)
    at: datetime | None = strawberry.field(default=None, description="Default: now.")


@strawberry.type(description="The account that was written.")
class AccountPayload(WritePayload):
    @strawberry.field(description="As it is now; null where a new one was only tried.", extensions=[READS])
    def account(self, info: Info) -> Account | None:
        return account_node(info.context, pk=self.number("account"))


@strawberry.type(description="The person that was written.")
class PersonPayload(WritePayload):
    @strawberry.field(description="As it is now; null where a new one was only tried.", extensions=[READS])
    def person(self, info: Info) -> Person | None:
        id = ids.global_id(PERSON, tenant_id=info.context.tenant.id, pk=self.number("person"))
        return person_node(info.context, id)


@strawberry.type(description="The person and the account whose membership was written.")
class MembershipPayload(PersonPayload):
    @strawberry.field(description="As it is now.", extensions=[READS])
    def account(self, info: Info) -> Account | None:
        return account_node(info.context, pk=self.number("account"))


@strawberry.type
class AccountWriteMutation:
    @strawberry.mutation(
        description="Make an account; one of its external id is a CONFLICT.", extensions=[WRITES]
    )
    def create_account(self, info: Info, input: CreateAccountInput) -> AccountPayload:
        facts = read_record(AccountFacts, _facts(info, input, input.external_id))

        def change() -> Facts:
            return {"account": accounts.create_account(facts).pk}

        return AccountPayload(**carry_out(info, input, change))

    @strawberry.mutation(
        description="Change what is known of an account: name, plan, stage, owner, parent, traits, beginning.",
        extensions=[WRITES],
    )
    def update_account(self, info: Info, input: UpdateAccountInput) -> AccountPayload:
        facts = read_record(AccountFacts, _facts(info, input, account_name(info.context, input.account)))

        def change() -> Facts:
            return {"account": accounts.change_account(facts, expected_version=input.expected_version).pk}

        return AccountPayload(**carry_out(info, input, change))

    @strawberry.mutation(
        description="Add to what is known of a person, as an identify call does; who is not known yet is made.",
        extensions=[WRITES],
    )
    def describe_person(self, info: Info, input: DescribePersonInput) -> PersonPayload:
        named = person_names(info.context, input.person)
        facts = read_record(PersonFacts, {**told(input, "person"), **named})

        def change() -> Facts:
            return {"person": persons.describe_person(facts)}

        return PersonPayload(**carry_out(info, input, change))

    @strawberry.mutation(
        description="Let a person belong to an account, as a group call does, from a time on.",
        extensions=[WRITES],
    )
    def add_membership(self, info: Info, input: AddMembershipInput) -> MembershipPayload:
        membership = read_record(
            NewMembership,
            {
                **person_names(info.context, input.person),
                "account": account_name(info.context, input.account),
                "starts_at": input.from_,
                "ends_at": input.until,
            },
        )

        def change() -> Facts:
            person, account = persons.add_membership(membership)
            return {"person": person, "account": account}

        return MembershipPayload(**carry_out(info, input, change))

    @strawberry.mutation(
        description="Let a person belong to an account no longer; a later group call lets it belong again.",
        extensions=[WRITES],
    )
    def end_membership(self, info: Info, input: EndMembershipInput) -> MembershipPayload:
        person, account = (
            person_name_of(info.context, input.person),
            account_name(info.context, input.account),
        )

        def change() -> Facts:
            number, belonging = persons.end_membership(person, account, at=input.at)
            return {"person": number, "account": belonging}

        return MembershipPayload(**carry_out(info, input, change))


def _facts(info: Info, given: AccountFields, external_id: str) -> dict[str, Any]:
    fields = told(given, "account", "expected_version")
    if given.parent is not None:
        fields["parent"] = account_name(info.context, given.parent)
    return {**fields, "external_id": external_id}
