"""Set goals for metrics, and look how far they have come."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.management.base import CommandError

from engage_server.audit.management.base import TenantActionsCommand
from engage_server.definitions.exceptions import DefinitionsError
from engage_server.metrics.goals import Goal, goals
from engage_server.operations import goals as operations
from engage_server.plugin_host.exceptions import UnknownPluginError
from engage_server.segments import catalogue
from engage_server.segments.exceptions import SegmentsError
from engage_server.tenancy.scope import TenantRef

FIELDS = ("metric", "target", "due", "start", "baseline", "tolerance", "account", "note")


class Command(TenantActionsCommand):
    """Set goals for metrics, and look how far they have come."""

    expected = (DefinitionsError, SegmentsError, UnknownPluginError)
    active_only = True
    help = (
        "List, set and change goals; `goals { progress status }` tells over GraphQL how far they have come."
    )

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done; goals go by name."""
        actions.add_parser("list", help="the goals")
        making = actions.add_parser("create", help="set a goal")
        making.add_argument("name")
        changing = actions.add_parser("set", help="change a goal; what is left out stays")
        changing.add_argument("name")
        changing.add_argument("--name", dest="new_name", metavar="NAME")
        for action, needed in ((making, True), (changing, False)):
            action.add_argument("--metric", required=needed, metavar="PLUGIN.METRIC")
            action.add_argument("--target", type=float, required=needed, help="in the metric's unit")
            action.add_argument("--due", type=date.fromisoformat, required=needed, metavar="YYYY-MM-DD")
            action.add_argument(
                "--start", type=date.fromisoformat, metavar="YYYY-MM-DD", help="default: today"
            )
            action.add_argument("--baseline", type=float, help="default: the value of the start")
            action.add_argument("--tolerance", type=float, help="where to meet the target is what is good")
            action.add_argument("--account", metavar="EXTERNAL_ID", help="default: the tenant")
            action.add_argument("--segment", metavar="NAME")
            action.add_argument("--note")
        actions.add_parser("retire", help="end a goal; its history stays").add_argument("name")

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        for one in goals():
            self._line(one)

    def _create(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        self._line(operations.create_goal(options["name"], _given(options)))

    def _set(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        number = _named(options["name"]).number
        self._line(operations.change_goal(number, name=options["new_name"], changes=_given(options)))

    def _retire(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        former = operations.retire_goal(_named(options["name"]).number)
        self.stdout.write(f"{former.name} is no goal any more.")

    def _line(self, one: Goal) -> None:
        body = one.body
        segment = "" if body.segment is None else f"segment {body.segment}"
        whose = body.account or segment or "tenant"
        known = "none known" if body.baseline is None else f"{body.baseline:g}"
        self.stdout.write(
            f"{one.number:>4}  {one.name}  {body.metric} of {whose}: {body.target:g} by {body.due}, from {known} on "
            f"{body.start}"
        )


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    given = {field: options[field] for field in FIELDS if options[field] is not None}
    if options["segment"] is not None:
        given["segment"] = catalogue.segment_named(options["segment"]).number
    return given


def _named(name: str) -> Goal:
    found = next((one for one in goals() if one.name == name), None)
    if found is None:
        known = ", ".join(repr(one.name) for one in goals()[:20]) or "none so far"
        raise CommandError(f"There is no goal {name!r}. Remedy: name one of these: {known}.")
    return found
