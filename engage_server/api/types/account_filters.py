"""Which accounts, and in what order: the inputs of their lists, and the conditions that they are."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import strawberry
from strawberry.scalars import JSON

from engage_server import sdk
from engage_server.access.principal import Permission
from engage_server.api.context import Context
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.ids import row_of
from engage_server.api.masking import Masker, each_text
from engage_server.api.permissions import require_whole_tenant
from engage_server.api.types.subjects import ACCOUNT, plain, segment_number
from engage_server.customers.models import Account
from engage_server.metrics.account_queries import (
    ByStake,
    ByValue,
    Conditions,
    Order,
    Sort,
    ValueCondition,
)
from engage_server.operations.segments import members_on
from engage_server.sdk.graphql import MetricStatus, expose_enum

MOST_NAMED: Final = 1_000
MOST_CONDITIONS: Final = 10
LONGEST_LOOK_BACK: Final = 400  # days
expose_enum(
    Sort,
    name="AccountSort",
    description="OLDEST and NEWEST: by when they came in. NAME: by name, else by external id. STARTED: by `startedAt`; what "
    "is not known comes last.",
)


@strawberry.input(description="That a trait of an account has a value.")
class TraitCondition:
    name: str = strawberry.field(description="The trait's name, as in `traits`.")
    equals: JSON = strawberry.field(description="The value: text, number, boolean or null.")


@strawberry.input(
    description="That an account's value of a metric lies between marks or has a status: on the day of the list, or the "
    "metric's newest. All that is given holds."
)
class MetricCondition:
    id: strawberry.ID = strawberry.field(description="The metric's full id, such as `nps.score`.")
    below: float | None = strawberry.field(default=None, description="Under this mark, without it.")
    above: float | None = strawberry.field(default=None, description="Over this mark, without it.")
    status: list[MetricStatus] | None = strawberry.field(
        default=None, description="One of these; an account without a value has NO_DATA."
    )


@strawberry.input(
    description="Those accounts alone for which all that is given holds; of a list one of it, of an empty list nothing."
)
class AccountFilter:
    ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Global ids; one that names no account of the tenant finds nothing."
    )
    external_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="What the tenant itself calls them. Without `personal:read` a person's name finds nothing.",
    )
    search: str | None = strawberry.field(
        default=None,
        description="Part of the name or of the external id, upper and lower case being one. Without `personal:read` "
        "accounts whose name or external id names a person are not found.",
    )
    plan: list[str] | None = strawberry.field(
        default=None, description="Their plans. Without `personal:read` a person's name finds nothing."
    )
    stage: list[Account.Stage] | None = strawberry.field(default=None, description="Their stages.")
    owner: list[str] | None = strawberry.field(
        default=None,
        description="Who looks after them. Without `personal:read` a person's name finds nothing.",
    )
    traits: list[TraitCondition] | None = strawberry.field(
        default=None, description="All of these. Without `personal:read` a person's name finds nothing."
    )
    parent: strawberry.ID | None = strawberry.field(
        default=None, description="Global id of the account that they are directly below."
    )
    segment: strawberry.ID | None = strawberry.field(
        default=None, description="Global id of the segment of accounts that they are in today."
    )
    metrics: list[MetricCondition] | None = strawberry.field(
        default=None, description="What their values are; all of these."
    )


@strawberry.input(description="Accounts by their value of a metric; who has none comes last.")
class MetricOrder:
    id: strawberry.ID = strawberry.field(description="The metric's full id, such as `nps.score`.")
    best_first: bool = strawberry.field(
        default=False,
        description="Else the worst first, by the metric's direction; the lowest where neither way is worse.",
    )


@strawberry.input(
    description="Accounts by what is at stake: how bad the value of one metric is, times the value of another. Who lacks "
    "one of them comes last."
)
class StakeOrder:
    risk: strawberry.ID = strawberry.field(
        description="Full id of what is bad, such as `health_score.score`: the distance to the best of all accounts."
    )
    worth: strawberry.ID = strawberry.field(description="Full id of what it is worth, such as `revenue.mrr`.")
    days: int | None = strawberry.field(
        default=None,
        description="Instead of the distance to the best: how much worse it became in so many days, 0 where it did not.",
    )


@strawberry.input(one_of=True, description="In which order accounts come: one of these.")
class AccountOrder:
    by: Sort | None = strawberry.field(
        default=strawberry.UNSET, description="By what they are. Without an order: OLDEST."
    )
    metric: MetricOrder | None = strawberry.field(
        default=strawberry.UNSET, description="By a metric's value: the queue to work off."
    )
    at_stake: StakeOrder | None = strawberry.field(
        default=strawberry.UNSET, description="By how bad it stands about them times what they are worth."
    )


def conditions_of(where: AccountFilter | None, context: Context) -> Conditions:
    """The conditions of a filter, for who may see them.

    Raises:
        BadUserInputError: it names too much, or metrics that no account has.
        UnknownMetricError, UnknownSegmentError: it names what there is not.
        NotPermittedError: the principal sees one account alone, and the filter asks about others.
    """
    only = context.principal.account_id
    ids: set[int] | None = None if only is None else {only}
    if where is None:
        return Conditions(ids=ids)
    for name in ("ids", "external_ids", "plan", "owner"):
        _require_few(name, getattr(where, name), most=MOST_NAMED)
    for name in ("traits", "metrics"):
        _require_few(name, getattr(where, name), most=MOST_CONDITIONS)
    if where.ids is not None:
        named = (row_of(id, type_name=ACCOUNT, tenant_id=context.tenant.id) for id in where.ids)
        ids = _both(ids, {pk for pk in named if pk is not None})
    if where.segment is not None:
        require_whole_tenant(context.principal, "A segment")
        ids = _both(ids, _members(where.segment, context))
    if where.owner or where.traits or where.parent:
        require_whole_tenant(context.principal, "A filter by owner, traits or parent")
    traits = [{plain(one.name): _scalar(one)} for one in where.traits or ()]
    may_ask = _nameless(
        [*(where.external_ids or ()), *(where.plan or ()), *(where.owner or ()), *traits], context
    )
    if not all(map(may_ask, traits)):
        ids = set()
    return Conditions(
        ids=ids,
        external_ids=_texts(where.external_ids, may_ask),
        parents=None if where.parent is None else [_parent(where.parent, context)],
        plans=_texts(where.plan, may_ask),
        stages=None if where.stage is None else [stage.value for stage in where.stage],
        owners=_texts(where.owner, may_ask),
        traits=traits,
        search=plain(where.search or ""),
        values=[
            ValueCondition(_of_accounts(one.id, context), one.below, one.above, one.status)
            for one in where.metrics or ()
        ],
    )


def order_of(asked: AccountOrder | None, context: Context) -> Order:
    """The order that was asked for.

    Raises:
        BadUserInputError, UnknownMetricError: it names what accounts have no values of.
        NotPermittedError: the principal sees one account alone, and the order measures it against others.
    """
    if asked is None:
        return Sort.OLDEST
    if asked.metric:
        name = _of_accounts(asked.metric.id, context)
        return ByValue(name, low_first=_low_is_bad(name, context) != asked.metric.best_first)
    if asked.at_stake:
        require_whole_tenant(context.principal, "An order by what is at stake")
        risk, worth = (_of_accounts(id, context) for id in (asked.at_stake.risk, asked.at_stake.worth))
        days = asked.at_stake.days
        if days is not None and not 1 <= days <= LONGEST_LOOK_BACK:
            raise BadUserInputError(f"days is {days}. Remedy: 1 to {LONGEST_LOOK_BACK}.")
        return ByStake(risk, worth, low_is_bad=_low_is_bad(risk, context), days=days)
    if asked.by:
        return Sort(asked.by)
    raise BadUserInputError("orderBy names no order. Remedy: one of by, metric and atStake, not null.")


def _scalar(asked: TraitCondition) -> Any:
    if isinstance(asked.equals, list | dict):
        raise BadUserInputError(
            f"equals of the trait {asked.name!r} is no single value. Remedy: a text, a number, true, false or null."
        )
    if isinstance(asked.equals, float) and not math.isfinite(asked.equals):
        raise BadUserInputError(
            f"equals of the trait {asked.name!r} is too large a number. Remedy: one below 1.8e308."
        )
    return each_text(asked.equals, plain)


def _of_accounts(id: str, context: Context) -> str:
    if "account" not in context.metric(id)[1].subjects:
        raise BadUserInputError(
            f"{id} is not measured for accounts. Remedy: a metric whose `subjects` name them."
        )
    return id


def _low_is_bad(metric: str, context: Context) -> bool:
    return context.metric(metric)[1].direction is not sdk.Direction.DOWN


def _parent(id: str, context: Context) -> int:
    # An id of another tenant's is as one that nobody has.
    return row_of(id, type_name=ACCOUNT, tenant_id=context.tenant.id) or 0


def _members(id: str, context: Context) -> set[int]:
    members = members_on(segment_number(context, id))
    if members.segment.body.subject != "account":
        raise BadUserInputError(
            f"{id} is a segment of persons. Remedy: a segment whose `subject` is ACCOUNT."
        )
    return set(members.ids)


def _nameless(asked: Sequence[Any], context: Context) -> Callable[[Any], bool]:
    """Which of these may be asked for: what names a person finds nothing for who may see none, as if nobody had it."""
    if not asked or context.principal.may(Permission.PERSONAL_READ):
        return lambda one: True
    masker = Masker()
    each_text(asked, masker.look)
    masker.learn()
    return lambda one: bool(each_text(one, masker.mask) == one)


def _both(one: set[int] | None, other: set[int]) -> set[int]:
    return other if one is None else one & other


def _texts(given: list[Any] | None, may_ask: Callable[[Any], bool]) -> list[str] | None:
    return None if given is None else [plain(one) for one in given if may_ask(one)]


def _require_few(name: str, given: list[Any] | None, *, most: int) -> None:
    if given is not None and len(given) > most:
        raise BadUserInputError(f"where.{name} has {len(given)} entries. Remedy: {most:,} at most.")
