"""Look at a tenant's event names, say what they mean, and check how they are named."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.management.base import CommandError
from rich.console import Console
from rich.table import Table

from engage_server.activity.definitions import definition_of
from engage_server.activity.dictionary import named_entries
from engage_server.activity.event_name_lint import MOST_KEY_EVENTS, lint
from engage_server.activity.event_name_usage import usage_of
from engage_server.activity.exceptions import ActivityError
from engage_server.activity.models import EventName
from engage_server.activity.preset_files import preset_ids
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.audit.management.base import TenantActionsCommand
from engage_server.operations.event_dictionary import apply_preset, define_event, set_release_day
from engage_server.tenancy.scope import TenantRef


class Command(TenantActionsCommand):
    """Look at a tenant's event names, say what they mean, and check how they are named."""

    expected = (ActivityError,)
    active_only = True
    help = "List, define and check a tenant's event names."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done."""
        listing = actions.add_parser("list", help="names, when they were seen, how often, and what they mean")
        listing.add_argument("--json", action="store_true")
        setting = actions.add_parser("set", help="say what a name means; its history is restated")
        setting.add_argument("name")
        setting.add_argument(
            "changes",
            nargs="+",
            metavar="FIELD=VALUE",
            help="class=VALUE|PASSIVE|NOTICE, polarity=-1|0|1, weight=NUMBER, feature=NAME (empty: none), key=yes|no",
        )
        linting = actions.add_parser("lint", help="names that will cost their readers time; status 1 if any")
        linting.add_argument(
            "--most-key", type=int, default=MOST_KEY_EVENTS, help="how many key actions are fine"
        )
        preset = actions.add_parser("preset", help="define the names of a kind of product")
        preset.add_argument("preset", choices=preset_ids())
        release = actions.add_parser("release", help="say when a feature was released")
        release.add_argument("feature")
        release.add_argument("day", type=_day, metavar="YYYY-MM-DD", help="or 'unknown'")

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        rows = _rows()
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2))
            return
        columns = (
            "name",
            "first seen",
            "last seen",
            "30 days",
            "class",
            "polarity",
            "weight",
            "feature",
            "key",
        )
        table = Table(*columns)
        for row in rows:
            table.add_row(*("-" if value is None else str(value) for value in row.values()))
        Console(file=self.stdout).print(table)  # type: ignore[arg-type]

    def _set(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        pairs = [change.partition("=") for change in options["changes"]]
        if not all(equals for _, equals, _ in pairs):
            raise CommandError("A change is FIELD=VALUE, e.g. weight=5.")
        entry = define_event(options["name"], definition_of({field: value for field, _, value in pairs}))
        self.stdout.write(
            f"Defined {entry.name!r}; the days on which it occurs are restated where that matters."
        )

    def _lint(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        problems = lint(named_entries(), most_key=options["most_key"])
        for problem in problems:
            self.stdout.write(f"{problem.fault:<15}{problem.name}\n    {problem.message}")
        if problems:
            raise CommandError(f"{len(problems)} problems.")
        self.stdout.write("No problems.")

    def _release(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        set_release_day(options["feature"], options["day"])
        self.stdout.write(f"{options['feature']!r} was released on {options['day'] or 'an unknown day'}.")

    def _preset(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        done = apply_preset(options["preset"])
        self.stdout.write(f"Names added {done.added}, changed {done.changed}, left as they were {done.kept}.")


def _day(text: str) -> date | None:
    return None if text == "unknown" else date.fromisoformat(text)


def _rows() -> list[dict[str, Any]]:
    """The dictionary by name, JSON scalars only, in the order of the table's columns."""
    entries = list(EventName.objects.select_related("feature").order_by("name"))
    with current_rollups():
        seen = usage_of([entry.pk for entry in entries])
    return [
        {
            "name": entry.name,
            "first_seen": _text(seen[entry.pk].first_day),
            "last_seen": _text(seen[entry.pk].last_day),
            "volume": seen[entry.pk].volume,
            "class": entry.event_class,
            "polarity": entry.polarity,
            "weight": f"{entry.weight.normalize():f}",
            "feature": None if entry.feature is None else entry.feature.name,
            "key": entry.is_key,
        }
        for entry in entries
    ]


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
