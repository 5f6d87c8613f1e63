"""Show an account's own page, or the calendar of renewals, to whoever has the address."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.management.base import CommandError

from engage_server.audit.management.base import TenantActionsCommand
from engage_server.automation.exceptions import AutomationError
from engage_server.automation.shares import Share, path_of, shares
from engage_server.customers.models import Account
from engage_server.definitions.exceptions import DefinitionsError
from engage_server.operations.shares import create_share, revoke_share
from engage_server.plugin_host.exceptions import PluginHostError
from engage_server.tenancy.scope import TenantRef


class Command(TenantActionsCommand):
    """Show an account's own page, or the calendar of renewals, to whoever has the address."""

    expected = (AutomationError, DefinitionsError, PluginHostError)
    active_only = True
    help = "List, make and end what is shared by secret addresses; see docs/reports.md."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done; shares go by name."""
        actions.add_parser("list", help="what is shared, with its addresses")
        showing = actions.add_parser("account", help="the customer's own page")
        showing.add_argument("name")
        showing.add_argument("--account", required=True, help="external id")
        showing.add_argument("--metric", action="append", default=[], help="full id; once for each")
        showing.add_argument("--goals", action="store_true")
        showing.add_argument("--language", choices=["en", "ko"], default="en")
        renewing = actions.add_parser("calendar", help="the renewals, for calendars that subscribe")
        renewing.add_argument("name")
        for action in (showing, renewing):
            action.add_argument("--ends-on", type=date.fromisoformat, help="first day without it")
        actions.add_parser("revoke", help="end one at once").add_argument("name")

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        for one in shares():
            self._line(one)

    def _account(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        row = Account.objects.filter(external_id=options["account"]).first()
        if row is None:
            raise CommandError(f"There is no account {options['account']!r}. Remedy: use its external id.")
        chosen = {field: options[field] for field in ("goals", "language", "ends_on")}
        body = {"kind": "ACCOUNT", "account": row.pk, "metrics": options["metric"], **chosen}
        self._line(create_share(options["name"], body))

    def _calendar(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        self._line(create_share(options["name"], {"kind": "CALENDAR", "ends_on": options["ends_on"]}))

    def _revoke(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        found = next((one for one in shares() if one.name == options["name"]), None)
        if found is None:
            raise CommandError(
                f"There is no share {options['name']!r}. Remedy: `share list` tells those there are."
            )
        revoke_share(found.number)
        self.stdout.write(f"{found.name} is shared no more.")

    def _line(self, one: Share) -> None:
        until = f", until {one.body.ends_on}" if one.body.ends_on else ""
        self.stdout.write(f"{one.number:>4}  {one.name}  {one.body.kind.value}{until}  {path_of(one)}")
