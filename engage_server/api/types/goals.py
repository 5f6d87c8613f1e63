"""Goals in GraphQL: what a metric is to reach by a day, and how far it has come."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final, Self

import strawberry

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.circular import LazyAccount, LazySegment, account_or_none, segment_or_none
from engage_server.api.types.metrics import MetricDefinition, MetricValue
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, numbered, page_request
from engage_server.api.types.subjects import account_subject, plain, segment_number
from engage_server.api.types.writes import (
    EXPECTED_VERSION,
    WRITTEN_NODE,
    IdInput,
    WriteInput,
    WritePayload,
    carry_out_defined,
)
from engage_server.customers.models import Account as AccountRow
from engage_server.metrics import goals as stored
from engage_server.metrics.goal_progress import GoalStatus, Progress
from engage_server.operations import goals as operations
from engage_server.sdk.graphql import expose_enum

GOAL: Final = "Goal"
# Goals come back from mutations too, and the accounts' tokens read theirs.
READ: Final = requires(Permission.METRICS_READ, for_accounts=True)
expose_enum(
    GoalStatus,
    name="GoalStatus",
    description="AHEAD and BEHIND compare the share of the way with the share of the time; MISSED: due and not reached.",
)


@strawberry.type(name=GOAL, description="Which value a metric is to have by a day.")
class GoalNode(Node):
    kept: strawberry.Private[stored.Goal]
    name: str = strawberry.field(
        description="For people; account tokens see it too, which are not shown the note."
    )
    metric: strawberry.ID = strawberry.field(description="Full id: the plugin's, a dot, the metric's.")
    target: float = strawberry.field(description="In the metric's unit.")
    tolerance: float = strawberry.field(
        description="How far from the target is near enough, where to meet it is what is good."
    )
    start: date = strawberry.field(description="The day from which progress counts.")
    due: date
    note: str
    version: int
    author: str = strawberry.field(description="Who wrote this version, as in the audit log.")
    created_at: datetime = strawberry.field(description="When this version was written.")

    @strawberry.field(description="Null where its plugin is not enabled.", extensions=[READ])
    def definition(self, info: Info) -> MetricDefinition | None:
        found = info.context.catalogue().get(self.metric)
        return None if found is None else MetricDefinition.of(*found)

    @strawberry.field(description="The account that it is for; null for other goals.", extensions=[READ])
    def account(self, info: Info) -> LazyAccount | None:
        pk = info.context.goals.account(self.kept)
        row = None if pk is None else info.context.accounts.find(pk)
        return account_or_none(row, info.context)

    @strawberry.field(description="The segment that it is for; null for other goals.", extensions=[READ])
    def segment(self, info: Info) -> LazySegment | None:
        return segment_or_none(info.context.goals.segment(self.kept), info.context)

    @strawberry.field(
        description="The value that progress counts from; null where none was known, or the value is withheld.",
        extensions=[READ],
    )
    def baseline(self, info: Info) -> float | None:
        return info.context.goals.baseline(self.kept)

    @strawberry.field(
        description="The subject's newest value; once the goal is due, that of the due day.",
        extensions=[READ],
    )
    def current(self, info: Info) -> MetricValue | None:
        return MetricValue.of_any(info.context.goals.value(self.kept))

    @strawberry.field(
        description="Share of the way from the baseline to the target, 0 to 1, by the metric's direction; null where no "
        "value or no baseline tells it.",
        extensions=[READ],
    )
    def progress(self, info: Info) -> float | None:
        return self._progress(info).share

    @strawberry.field(description="Share of the time from start to due, 0 to 1.")
    def expected(self, info: Info) -> float:
        return self._progress(info).expected

    @strawberry.field(extensions=[READ])
    def status(self, info: Info) -> GoalStatus | None:
        return self._progress(info).status

    def _progress(self, info: Info) -> Progress:
        return info.context.goals.progress(self.kept)

    @classmethod
    def of(cls, goal: stored.Goal, context: Context) -> Self:
        """The node of a goal of the context's tenant."""
        body = goal.body
        return cls(
            id=strawberry.ID(ids.global_id(GOAL, tenant_id=context.tenant.id, pk=goal.number)),
            kept=goal,
            name=goal.name,
            metric=strawberry.ID(body.metric),
            target=body.target,
            tolerance=body.tolerance,
            start=body.start,
            due=body.due,
            note=body.note,
            version=goal.version,
            author=goal.author,
            created_at=goal.created_at,
        )


def goal_nodes(found: list[stored.Goal], context: Context) -> list[GoalNode]:
    """The nodes of goals, whose values and accounts are then read together."""
    context.goals.expect(found)
    rows = [context.goals.account(one) for one in found]
    context.accounts.expect(pk for pk in rows if pk is not None)
    return [GoalNode.of(one, context) for one in found]


