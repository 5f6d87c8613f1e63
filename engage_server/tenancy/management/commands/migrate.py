"""Django's migrate for the shared schema, then the runner of this package for the tenants."""

import argparse
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from engage_server.tenancy import citus, spare_schemas, walls
from engage_server.tenancy.exceptions import CitusError, NewerDatabaseError, TenancyError
from engage_server.tenancy.migrations_runner.runner import (
    Options,
    Outcome,
    Report,
    migrate_tenants,
    tenants_behind,
)
from engage_server.tenancy.schemas import require_role_rights
from engage_server.tenancy.scope import shared_scope
from engage_server.tenancy.versions import applied_migrations, refuse_newer

DEFAULTS = Options()


class Command(migrate.Command):
    """Bring the shared schema and every tenant's up to date."""

    help = (
        "Bring the shared schema and every tenant's schema up to date. The service may run meanwhile; what was "
        "done before a stop stays done, and the next run finishes the rest."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Django's, and how to go through the tenants."""
        super().add_arguments(parser)
        group = parser.add_argument_group("tenants")
        group.add_argument("--tenants", nargs="+", default=(), metavar="SLUG", help="these alone")
        group.add_argument("--workers", type=_positive, default=DEFAULTS.workers, help="tenants at a time")
        group.add_argument(
            "--canaries",
            type=_positive,
            default=DEFAULTS.canaries,
            help="tenants that go first, one by one; the run ends if one fails",
        )
        group.add_argument(
            "--max-failures", type=_positive, default=DEFAULTS.max_failures, help="end after so many"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run Django's command on the shared schema; a plain `migrate` goes on to the tenants."""
        try:
            refuse_newer(applied_migrations())
        except NewerDatabaseError as error:
            raise CommandError(str(error)) from None
        try:
            citus.require_ready()
        except CitusError as error:
            raise CommandError(str(error)) from None
        with shared_scope(timeout_ms=0), citus.shared_tables_alone():
            super().handle(*args, **options)
        if options["app_label"] is not None or options["plan"] or options["fake"]:
            return
        if options["check_unapplied"]:
            self._check()
            return
        verbose = options["verbosity"] > 0
        try:
            # Said at the start of a server, not by the first tenant that cannot be made.
            require_role_rights()
            walls.close_workers()
            report = self._migrate(_options(options), visible=verbose)
        except TenancyError as error:
            raise CommandError(str(error)) from None
        if verbose:
            self._print(report)
        if not report.complete:
            raise CommandError(
                f"{len(report.failed)} tenants failed and {len(report.pending)} were not reached; they are as they "
                "were before. Remedy: see the reasons, then run migrate again: it does the rest."
                + ("" if verbose else _reasons(report))
            )
        if settings.ENGAGE_SPARE_SCHEMAS:
            spare_schemas.refill(settings.ENGAGE_SPARE_SCHEMAS)

    def _check(self) -> None:
        behind = tenants_behind()
        for tenant in behind:
            self.stdout.write(f"  {tenant.slug}: lacks migrations")
        if behind:
            sys.exit(1)

    def _migrate(self, options: Options, *, visible: bool) -> Report:
        columns = (
            TextColumn("Tenants"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
            TextColumn("[red]{task.fields[failed]}"),
        )  # fmt: skip
        console = Console(file=self.stdout)  # type: ignore[arg-type]
        with Progress(*columns, console=console, disable=not visible or not self.stdout.isatty()) as progress:
            task = progress.add_task("", total=None, failed="", visible=False)
            failures = 0

            def started(count: int) -> None:
                progress.update(task, total=count, visible=True)

            def finished(outcome: Outcome) -> None:
                nonlocal failures
                failures += not outcome.done
                progress.update(task, advance=1, failed=f"{failures} failed" if failures else "")

            return migrate_tenants(options, started=started, finished=finished)

    def _print(self, report: Report) -> None:
        if not report.done and report.complete:
            self.stdout.write("Tenants: nothing to migrate.")
            return
        self.stdout.write(
            f"Tenants migrated: {report.done}; failed: {len(report.failed)}; not reached: {len(report.pending)}"
        )
        if report.failed:
            self.stdout.write(_reasons(report).lstrip("\n"))


def _options(options: dict[str, Any]) -> Options:
    return Options(
        tenants=tuple(options["tenants"]),
        workers=options["workers"],
        canaries=options["canaries"],
        max_failures=options["max_failures"],
    )


def _reasons(report: Report) -> str:
    return "".join(f"\n  {outcome.slug}: {outcome.error}" for outcome in report.failed)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number
