"""Look at merges of persons, merge two, take a merge back."""

from collections.abc import Mapping
from typing import Any, Final

from engage_server.activity.merge_impact import MergeImpact, count_impact
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.audit.management.base import TenantActionsCommand
from engage_server.customers.exceptions import CustomersError
from engage_server.customers.unmerge import merges
from engage_server.operations.merges import merge, person_known_as, preview_merge, undo_merge
from engage_server.tenancy.scope import TenantRef

SHOWN: Final = 50


class Command(TenantActionsCommand):
    """Look at merges of persons, merge two, take a merge back."""

    expected = (CustomersError,)
    active_only = True
    help = "List, preview, make and undo merges of a tenant's persons."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done; persons go by user id or a device's anonymous id."""
        listing = actions.add_parser("list", help="the merges in force")
        listing.add_argument("--limit", type=int, default=SHOWN)
        listing.add_argument(
            "--after", type=int, default=0, metavar="NUMBER", help="those behind this person"
        )
        for word, text in (("preview", "what a merge would move"), ("merge", "let one count as the other")):
            action = actions.add_parser(word, help=text)
            action.add_argument("previous", help="the name that is merged")
            action.add_argument("into", help="the user id that remains")
        undo = actions.add_parser("undo", help="take a merge back")
        undo.add_argument("name", help="the name of the merged person")

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        for one in merges(after=options["after"], limit=options["limit"]):
            since = "" if one.at is None else f"  since {one.at:%Y-%m-%d %H:%M}"
            names = f"{one.name or '-'} as {one.canonical_name or '-'}"
            self.stdout.write(f"{one.person} as {one.canonical}  {one.kind}  {names}{since}")

    def _preview(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        preview = preview_merge(options["previous"], options["into"])
        self.stdout.write(f"A merge would move {_format(preview.moved)}.")

    def _merge(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        preview = merge(options["previous"], options["into"])
        self.stdout.write(f"Merged: {_format(preview.moved)}. The days concerned are restated.")

    def _undo(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        undone = undo_merge(person_known_as(options["name"]))
        with current_rollups():
            moved = count_impact(undone.persons)
        self.stdout.write(f"Parted: {_format(moved)}. The days concerned are restated.")


def _format(moved: MergeImpact) -> str:
    return (
        f"persons {moved.persons:,} · events {moved.events:,} on {moved.days:,} days · answers {moved.answers:,} · "
        f"memberships {moved.memberships:,} · accounts {moved.accounts:,}"
    )
