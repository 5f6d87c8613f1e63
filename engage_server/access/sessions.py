"""Finds the person behind a browser's session, at each request: a membership that ended opens nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
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
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.postgresql.prepared import Row, read
from engage_server.tenancy.scope import TenantRef, shared_scope
from engage_server.tenancy.services import require_active, tenant_of_host

CHOSEN_TENANT: Final = "engage_tenant"  # where a session keeps the id of the tenant that was chosen
SESSION: Final = """
    SELECT session_data FROM django_session WHERE session_key = %(key)s::text AND expire_date > %(now)s::timestamptz
"""


def _in_order(model: type[Model], *names: str) -> list[str]:
    """The columns of a model, as its ``from_db`` takes them."""
    return [field.attname for field in model._meta.concrete_fields if field.attname in names]


USER_FIELDS: Final = _in_order(User, "id", "email", "password")
TENANT_FIELDS: Final = _in_order(
    Tenant, "id", "slug", "schema_name", "timezone", "cadence", "status", "events_keep_days", "minimum_persons",
    "placeholder_ids", "survey_directions", "tracked_traits",
)  # fmt: skip
# One row for each tenant that the person belongs to; one without a tenant for who belongs to none.
PERSON: Final = f"""
    SELECT {", ".join(f"person.{name}" for name in USER_FIELDS)},
        (SELECT tenant_id FROM tenancy_domain WHERE domain = %(host)s::text), member.role,
        {", ".join(f"tenant.{name}" for name in TENANT_FIELDS)}
    FROM access_user AS person
    LEFT JOIN access_membership AS member ON member.user_id = person.id
    LEFT JOIN tenancy_tenant AS tenant ON tenant.id = member.tenant_id
    WHERE person.id = %(id)s::bigint AND person.is_active
"""  # noqa: S608  # constants of ours


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
        kept = _kept(session_key)
        rows = read(PERSON, {"id": int(kept.get(SESSION_KEY, 0)), "host": host.lower()})
    user = _user(rows, kept.get(HASH_SESSION_KEY, ""))
    known = len(USER_FIELDS)
    wanted = _tenant_or_own_host(rows[0][known], host) or kept.get(CHOSEN_TENANT)
    found = (tuple(row[known + 1 :]) for row in rows)
    tenants = {columns[TENANT_FIELDS.index("id")]: (role, columns) for role, *columns in found if role}
    if wanted is None:
        if len(tenants) != 1:
            raise NoTenantChosenError(
                "The session is in no tenant. Remedy: choose one on the page /people/, or use the tenant's host."
            )
        (wanted,) = tenants
    if wanted not in tenants:
        raise NotAMemberError(
            "The signed-in person is no member of this tenant. Remedy: an admin of the tenant invites them."
        )
    role, columns = tenants[wanted]
    tenant = Tenant.from_db(DEFAULT_DB_ALIAS, TENANT_FIELDS, columns)
    require_active(tenant)
    remember_session(session_key, host=host, tenant=tenant.pk)
    return Principal(tenant.ref, user.actor, PERMISSIONS_OF_ROLE[Role(role)])


def tenant_at(host: str) -> int | None:
    """Id of the tenant whose host this is; None at a host of the server itself.

    The server's own hosts are the local ones and those that ENGAGE_ALLOWED_HOSTS names outright.

    Raises:
        ForeignHostError: nobody vouches for this host, so nobody is to type a password there.
    """
    tenant = tenant_of_host(host)
    return _tenant_or_own_host(None if tenant is None else tenant.pk, host)


def _tenant_or_own_host(tenant: int | None, host: str) -> int | None:
    if tenant is not None:
        return int(tenant)
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


def _kept(session_key: str) -> dict[str, Any]:
    """What Django keeps in a session; empty where there is none in force."""
    # Read by itself: what Django's request.session does at need (rotate, flush) is for the pages of people.
    rows = read(SESSION, {"key": session_key, "now": datetime.now(UTC)})
    return SessionStore().decode(rows[0][0]) if rows else {}


def _user(rows: Sequence[Row], shown: str) -> User:
    user = User.from_db(DEFAULT_DB_ALIAS, USER_FIELDS, rows[0][: len(USER_FIELDS)]) if rows else None
    if user is None or not any(constant_time_compare(shown, known) for known in _hashes(user)):
        raise NotSignedInError(
            "The session is over. Remedy: sign in at /people/sign-in, or send `Authorization: Bearer <key>`."
        )
    return user


def _hashes(user: User) -> list[str]:
    # Of the password under each secret key in force: another password ends the sessions, a new key does not.
    return [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
