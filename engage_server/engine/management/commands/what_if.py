"""Compute history under another configuration and say what would be different. Writes nothing."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from engage_server.audit.management.base import TenantCommand
from engage_server.customers.models import Account
from engage_server.engine.comparison import Difference, MetricOutcome
from engage_server.engine.exceptions import EngineError
from engage_server.engine.what_if import WhatIf, what_if
from engage_server.plugin_host.exceptions import PluginHostError
from engage_server.tenancy.scope import TenantRef, tenant_scope

TIMEOUT_MS = 300_000


class Command(TenantCommand):
    """Compute history under another configuration and say what would be different. Writes nothing."""

    help = (
        "Compute days that are past under another configuration of a plugin, compare with what is stored, and name "
        "who would lie in another band. Writes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, what and when."""
        super().add_arguments(parser)
        parser.add_argument("--plugin", required=True)
        parser.add_argument("--config", required=True, help="the whole configuration, as JSON")
        parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, help="included")
        parser.add_argument(
            "--metric",
            action="append",
            dest="metrics",
            help="full id of one to compare; may be given again (default: all of the plugin)",
        )
        parser.add_argument("--show", type=int, default=20, help="accounts to print (default 20)")

    def run(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        """Compute with a progress bar; print what would be different, by metric."""
        try:
            config = json.loads(options["config"])
        except ValueError as error:
            raise CommandError(f"--config is no JSON: {error}. Remedy: quote it for the shell.") from None
        if not isinstance(config, dict):
            raise CommandError("--config is no JSON object. Remedy: '{\"field\": value}'.")
        columns = (TextColumn("computing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with (
            Progress(*columns, console=Console(stderr=True), transient=True) as bar,
            tenant_scope(tenant, timeout_ms=TIMEOUT_MS),
        ):
            task = bar.add_task("computing", total=None)
            try:
                found = what_if(
                    options["plugin"],
                    config,
                    first=options["first"],
                    last=options["last"],
                    metrics=options["metrics"],
                    progress=lambda done, total: bar.update(task, completed=done, total=total),
                )
            except (EngineError, PluginHostError) as error:
                raise CommandError(str(error)) from None
            self._tell(found, show=options["show"])

    def _tell(self, found: WhatIf, *, show: int) -> None:
        for outcome in found.metrics:
            self.stdout.write(
                f"{outcome.metric}: {outcome.changed} of {outcome.values} values would be others; "
                f"{len(outcome.band_changes)} change band on {found.last}."
            )
            for (was, would_be), days in sorted(outcome.band_days.items(), key=lambda item: -item[1]):
                self.stdout.write(f"  {days} values of days: {was or 'none'} to {would_be or 'none'}")
            if outcome.band_changes:
                self._band_changes(outcome, show=show)

    def _band_changes(self, outcome: MetricOutcome, *, show: int) -> None:
        shown = outcome.band_changes[:show]
        names = _names(shown)
        table = Table("subject", "is", "would be")
        for one in shown:
            name = (
                names.get(one.subject_id, str(one.subject_id))
                if one.subject_kind == "account"
                else one.subject_kind
            )
            table.add_row(
                name, _cell(one.stored.value, one.stored.band), _cell(one.computed.value, one.computed.band)
            )
        Console(file=self.stdout).print(table)  # type: ignore[arg-type]


def _names(differences: tuple[Difference, ...]) -> dict[int, str]:
    ids = [one.subject_id for one in differences if one.subject_kind == "account"]
    return dict(Account.objects.filter(pk__in=ids).values_list("pk", "external_id"))


def _cell(value: float | None, band: str | None) -> str:
    return f"{'-' if value is None else round(value, 2)} {band or ''}".strip()
