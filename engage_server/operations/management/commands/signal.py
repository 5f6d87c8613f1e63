"""Look at the signals that rules raised, and say that one was seen."""

import json
from collections.abc import Mapping
from typing import Any

from engage_server.audit.management.base import TenantActionsCommand
from engage_server.automation import signals
from engage_server.automation.exceptions import AutomationError
from engage_server.automation.models import Signal
from engage_server.automation.rules import rules
from engage_server.customers.models import Account
from engage_server.operations.rules import acknowledge_signal
from engage_server.tenancy.scope import TenantRef

SHOWN = 50


class Command(TenantActionsCommand):
    """Look at the signals that rules raised, and say that one was seen."""

    expected = (AutomationError,)
    help = "List a tenant's signals and acknowledge them."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done; signals go by number."""
        listing = actions.add_parser("list", help="the queue, the newest first")
        listing.add_argument("--all", action="store_true", help="those acknowledged or over, too")
        listing.add_argument("--limit", type=int, default=SHOWN)
        seeing = actions.add_parser("acknowledge", help="say that one was seen, and what came of it")
        seeing.add_argument("number", type=int)
        seeing.add_argument("--reason", required=True)

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        everything = options["all"]
        found = signals.queue(acknowledged=None if everything else False, cleared=everything)
        rows = list(found[: options["limit"]])
        named = {one.number: one.name for one in rules()}
        accounts = [row.subject for row in rows if row.subject_kind == "account"]
        known = dict(Account.objects.filter(pk__in=accounts).values_list("pk", "external_id"))
        for row in rows:
            about = known.get(row.subject, "") if row.subject_kind == "account" else str(row.subject)
            self._line(row, named.get(row.rule, f"rule {row.rule}"), f"{row.subject_kind} {about}".strip())

    def _acknowledge(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        seen = acknowledge_signal(options["number"], options["reason"])
        self.stdout.write(f"Signal {seen.pk} is acknowledged by {seen.acknowledged_by}.")

    def _line(self, row: Signal, rule: str, about: str) -> None:
        kind = "RISK" if row.is_risk else "OPPORTUNITY"
        until = "" if row.cleared_on is None else f" until {row.cleared_on}"
        seen = f", seen by {row.acknowledged_by}: {row.reason}" if row.acknowledged_at else ""
        self.stdout.write(
            f"{row.pk:>5}  {kind}  {rule}: {about} from {row.raised_on}{until} {json.dumps(row.evidence)}{seen}"
        )
