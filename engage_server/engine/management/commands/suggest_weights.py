"""Say which parts of a score went with what became of the accounts. Applies nothing."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Console
from rich.table import Table

from engage_server.audit.management.base import TenantCommand
from engage_server.engine.exceptions import EngineError
from engage_server.engine.management.commands.backtest import add_question, as_json, share, span
from engage_server.engine.outcomes import Outcome
from engage_server.engine.weight_suggestions import suggest_weights
from engage_server.tenancy.scope import TenantRef


class Command(TenantCommand):
    """Say which parts of a score went with what became of the accounts. Applies nothing."""

    expected = (EngineError,)
    timeout_ms = 300_000
    help = (
        "Correlate the parts of a score with who left (CHURN) or paid more (UPGRADE), and suggest weights by what is told "
        "from chance. Applies nothing: weights are configured by `manage.py plugin configure`."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, what and when."""
        super().add_arguments(parser)
        add_question(parser)

    def run(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        """Ask, and print a table or JSON."""
        found = suggest_weights(
            options["metric"],
            Outcome(options["outcome"]),
            horizon_days=options["horizon"],
            first=options["first"],
            last=options["last"],
        )
        if options["json"]:
            self.stdout.write(as_json(found))
            return
        table = Table("part", "accounts", "outcomes", "correlation", "p", "weight now", "suggested")
        for one in found.parts:
            r = "too few" if one.correlation is None else f"{one.correlation:+.2f} {span(one.interval)}"
            p = "-" if one.p is None else f"{one.p:.3f}"
            table.add_row(
                one.label,
                str(one.accounts),
                str(one.outcomes),
                r,
                p,
                share(one.present),
                share(one.suggested),
            )
        Console(file=self.stdout).print(table)  # type: ignore[arg-type]
        self.stdout.write(
            "Nothing was applied. A correlation is no cause: try a change with `manage.py what_if`."
        )
