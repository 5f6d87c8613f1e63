"""Changes and lists who belongs to a tenant and as what, on record; no change leaves the tenant without an owner."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from engage_server.access.exceptions import (
    AboveOwnRoleError,
    AlreadyMemberError,
    LastOwnerError,
    NotPermittedError,
    UnknownMemberError,
)
from engage_server.access.models import Membership
from engage_server.access.principal import PERMISSIONS_OF_ROLE, Permission, Principal, Role
from engage_server.access.users import invited_user
from engage_server.audit.actor import acting_as
from engage_server.audit.log import record
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope

RANKS: Final = tuple(reversed(Role))


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a tenant. ``number`` grows with each membership.

    ``signed_in_at`` is of this tenant alone, None for one who never came: what they do in others does not show here.
    """

    number: int
    actor: str
    email: str
    role: Role
    since: datetime
    signed_in_at: datetime | None


def list_members(tenant: TenantRef) -> list[Member]:
    """The tenant's members, the oldest membership first."""
    with shared_scope():
        rows = Membership.objects.select_related("user").filter(tenant_id=tenant.id)
        return [_member(row) for row in rows.order_by("pk")]


def invite_member(principal: Principal, *, email: str, role: Role) -> Member:
    """Make somebody a member, known to the server or not.

    Raises:
        NotPermittedError, AboveOwnRoleError: the principal may not do so.
        InvalidEmailError: this is no address.
        AlreadyMemberError: they are one; their role stays as it was.
    """
    with transaction.atomic():
        with shared_scope():
            _require_reach(principal, role)
            user = invited_user(email)
            row, made = Membership.objects.get_or_create(
                user=user, tenant_id=principal.tenant.id, defaults={"role": role.value}
            )
            if not made:
                raise AlreadyMemberError(
                    f"{user.email} is a member already, as {row.role}. Remedy: change the role instead."
                )
            row.refresh_from_db(fields=["created_at"])
        _record(principal, "member.added", row, role=role.value)
    return _member(row)


def change_role(principal: Principal, *, email: str, role: Role) -> Member:
    """Give a member another role.

    Raises:
        NotPermittedError, AboveOwnRoleError: the principal may not do so.
        UnknownMemberError: there is none of this address.
        LastOwnerError: nobody else owns the tenant.
    """
    with transaction.atomic():
        with shared_scope():
            row, owners = _lock_member(principal, email)
            _require_reach(principal, role)
            former = row.role
            if role is not Role.OWNER:
                _require_other_owner(row, owners)
            row.role = role.value
            row.save(update_fields=["role"])
        _record(principal, "member.role_changed", row, former=former, role=role.value)
    return _member(row)


def remove_member(principal: Principal, *, email: str) -> None:
    """End a membership; sessions of the person are refused here from now on.

    Raises:
        NotPermittedError, AboveOwnRoleError: the principal may not do so.
        UnknownMemberError: there is none of this address.
        LastOwnerError: nobody else owns the tenant.
    """
    with transaction.atomic():
        with shared_scope():
            row, owners = _lock_member(principal, email)
            _require_other_owner(row, owners)
            row.delete()
        _record(principal, "member.removed", row, role=row.role)


def _lock_member(principal: Principal, email: str) -> tuple[Membership, frozenset[int]]:
    """Lock and return the member and the ids of the owners' memberships; a member above the principal is refused."""
    address = email.strip().lower()
    # All at once and in one order, so that two owners can neither remove each other nor wait for each other.
    rows = list(
        Membership.objects.select_related("user")
        .select_for_update(of=("self",))
        .filter(Q(role=Role.OWNER.value) | Q(user__email=address), tenant_id=principal.tenant.id)
        .order_by("pk")
    )
    row = next((row for row in rows if row.user.email == address), None)
    if row is None:
        principal.require(Permission.MEMBERS_MANAGE)
        raise UnknownMemberError(
            f"No member has the address {email!r}. Remedy: the list of members shows them."
        )
    _require_reach(principal, Role(row.role))
    return row, frozenset(row.pk for row in rows if row.role == Role.OWNER)


def _require_reach(principal: Principal, role: Role) -> None:
    principal.require(Permission.MEMBERS_MANAGE)
    own = _role_of(principal)
    if RANKS.index(role) > RANKS.index(own):
        raise AboveOwnRoleError(
            f"The role {role.value!r} is above that of {principal.actor}, which is {own.value!r}. "
            f"Remedy: ask a member who is {role.value}."
        )
    if principal.actor.startswith("key:") and not PERMISSIONS_OF_ROLE[role] <= principal.permissions:
        missing = ", ".join(sorted(PERMISSIONS_OF_ROLE[role] - principal.permissions))
        raise AboveOwnRoleError(
            f"The role {role.value!r} may do what {principal.actor} may not: {missing}. "
            "Remedy: use a key that may, or ask a member."
        )


def _role_of(principal: Principal) -> Role:
    kind, _, name = principal.actor.partition(":")
    if kind == "operator":
        return Role.OWNER
    if kind != "user":
        # A key may lie on a server that several people reach: it makes no owners.
        return Role.ADMIN
    row = Membership.objects.filter(tenant_id=principal.tenant.id, user_id=int(name)).first()
    if row is None:
        raise NotPermittedError(
            f"{principal.actor} is no member any more. Remedy: an admin of the tenant invites them."
        )
    return Role(row.role)


def _require_other_owner(row: Membership, owners: frozenset[int]) -> None:
    if owners == {row.pk}:
        raise LastOwnerError("This is the tenant's last owner. Remedy: make somebody else an owner first.")


def _record(principal: Principal, action: str, row: Membership, **details: str) -> None:
    with tenant_scope(principal.tenant), acting_as(principal.actor):
        record(action, subject=row.user.actor, details=details)


def _member(row: Membership) -> Member:
    return Member(
        number=row.pk,
        actor=row.user.actor,
        email=row.user.email,
        role=Role(row.role),
        since=row.created_at,
        signed_in_at=row.signed_in_at,
    )
