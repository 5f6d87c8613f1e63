"""Create, list and revoke a tenant's keys."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from engage_server.access.keys import create_key, list_keys, revoke_key
from engage_server.access.models import ApiKey
from engage_server.tenancy.exceptions import TenancyError
from engage_server.tenancy.services import find_tenant

KINDS = {"ingest": ApiKey.Kind.INGEST, "query": ApiKey.Kind.QUERY, "admin": ApiKey.Kind.ADMIN}


class Command(BaseCommand):
    """Create, list and revoke a tenant's keys."""

    help = "Create, list and revoke a tenant's keys."

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command for each thing that can be done."""
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="make a key; it is printed once")
        create.add_argument("kind", choices=sorted(KINDS))
        create.add_argument("--source", default="default", help="source name of what an ingest key brings in")
        actions.add_parser("list", help="the tenant's keys, without secrets")
        actions.add_parser("revoke", help="refuse a key from now on").add_argument("public_id")
        for action in actions.choices.values():
            action.add_argument("--tenant", required=True)

    def handle(self, *, action: str, tenant: str, **options: Any) -> None:
        """Do it for the tenant."""
        try:
            ref = find_tenant(tenant).ref
        except TenancyError as error:
            raise CommandError(str(error)) from None
        if action == "create":
            self.stdout.write(create_key(ref, KINDS[options["kind"]], source=options["source"]))
        elif action == "list":
            for key in list_keys(ref):
                state = "revoked" if key.revoked_at else "active"
                self.stdout.write(f"{key.public_id}  {key.kind}  …{key.last_four}  {key.source:<12}{state}")
        elif revoke_key(ref, options["public_id"]):
            self.stdout.write(f"Revoked {options['public_id']}.")
        else:
            raise CommandError(
                f"{tenant!r} has no active key {options['public_id']!r}. Remedy: see `key list`."
            )
