"""Make playbooks, enable them and say whether they help."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from engage_server.audit.management.base import TenantActionsCommand
from engage_server.automation.exceptions import AutomationError
from engage_server.automation.playbooks import Playbook, playbooks
from engage_server.automation.presets import PRESETS
from engage_server.automation.uplift import USUAL_DAYS, MetricUplift, metric_uplift, uplift
from engage_server.definitions.exceptions import DefinitionsError
from engage_server.operations import playbooks as operations
from engage_server.operations.presets import apply_preset
from engage_server.segments.exceptions import SegmentsError
from engage_server.tenancy.scope import TenantRef


class Command(TenantActionsCommand):
    """Make playbooks, enable them and say whether they help."""

    expected = (AutomationError, DefinitionsError, SegmentsError)
    active_only = True
    help = "List, make, change and end a tenant's playbooks; see docs/playbooks.md for the words of a step."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done; playbooks go by name."""
        actions.add_parser("list", help="the playbooks")
        making = actions.add_parser("create", help="make a playbook; it does nothing before it is enabled")
        making.add_argument("name")
        making.add_argument(
            "--rule", type=int, required=True, help="number of the rule whose signals begin it"
        )
        changing = actions.add_parser("set", help="change a playbook; what is left out stays")
        changing.add_argument("name")
        changing.add_argument("--name", dest="new_name", metavar="NAME")
        for action in (making, changing):
            action.add_argument("--steps", required=action is making, help="JSON, or @FILE")
            action.add_argument("--enabled", choices=["yes", "no"])
            action.add_argument("--hold-out", type=float)
            action.add_argument("--cool-down-days", type=int)
            action.add_argument("--hours", help="JSON, or @FILE")
            action.add_argument("--note")
            action.add_argument(
                "--at-most", type=int, help="of so many it may speak, where it is enabled for many"
            )
        actions.add_parser("presets", help="the playbooks that come with the server")
        applying = actions.add_parser(
            "apply", help="make a rule and a playbook, which is off, after a preset"
        )
        applying.add_argument("preset")
        applying.add_argument(
            "--channel", type=int, required=True, help="number of the channel that its messages go by"
        )
        applying.add_argument("--after", help="your event that begins it")
        applying.add_argument("--event", help="your event that it waits for")
        applying.add_argument("--link", help="the page that its messages lead to")
        applying.add_argument("--language", choices=["en", "ko"], default="en")
        helping = actions.add_parser("uplift", help="say whether it helps")
        helping.add_argument("name")
        helping.add_argument("--days", type=int, default=USUAL_DAYS)
        helping.add_argument("--metric", help="whether it moves this metric, by its full id")
        actions.add_parser("retire", help="end a playbook; its history stays").add_argument("name")

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        for one in playbooks():
            self._line(one)

    def _create(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        self._line(
            operations.create_playbook(
                options["name"], {"rule": options["rule"], **_changes(options)}, at_most=options["at_most"]
            )
        )

    def _set(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        number = _named(options["name"]).number
        self._line(
            operations.change_playbook(
                number, name=options["new_name"], changes=_changes(options), at_most=options["at_most"]
            )
        )

    def _presets(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        for one in PRESETS:
            needs = ", ".join(f"--{need}" for need in one.needs)
            self.stdout.write(
                f"{one.id}  {one.title['en']}. {one.why['en']}" + (f" Needs {needs}." if needs else "")
            )

    def _apply(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        events = {need: options[need] for need in ("after", "event", "link") if options[need] is not None}
        made = apply_preset(
            options["preset"], channel=options["channel"], events=events, language=options["language"]
        )
        self._line(made)

    def _uplift(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        number = _named(options["name"]).number
        if options["metric"] is not None:
            self._say_moved(metric_uplift(number, options["metric"], days=options["days"]))
            return
        found = uplift(number, days=options["days"])
        self.stdout.write(
            f"Over within {found.days} days: {found.treated.over} of {found.treated.subjects} treated, "
            f"{found.held_out.over} of {found.held_out.subjects} held out."
        )
        if found.interval is not None:
            self.stdout.write(
                f"{found.difference:+.1f} points, from {found.interval.low:+.1f} to {found.interval.high:+.1f} (95%)."
            )

    def _say_moved(self, found: MetricUplift) -> None:
        groups = {"treated": found.treated, "held out": found.held_out}
        told = (
            f"{one.subjects} {name} moved by {'nothing known' if one.mean is None else f'{one.mean:+.2f}'}"
            for name, one in groups.items()
        )
        self.stdout.write(f"{found.metric} within {found.days} days: {', '.join(told)}.")
        if found.interval is not None:
            self.stdout.write(
                f"{found.difference:+.2f}, from {found.interval.low:+.2f} to {found.interval.high:+.2f} (95%)."
            )

    def _retire(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        former = operations.retire_playbook(_named(options["name"]).number)
        self.stdout.write(f"{former.name} is no playbook any more.")

    def _line(self, one: Playbook) -> None:
        state = "enabled" if one.body.enabled else "off"
        self.stdout.write(
            f"{one.number:>4}  {one.name}  after rule {one.body.rule}, {len(one.body.steps)} steps, {state}, "
            f"version {one.version}"
        )


def _named(name: str) -> Playbook:
    found = next((one for one in playbooks() if one.name == name), None)
    if found is None:
        raise CommandError(f"There is no playbook {name!r}. Remedy: `playbook list` tells those there are.")
    return found


def _changes(options: Mapping[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for field in ("steps", "hours"):
        if options[field] is not None:
            changes[field] = _json(options[field])
    for field in ("hold_out", "cool_down_days", "note"):
        if options[field] is not None:
            changes[field] = options[field]
    if options["enabled"] is not None:
        changes["enabled"] = options["enabled"] == "yes"
    return changes


def _json(given: str) -> Any:
    try:
        return json.loads(Path(given[1:]).read_text() if given.startswith("@") else given)
    except (OSError, ValueError) as error:
        raise CommandError(f"It cannot be read: {error}. Remedy: JSON, or @FILE.") from error
