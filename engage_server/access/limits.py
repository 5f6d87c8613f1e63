"""Which limits hold for a tenant, its keys and its accounts: those that were set, else the settings' defaults."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db.models import Q

from engage_server.access.models import Limit
from engage_server.access.token_bucket import Budget
from engage_server.tenancy.scope import TenantRef, shared_scope
from engage_server.tenancy.ttl_cache import TtlCache

TENANT: Final = "tenant"
EVENTS: Final = "events"
DAILY_EVENTS: Final = "daily events"
POINTS: Final = "query points"
KEY: Final = "key:"
PERSON: Final = "user:"
Name = Limit.Name
SECONDS: Final = 60  # of a minute


@dataclass(frozen=True, slots=True)
class Budgets:
    """What a request may use: events for tracking, points for queries. Empty where nothing is limited."""

    events: tuple[Budget, ...] = ()
    points: tuple[Budget, ...] = ()


_known: Final[TtlCache[tuple[int, str, int | None], Budgets]] = TtlCache(capacity=4_096)


def budgets_of(tenant_id: int, *, actor: str, account_id: int | None = None) -> Budgets:
    """What a principal may use; asks the database at most once in four seconds.

    It spends from its tenant's budgets and from those of its key, its person or its account, so that none of these can
    use more than the tenant, and none all of it where the tenant has set what each may use.
    """
    key = (tenant_id, actor, account_id)
    return _known.get_or_load(key, lambda: (tenant_id, _budgets(tenant_id, actor, account_id)))


def _budgets(tenant_id: int, actor: str, account_id: int | None) -> Budgets:
    public_id = actor.removeprefix(KEY) if actor.startswith(KEY) else None
    with shared_scope():
        rows = list(
            Limit.objects.filter(Q(key=None) | Q(key__public_id=public_id), tenant_id=tenant_id).values_list(
                "key_id", "name", "amount"
            )
        )
    of_tenant = {name: amount for key, name, amount in rows if key is None}
    amounts = {TENANT: defaults() | of_tenant}
    if public_id is not None:
        amounts[actor] = {name: amount for key, name, amount in rows if key is not None}
    if account_id is not None:
        amounts[f"account:{account_id}"] = defaults_of_account()
    elif (name := _of_a_minute(actor)) is not None and Name.QUERY_POINTS not in amounts.get(actor, {}):
        amounts[actor] = amounts.get(actor, {}) | {name: amounts[TENANT][name]}
    return Budgets(
        events=tuple(budget for holder, given in amounts.items() for budget in _event_budgets(holder, given)),
        points=tuple(budget for holder, given in amounts.items() for budget in _point_budgets(holder, given)),
    )


def defaults() -> dict[str, int]:
    """What holds for every tenant that was given nothing else."""
    return {
        Name.EVENTS_PER_SECOND: settings.ENGAGE_EVENTS_PER_SECOND,
        Name.EVENTS_PER_DAY: settings.ENGAGE_EVENTS_PER_DAY,
        Name.QUERY_POINTS: settings.ENGAGE_QUERY_POINTS,
        Name.QUERY_POINTS_PER_SECOND: settings.ENGAGE_QUERY_POINTS_PER_SECOND,
        Name.KEY_POINTS_PER_MINUTE: settings.ENGAGE_KEY_POINTS_PER_MINUTE,
        Name.PERSON_POINTS_PER_MINUTE: settings.ENGAGE_PERSON_POINTS_PER_MINUTE,
    }


def defaults_of_account() -> dict[str, int]:
    """What a customer that comes with an account token may use, so that it cannot use up the tenant's."""
    return {
        Name.QUERY_POINTS: settings.ENGAGE_ACCOUNT_POINTS,
        Name.QUERY_POINTS_PER_SECOND: settings.ENGAGE_ACCOUNT_POINTS_PER_SECOND,
    }


def limits_of(tenant: TenantRef) -> Mapping[str, Mapping[str, int]]:
    """What was set, by ``tenant`` and ``key:<public id>``; inside them by the limit's name."""
    found: dict[str, dict[str, int]] = {TENANT: {}}
    with shared_scope():
        rows = Limit.objects.filter(tenant_id=tenant.id).order_by("key_id", "name")
        for public_id, name, amount in rows.values_list("key__public_id", "name", "amount"):
            found.setdefault(TENANT if public_id is None else f"key:{public_id}", {})[name] = amount
    return found


def _event_budgets(holder: str, amounts: Mapping[str, int]) -> Iterable[Budget]:
    if per_second := amounts.get(Name.EVENTS_PER_SECOND):
        yield Budget(EVENTS, holder, capacity=per_second, per_second=per_second)
    if per_day := amounts.get(Name.EVENTS_PER_DAY):
        yield Budget(DAILY_EVENTS, holder, capacity=per_day)


def _point_budgets(holder: str, amounts: Mapping[str, int]) -> Iterable[Budget]:
    capacity, per_second = amounts.get(Name.QUERY_POINTS), amounts.get(Name.QUERY_POINTS_PER_SECOND)
    if capacity and per_second:
        yield Budget(POINTS, holder, capacity=capacity, per_second=per_second)
    # Of the tenant's own points they are no part: they are set at the tenant for its keys and people.
    name = _of_a_minute(holder)
    if name is not None and (per_minute := amounts.get(name)):
        yield Budget(POINTS, holder, capacity=per_minute, per_second=per_minute / SECONDS)


def _of_a_minute(actor: str) -> Name | None:
    """Which of the tenant's limits holds for each actor of this kind."""
    if actor.startswith(KEY):
        return Name.KEY_POINTS_PER_MINUTE
    return Name.PERSON_POINTS_PER_MINUTE if actor.startswith(PERSON) else None
