"""Compute a tenant's metrics for past days."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from engage_server.audit.management.base import TenantCommand
from engage_server.customers.exceptions import NotSliceableError
from engage_server.engine import executor
from engage_server.engine.exceptions import EngineError
from engage_server.engine.gc_tuning import collect_rarely
from engage_server.engine.questions import Question, answers
from engage_server.plugin_host.activation import standing
from engage_server.plugin_host.exceptions import PluginHostError
from engage_server.segments.catalogue import segment_named
from engage_server.segments.exceptions import SegmentsError
from engage_server.tenancy.scope import TenantRef


class Command(TenantCommand):
    """Compute a tenant's metrics for past days."""

    expected = (PluginHostError, EngineError, SegmentsError, NotSliceableError)
    help = (
        "Compute a tenant's metrics for past days (default: yesterday in the tenant's zone). Safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, which and when."""
        super().add_arguments(parser)
        parser.add_argument("--plugin", action="append", default=[], help="only this one; may be repeated")
        parser.add_argument("--from", dest="first", type=_date, help="first day, YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=_date, help="last day, included")
        parser.add_argument("--metric", help="show this metric's values of the tenant, and store nothing")
        parser.add_argument(
            "--group-by", help="with --metric: plan, stage, owner, top, a trait, or person.TRAIT"
        )
        parser.add_argument("--segment", help="with --metric: of this segment alone")
        parser.add_argument(
            "--config", help="with --metric: JSON, fields that are to be other than they are set"
        )
        parser.add_argument(
            "--queue", action="store_true", help="leave it to the workers, at low priority (see `run list`)"
        )

    def run(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        """Compute day by day with a progress bar, or leave it to the workers; say what became of it."""
        found = standing()
        if not options["plugin"]:
            for reason in found.waiting.values():
                self.stderr.write(self.style.WARNING(f"Left out: {reason}"))
        plugins = options["plugin"] or sorted(found.active)
        first, last = options["first"], options["last"]
        yesterday = datetime.now(tenant.zone).date() - timedelta(days=1)
        last = last or (first if first and first > yesterday else yesterday)
        first = first or last
        if first > last:
            raise CommandError(f"--from {first} lies after --to {last}.")
        if options["metric"]:
            self._show(options, first, last)
        elif options["queue"]:
            self._queue(tenant, plugins, first, last)
        else:
            self._compute(tenant, plugins, first, last)

    def _show(self, options: Mapping[str, Any], first: date, last: date) -> None:
        segment = None if options["segment"] is None else segment_named(options["segment"]).number
        question = Question(
            metric=options["metric"],
            first=first,
            last=last,
            segment=segment,
            group_by=options["group_by"],
            config=None if options["config"] is None else _object(options["config"]),
        )
        for of_day in answers(question):
            for one in of_day:
                value = "-" if one.value.value is None else f"{one.value.value:g}"
                label = one.group if one.group is not None else one.value.label or "all"
                self.stdout.write(
                    f"{one.value.day}  {label:<30} {value:>12}  n {one.value.n:<8} {one.value.status}"
                )

    def _queue(self, tenant: TenantRef, plugins: Sequence[str], first: date, last: date) -> None:
        opened = executor.request_backfill(tenant, plugins=plugins, first=first, last=last)
        self.stdout.write(f"{tenant.slug}: {opened} runs for {first} to {last} wait for the workers.")

    def _compute(self, tenant: TenantRef, plugins: Sequence[str], first: date, last: date) -> None:
        collect_rarely()
        written, failed = 0, 0
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("computing", total=((last - first).days + 1) * len(plugins))

            def progress(plugin_id: str, day: date, values: int | None) -> None:
                nonlocal written, failed
                written += values or 0
                failed += values is None
                bar.update(task, advance=1, description=f"{day} {plugin_id}")

            executor.backfill(tenant, plugins=plugins, first=first, last=last, progress=progress)
        self.stdout.write(
            f"{tenant.slug}: {', '.join(plugins)} for {first} to {last}: {written} values written"
            + (
                f", {failed} runs failed (their errors are in the log above and in the ledger)."
                if failed
                else "."
            )
        )
        if failed:
            raise CommandError(f"{failed} runs failed.")


def _object(text: str) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except ValueError as error:
        raise CommandError(f"--config cannot be read: {error}. Remedy: JSON.") from error
    if not isinstance(given, dict):
        raise CommandError("--config is no object. Remedy: fields of the configuration by name.")
    return given


def _date(text: str) -> date:
    return date.fromisoformat(text)
