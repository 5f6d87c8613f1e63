"""Make rules that raise signals, and try them on the past before they are saved."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from engage_server.audit.management.base import TenantActionsCommand
from engage_server.automation.exceptions import AutomationError
from engage_server.automation.replay import Replay
from engage_server.automation.rules import Rule, SignalKind, rules
from engage_server.customers.models import Account
from engage_server.definitions.exceptions import DefinitionsError
from engage_server.operations import rules as operations
from engage_server.plugin_host.exceptions import UnknownPluginError
from engage_server.segments.exceptions import SegmentsError
from engage_server.tenancy.scope import TenantRef

SHOWN = 20


class Command(TenantActionsCommand):
    """Make rules that raise signals, and try them on the past before they are saved."""

    expected = (AutomationError, DefinitionsError, SegmentsError, UnknownPluginError)
    active_only = True
    help = "List, try, make and change a tenant's rules; see docs/signals.md for the words of a trigger."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done; rules go by name."""
        actions.add_parser("list", help="the rules")
        trying = actions.add_parser(
            "replay", help="say what a rule would have said in the past; nothing is made"
        )
        trying.add_argument("--days", type=int, default=operations.REPLAYED_DAYS)
        making = actions.add_parser("create", help="make a rule")
        making.add_argument("name")
        changing = actions.add_parser("set", help="change a rule; what is left out stays")
        changing.add_argument("name")
        changing.add_argument("--name", dest="new_name", metavar="NAME")
        for action in (trying, making, changing):
            is_new = action is not changing
            action.add_argument(
                "--kind", choices=[kind.value.lower() for kind in SignalKind], required=is_new
            )
            action.add_argument("--trigger", required=is_new, help="JSON, or @FILE")
            action.add_argument("--segment", type=int, help="number of a segment that is tracked or listed")
            action.add_argument("--minimum-n", type=int)
            action.add_argument("--cool-down-days", type=int)
            action.add_argument("--note")
            action.add_argument(
                "--notify", type=int, action="append", metavar="CHANNEL", help="number; repeat for more"
            )
        actions.add_parser("retire", help="end a rule; its history stays").add_argument("name")

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        for one in rules():
            self._line(one)

    def _replay(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        body = operations.check_rule(_changes(options))
        self._say(operations.replay_rule(body, days=options["days"]))

    def _create(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        self._line(operations.create_rule(options["name"], _changes(options)))

    def _set(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        number = _named(options["name"]).number
        self._line(operations.change_rule(number, name=options["new_name"], changes=_changes(options)))

    def _retire(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        former = operations.retire_rule(_named(options["name"]).number)
        self.stdout.write(f"{former.name} raises no signals any more.")

    def _line(self, one: Rule) -> None:
        body = one.body
        self.stdout.write(
            f"{one.number:>4}  {one.name}  {body.kind} by {body.trigger.type}, version {one.version} of "
            f"{one.created_at:%Y-%m-%d %H:%M} by {one.author}"
        )

    def _say(self, found: Replay) -> None:
        self.stdout.write(
            f"{len(found.raised)} signals about {found.subjects} from {found.first} to {found.last}, "
            f"{found.open} not cleared."
        )
        if found.warned is not None:
            lead = found.warned.median_days
            ahead = "" if lead is None else f", half of them {lead:g} days or more before"
            self.stdout.write(
                f"{found.warned.outcome}: {found.warned.warned} of {found.warned.accounts} accounts were warned of{ahead}; "
                f"{found.warned.in_vain} signals in vain."
            )
        shown = found.raised[: -SHOWN - 1 : -1]
        names = dict(
            Account.objects.filter(pk__in=[one.subject for one in shown]).values_list("pk", "external_id")
        )
        for one in shown:
            about = names.get(one.subject, str(one.subject)) if found.warned is not None else str(one.subject)
            self.stdout.write(f"  {one.day}  {about}  {json.dumps(one.evidence)}")


def _named(name: str) -> Rule:
    found = next((one for one in rules() if one.name == name), None)
    if found is None:
        raise CommandError(f"There is no rule {name!r}. Remedy: `rule list` tells those there are.")
    return found


def _changes(options: Mapping[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if options["kind"] is not None:
        changes["kind"] = options["kind"].upper()
    if options["trigger"] is not None:
        changes["trigger"] = _trigger(options["trigger"])
    for field in ("segment", "minimum_n", "cool_down_days", "note", "notify"):
        if options[field] is not None:
            changes[field] = options[field]
    return changes


def _trigger(given: str) -> Any:
    try:
        return json.loads(Path(given[1:]).read_text() if given.startswith("@") else given)
    except (OSError, ValueError) as error:
        raise CommandError(f"The trigger cannot be read: {error}. Remedy: JSON, or @FILE.") from error
