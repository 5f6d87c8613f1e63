"""Look at the run ledger, and retry what was given up."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from engage_server.audit.management.base import OperatorCommand
from engage_server.engine import ledger
from engage_server.engine.models import Run
from engage_server.tenancy.scope import shared_scope
from engage_server.tenancy.services import find_tenant


class Command(OperatorCommand):
    """Look at the run ledger, and retry what was given up."""

    help = "Look at the run ledger, and retry what was given up."

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command for each thing that can be done."""
        actions = parser.add_subparsers(dest="action", required=True)
        listing = actions.add_parser("list", help="runs, the newest first")
        listing.add_argument("--state", choices=Run.State.values, help="FAILED and QUARANTINED were given up")
        listing.add_argument("--plugin")
        listing.add_argument("--limit", type=int, default=50)
        listing.add_argument("--json", action="store_true")
        retry = actions.add_parser("retry", help="open runs again that were given up")
        retry.add_argument("ids", nargs="*", type=int, metavar="ID")
        retry.add_argument("--all", action="store_true", help="every FAILED and QUARANTINED run")
        for action in (listing, retry):
            action.add_argument("--tenant", help="only this one's")

    def handle(self, *, action: str, tenant: str | None, **options: Any) -> None:
        """Call the sub-command."""
        tenant_id = None if tenant is None else find_tenant(tenant).pk
        getattr(self, f"_{action}")(tenant_id, options)

    def _list(self, tenant_id: int | None, options: Mapping[str, Any]) -> None:
        wanted = {"tenant_id": tenant_id, "state": options["state"], "plugin": options["plugin"]}
        with shared_scope():
            runs = Run.objects.select_related("tenant").filter(
                **{field: value for field, value in wanted.items() if value is not None}
            )
            rows = [_facts(run) for run in runs.order_by("-id")[: options["limit"]]]
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2))
            return
        if not rows:
            self.stdout.write("No such runs.")
            return
        table = Table(*rows[0])
        for row in rows:
            table.add_row(*(str(value) for value in row.values()))
        Console(file=self.stdout).print(table)  # type: ignore[arg-type]

    def _retry(self, tenant_id: int | None, options: Mapping[str, Any]) -> None:
        if bool(options["ids"]) == options["all"]:
            raise CommandError("Say which: ids as `run list` shows them, or --all.")
        reopened = ledger.retry(options["ids"] or None, tenant_id=tenant_id)
        self.stdout.write(f"Opened {reopened} runs again.")


def _facts(run: Run) -> dict[str, Any]:
    return {
        "id": run.pk,
        "tenant": run.tenant.slug,
        "plugin": run.plugin,
        "day": run.day.isoformat(),
        "scheduledFor": run.scheduled_for.isoformat(),
        "state": run.state,
        "attempt": run.attempt,
        "deaths": run.deaths,
        "error": run.error,
    }
