"""Somebody who may look at the demo's companies in a browser."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from engage_server.access.models import Membership, User
from engage_server.access.principal import EVERYTHING, Principal, Role
from engage_server.demo.exceptions import NotOursError
from engage_server.operations.members import invite_member, list_members
from engage_server.tenancy.scope import TenantRef, shared_scope

EMAIL: Final = "demo@example.com"
ACTOR: Final = "operator:demo"


@dataclass(frozen=True, slots=True)
class SignIn:
    """What to type on the page."""

    email: str
    password: str


def fresh_sign_in(tenants: Iterable[TenantRef]) -> SignIn:
    """A new password for the demo's person, who owns these tenants; that of an earlier run is over.

    Raises:
        NotOursError: the address belongs to somebody who is a member elsewhere too.
    """
    own = list(tenants)
    for tenant in own:
        if EMAIL not in {member.email for member in list_members(tenant)}:
            invite_member(Principal(tenant, ACTOR, EVERYTHING), email=EMAIL, role=Role.OWNER)
    password = "-".join(secrets.token_hex(2) for _ in range(3))
    with shared_scope():
        user = User.objects.get(email=EMAIL)
        if Membership.objects.filter(user=user).exclude(tenant_id__in=[tenant.id for tenant in own]).exists():
            raise NotOursError(
                f"{EMAIL} is a member of tenants that the demo did not make. "
                "Remedy: give the demo a database of its own, ENGAGE_DATABASE=demo."
            )
        user.set_password(password)
        user.save(update_fields=["password"])
    return SignIn(EMAIL, password)
