"""List, replay and discard what could not be taken in."""

from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from engage_server.ingest.models import QuarantinedItem
from engage_server.ingest.quarantine.quota import is_full
from engage_server.ingest.quarantine.replay import replay
from engage_server.ingest.quarantine.store import discard, find_items
from engage_server.tenancy.exceptions import TenancyError
from engage_server.tenancy.scope import tenant_scope
from engage_server.tenancy.services import find_tenant, require_active

SHOWN_ITEMS: Final = 50
SHOWN_CHARACTERS: Final = 200


class Command(BaseCommand):
    """List a tenant's quarantined items, read them again once the cause is gone, or drop them."""

    help = "List, replay and discard a tenant's quarantined items."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose items, and which of them."""
        actions = parser.add_subparsers(dest="action", required=True)
        shown = actions.add_parser("list", help="the oldest items with their reasons")
        shown.add_argument("--limit", type=int, default=SHOWN_ITEMS, help="how many items")
        actions.add_parser("replay", help="store what can be taken now; the rest stays")
        actions.add_parser("discard", help="delete what was refused for the --code or of the --source")
        for action in actions.choices.values():
            action.add_argument("--tenant", required=True, metavar="SLUG")
            action.add_argument("--code", default="", help="only items refused for this reason")
            action.add_argument("--source", default="", help="only items of this source")

    def handle(self, *, action: str, tenant: str, code: str, source: str, **options: Any) -> None:
        """Do it for the tenant."""
        try:
            found = find_tenant(tenant)
            require_active(found)
        except TenancyError as error:
            raise CommandError(str(error)) from None
        with tenant_scope(found.ref):
            chosen = find_items(code=code, source=source)
            if action == "replay":
                result = replay(chosen)
                self.stdout.write(
                    f"stored {result.stored:,} · duplicate {result.duplicates:,} · kept {result.kept:,}"
                )
                return
            if action == "discard":
                if not code and not source:
                    raise CommandError("Discard what? Remedy: name it by --code, --source or both.")
                self.stdout.write(f"discarded {discard(chosen):,}")
                return
            for item in chosen[: options["limit"]]:
                self.stdout.write(_line(item))
            full = "; it is full, and what is refused is not kept" if is_full() else ""
            self.stdout.write(f"{chosen.count():,} in quarantine{full}")


def _line(item: QuarantinedItem) -> str:
    return (
        f"{item.id}  {item.received_at:%Y-%m-%d %H:%M:%S}  {item.source}  {item.protocol}  {item.code}\n"
        f"    {item.message}\n    {item.payload[:SHOWN_CHARACTERS]}"
    )
