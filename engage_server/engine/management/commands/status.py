"""Show how this installation stands."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engage_server.engine.connections import RESERVE
from engage_server.engine.monitoring.queries import UNAVAILABLE
from engage_server.engine.status import FAILURE_HOURS, Status, read_status

WIDTH: Final = 80
FAILURES_SHOWN: Final = 10


class Command(BaseCommand):
    """Show how this installation stands."""

    help = (
        "Tenants, workers, runs, failures and next runs at a glance. Exits with 1 where something is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """For people or programs."""
        parser.add_argument("--json", action="store_true")

    def handle(self, *, json: bool, **options: object) -> None:
        """Print, then exit with 1 where there are problems."""
        try:
            status = read_status()
        except UNAVAILABLE as error:
            raise CommandError(
                f"The database does not answer as it should: {error} "
                "Remedy: check DATABASE_URL, and run `manage.py migrate` if it is new."
            ) from None
        if json:
            self.stdout.write(_as_json(status))
        else:
            console = Console(file=self.stdout, width=WIDTH, highlight=False)  # type: ignore[arg-type]
            for table in _tables(status):
                console.print(table)
            for problem in status.problems:
                console.print(f"[bold red]![/] {escape(problem)}")
            if not status.problems:
                console.print("All is well.")
        if status.problems:
            sys.exit(1)


def _as_json(status: Status) -> str:
    return json.dumps(status.as_dict(), indent=2)


def _tables(status: Status) -> Iterable[Table]:
    yield _facts(status)
    if status.failures:
        shown = status.failures[:FAILURES_SHOWN]
        title = f"Failed for good within {FAILURE_HOURS} h ({len(shown)} of {len(status.failures)})"
        failed = [(failure.tenant, failure.plugin, failure.day, failure.error) for failure in shown]
        yield _table(title, ("tenant", "plugin", "day", "error"), failed)
    if status.next_runs:
        coming = [(run.tenant, run.plugin, run.at) for run in status.next_runs]
        yield _table("Next runs", ("tenant", "plugin", "at (UTC)"), coming)
    if status.broken_plugins:
        yield _table("Broken plugins", ("plugin", "reason"), list(status.broken_plugins.items()))


def _facts(status: Status) -> Table:
    silent = status.workers.silent_s
    seen = "never seen" if silent is None else f"last report {_duration(silent)} ago"
    backlog = status.backlog
    facts = (
        (
            "database",
            f"PostgreSQL {status.database['version']}, about {status.database['bytes'] / 1e6:,.0f} MB",
        ),
        ("tenants", _counts(status.tenants)),
        ("workers", f"{status.workers.alive} alive, {seen}"),
        ("servers", f"{status.processes.servers} alive"),
        (
            "compactors",
            f"{status.processes.compactors} alive, roll-ups {_behind(status.processes.rollup_lag_s)}",
        ),
        ("queue", _counts(status.queue)),
        (f"runs, {FAILURE_HOURS} h", _counts(status.runs)),
        (
            "due now",
            f"{backlog.due}, the oldest for {_duration(backlog.oldest_s)}" if backlog.due else "none",
        ),
        ("backfills", f"{status.work.backfills} runs wait" if status.work.backfills else "none"),
        (
            "connections",
            f"{status.connections.used} of {status.connections.limit}, {status.connections.strangers} of other "
            f"databases; ours may be {status.processes.connections} + {RESERVE}",
        ),
        ("disk", f"{status.disk.free / 1e9:,.1f} of {status.disk.total / 1e9:,.1f} GB free"),
        *([("nodes", _nodes(status.nodes))] if status.nodes else []),
        ("clocks", f"at most {abs(status.processes.worst_clock_s):.1f} s from the database's"),
    )
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for name, fact in facts:
        table.add_row(name, escape(fact))
    return table


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(*columns, title=f"\n{title}", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    return table


def _counts(numbers: dict[str, int]) -> str:
    return ", ".join(f"{number} {name.lower()}" for name, number in numbers.items()) or "none"


def _nodes(nodes: Mapping[str, bool]) -> str:
    return ", ".join(f"{name} {'answers' if is_up else 'is away'}" for name, is_up in nodes.items())


def _behind(seconds: float) -> str:
    return f"{_duration(seconds)} behind" if seconds >= 1 else "up to date"


def _duration(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
