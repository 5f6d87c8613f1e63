"""Make segments of accounts and persons, and look at who is in them."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandError

from engage_server.audit.management.base import TenantActionsCommand
from engage_server.customers.models import Account, Person
from engage_server.definitions.exceptions import DefinitionsError
from engage_server.engine.exceptions import BeyondRetentionError
from engage_server.operations import dimensions, segments
from engage_server.segments import catalogue
from engage_server.segments.catalogue import Segment
from engage_server.segments.exceptions import SegmentsError
from engage_server.tenancy.scope import TenantRef

SHOWN: Final = 50


class Command(TenantActionsCommand):
    """Make segments of accounts and persons, and look at who is in them."""

    expected = (SegmentsError, DefinitionsError, BeyondRetentionError)
    active_only = True
    help = "List, make and change a tenant's segments; see docs/segments.md for the words of a condition."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done; segments go by name."""
        actions.add_parser("list", help="the segments")
        showing = actions.add_parser("show", help="a segment's condition, and who is in it")
        showing.add_argument("name")
        showing.add_argument("--on", type=date.fromisoformat, help="day, YYYY-MM-DD; default: today")
        showing.add_argument("--limit", type=int, default=SHOWN, help="members shown")
        making = actions.add_parser("create", help="make a segment")
        making.add_argument("name")
        making.add_argument("--subject", choices=["account", "person"], required=True)
        changing = actions.add_parser("set", help="change a segment; what is left out stays")
        changing.add_argument("name")
        changing.add_argument("--name", dest="new_name", metavar="NAME")
        for action in (making, changing):
            action.add_argument(
                "--condition", help="JSON, or @FILE; a segment without one has listed members"
            )
            action.add_argument("--description")
            action.add_argument("--tracked", choices=["yes", "no"], help="compute metrics for it by schedule")
        listing = actions.add_parser("members", help="list members of a segment without a condition")
        listing.add_argument("name")
        listing.add_argument("--add", action="append", default=[], metavar="ID")
        listing.add_argument("--remove", action="append", default=[], metavar="ID")
        listing.add_argument(
            "--from", dest="start", type=date.fromisoformat, help="first day; default: today"
        )
        actions.add_parser("retire", help="end a segment; its history stays").add_argument("name")
        tracking = actions.add_parser("track", help="make a tracked segment of each value of a dimension")
        tracking.add_argument("dimension", help="plan, stage, or the name of a trait of accounts")
        actions.add_parser("untrack", help="compute no more metrics of its values").add_argument("dimension")
        actions.add_parser("history", help="a segment's versions").add_argument("name")

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        for one in catalogue.segments():
            self._line(one)

    def _show(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        segment = catalogue.segment_named(options["name"])
        self._line(segment)
        if segment.body.condition is not None:
            self.stdout.write(
                json.dumps(segment.body.condition.model_dump(mode="json", exclude_defaults=True))
            )
        members = segments.members_on(segment.number, options["on"])
        self.stdout.write(f"{len(members.ids):,} members on {members.day}")
        rows = Account.objects if segment.body.subject == "account" else Person.objects
        for number in rows.filter(pk__in=members.ids[: options["limit"]]).order_by("pk"):
            self.stdout.write(f"  {number.external_id or number}")

    def _create(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        body = {"subject": options["subject"], **_changes(options)}
        self._line(segments.create_segment(options["name"], body))

    def _set(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        number = catalogue.segment_named(options["name"]).number
        self._line(segments.change_segment(number, name=options["new_name"], changes=_changes(options)))

    def _members(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        number = catalogue.segment_named(options["name"]).number
        moved = segments.change_members(
            number, add=options["add"], remove=options["remove"], start=options["start"]
        )
        self.stdout.write(f"{len(moved.joined)} came, {len(moved.left)} left.")

    def _retire(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        former = segments.retire_segment(catalogue.segment_named(options["name"]).number)
        self.stdout.write(f"{former.name} is no segment any more.")

    def _track(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        count = dimensions.track_dimension(options["dimension"])
        self.stdout.write(f"{count} segments are computed with the schedules.")

    def _untrack(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        count = dimensions.untrack_dimension(options["dimension"])
        self.stdout.write(f"{count} segments are computed no more; what is stored of them stays.")

    def _history(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        for one in segments.versions_of(catalogue.segment_named(options["name"]).number):
            self._line(one)

    def _line(self, one: Segment) -> None:
        kind = "listed" if one.body.is_static else "by condition"
        tracked = ", tracked" if one.body.tracked else ""
        self.stdout.write(
            f"{one.number:>4}  {one.name}  {one.body.subject}s {kind}{tracked}, version {one.version} of "
            f"{one.created_at:%Y-%m-%d %H:%M} by {one.author}"
        )


def _changes(options: Mapping[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if options["condition"] is not None:
        changes["condition"] = _condition(options["condition"])
    if options["description"] is not None:
        changes["description"] = options["description"]
    if options["tracked"] is not None:
        changes["tracked"] = options["tracked"] == "yes"
    return changes


def _condition(given: str) -> Any:
    try:
        return json.loads(Path(given[1:]).read_text() if given.startswith("@") else given)
    except (OSError, ValueError) as error:
        raise CommandError(f"The condition cannot be read: {error}. Remedy: JSON, or @FILE.") from error
