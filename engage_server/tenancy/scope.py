"""Says, for the code that runs now, whose data it may touch: one tenant's, the shared tables, or nothing.

The scope lives in a context variable, so that a new thread or task starts with none; the database backend
(``engage_server.tenancy.postgresql``) applies it before each statement and raises where there is none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from engage_server.tenancy.exceptions import ForeignTenantError, NoTenantError

SHARED_SCHEMA: Final = "public"
DEFAULT_STATEMENT_TIMEOUT_MS: Final = 30_000


# The least number of persons at which who knows one answer does not know the other with the mean of both.
MINIMUM_PERSONS: Final = 3


@dataclass(frozen=True, slots=True)
class TenantRef:
    """What code inside a scope needs to know of its tenant; carries no secrets and no model."""

    id: int
    slug: str
    schema: str
    timezone: str
    events_keep_days: int | None = None
    # Ids that stand for nobody beside the usual ones, and (instrument, direction) of surveys whose answers do not say it.
    placeholder_ids: frozenset[str] = frozenset()
    survey_directions: tuple[tuple[str, str], ...] = ()
    tracked_traits: tuple[str, ...] = ()
    minimum_persons: int = MINIMUM_PERSONS
    cadence: str = "DAILY"

    @property
    def zone(self) -> ZoneInfo:
        """The tenant's time zone."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class Scope:
    """Search path, role and statement timeout of the code that runs now.

    ``role`` is the tenant's PostgreSQL role, or "none" for the login itself (shared tables, migrations).
    """

    schema: str
    role: str
    timeout_ms: int
    tenant: TenantRef | None


_current: ContextVar[Scope | None] = ContextVar("engage_scope", default=None)


def current_scope() -> Scope | None:
    """The scope in force, or None."""
    return _current.get()


def current_tenant() -> TenantRef:
    """The tenant whose scope is in force.

    Raises:
        NoTenantError: none, or that of the shared tables alone.
    """
    scope = _current.get()
    if scope is None or scope.tenant is None:
        raise NoTenantError("This code needs a tenant. Remedy: run it inside `with tenant_scope(tenant):`.")
    return scope.tenant


@contextmanager
def tenant_scope(
    tenant: TenantRef, *, role: str | None = None, timeout_ms: int = DEFAULT_STATEMENT_TIMEOUT_MS
) -> Iterator[TenantRef]:
    """Run the block inside one tenant: its schema, its role, nothing else. Never ``yield`` out of it.

    Args:
        tenant: whose data the block may touch.
        role: the tenant's own role by default; "none" lets migrations act as the login.
        timeout_ms: statement timeout; 0 for none.

    Raises:
        ForeignTenantError: the caller is already inside another tenant.
    """
    outer = _current.get()
    if outer is not None and outer.tenant is not None and outer.tenant.id != tenant.id:
        raise ForeignTenantError(
            f"Code inside tenant {outer.tenant.slug!r} tried to enter {tenant.slug!r}. "
            "Remedy: leave the first scope before entering the second."
        )
    token = _current.set(Scope(tenant.schema, role or tenant_role(tenant.schema), timeout_ms, tenant))
    try:
        yield tenant
    finally:
        _current.reset(token)


@contextmanager
def shared_scope(*, timeout_ms: int = DEFAULT_STATEMENT_TIMEOUT_MS) -> Iterator[None]:
    """Run the block on the shared tables. Inside a tenant's scope it is a short visit: the tenant stays known."""
    outer = _current.get()
    tenant = None if outer is None else outer.tenant
    token = _current.set(Scope(SHARED_SCHEMA, "none", timeout_ms, tenant))
    try:
        yield
    finally:
        _current.reset(token)


_roles_enabled = True


def set_roles_enabled(enabled: bool) -> None:
    """Called once at start-up from the settings: whether tenants have PostgreSQL roles of their own."""
    global _roles_enabled  # noqa: PLW0603  # one process-wide switch, set before the first connection
    _roles_enabled = enabled


def tenant_role(schema: str) -> str:
    """The role that owns the right to a tenant's schema; it has the schema's name."""
    return schema if _roles_enabled else "none"
