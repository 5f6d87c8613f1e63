"""Say whether a tenant is set up for its numbers to mean something. Writes nothing."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Console
from rich.table import Table

from engage_server.audit.management.base import TenantCommand
from engage_server.operations.setup_audit import SetupItem, setup_audit, share_done
from engage_server.tenancy.scope import TenantRef


class Command(TenantCommand):
    """Say whether a tenant is set up for its numbers to mean something. Writes nothing."""

    help = "List what a tenant's set-up lacks, with why it matters and how to mend it. Writes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, and how to print it."""
        super().add_arguments(parser)
        parser.add_argument("--json", action="store_true", help="for programs")

    def run(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        """Print each item with its state."""
        items = setup_audit()
        if options["json"]:
            listed = [_plain(item) for item in items]
            self.stdout.write(json.dumps({"share_done": share_done(items), "items": listed}, indent=2))
            return
        self.stdout.write(f"{tenant.slug}: {share_done(items):.0%} done.")
        table = Table("item", "state", "found", "remedy")
        for item in items:
            table.add_row(item.title.en, item.state.value, item.found.en, item.remedy.en)
        Console(file=self.stdout).print(table)  # type: ignore[arg-type]


def _plain(item: SetupItem) -> dict[str, str]:
    """An item for programs, in English."""
    return {
        "key": item.key,
        "title": item.title.en,
        "why": item.why.en,
        "state": item.state.value,
        "found": item.found.en,
        "remedy": item.remedy.en,
    }
