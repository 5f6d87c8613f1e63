"""Set a value in place of a computed one, for some days and with a reason; end it; list them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from engage_server.audit.management.base import TenantActionsCommand
from engage_server.definitions.exceptions import DefinitionsError
from engage_server.metrics.overrides import Override, overrides
from engage_server.operations.exceptions import OperationsError
from engage_server.operations.overrides import end_override, set_override
from engage_server.tenancy.scope import TenantRef


class Command(TenantActionsCommand):
    """Set a value in place of a computed one, for some days and with a reason; end it; list them."""

    expected = (OperationsError, DefinitionsError)
    active_only = True
    help = (
        "Set, end and list what people set in place of computed values. The computed value stays beside it."
    )

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done."""
        actions.add_parser("list", help="all overrides, those that are over too")
        setting = actions.add_parser("set", help="set a value for some days")
        setting.add_argument("metric", help="full id, such as health_score.score")
        setting.add_argument("account", help="external id")
        setting.add_argument("value", type=float)
        setting.add_argument("--reason", required=True)
        setting.add_argument(
            "--until", type=date.fromisoformat, required=True, help="first day without it, YYYY-MM-DD"
        )
        setting.add_argument(
            "--from", dest="first", type=date.fromisoformat, help="first day with it; default: today"
        )
        setting.add_argument("--only-lower", action="store_true", help="never raise what is computed")
        ending = actions.add_parser("end", help="let one hold no longer")
        ending.add_argument("number", type=int)
        ending.add_argument("--on", type=date.fromisoformat, help="first day without it; default: today")

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        for one in overrides():
            self._line(one)

    def _set(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        made = set_override(
            options["metric"],
            options["account"],
            options["value"],
            reason=options["reason"],
            ends_on=options["until"],
            starts_on=options["first"],
            only_lower=options["only_lower"],
        )
        self._line(made)

    def _end(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        self._line(end_override(options["number"], options["on"]))

    def _line(self, one: Override) -> None:
        body = one.body
        way = "at most" if body.only_lower else "set to"
        self.stdout.write(
            f"{one.number:>4}  {body.metric} of {body.account} {way} {body.value:g} from {body.starts_on} until "
            f"{body.ends_on} by {one.author}: {body.reason}"
        )
