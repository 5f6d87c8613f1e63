"""Recompute stored values from their lineage and say which are not what they should be."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from engage_server.engine import verification
from engage_server.engine.verification import Finding, Verdict
from engage_server.tenancy.exceptions import TenancyError
from engage_server.tenancy.services import find_tenant


class Command(BaseCommand):
    """Recompute stored values from their lineage and say which are not what they should be."""

    help = (
        "Recompute stored values with the configuration they were computed with and compare. Writes nothing. "
        "Exit code 1 where the same inputs give another value than the stored one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, which and when."""
        parser.add_argument("--tenant", required=True)
        parser.add_argument("--plugin", action="append", default=[], help="only this one; may be repeated")
        parser.add_argument("--from", dest="first", type=date.fromisoformat, help="first day, YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, help="last day, included")
        parser.add_argument("--sample", type=int, help="this many days of plugins, drawn at random")
        parser.add_argument("--show", type=int, default=20, help="differences to print (default 20)")

    def handle(
        self,
        *,
        tenant: str,
        plugin: list[str],
        first: date | None,
        last: date | None,
        sample: int | None,
        show: int,
        **options: Any,
    ) -> None:
        """Verify with a progress bar; print counts, reasons and the first differences."""
        try:
            ref = find_tenant(tenant).ref
        except TenancyError as error:
            raise CommandError(str(error)) from None
        columns = (TextColumn("verifying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("verifying", total=None)
            findings = verification.verify(
                ref,
                plugins=plugin,
                first=first,
                last=last,
                sample=sample,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        counts = verification.counts(findings)
        self.stdout.write(
            f"{tenant}: {counts[Verdict.EQUAL]} equal, {counts[Verdict.DIFFERENT]} different, "
            f"{counts[Verdict.NOT_COMPARABLE]} not comparable."
        )
        self._reasons([finding for finding in findings if finding.verdict is Verdict.NOT_COMPARABLE])
        different = [finding for finding in findings if finding.verdict is Verdict.DIFFERENT]
        if different:
            self._differences(different[:show])
            raise CommandError(
                f"{len(different)} stored values are not what their inputs give. "
                "Remedy: find out who changed them, then recompute these days with `manage.py compute`."
            )

    def _reasons(self, findings: Sequence[Finding]) -> None:
        for (plugin, why), times in Counter(
            (f.metric.partition(".")[0], f.why) for f in findings
        ).most_common():
            self.stdout.write(f"  {times} of {plugin}: {why}.")

    def _differences(self, findings: Sequence[Finding]) -> None:
        table = Table("metric", "subject", "day", "stored, recomputed")
        for finding in findings:
            table.add_row(finding.metric, finding.subject, finding.day.isoformat(), finding.why)
        Console(file=self.stdout, width=160).print(table)  # type: ignore[arg-type]
