"""Create, list, rotate and revoke a tenant's keys."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from engage_server.access.durations import duration
from engage_server.access.exceptions import AccessError
from engage_server.access.key_rules import is_in_force, is_unused, permissions_of
from engage_server.access.keys import list_keys
from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.audit.management.base import TenantActionsCommand
from engage_server.operations.keys import KeyRequest, make_key, revoke_key, rotate_key
from engage_server.tenancy.scope import TenantRef

KINDS = {"ingest": ApiKey.Kind.INGEST, "query": ApiKey.Kind.QUERY, "admin": ApiKey.Kind.ADMIN}


class Command(TenantActionsCommand):
    """Create, list, rotate and revoke a tenant's keys."""

    expected = (AccessError,)
    help = "Create, list, rotate and revoke a tenant's keys."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done."""
        create = actions.add_parser("create", help="make a key; it is printed once")
        create.add_argument("kind", choices=sorted(KINDS))
        create.add_argument("--name", default="", help="what it is for")
        create.add_argument("--source", default="default", help="source name of what an ingest key brings in")
        create.add_argument(
            "--permission",
            action="append",
            dest="permissions",
            choices=[permission.value for permission in Permission],
            help="instead of what the kind usually may; may be given several times",
        )
        create.add_argument("--expires", type=duration, metavar="90d", help="when it ends, from now")
        actions.add_parser("list", help="the tenant's keys, without secrets")
        rotate = actions.add_parser("rotate", help="make its successor; the old one ends after the overlap")
        rotate.add_argument("public_id")
        rotate.add_argument("--overlap", type=duration, default=timedelta(hours=24), metavar="24h")
        actions.add_parser("revoke", help="refuse a key, and those that it made, from now on").add_argument(
            "public_id"
        )

    def _create(self, tenant: TenantRef, options: dict[str, Any]) -> None:
        lasts = options["expires"]
        request = KeyRequest(
            KINDS[options["kind"]],
            name=options["name"],
            source=options["source"],
            permissions=_permissions(options["permissions"]),
            expires_at=None if lasts is None else timezone.now() + lasts,
        )
        self.stdout.write(make_key(tenant, request).text)

    def _list(self, tenant: TenantRef, options: dict[str, Any]) -> None:
        keys = list_keys(tenant)
        for key in keys:
            self.stdout.write(_line(key))
        for key in filter(is_unused, keys):
            self.stderr.write(
                f"{key.public_id} has not been used for 90 days. "
                f"Remedy: `manage.py key revoke {key.public_id} --tenant {tenant.slug}`."
            )

    def _rotate(self, tenant: TenantRef, options: dict[str, Any]) -> None:
        self.stdout.write(rotate_key(tenant, options["public_id"], overlap=options["overlap"]).text)

    def _revoke(self, tenant: TenantRef, options: dict[str, Any]) -> None:
        revoked = revoke_key(tenant, options["public_id"])
        if not revoked:
            raise CommandError(
                f"{tenant.slug!r} has no active key {options['public_id']!r}. Remedy: see `key list`."
            )
        for public_id in revoked:
            made = "" if public_id == options["public_id"] else ", which it made"
            self.stdout.write(f"Revoked {public_id}{made}.")


def _permissions(values: Sequence[str] | None) -> frozenset[Permission] | None:
    return None if values is None else frozenset(Permission(value) for value in values)


def _line(key: ApiKey) -> str:
    state = "active" if is_in_force(key) else "revoked" if key.revoked_at else "expired"
    used = "never" if key.last_used_at is None else f"{key.last_used_at:%Y-%m-%d}"
    return (
        f"{key.beginning}_…{key.last_four}  {state:<8}until {key.expires_at:%Y-%m-%d}  "
        f"used {used:<11} {key.source:<12}{','.join(sorted(permissions_of(key)))}  {key.name}".rstrip()
    )
