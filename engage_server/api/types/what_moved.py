"""What moved this week, over all metrics, in GraphQL."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Self

import strawberry

from engage_server.access.principal import Permission
from engage_server.api.context import Context, Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.anomalies import Anomaly
from engage_server.api.types.circular import (
    LazyAccount,
    LazyDefinition,
    LazySegment,
    account_or_none,
    definition_of,
    segment_or_none,
)
from engage_server.api.types.pages import USUAL_PAGE, Connection, listed, page_request
from engage_server.metrics import moved
from engage_server.sdk import TENANT
from engage_server.segments.catalogue import Segment
from engage_server.segments.tracking import tracked

READ: Final = requires(Permission.METRICS_READ)
ACCOUNT: Final = "account"
MOST_JUDGED: Final = 28  # a longer stretch is no news, but the history that news are held against


@strawberry.type(description="An account whose own value of the metric moved.")
class Mover:
    mover: strawberry.Private[moved.Mover]
    label: str
    before: float | None = strawberry.field(description="On `comparedWith`; null where it had no value.")
    after: float | None = strawberry.field(description="On the day that is farthest out.")
    change: float | None

    @strawberry.field
    def account(self, info: Info) -> LazyAccount | None:
        return account_or_none(info.context.accounts.find(self.mover.account), info.context)

    @classmethod
    def of(cls, one: moved.Mover) -> Self:
        """The GraphQL form of a mover."""
        return cls(mover=one, label=one.label, before=one.before, after=one.after, change=one.change)


@strawberry.type(description="A tracked segment in which a metric moved.")
class SegmentMovement:
    kept: strawberry.Private[Segment | None]
    day: date = strawberry.field(description="The day that is farthest out.")
    value: float
    since: date
    anomaly: Anomaly

    @strawberry.field(description="Null where it is tracked no more.")
    def segment(self, info: Info) -> LazySegment | None:
        return segment_or_none(self.kept, info.context)

    @classmethod
    def of(cls, one: moved.Movement, segments: Mapping[int, Segment]) -> Self:
        """The GraphQL form of a segment's movement."""
        return cls(
            kept=segments.get(one.subject.id),
            day=one.peak.day,
            value=one.peak.value or 0.0,
            since=one.since,
            anomaly=Anomaly.judged(one.peak),
        )


@strawberry.type(description="A metric that moved beyond what was usual.")
class Movement:
    found: strawberry.Private[moved.Movement]
    tracked: strawberry.Private[Mapping[int, Segment]]
    metric: strawberry.ID
    day: date = strawberry.field(description="The day that is farthest out.")
    value: float
    since: date = strawberry.field(description="When it began: first day of the unbroken run up to `day`.")
    days: int = strawberry.field(description="Days of those asked for that are unusual on this side.")
    is_ongoing: bool = strawberry.field(description="Whether the last of the days asked for is one of them.")
    compared_with: date = strawberry.field(
        description="The last day of the same weekday before it began; `movers` compare with it."
    )
    anomaly: Anomaly = strawberry.field(description="How far out `day` is.")

    @strawberry.field
    def definition(self, info: Info) -> LazyDefinition:
        return definition_of(self.metric, info.context)

    @strawberry.field(
        description="The tracked segment that moved while the tenant as a whole did not; null where the tenant did."
    )
    def segment(self) -> SegmentMovement | None:
        return None if self.found.subject == TENANT else SegmentMovement.of(self.found, self.tracked)

    @strawberry.field(description="The tracked segments that moved as well, the farthest out first.")
    def segments(
        self,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[SegmentMovement]:
        return listed(
            self.found.segments,
            of=f"movement.segments.{self.metric}",
            asked=page_request(first, after, last, before),
            key=lambda one: one.subject.id,
            nodes=lambda found: [SegmentMovement.of(one, self.tracked) for one in found],
        )

    @strawberry.field(
        description="The accounts whose own value moved most between `comparedWith` and `day`; empty where the metric is "
        "not measured for accounts."
    )
    def movers(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Mover]:
        asked = page_request(first, after, last, before)
        found: Sequence[moved.Mover] = ()
        if ACCOUNT in info.context.metric(self.metric)[1].subjects:
            reader = info.context.metrics
            found = moved.movers(
                reader.by_subject(self.metric, ACCOUNT, self.found.before),
                reader.by_subject(self.metric, ACCOUNT, self.day),
            )

        def nodes(shown: Sequence[moved.Mover]) -> list[Mover]:
            info.context.accounts.expect(one.account for one in shown)
            return [Mover.of(one) for one in shown]

        of = f"movement.movers.{self.metric}"
        return listed(found, of=of, asked=asked, key=lambda one: one.account, nodes=nodes)

    @classmethod
    def of(cls, one: moved.Movement, segments: Mapping[int, Segment]) -> Self:
        """The GraphQL form of a movement."""
        return cls(
            found=one,
            tracked=segments,
            metric=strawberry.ID(one.metric),
            day=one.peak.day,
            value=one.peak.value or 0.0,
            since=one.since,
            days=one.days,
            is_ongoing=one.is_ongoing,
            compared_with=one.before,
            anomaly=Anomaly.judged(one.peak),
        )


@strawberry.type
class WhatMovedQuery:
    @strawberry.field(
        description="The metrics of the tenant, and of its tracked segments, with a day beyond what was usual among the "
        "`days` up to `on` (default: yesterday), the farthest out first. Metrics without four weeks of history "
        "are not judged.",
        extensions=[READ],
    )
    def what_moved(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        *,
        on: date | None = None,
        days: int = 7,
    ) -> Connection[Movement]:
        asked = page_request(first, after, last, before)
        if not 1 <= days <= MOST_JUDGED:
            raise BadUserInputError(f"days is {days}. Remedy: 1 to {MOST_JUDGED}.")
        found = _moved(info.context, on, days)
        segments = {one.number: one for one in tracked()} if found else {}
        return listed(
            found,
            of="whatMoved",
            asked=asked,
            key=lambda one: f"{one.metric}.{one.subject.kind}.{one.subject.id}",
            nodes=lambda shown: [Movement.of(one, segments) for one in shown],
        )


def _moved(context: Context, on: date | None, days: int) -> list[moved.Movement]:
    day = on or datetime.now(context.tenant.zone).date() - timedelta(days=1)
    read = context.metrics.histories(
        context.metric_ids(TENANT.kind), moved.KINDS, first=moved.first_read(day, days=days), last=day
    )
    return moved.movements(read, day, days=days)
