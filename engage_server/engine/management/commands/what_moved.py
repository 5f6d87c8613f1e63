"""Say which metrics moved beyond what was usual. Writes nothing."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from engage_server.audit.management.base import TenantCommand
from engage_server.metrics.anomalies import HISTORY_DAYS
from engage_server.metrics.histories import histories
from engage_server.metrics.moved import KINDS, Movement, first_read, movements
from engage_server.plugin_host.activation import active_ids
from engage_server.plugin_host.registry import registry
from engage_server.sdk import TENANT
from engage_server.segments.tracking import tracked
from engage_server.tenancy.scope import TenantRef


class Command(TenantCommand):
    """Say which metrics moved beyond what was usual. Writes nothing."""

    help = (
        "Name the metrics of the tenant, and of its tracked segments, with a day beyond what was usual on its weekday: how "
        "far, and since when. Writes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose and when."""
        super().add_arguments(parser)
        parser.add_argument(
            "--on", type=date.fromisoformat, help="last day, YYYY-MM-DD (default: yesterday in its zone)"
        )
        parser.add_argument("--days", type=int, default=7, help="days that are judged (default 7)")

    def run(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        """Read the stored values and print what is unusual in them."""
        days = options["days"]
        if not 1 <= days <= HISTORY_DAYS:
            raise CommandError(f"--days is {days}. Remedy: 1 to {HISTORY_DAYS}.")
        on = options["on"] or datetime.now(tenant.zone).date() - timedelta(days=1)
        titles = {
            f"{id}.{metric.id}": metric.title
            for id in sorted(active_ids())
            for metric in registry().plugins[id].manifest.metrics
            if TENANT.kind in metric.subjects
        }
        read = histories(list(titles), KINDS, first=first_read(on, days=days), last=on)
        found = movements(read, on, days=days)
        judged = len({metric for metric, _ in read})
        self.stdout.write(f"{len(found)} of {judged} metrics moved in the {days} days up to {on}.")
        if found:
            self._table(found, titles)

    def _table(self, found: list[Movement], titles: Mapping[str, str]) -> None:
        names = {one.number: one.name for one in tracked()}
        table = Table("metric", "of", "day", "value", "usual", "z", "since")
        for one in found:
            for each in (one, *one.segments):
                peak = each.peak
                table.add_row(
                    titles[each.metric],
                    "tenant" if each.subject == TENANT else names.get(each.subject.id, str(each.subject.id)),
                    str(peak.day),
                    _number(peak.value),
                    _number(peak.expected),
                    "-" if peak.z is None else f"{peak.z:+.1f}",
                    f"{each.since}{'' if each.is_ongoing else ', over'}",
                )
        Console(file=self.stdout).print(table)  # type: ignore[arg-type]


def _number(number: float | None) -> str:
    return "-" if number is None else f"{number:,.2f}".rstrip("0").rstrip(".")
