"""Recompute stored values from their lineage and say which are not what they should be."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from engage_server.audit.management.base import TenantCommand
from engage_server.engine import verification
from engage_server.engine.verification import Finding, Verdict
from engage_server.tenancy.scope import TenantRef


class Command(TenantCommand):
    """Recompute stored values from their lineage and say which are not what they should be."""

    help = (
        "Recompute stored values with the configuration they were computed with and compare. Writes nothing. "
        "Exit code 1 where the same inputs give another value than the stored one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, which and when."""
        super().add_arguments(parser)
        parser.add_argument("--plugin", action="append", default=[], help="only this one; may be repeated")
        parser.add_argument("--from", dest="first", type=date.fromisoformat, help="first day, YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, help="last day, included")
        parser.add_argument("--sample", type=int, help="this many days of plugins, drawn at random")
        parser.add_argument("--show", type=int, default=20, help="differences to print (default 20)")

    def run(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        """Verify with a progress bar; print counts, reasons and the first differences."""
        columns = (TextColumn("verifying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("verifying", total=None)
            findings = verification.verify(
                tenant,
                plugins=options["plugin"],
                first=options["first"],
                last=options["last"],
                sample=options["sample"],
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        counts = verification.counts(findings)
        self.stdout.write(
            f"{tenant.slug}: {counts[Verdict.EQUAL]} equal, {counts[Verdict.DIFFERENT]} different, "
            f"{counts[Verdict.NOT_COMPARABLE]} not comparable."
        )
        self._reasons([finding for finding in findings if finding.verdict is Verdict.NOT_COMPARABLE])
        different = [finding for finding in findings if finding.verdict is Verdict.DIFFERENT]
        if different:
            self._differences(different[: options["show"]])
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
