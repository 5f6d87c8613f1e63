"""List, replay and discard what could not be taken in."""

from collections.abc import Mapping
from typing import Any, Final

from django.core.management.base import CommandError
from django.db.models import QuerySet

from engage_server.audit.management.base import TenantActionsCommand
from engage_server.ingest.models import QuarantinedItem
from engage_server.ingest.quarantine.quota import is_full
from engage_server.ingest.quarantine.store import find_items
from engage_server.operations.quarantine import discard_items, replay_items
from engage_server.tenancy.scope import TenantRef

SHOWN_ITEMS: Final = 50
SHOWN_CHARACTERS: Final = 200


class Command(TenantActionsCommand):
    """List a tenant's quarantined items, read them again once the cause is gone, or drop them."""

    active_only = True
    help = "List, replay and discard a tenant's quarantined items."

    def add_actions(self, actions: Any) -> None:
        """Whose items, and which of them."""
        shown = actions.add_parser("list", help="the oldest items with their reasons")
        shown.add_argument("--limit", type=int, default=SHOWN_ITEMS, help="how many items")
        actions.add_parser("replay", help="store what can be taken now; the rest stays")
        actions.add_parser("discard", help="delete what was refused for the --code or of the --source")
        for action in actions.choices.values():
            action.add_argument("--code", default="", help="only items refused for this reason")
            action.add_argument("--source", default="", help="only items of this source")

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        chosen = _chosen(options)
        for item in chosen[: options["limit"]]:
            self.stdout.write(_line(item))
        full = "; it is full, and what is refused is not kept" if is_full() else ""
        self.stdout.write(f"{chosen.count():,} in quarantine{full}")

    def _replay(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        result = replay_items(_chosen(options))
        self.stdout.write(
            f"stored {result.stored:,} · duplicate {result.duplicates:,} · kept {result.kept:,}"
        )

    def _discard(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        if not options["code"] and not options["source"]:
            raise CommandError("Discard what? Remedy: name it by --code, --source or both.")
        self.stdout.write(f"discarded {discard_items(_chosen(options)):,}")


def _chosen(options: Mapping[str, Any]) -> "QuerySet[QuarantinedItem]":
    return find_items(code=options["code"], source=options["source"])


def _line(item: QuarantinedItem) -> str:
    return (
        f"{item.id}  {item.received_at:%Y-%m-%d %H:%M:%S}  {item.source}  {item.protocol}  {item.code}\n"
        f"    {item.message}\n    {item.payload[:SHOWN_CHARACTERS]}"
    )
