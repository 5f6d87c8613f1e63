"""Runs in GraphQL: what was computed when and why, what failed; having days computed once more."""

from datetime import date, datetime
from operator import attrgetter
from typing import Final, Self

import strawberry

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, page, page_request, page_size
from engage_server.api.types.run_states import RunState
from engage_server.api.types.subjects import plain
from engage_server.api.types.writes import WriteInput, WritePayload, carry_out
from engage_server.engine import models
from engage_server.engine.run_list import RunFilter, runs_of
from engage_server.operations import runs
from engage_server.operations.writes import Facts
from engage_server.plugin_host.exceptions import PluginDisabledError

RUN: Final = "Run"
LIST: Final = "runs"
MOST_RETRIED: Final = 1_000


@strawberry.type(name=RUN, description="One computation of one plugin for one day.")
class RunNode(Node):
    plugin: strawberry.ID
    on: date = strawberry.field(description="The day that is computed, of the tenant's calendar.")
    state: RunState
    reason: str | None = strawberry.field(
        description="Why the day is computed once more; null: by schedule, or because somebody asked."
    )
    attempt: int = strawberry.field(description="How often it was begun.")
    scheduled_for: datetime
    started_at: datetime | None
    finished_at: datetime | None
    values_written: int | None = strawberry.field(description="Values that were stored; null until then.")
    error: str | None = strawberry.field(
        description="Why it failed last; null where it did not, and for those who may not change the configuration."
    )

    @classmethod
    def of(cls, run: models.Run, context: Context) -> Self:
        """The node of a run of the context's tenant."""
        shows_error = run.error and context.principal.may(Permission.CONFIG_WRITE)
        return cls(
            id=strawberry.ID(ids.global_id(RUN, tenant_id=context.tenant.id, pk=run.pk)),
            plugin=strawberry.ID(run.plugin),
            on=run.day,
            state=RunState(run.state),
            reason=run.reason or None,
            attempt=run.attempt,
            scheduled_for=run.scheduled_for,
            started_at=run.started_at,
            finished_at=run.finished_at,
            values_written=run.values_written,
            error=run.error if shows_error else None,
        )


@strawberry.input(description="Which runs; all of what is named holds.")
class RunsWhere:
    plugin: strawberry.ID | None = None
    state: list[RunState] | None = strawberry.field(default=None, description="One of these.")
    from_: date | None = strawberry.field(name="from", default=None, description="The first day computed.")
    to: date | None = strawberry.field(default=None, description="The last day computed.")
    restates: bool | None = strawberry.field(
        default=None,
        description="Whether it computes a day once more because data or a configuration changed.",
    )

    def as_filter(self) -> RunFilter:
        """The same for the ledger."""
        return RunFilter(
            plugin=None if self.plugin is None else plain(self.plugin),
            states=self.state,
            first=self.from_,
            last=self.to,
            restates=self.restates,
        )


@strawberry.input(description="Which past days of which plugins are to be computed once more.")
class StartBackfillInput(WriteInput):
    plugins: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="None named: all that are enabled."
    )
    from_: date = strawberry.field(name="from")
    to: date = strawberry.field(description="The last day; yesterday at most.")


@strawberry.input(description="Which runs are to be tried once more.")
class RetryRunsInput(WriteInput):
    runs: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="At most 1,000, of which those that were given up count; null: all of those.",
    )


@strawberry.type(description="How many runs now wait for the workers.")
class RunsPayload(WritePayload):
    @strawberry.field(description="Runs that were opened; those that waited already are not counted.")
    def opened(self) -> int:
        return self.number("runs")


@strawberry.type
class RunQuery:
    @strawberry.field(
        description="Runs, the newest first; those that ended are kept for some weeks.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def runs(
        self,
        info: Info,
        *,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        where: RunsWhere | None = None,
    ) -> Connection[RunNode]:
        asked = page_request(first, after, last, before)
        place = None if asked.cursor is None else ids.row_before(asked.cursor, of=LIST)
        chosen = RunFilter() if where is None else where.as_filter()
        tenant = info.context.tenant
        return page(
            runs_of(tenant, chosen, limit=asked.size + 1, place=place, is_backwards=asked.is_backwards),
            of=LIST,
            asked=asked,
            key=attrgetter("pk"),
            nodes=lambda page: [RunNode.of(one, info.context) for one in page],
            count=None,
        )


@strawberry.type
class RunMutation:
    @strawberry.mutation(
        description="Have past days computed by the workers, at low priority: of a new plugin, of a pause, or once more. "
        "`runs` shows how far it is.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def start_backfill(self, info: Info, input: StartBackfillInput) -> RunsPayload:
        def change() -> Facts:
            try:
                opened = runs.start_backfill(
                    info.context.tenant, plugins=input.plugins, first=input.from_, last=input.to
                )
            except PluginDisabledError as error:
                raise BadUserInputError(str(error)) from None
            return {"runs": opened}

        return RunsPayload(**carry_out(info, input, change))

    @strawberry.mutation(
        description="Try runs once more that were given up.", extensions=[requires(Permission.CONFIG_WRITE)]
    )
    def retry_runs(self, info: Info, input: RetryRunsInput) -> RunsPayload:
        numbers = None if input.runs is None else _numbers(input.runs, info.context)

        def change() -> Facts:
            return {"runs": runs.retry_runs(info.context.tenant, numbers)}

        return RunsPayload(**carry_out(info, input, change))


def _numbers(given: list[strawberry.ID], context: Context) -> list[int]:
    page_size(len(given), most=MOST_RETRIED, name="The number of runs")
    found = [ids.row_of(one, type_name=RUN, tenant_id=context.tenant.id) for one in given]
    if None in found:
        raise BadUserInputError("One of `runs` names no run. Remedy: pass the `id` of runs of `runs`.")
    return [number for number in found if number is not None]
