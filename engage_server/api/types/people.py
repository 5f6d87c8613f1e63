"""Who asks, and the tenant's members, in GraphQL."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Self

import strawberry

from engage_server.access import sessions
from engage_server.access.models import User
from engage_server.access.principal import Permission, Role
from engage_server.access.users import user_of
from engage_server.api.context import Info
from engage_server.api.permissions import requires
from engage_server.api.types.pages import USUAL_PAGE, Connection, numbered, page_request
from engage_server.api.types.subjects import plain
from engage_server.api.types.writes import (
    WRITTEN_NODE,
    WriteInput,
    WritePayload,
    carry_out,
    carry_out_one,
)
from engage_server.operations import members
from engage_server.operations.writes import Facts
from engage_server.sdk.graphql import expose_enum
from engage_server.tenancy.services import find_tenant

MANAGE: Final = requires(Permission.MEMBERS_MANAGE)
expose_enum(Role, name="Role", description="What a person is in a tenant, the mightiest first.")


@strawberry.type(description="A tenant that the one who asks may use, and as what.")
class ViewerTenant:
    slug: str
    name: str
    role: Role | None = strawberry.field(description="Null for a key.")


@strawberry.type(description="The one who asks: a key, or a person who is signed in.")
class Viewer:
    actor: str = strawberry.field(description="Its name in the audit log.")
    permissions: list[Permission]
    email: str | None = strawberry.field(description="Null for a key.")
    role: Role | None = strawberry.field(description="In the present tenant; null for a key.")
    tenants: list[ViewerTenant]


@strawberry.type(description="A person who belongs to the tenant.")
class Member:
    actor: str = strawberry.field(description="The person's name in the audit log.")
    email: str
    role: Role
    since: datetime
    signed_in_at: datetime | None = strawberry.field(
        description="When they last signed in to this tenant; null for one who never did."
    )

    @classmethod
    def of(cls, member: members.Member) -> Self:
        """The node of a member."""
        return cls(
            actor=member.actor,
            email=member.email,
            role=member.role,
            since=member.since,
            signed_in_at=member.signed_in_at,
        )


@strawberry.type
class PeopleQuery:
    @strawberry.field(
        description="The one who asks.", extensions=[requires(Permission.METRICS_READ, for_accounts=True)]
    )
    def viewer(self, info: Info) -> Viewer:
        user = user_of(info.context.principal.actor)
        return _key_viewer(info) if user is None else _person_viewer(info, user)

    @strawberry.field(
        description="The people who belong to the tenant, the oldest membership first.",
        extensions=[MANAGE],
    )
    def members(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Member]:
        return numbered(
            members.list_members(info.context.tenant),
            of="members",
            asked=page_request(first, after, last, before),
            nodes=lambda page: [Member.of(member) for member in page],
        )


@strawberry.input(description="Somebody, and what they are in the tenant.")
class MemberInput(WriteInput):
    email: str
    role: Role


@strawberry.input(description="Who is a member no longer.")
class RemoveMemberInput(WriteInput):
    email: str


@strawberry.type(description="The member that was written.")
class MemberPayload(WritePayload):
    member: Member | None = strawberry.field(description=WRITTEN_NODE)


@strawberry.type(description="Who is a member no longer.")
class RemovedMemberPayload(WritePayload):
    email: str


@strawberry.type
class PeopleMutation:
    @strawberry.mutation(
        description="Make somebody a member, whether the server knows them or not. They sign in through the identity "
        "provider, or by a password for which the server's operator gives them a link.",
        extensions=[MANAGE],
    )
    def invite_member(self, info: Info, input: MemberInput) -> MemberPayload:
        return _carry_out(info, input, members.invite_member)

    @strawberry.mutation(description="Give a member another role; none above one's own.", extensions=[MANAGE])
    def change_role(self, info: Info, input: MemberInput) -> MemberPayload:
        return _carry_out(info, input, members.change_role)

    @strawberry.mutation(
        description="End a membership: the person's sessions are refused here at once. The last owner stays.",
        extensions=[MANAGE],
    )
    def remove_member(self, info: Info, input: RemoveMemberInput) -> RemovedMemberPayload:
        email = plain(input.email)

        def change() -> Facts:
            members.remove_member(info.context.principal, email=email)
            return {}

        return RemovedMemberPayload(email=email, **carry_out(info, input, change))


def _carry_out(info: Info, given: MemberInput, change: Callable[..., members.Member]) -> MemberPayload:
    return MemberPayload(
        **carry_out_one(
            info,
            given,
            lambda: change(info.context.principal, email=plain(given.email), role=given.role),
            name="member",
            node=Member.of,
            # By the server's own name of the person: an answer that is kept bears no address.
            fact=lambda member: member.actor,
            again=lambda actor: next(
                (one for one in members.list_members(info.context.tenant) if one.actor == actor), None
            ),
        )
    )


def _key_viewer(info: Info) -> Viewer:
    tenant = find_tenant(info.context.tenant.slug)
    return Viewer(
        actor=info.context.principal.actor,
        permissions=_permissions(info),
        email=None,
        role=None,
        tenants=[ViewerTenant(slug=tenant.slug, name=tenant.name, role=None)],
    )


def _person_viewer(info: Info, user: User) -> Viewer:
    memberships = sessions.memberships_of(user.pk)
    own = next((found.role for found in memberships if found.tenant.id == info.context.tenant.id), None)
    return Viewer(
        actor=user.actor,
        permissions=_permissions(info),
        email=user.email,
        role=own,
        tenants=[
            ViewerTenant(slug=found.tenant.slug, name=found.name, role=found.role) for found in memberships
        ],
    )


def _permissions(info: Info) -> list[Permission]:
    return sorted(info.context.principal.permissions)
