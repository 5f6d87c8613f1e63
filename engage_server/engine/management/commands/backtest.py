"""Hold a metric's past values against what became of the accounts, and say whether it predicts."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandParser
from rich.console import Console
from rich.table import Table

from engage_server.audit.management.base import TenantCommand
from engage_server.engine.backtest import SENTENCES, Backtest, backtest
from engage_server.engine.exceptions import EngineError
from engage_server.engine.outcomes import Outcome
from engage_server.sdk import Interval
from engage_server.tenancy.scope import TenantRef

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Command(TenantCommand):
    """Hold a metric's past values against what became of the accounts, and say whether it predicts."""

    expected = (EngineError,)
    timeout_ms = 300_000
    help = (
        "Say whether a metric's past values predict that accounts leave (CHURN) or pay more (UPGRADE): area under the "
        "curve, precision and recall of its bands, false alarms and lead time. Writes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, what and when."""
        super().add_arguments(parser)
        add_question(parser)

    def run(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        """Ask, and print a table or JSON."""
        found = backtest(
            options["metric"],
            Outcome(options["outcome"]),
            horizon_days=options["horizon"],
            first=options["first"],
            last=options["last"],
        )
        if options["json"]:
            self.stdout.write(as_json(found))
        else:
            self._tell(found)

    def _tell(self, found: Backtest) -> None:
        measured = found.discrimination
        area = "none" if measured is None else f"{measured.auc:.3f} {span(measured.interval)}"
        self.stdout.write(
            f"{found.metric} and {found.outcome} within {found.horizon_days} days, of {len(found.days)} days from "
            f"{found.first} to {found.last}: {found.observations} values, {found.outcomes} followed by the outcome."
        )
        self.stdout.write(f"Area under the curve {area}. It {SENTENCES[found.verdict]}.")
        table = Table("alarm", "flagged", "hits", "false alarms", "precision", "recall")
        for one in found.alarms:
            precision = f"{share(one.precision)} {span(one.precision_interval)}"
            recall = f"{share(one.recall)} {span(one.recall_interval)}"
            table.add_row(one.name, str(one.flagged), str(one.hits), str(one.false_alarms), precision, recall)
        Console(file=self.stdout).print(table)  # type: ignore[arg-type]
        lead = found.lead_time
        if lead is not None:
            days = (
                "nobody was warned of"
                if lead.median_days is None
                else f"{lead.median_days:g} days at the median"
            )
            self.stdout.write(
                f"Lead time of {lead.alarm}: {days}; {lead.warned} with, {lead.not_warned} without."
            )


def add_question(parser: CommandParser) -> None:
    """What is asked: metric, outcome, horizon and days."""
    parser.add_argument("--metric", required=True, help="full id, such as health_score.score")
    parser.add_argument("--outcome", choices=[one.value for one in Outcome], default=Outcome.CHURN.value)
    parser.add_argument("--horizon", type=int, default=90, metavar="DAYS", help="how far ahead (default 90)")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, help="included")
    parser.add_argument("--json", action="store_true", help="for programs")


def span(interval: Interval | None) -> str:
    """An interval in brackets; nothing where there is none."""
    return "" if interval is None else f"[{interval.low:.2f}, {interval.high:.2f}]"


def share(number: float | None) -> str:
    """A share as a percentage."""
    return "-" if number is None else f"{number:.0%}"


def as_json(found: "DataclassInstance") -> str:
    """What was found, for programs; days as YYYY-MM-DD."""
    return json.dumps(asdict(found), indent=2, default=str)
