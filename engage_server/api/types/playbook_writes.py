"""Mutations of playbooks: making, changing and ending one, and those of presets."""

from collections.abc import Callable
from typing import Any

import strawberry
from strawberry.scalars import JSON

from engage_server.access.principal import Permission
from engage_server.api.context import Info
from engage_server.api.permissions import requires
from engage_server.api.types.channels import channel_number
from engage_server.api.types.playbooks import AT_MOST, PlaybookNode, playbook_number
from engage_server.api.types.rules import rule_number
from engage_server.api.types.subjects import plain
from engage_server.api.types.writes import (
    EXPECTED_VERSION,
    WRITTEN_NODE,
    IdInput,
    WriteInput,
    WritePayload,
    carry_out_defined,
)
from engage_server.automation import playbooks as stored
from engage_server.operations import playbooks as operations
from engage_server.operations.presets import apply_preset


@strawberry.input(description="A new playbook; it does nothing before it is enabled.")
class CreatePlaybookInput(WriteInput):
    name: str
    rule: strawberry.ID
    steps: JSON
    enabled: bool = False
    hold_out: float = 0
    cool_down_days: int = 7
    hours: JSON | None = None
    note: str = ""
    at_most: int | None = strawberry.field(default=None, description=AT_MOST)


@strawberry.input(description="What changes of a playbook; what is left out stays.")
class PlaybookChanges:
    name: str | None = None
    steps: JSON | None = None
    enabled: bool | None = None
    hold_out: float | None = None
    cool_down_days: int | None = None
    hours: JSON | None = None
    note: str | None = None
    at_most: int | None = strawberry.field(default=None, description=AT_MOST)


@strawberry.input(description="A playbook, and what changes of it.")
class UpdatePlaybookInput(WriteInput):
    id: strawberry.ID
    changes: PlaybookChanges
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)


@strawberry.input(description="A preset, and what of the tenant's it is about.")
class ApplyPlaybookPresetInput(WriteInput):
    name: str
    channel: strawberry.ID
    after: str | None = strawberry.field(
        default=None, description="The event after which something is waited for."
    )
    event: str | None = strawberry.field(
        default=None, description="The event that is waited for, or spoken of."
    )
    link: str | None = strawberry.field(
        default=None, description="Where the messages lead to: an address of https."
    )


@strawberry.type(description="The playbook that was written.")
class PlaybookPayload(WritePayload):
    playbook: PlaybookNode | None = strawberry.field(description=WRITTEN_NODE)


@strawberry.type
class PlaybookMutation:
    @strawberry.mutation(description="Make a playbook.", extensions=[requires(Permission.AUTOMATION_WRITE)])
    def create_playbook(self, info: Info, input: CreatePlaybookInput) -> PlaybookPayload:
        given: dict[str, Any] = {
            "rule": rule_number(info.context, input.rule),
            "steps": input.steps,
            "enabled": input.enabled,
            "hold_out": input.hold_out,
            "cool_down_days": input.cool_down_days,
            "note": plain(input.note),
            **({} if input.hours is None else {"hours": input.hours}),
        }

        def change() -> stored.Playbook:
            return operations.create_playbook(
                plain(input.name), given, sees_persons=_sees_persons(info), at_most=input.at_most
            )

        return _carry_out(info, input, change)

    @strawberry.mutation(
        description="Make a preset's rule and its playbook, which is off; `after` and `event` are the tenant's own events, "
        "`link` is a page.",
        extensions=[requires(Permission.AUTOMATION_WRITE)],
    )
    def apply_playbook_preset(self, info: Info, input: ApplyPlaybookPresetInput) -> PlaybookPayload:
        named = {"after": input.after, "event": input.event, "link": input.link}

        def change() -> stored.Playbook:
            return apply_preset(
                plain(input.name),
                channel=channel_number(info.context, input.channel),
                events={need: plain(name) for need, name in named.items() if name is not None},
                sees_persons=_sees_persons(info),
            )

        return _carry_out(info, input, change)

    @strawberry.mutation(
        description="Change a playbook, or enable it; who is under way finishes under the version that it began.",
        extensions=[requires(Permission.AUTOMATION_WRITE)],
    )
    def update_playbook(self, info: Info, input: UpdatePlaybookInput) -> PlaybookPayload:
        given: dict[str, Any] = {
            field: plain(value) if type(value) is str else value
            for field, value in vars(input.changes).items()
            if value is not None
        }
        name, at_most = given.pop("name", None), given.pop("at_most", None)

        def change() -> stored.Playbook:
            return operations.change_playbook(
                playbook_number(info.context, input.id),
                name=name,
                at_most=at_most,
                changes=given,
                sees_persons=_sees_persons(info),
                expected_version=input.expected_version,
            )

        return _carry_out(info, input, change)

    @strawberry.mutation(
        description="End a playbook at once, for those who are under way too; its history stays.",
        extensions=[requires(Permission.AUTOMATION_WRITE)],
    )
    def retire_playbook(self, info: Info, input: IdInput) -> PlaybookPayload:
        return _carry_out(
            info, input, lambda: operations.retire_playbook(playbook_number(info.context, input.id))
        )


def _carry_out(info: Info, given: WriteInput, change: Callable[[], stored.Playbook]) -> PlaybookPayload:
    return PlaybookPayload(
        **carry_out_defined(
            info, given, change, name="playbook", node=PlaybookNode.of, stored=stored.playbooks
        )
    )


def _sees_persons(info: Info) -> bool:
    return info.context.principal.may(Permission.PERSONAL_READ)
