"""Who asks, and what that principal may do: the same for keys, signed-in people, tokens and commands."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from engage_server.access.exceptions import NotPermittedError
from engage_server.tenancy.scope import TenantRef


class Permission(StrEnum):
    """A right inside one tenant; its value is the scope that a key is given."""

    METRICS_READ = "metrics:read"
    PERSONAL_READ = "personal:read"
    EVENTS_WRITE = "events:write"
    CONFIG_WRITE = "config:write"
    KEYS_MANAGE = "keys:manage"
    MEMBERS_MANAGE = "members:manage"
    EXPORT_READ = "export:read"
    PRIVACY_MANAGE = "privacy:manage"
    AUDIT_READ = "audit:read"
    AUTOMATION_READ = "automation:read"
    AUTOMATION_WRITE = "automation:write"
    SURVEYS_WRITE = "surveys:write"


class Role(StrEnum):
    """What a person is in a tenant, the mightiest first."""

    OWNER = "owner"
    ADMIN = "admin"
    ANALYST = "analyst"
    VIEWER = "viewer"


EVERYTHING: Final = frozenset(Permission)
PERMISSIONS_OF_ROLE: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.OWNER: EVERYTHING,
        Role.ADMIN: EVERYTHING,
        Role.ANALYST: frozenset(
            {
                Permission.METRICS_READ,
                Permission.PERSONAL_READ,
                Permission.CONFIG_WRITE,
                Permission.EXPORT_READ,
                Permission.AUTOMATION_READ,
                Permission.AUTOMATION_WRITE,
                Permission.SURVEYS_WRITE,
            }
        ),
        # Sees every metric and signal, but no name, address or answer of a person.
        Role.VIEWER: frozenset({Permission.METRICS_READ, Permission.AUTOMATION_READ}),
    }
)


@dataclass(frozen=True, slots=True)
class Principal:
    """One tenant's user of the server for the length of a request or command.

    ``actor`` names it in the audit log: ``key:<public id>``, ``user:<id>``, ``token:<id>``, ``operator:<login>``.
    ``account_id`` restricts it to the metrics of one account (the tenant's own customer looks on).
    """

    tenant: TenantRef
    actor: str
    permissions: frozenset[Permission]
    account_id: int | None = None

    def may(self, permission: Permission) -> bool:
        """Whether the principal has the right."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Go on with the right only.

        Raises:
            NotPermittedError: names the missing right.
        """
        if not self.may(permission):
            raise NotPermittedError(
                f"This needs the permission {permission.value!r}, which {self.actor} does not have. "
                "Remedy: use a key or a role that has it."
            )
