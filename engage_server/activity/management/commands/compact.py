"""Bring a tenant's roll-ups up to date, say how far they are behind, or rebuild them."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from engage_server.activity.rollups.compaction import compact, has_work, rebuild
from engage_server.activity.rollups.deltas import backlog
from engage_server.audit.management.base import TenantCommand
from engage_server.tenancy.scope import TenantRef


class Command(TenantCommand):
    """Bring a tenant's roll-ups up to date, say how far they are behind, or rebuild them."""

    timeout_ms = 0
    help = "Bring a tenant's roll-ups up to date. Workers do this by themselves; safe to repeat and to interrupt."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, and what."""
        super().add_arguments(parser)
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--status", action="store_true", help="only say how far they are behind")
        what.add_argument("--rebuild", action="store_true", help="rebuild them from the stored events")

    def run(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        """Compact with a progress bar, then say where things stand."""
        if not options["status"]:
            compact_all(from_start=options["rebuild"])
        waiting = backlog()
        self.stdout.write(
            f"{tenant.slug}: {waiting.events} events in {waiting.batches} batches wait, "
            + (
                f"the oldest for {waiting.lag.total_seconds():.1f} s."
                if waiting.lag
                else "the roll-ups are up to date."
            )
        )


def compact_all(*, from_start: bool) -> None:
    """Compact until nothing waits, showing how far it is."""
    if from_start:
        rebuild()
    columns = (TextColumn("compacting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("compacting", total=backlog().events)
        while has_work() and compact(wait=True):
            waiting = backlog().events
            bar.update(task, completed=max(0, (bar.tasks[0].total or 0) - waiting))