@strawberry.input(description="A new goal: of the tenant, or of the account or segment that is named.")
class CreateGoalInput(WriteInput):
    name: str
    metric: strawberry.ID
    target: float
    due: date
    account: strawberry.ID | None = None
    segment: strawberry.ID | None = None
    start: date | None = strawberry.field(default=None, description="Default: today.")
    baseline: float | None = strawberry.field(
        default=None, description="Default: the subject's value of `start`, as it is known now."
    )
    tolerance: float = 0
    note: str = ""


@strawberry.input(description="What changes of a goal; what is left out stays.")
class GoalChanges:
    name: str | None = None
    target: float | None = None
    due: date | None = None
    start: date | None = None
    baseline: float | None = None
    tolerance: float | None = None
    note: str | None = None


@strawberry.input(description="A goal, and what changes of it.")
class UpdateGoalInput(WriteInput):
    id: strawberry.ID
    changes: GoalChanges
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)


@strawberry.type(description="The goal that was written.")
class GoalPayload(WritePayload):
    goal: GoalNode | None = strawberry.field(description=WRITTEN_NODE)


@strawberry.type
class GoalQuery:
    @strawberry.field(
        description="Goals in the order in which they were made; of one metric or account where named.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def goals(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        *,
        metric: strawberry.ID | None = None,
        account: strawberry.ID | None = None,
    ) -> Connection[GoalNode]:
        name = None if account is None else _external_id(info.context, account)
        found = [
            one
            for one in info.context.goals.all
            if metric in (None, one.body.metric) and (name is None or one.body.account == name)
        ]
        return numbered(
            found,
            of="goals",
            asked=page_request(first, after, last, before),
            nodes=lambda page: goal_nodes(list(page), info.context),
        )

    @strawberry.field(
        description="The goal of a global id; null where there is none.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def goal(self, info: Info, id: strawberry.ID) -> GoalNode | None:
        number = ids.row_of(id, type_name=GOAL, tenant_id=info.context.tenant.id)
        found = [one for one in info.context.goals.all if one.number == number]
        return next(iter(goal_nodes(found, info.context)), None)


@strawberry.type
class GoalMutation:
    @strawberry.mutation(
        description="Set a goal for a metric.", extensions=[requires(Permission.CONFIG_WRITE)]
    )
    def create_goal(self, info: Info, input: CreateGoalInput) -> GoalPayload:
        def change() -> stored.Goal:
            return operations.create_goal(plain(input.name), _body(input, info.context))

        return _carry_out(info, input, change)

    @strawberry.mutation(
        description="Change a goal; what is left out stays.", extensions=[requires(Permission.CONFIG_WRITE)]
    )
    def update_goal(self, info: Info, input: UpdateGoalInput) -> GoalPayload:
        given = {
            field: plain(value) if isinstance(value, str) else value
            for field, value in vars(input.changes).items()
            if value is not None
        }
        name = given.pop("name", None)

        def change() -> stored.Goal:
            return operations.change_goal(
                goal_number(info.context, input.id),
                name=name,
                changes=given,
                expected_version=input.expected_version,
            )

        return _carry_out(info, input, change)

    @strawberry.mutation(
        description="End a goal; its history stays.", extensions=[requires(Permission.CONFIG_WRITE)]
    )
    def retire_goal(self, info: Info, input: IdInput) -> GoalPayload:
        return _carry_out(info, input, lambda: operations.retire_goal(goal_number(info.context, input.id)))


def _carry_out(info: Info, given: WriteInput, change: Callable[[], stored.Goal]) -> GoalPayload:
    return GoalPayload(
        **carry_out_defined(info, given, change, name="goal", node=GoalNode.of, stored=stored.goals)
    )


def _body(goal: CreateGoalInput, context: Context) -> dict[str, Any]:
    body: dict[str, Any] = {
        "metric": plain(goal.metric),
        "target": goal.target,
        "due": goal.due,
        "start": goal.start,
        "baseline": goal.baseline,
        "tolerance": goal.tolerance,
        "note": plain(goal.note),
        "account": "" if goal.account is None else _external_id(context, goal.account),
        "segment": None if goal.segment is None else segment_number(context, goal.segment),
    }
    return {field: value for field, value in body.items() if value is not None}


def goal_number(context: Context, id: str) -> int:
    """The goal of a global id.

    Raises:
        BadUserInputError: the tenant has none; the same answer for another tenant's.
    """
    number = ids.row_of(id, type_name=GOAL, tenant_id=context.tenant.id)
    if number is None or all(one.number != number for one in stored.goals()):
        raise BadUserInputError(f"There is no goal {id!r}. Remedy: `goals {{ id }}` lists those there are.")
    return number


def _external_id(context: Context, id: strawberry.ID) -> str:
    pk = account_subject(context, id).id
    return AccountRow.objects.values_list("external_id", flat=True).get(pk=pk)
