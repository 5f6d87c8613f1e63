"""Say what happened on a day, so that series show it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from engage_server.activity.exceptions import ActivityError
from engage_server.audit.management.base import TenantActionsCommand
from engage_server.definitions.exceptions import DefinitionsError
from engage_server.metrics.annotations import Annotation, AnnotationKind, annotations
from engage_server.operations import annotations as operations
from engage_server.tenancy.scope import TenantRef

KINDS = [kind.lower() for kind in AnnotationKind]


class Command(TenantActionsCommand):
    """Say what happened on a day, so that series show it."""

    expected = (DefinitionsError, ActivityError)
    active_only = True
    help = "List, make and change annotations: releases, marketing, incidents."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done; annotations go by number."""
        actions.add_parser("list", help="the annotations by day")
        making = actions.add_parser("create", help="say what happened")
        making.add_argument("day", type=date.fromisoformat, help="YYYY-MM-DD")
        making.add_argument("text")
        changing = actions.add_parser("set", help="change an annotation; what is left out stays")
        changing.add_argument("number", type=int)
        changing.add_argument("--day", type=date.fromisoformat, metavar="YYYY-MM-DD")
        changing.add_argument("--text")
        for action in (making, changing):
            action.add_argument("--kind", choices=KINDS)
            action.add_argument("--feature", help="the feature that it is about; empty: the whole product")
        actions.add_parser("retire", help="take an annotation back").add_argument("number", type=int)

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        for one in annotations():
            self._line(one)

    def _create(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        self._line(operations.create_annotation(_given(options)))

    def _set(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        self._line(operations.change_annotation(options["number"], _given(options)))

    def _retire(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        former = operations.retire_annotation(options["number"])
        self.stdout.write(f"{former.name!r} is no annotation any more.")

    def _line(self, one: Annotation) -> None:
        about = f"  {one.body.feature}" if one.body.feature else ""
        self.stdout.write(
            f"{one.number:>4}  {one.body.day}  {one.body.kind.lower():<9}  {one.body.text}{about}"
        )


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: options[name] for name in ("day", "text", "kind", "feature") if options[name] is not None}
    return {**given, "kind": given["kind"].upper()} if "kind" in given else given
