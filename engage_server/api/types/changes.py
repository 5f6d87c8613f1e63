"""Why values changed, what was restated and how fresh it is, in GraphQL."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Final, Self

import strawberry

from engage_server.access.principal import Permission
from engage_server.api.context import Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.circular import SubjectNode, expect_subjects, subject_node
from engage_server.api.types.pages import USUAL_PAGE, Connection, listed, page_request
from engage_server.api.types.subjects import SubjectKind
from engage_server.metrics.change_sentences import sentence
from engage_server.metrics.changes import change_by_members, change_of
from engage_server.metrics.explanation import DESCRIPTIONS, Cause, Explanation, Kind
from engage_server.metrics.revisions import Restated, Revision, restated_since, settled
from engage_server.sdk import TENANT
from engage_server.sdk.graphql import StoredValue, expose_enum

READ: Final = requires(Permission.METRICS_READ)
ACCOUNT: Final = "account"
MANY: Final = (SubjectKind.ACCOUNT, SubjectKind.FEATURE)
# Whose restatements a list may name: a person's values are found by the person alone.
LISTED: Final = ("tenant", "account", "feature")
MOST_RESTATED: Final = 1_000

expose_enum(
    Kind,
    name="ChangeKind",
    description="Why a value changed. "
    + " ".join(f"{kind.value}: {text}" for kind, text in DESCRIPTIONS.items()),
)


@strawberry.type(description="One cause of a change.")
class ChangeCause:
    kind: Kind
    key: str = strawberry.field(description="The part's key, or the account's external id.")
    label: str
    change: float = strawberry.field(
        description="What it adds to the value; the causes add up to the change."
    )
    before: float | None = strawberry.field(
        description="The part's own value before; null where it had none."
    )
    after: float | None = strawberry.field(description="The part's own value now; null where it has none.")
    note: str = strawberry.field(description="What is special about the part, or the reason of a correction.")

    @classmethod
    def of(cls, cause: Cause, *, key: str = "") -> Self:
        """The GraphQL form of a cause."""
        return cls(
            kind=cause.kind,
            key=key or cause.key,
            label=cause.label,
            change=float(cause.change),
            before=cause.before,
            after=cause.after,
            note=cause.note,
        )


@strawberry.type(
    description="Why a value is another one than on an earlier day. The causes add up to the change, to the last stored "
    "digit."
)
class ValueChange:
    explained: strawberry.Private[Explanation]
    seen: strawberry.Private[Sequence[Revision]]
    value: strawberry.Private[StoredValue]
    since: date
    before: float | None = strawberry.field(
        description="The earlier day's value as it was first seen whole; what was restated of it since is a cause."
    )
    after: float | None
    change: float | None = strawberry.field(description="Null where one of the values is.")

    @strawberry.field(description="The largest first.")
    def causes(self) -> list[ChangeCause]:
        return [ChangeCause.of(cause) for cause in self.explained.causes]

    @strawberry.field(description="The change and its largest causes in one sentence.")
    def sentence(self, info: Info) -> str:
        _, metric = info.context.metric(self.value.metric)
        return sentence(self.explained, unit=self.value.unit or metric.unit)

    @strawberry.field(
        description="Where the tenant's value is the mean, the weighted mean or the sum of its accounts': who moved it "
        "most, joined and left; empty for other values."
    )
    def movers(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[ChangeCause]:
        asked, metric, reader = (
            page_request(first, after, last, before),
            self.value.metric,
            info.context.metrics,
        )
        explained = None
        if self.value.subject == TENANT and ACCOUNT in info.context.metric(metric)[1].subjects:
            explained = change_by_members(
                self.seen,
                self.value,
                members_before=reader.by_subject(metric, ACCOUNT, self.since),
                members_after=reader.by_subject(metric, ACCOUNT, self.value.day),
            )
        accounts = info.context.accounts

        def nodes(causes: Sequence[Cause]) -> list[ChangeCause]:
            numbers = [int(cause.key) for cause in causes if cause.key.isdecimal()]
            accounts.expect(numbers)
            named = {str(number): row.external_id for number in numbers if (row := accounts.find(number))}
            return [ChangeCause.of(cause, key=named.get(cause.key, cause.key)) for cause in causes]

        return listed(
            () if explained is None else explained.causes,
            of=f"change.movers.{metric}",
            asked=asked,
            key=lambda cause: f"{cause.kind.value}.{cause.key}",
            nodes=nodes,
        )

    @strawberry.field(
        description="What the value is of; null for the tenant, and for what is gone or may not be shown."
    )
    def subject(self, info: Info) -> SubjectNode | None:
        of = self.value.subject
        return subject_node(info.context, of.kind, of.id)

    @classmethod
    def of(cls, value: StoredValue, seen: Sequence[Revision], *, since: date) -> Self:
        """The change of a value since a day of which all revisions are given."""
        explained = change_of(seen, value)
        return cls(
            explained=explained,
            seen=seen,
            value=value,
            since=since,
            before=None if explained.before is None else float(explained.before),
            after=value.value,
            change=None if explained.change is None else float(explained.change),
        )


@strawberry.type(description="That a stored value was replaced by another one of the same day.")
class Restatement:
    at: datetime
    reason: str
    before: float | None
    after: float | None


@strawberry.type(description="How old a value is.")
class Freshness:
    data_as_of: datetime | None = strawberry.field(
        description="The newest receipt among the tenant's data when the value was computed."
    )
    computed_at: datetime

    @strawberry.field(description="Seconds since `dataAsOf`; null where there was no data.")
    def age_seconds(self) -> int | None:
        if self.data_as_of is None:
            return None
        return max(0, int((datetime.now(UTC) - self.data_as_of).total_seconds()))


@strawberry.type(description="A value that was restated.")
class RestatedValue:
    restated: strawberry.Private[Restated]
    metric: strawberry.ID
    subject_kind: SubjectKind
    day: date
    at: datetime = strawberry.field(description="When it was last replaced.")
    reason: str = strawberry.field(
        description="Why; empty where it was taken back and nothing came in its place."
    )

    @strawberry.field(
        description="What the value is of; null for the tenant, and for what is gone or may not be shown."
    )
    def subject(self, info: Info) -> SubjectNode | None:
        return subject_node(info.context, self.restated.subject_kind, self.restated.subject_id)

    @classmethod
    def of(cls, one: Restated) -> Self:
        """The GraphQL form of a restated value."""
        return cls(
            restated=one,
            metric=strawberry.ID(one.metric),
            subject_kind=SubjectKind(one.subject_kind),
            day=one.day,
            at=one.superseded_at,
            reason=one.reason,
        )


def change_since(info: Info, value: StoredValue, since: date) -> ValueChange:
    """Why the value is another one than that of ``since``.

    Raises:
        BadUserInputError: the day is not an earlier one.
    """
    if since >= value.day:
        raise BadUserInputError(
            f"since ({since}) is no day before the value's own ({value.day}). Remedy: ask for an earlier one."
        )
    return ValueChange.of(
        value, info.context.metrics.revisions(value.metric, value.subject, since), since=since
    )


def restatements_of(info: Info, value: StoredValue) -> list[Restatement]:
    """What replaced what, of the value's day, the oldest first; what was computed while the day ran is left out."""
    told = settled(info.context.metrics.revisions(value.metric, value.subject, value.day))
    return [
        Restatement(at=former.superseded_at, reason=later.reason, before=former.value.value, after=later.value.value)
        for former, later in pairwise(told)
        if former.superseded_at is not None
    ]  # fmt: skip


