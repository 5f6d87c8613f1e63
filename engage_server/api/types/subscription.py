"""The core's subscriptions: one field each, nullable, whose root value is what happened (``api.live.changes``)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, cast

import strawberry
from strawberry.scalars import JSON

from engage_server.access.principal import Permission
from engage_server.activity.recent_events import RecentEvent
from engage_server.api import ids
from engage_server.api.context import Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.live.changes import (
    Change,
    EventsReceived,
    Happening,
    Opening,
    Root,
    RunsFinished,
    Topic,
    Wanted,
)
from engage_server.api.permissions import personal, requires
from engage_server.api.types.accounts import Account, account_node
from engage_server.api.types.metrics import Metric, MetricDefinition, MetricValue
from engage_server.api.types.persons import Person, person_node
from engage_server.api.types.raised_signals import RaisedSignals, signal_raised
from engage_server.api.types.run_states import RunState
from engage_server.api.types.runs import RUN
from engage_server.api.types.subjects import PERSON, plain, stored_subject
from engage_server.engine.finished_runs import FinishedRun

MOST_EVENTS_A_SECOND: Final = 10
READ: Final = requires(Permission.METRICS_READ)
READ_BY_ACCOUNTS: Final = requires(Permission.METRICS_READ, for_accounts=True)


@strawberry.type(name="FinishedRun", description="One computation of one plugin for one day, which ended.")
class FinishedRunNode:
    run: strawberry.ID = strawberry.field(
        description="The global id of the run; one that is computed once more ends again."
    )
    plugin: strawberry.ID
    on: date = strawberry.field(description="The day that was computed, of the tenant's calendar.")
    state: RunState
    finished_at: datetime
    values_written: int = strawberry.field(description="0 where nothing had changed, or it failed.")


@strawberry.type(description="Days of a metric were computed.")
class MetricUpdate:
    metric: Metric
    from_: date = strawberry.field(name="from", description="The first day that was computed.")
    to: date = strawberry.field(description="The last one; between them some may not have been.")
    account: Account | None = strawberry.field(description="The one that was asked for; null: the tenant.")
    value: MetricValue | None = strawberry.field(
        description="The newest value of the subject, whether or not it is among these days."
    )


@strawberry.type(description="An event that came in.")
class ReceivedEvent:
    event: strawberry.Private[RecentEvent]
    name: str
    source: str
    occurred_at: datetime
    received_at: datetime

    @strawberry.field(description="The account that the event names itself; null where it names none.")
    def account(self, info: Info) -> Account | None:
        pk = self.event.account_id
        return None if pk is None else account_node(info.context, pk=pk)

    @strawberry.field(description="Null for nobody's, and without `personal:read`.")
    def person(self, info: Info) -> Person | None:
        if not info.context.principal.may(Permission.PERSONAL_READ) or self.event.person_id is None:
            return None
        tenant_id = info.context.tenant.id
        return person_node(info.context, ids.global_id(PERSON, tenant_id=tenant_id, pk=self.event.person_id))

    @strawberry.field(description="Null without `personal:read`.")
    def properties(self, info: Info) -> JSON | None:
        return personal(info, JSON(self.event.properties))


def _run_finished(
    root: strawberry.Parent[Root], info: Info, plugin: strawberry.ID | None = None
) -> FinishedRunNode | None:
    if isinstance(root, Opening):
        if plugin is not None and plugin not in info.context.plugins:
            enabled = ", ".join(sorted(info.context.plugins)) or "none"
            raise BadUserInputError(
                f"The plugin {plugin!r} is not enabled, so no run of it ends. Remedy: one of these: {enabled}."
            )
        root.wanted = Wanted(Topic.RUNS, lambda change: _runs_of(change, plugin))
        return None
    run = cast("FinishedRun", root)
    return FinishedRunNode(
        run=strawberry.ID(ids.global_id(RUN, tenant_id=info.context.tenant.id, pk=run.id)),
        plugin=strawberry.ID(run.plugin),
        on=run.day,
        state=run.state,
        finished_at=run.finished_at,
        values_written=run.values_written,
    )


def _metric_updated(
    root: strawberry.Parent[Root], info: Info, metric: strawberry.ID, account: strawberry.ID | None = None
) -> MetricUpdate | None:
    plugin, definition = info.context.metric(metric)
    subject = stored_subject(info.context, account, None)
    if isinstance(root, Opening):
        root.wanted = Wanted(Topic.RUNS, lambda change: _computed_together(change, plugin.id))
        return None
    days = [run.day for run in cast("RunsFinished", root).runs]
    return MetricUpdate(
        metric=Metric(definition=MetricDefinition.of(plugin, definition)),
        from_=min(days),
        to=max(days),
        account=None if account is None else account_node(info.context, pk=subject.id),
        value=MetricValue.of_any(info.context.metrics.latest(metric, subject, None)),
    )


def _event_received(
    root: strawberry.Parent[Root], info: Info, name: str | None = None
) -> ReceivedEvent | None:
    if isinstance(root, Opening):
        wanted_name = None if name is None else plain(name)
        root.wanted = Wanted(Topic.EVENTS, lambda change: _events_of(change, wanted_name))
        return None
    event = cast("RecentEvent", root)
    return ReceivedEvent(
        event=event,
        name=event.name,
        source=event.source,
        occurred_at=event.occurred_at,
        received_at=event.received_at,
    )


def _runs_of(change: Change, plugin: str | None) -> Sequence[Happening]:
    runs = change.runs if isinstance(change, RunsFinished) else ()
    return [run for run in runs if plugin in (None, run.plugin)]


def _computed_together(change: Change, plugin: str) -> Sequence[Happening]:
    """The successful runs of the plugin as one happening: a backfill's hundred days are no hundred updates."""
    runs = change.runs if isinstance(change, RunsFinished) else ()
    computed = [run for run in runs if run.plugin == plugin and run.state == RunState.SUCCEEDED]
    return [RunsFinished(computed)] if computed else []


def _events_of(change: Change, name: str | None) -> Sequence[Happening]:
    events = change.events if isinstance(change, EventsReceived) else ()
    return [event for event in events if name in (None, event.name)][-MOST_EVENTS_A_SECOND:]


@strawberry.type(description="What is told while it happens, over WebSocket or server-sent events.")
class Subscription:
    run_finished: FinishedRunNode | None = strawberry.field(
        resolver=_run_finished,
        description="Each run that ends, of one plugin or of all, successful or not.",
        extensions=[READ],
    )
    metric_updated: MetricUpdate | None = strawberry.field(
        resolver=_metric_updated,
        description="Each time that days of the metric were computed; those that end together are told once.",
        extensions=[READ_BY_ACCOUNTS],
    )
    event_received: ReceivedEvent | None = strawberry.field(
        resolver=_event_received,
        description="Events that happen now, of one name or of all: a sample, "
        f"{MOST_EVENTS_A_SECOND} a second at most, and none that comes more than two minutes late.",
        extensions=[READ],
    )
    signal_raised: RaisedSignals | None = strawberry.field(
        resolver=signal_raised,
        description="Signals that rules raise, of all or of those that are asked for; those raised together are told once.",
        extensions=[requires(Permission.AUTOMATION_READ)],
    )
