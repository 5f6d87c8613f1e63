"""When plugins run, in GraphQL: their schedules, and what people change of them."""

from datetime import datetime
from operator import attrgetter
from typing import Final, Self

import strawberry

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.pages import USUAL_PAGE, Connection, numbered, page_request
from engage_server.api.types.subjects import plain
from engage_server.api.types.writes import WriteInput, WritePayload, carry_out
from engage_server.engine import models
from engage_server.engine.exceptions import InvalidCronError
from engage_server.engine.schedules import schedules_of
from engage_server.operations import plugins
from engage_server.operations.writes import Facts
from engage_server.plugin_host.exceptions import PluginDisabledError
from engage_server.sdk.graphql import expose_enum

LIST: Final = "schedules"
expose_enum(
    models.Schedule.Misfire,
    name="Misfire",
    description="What becomes of the times that passed while no server ran: RUN_ALL runs them all, RUN_ONCE the newest, "
    "SKIP none.",
)


@strawberry.type(name="Schedule", description="When a plugin's metrics are computed.")
class ScheduleNode:
    plugin: strawberry.ID
    cron: str = strawberry.field(description="Five fields, in the tenant's time zone: `0 3 * * *`.")
    misfire: models.Schedule.Misfire
    enabled: bool = strawberry.field(description="Whether the plugin is enabled and can run.")
    paused: bool = strawberry.field(description="Whether the tenant's people have halted it.")
    next_run_at: datetime | None = strawberry.field(description="Null where it is paused or not enabled.")

    @classmethod
    def of(cls, schedule: models.Schedule) -> Self:
        """The node of a schedule."""
        runs = schedule.enabled and not schedule.is_paused
        return cls(
            plugin=strawberry.ID(schedule.plugin),
            cron=schedule.cron,
            misfire=models.Schedule.Misfire(schedule.misfire),
            enabled=schedule.enabled,
            paused=schedule.is_paused,
            next_run_at=schedule.next_run_at if runs else None,
        )


@strawberry.input(description="What changes of a schedule; what is left out stays.")
class UpdateScheduleInput(WriteInput):
    plugin: strawberry.ID
    cron: str | None = strawberry.field(
        default=None, description="Five fields, in the tenant's time zone: `0 3 * * *`."
    )
    misfire: models.Schedule.Misfire | None = None
    paused: bool | None = strawberry.field(
        default=None,
        description="True: it does not run until false is said. The days between are then no missed ones: "
        "`startBackfill` computes them.",
    )


@strawberry.type(description="The schedule that was changed.")
class SchedulePayload(WritePayload):
    @strawberry.field(description="As it is now.")
    def schedule(self, info: Info) -> ScheduleNode:
        return ScheduleNode.of(schedules_of(info.context.tenant)[str(self.written.facts["plugin"])])


@strawberry.type
class ScheduleQuery:
    @strawberry.field(
        description="When the plugins run that were ever enabled, by plugin, 1 to 100 a page.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def schedules(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[ScheduleNode]:
        return numbered(
            sorted(schedules_of(info.context.tenant).values(), key=attrgetter("plugin")),
            of=LIST,
            asked=page_request(first, after, last, before),
            key=attrgetter("plugin"),
            place=ids.text_before,
            nodes=lambda page: [ScheduleNode.of(one) for one in page],
        )


@strawberry.type
class ScheduleMutation:
    @strawberry.mutation(
        description="Say when an enabled plugin runs, what becomes of missed times, and whether it pauses.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def update_schedule(self, info: Info, input: UpdateScheduleInput) -> SchedulePayload:
        tenant, cron = info.context.tenant, plain(input.cron or "")

        def change() -> Facts:
            misfire = "" if input.misfire is None else str(input.misfire.value)
            try:
                changed = plugins.change_schedule(
                    tenant, input.plugin, cron=cron, misfire=misfire, paused=input.paused
                )
            except (InvalidCronError, PluginDisabledError) as error:
                raise BadUserInputError(str(error)) from None
            return {"plugin": changed.plugin}

        return SchedulePayload(**carry_out(info, input, change))