def changed_since(info: Info, value: StoredValue, moment: datetime) -> Restatement | None:
    """The restatement of the value since a moment, as one; null where it is what it was."""
    later = [one for one in restatements_of(info, value) if one.at > aware(moment)]
    if not later:
        return None
    return Restatement(at=later[-1].at, reason=later[-1].reason, before=later[0].before, after=value.value)


def freshness_of(value: StoredValue) -> Freshness:
    """How old the value is."""
    return Freshness(data_as_of=value.data_as_of, computed_at=value.computed_at)


@strawberry.type
class ChangeQuery:
    @strawberry.field(
        description="Of a metric's values of all accounts (or features): why each is another one than on an earlier day, "
        "the largest change first. Subjects without a value on one of the days are left out.",
        extensions=[READ],
    )
    def explain_changes(
        self,
        info: Info,
        *,
        metric: strawberry.ID,
        since: date,
        on: date | None = None,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        kind: SubjectKind = SubjectKind.ACCOUNT,
    ) -> Connection[ValueChange]:
        asked = page_request(first, after, last, before)
        info.context.metric(metric)
        if kind not in MANY:
            raise BadUserInputError(
                f"kind is {kind.name}. Remedy: one of {', '.join(one.name for one in MANY)}."
            )
        reader = info.context.metrics
        values = reader.by_subject(metric, kind, on)
        seen = reader.all_revisions(metric, kind, since)
        if values and since >= values[0].day:
            raise BadUserInputError(
                f"since ({since}) is no day before that of the values ({values[0].day}). Remedy: an earlier one."
            )
        changes = [ValueChange.of(value, seen.get(value.subject.id, ()), since=since) for value in values]
        told = [change for change in changes if change.change is not None]
        told.sort(key=lambda change: (-abs(change.change or 0), change.value.label))

        def nodes(shown: Sequence[ValueChange]) -> list[ValueChange]:
            expect_subjects(info.context, ((kind, change.value.subject.id) for change in shown))
            return list(shown)

        return listed(
            told,
            of=f"explainChanges.{metric}.{kind}",
            asked=asked,
            key=lambda change: change.value.subject.id,
            nodes=nodes,
        )

    @strawberry.field(
        description="The values that were restated after a moment, the newest restatement first, at most "
        f"{MOST_RESTATED:,}: send the largest `dataAsOf` that you have seen.",
        extensions=[READ],
    )
    def restated_since(
        self,
        info: Info,
        *,
        data_as_of: datetime,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        metric: strawberry.ID | None = None,
    ) -> Connection[RestatedValue]:
        asked = page_request(first, after, last, before)
        if metric is not None:
            info.context.metric(metric)
        found = restated_since(aware(data_as_of), kinds=LISTED, limit=MOST_RESTATED, metric=metric)

        def nodes(shown: Sequence[Restated]) -> list[RestatedValue]:
            expect_subjects(info.context, ((one.subject_kind, one.subject_id) for one in shown))
            return [RestatedValue.of(one) for one in shown]

        return listed(
            found,
            of="restatedSince",
            asked=asked,
            key=lambda one: f"{one.metric}.{one.subject_kind}.{one.subject_id}.{one.day}",
            nodes=nodes,
        )


def aware(moment: datetime) -> datetime:
    """The moment, in UTC where it names no zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
