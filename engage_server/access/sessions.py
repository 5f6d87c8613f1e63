"""Finds the person behind a browser's session, at each request: a membership that ended opens nothing."""

from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils.crypto import constant_time_compare

from engage_server.access.authentication import remember_session
from engage_server.access.exceptions import (
    ForeignHostError,
    NotAMemberError,
    NoTenantChosenError,
    NotSignedInError,
)
from engage_server.access.keys import LOCAL_HOSTS
from engage_server.access.models import Membership, User
from engage_server.access.principal import PERMISSIONS_OF_ROLE, Principal, Role
from engage_server.tenancy.scope import TenantRef, shared_scope
from engage_server.tenancy.services import require_active, tenant_of_host

CHOSEN_TENANT: Final = "engage_tenant"  # where a session keeps the id of the tenant that was chosen


@dataclass(frozen=True, slots=True)
class TenantMembership:
    """A tenant that a person belongs to, and as what."""

    tenant: TenantRef
    name: str
    role: Role


def session_principal(session_key: str, *, host: str) -> Principal:
    """The principal of the session, in the host's tenant or, at a host of no tenant, in the one that was chosen.

    Raises:
        NotSignedInError: the session is unknown, over, or older than the person's password.
        ForeignHostError: nothing is served at this host.
        NotAMemberError: the person does not belong to the host's tenant, or no longer to the chosen one.
        NoTenantChosenError: the person belongs to several tenants, or to none, and none is chosen.
        TenantSuspendedError: the tenant is not served.
    """
    with shared_scope():
        # Read by itself: what Django's request.session does at need (rotate, flush) is for the pages of people.
        kept = SessionStore(session_key).load()
        user = _user(kept)
        wanted = tenant_at(host) or kept.get(CHOSEN_TENANT)
        rows = list(Membership.objects.select_related("tenant").filter(user=user))
    found = [row for row in rows if row.tenant_id == wanted]
    if wanted is None:
        if len(rows) != 1:
            raise NoTenantChosenError(
                "The session is in no tenant. Remedy: choose one on the page /people/, or use the tenant's host."
            )
        found = rows
    if not found:
        raise NotAMemberError(
            "The signed-in person is no member of this tenant. Remedy: an admin of the tenant invites them."
        )
    (row,) = found
    require_active(row.tenant)
    remember_session(session_key, host=host, tenant=row.tenant_id)
    return Principal(row.tenant.ref, user.actor, PERMISSIONS_OF_ROLE[Role(row.role)])


def tenant_at(host: str) -> int | None:
    """Id of the tenant whose host this is; None at a host of the server itself.

    The server's own hosts are the local ones and those that ENGAGE_ALLOWED_HOSTS names outright.

    Raises:
        ForeignHostError: nobody vouches for this host, so nobody is to type a password there.
    """
    tenant = tenant_of_host(host)
    if tenant is not None:
        return int(tenant.pk)
    if host in LOCAL_HOSTS or host in settings.ALLOWED_HOSTS:
        return None
    raise ForeignHostError(
        f"The host {host!r} is no tenant's. Remedy: use the tenant's domain, or name the host in ENGAGE_ALLOWED_HOSTS."
    )


def memberships_of(user_id: int) -> list[TenantMembership]:
    """The tenants of a person that are served, by slug."""
    with shared_scope():
        rows = (
            Membership.objects.select_related("tenant")
            .filter(user_id=user_id, tenant__status="ACTIVE")
            .order_by("tenant__slug")
        )
        return [TenantMembership(row.tenant.ref, row.tenant.name, Role(row.role)) for row in rows]


def current_membership(user_id: int, *, wanted: int | None) -> TenantMembership | None:
    """The tenant that a person's session is in: the wanted one or, where none is wanted, their only one."""
    memberships = memberships_of(user_id)
    if wanted is None:
        return memberships[0] if len(memberships) == 1 else None
    return next((found for found in memberships if found.tenant.id == wanted), None)


def _user(kept: dict[str, Any]) -> User:
    user = User.objects.filter(pk=int(kept.get(SESSION_KEY, 0)), is_active=True).first()
    shown = kept.get(HASH_SESSION_KEY, "")
    if user is None or not any(constant_time_compare(shown, known) for known in _hashes(user)):
        raise NotSignedInError(
            "The session is over. Remedy: sign in at /people/sign-in, or send `Authorization: Bearer <key>`."
        )
    return user


def _hashes(user: User) -> list[str]:
    # Of the password under each secret key in force: another password ends the sessions, a new key does not.
    return [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
