"""Finds out which days of which data an input sees: changes every kind of data on every day and compares its answers."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin, get_type_hints

from django.db import transaction

from engage_server.activity.models import EventName, Feature
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.input_resolvers import RESOLVERS, Resolver
from engage_server.customers.models import Account, AccountAttribute
from engage_server.customers.windows import day_window
from engage_server.ingest.items import (
    AccountItem,
    EventItem,
    Item,
    LedgerItem,
    PersonKey,
    ResponseItem,
    SubscriptionItem,
)
from engage_server.ingest.store import store_items
from engage_server.metrics import overrides
from engage_server.metrics.overrides import OverrideBody
from engage_server.sdk import Dataset, InputSpec, Read
from engage_server.tenancy.scope import TenantRef, current_tenant, tenant_scope
from tests.metrics.values import store as store_value

COMPUTED = date(2026, 6, 20)
LONG_AGO = COMPUTED - timedelta(days=8)
DAYS = [
    LONG_AGO + timedelta(days=number) for number in range(10)
]  # the last one comes after the computed one
# What the fields of specifications are tried with; another one with its default, a choice with each of its words.
# Windows are shorter than DAYS, and sessions long enough to span midnights.
TRIED: Mapping[str, tuple[Any, ...]] = {
    "days": (3,),
    "trailing": (1, 4),
    "max_age_days": (3,),
    "idle_minutes": (720,),
    "within_days": (3,),
    "back_from": (1,),
    "back_to": (2,),
    "event": (None, "saved"),
    "activation_event": ("saved",),
    "instrument": ("nps",),
    "trait": ("industry",),
    "metric": ("mood.score",),
    "metrics": (("mood.score",),),
    "events": (("saved", "discovered"),),
    "channels": ((("app", ("saved", "discovered")),),),
    "MetricValues.days": (0, 3),
    "ago": ((), (1, 4)),
    "ever": (False, True),
    "ends_before": (0, 2),
    "daily_cap": (None, 5),
    "half_life_days": (None, 2.0),
    "steps": (("saved", "discovered"),),
    "milestones": ((("saved", 1), ("discovered", 2)), (("*", 1),)),
    "subject_kind": ("tenant",),
    "side_days": (3,),
    "Retention.cohort": ("week",),
    "Retention.offsets": ((0, 1, 2),),
    "Retention.unit": ("day",),
    "Retention.clock": ("own", "rolling"),
    "Retention.mode": ("on", "streak"),
    "Retention.subject": ("person",),
}
Seen = set[tuple[InputSpec, Dataset, date]]


def samples(kind: type[InputSpec]) -> list[InputSpec]:
    """Specifications of the class, with every combination of the values that its fields are tried with."""
    hints = get_type_hints(kind)
    tried = {
        field.name: TRIED.get(f"{kind.__name__}.{field.name}")
        or TRIED.get(field.name)
        or _choices(hints[field.name], field)
        for field in fields(kind)
    }
    given = [dict(zip(tried, values, strict=True)) for values in itertools.product(*tried.values())]
    # Single days stand in place of a range of them.
    found = [kind(**fields) for fields in given if not (fields.get("ago") and fields.get("days"))]
    return [_without_idle_trait(spec) for spec in found]


def _choices(hint: Any, field: Any) -> tuple[Any, ...]:
    if get_origin(hint) is Literal:
        return get_args(hint)
    assert field.default is not MISSING, f"Say in TRIED what to try {field.name!r} with."
    return (field.default,)


def _without_idle_trait(spec: InputSpec) -> InputSpec:
    """A trait belongs to the group "trait" alone."""
    by = getattr(spec, "by", "trait")
    return spec if by == "trait" else type(spec)(by=by, days=spec.days)


def noon(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=current_tenant().zone)


def use(name: str, person: str, at: datetime, *, passive: bool = False) -> EventItem:
    return EventItem(
        f"{name} {person} {at}", name, PersonKey(user_id=person), at, at, account="a", passive=passive
    )


def seed() -> None:
    """Each day has persons of its own, who do what nobody does on another; one more never pauses for half a day."""
    items: list[Item] = [
        AccountItem(
            "a",
            plan="basic",
            traits={"industry": "retail"},
            started_at=noon(LONG_AGO),
            occurred_at=noon(LONG_AGO),
        )
    ]
    for day in DAYS:
        items.append(use(f"only {day}", f"user of {day}", noon(day)))
        items.append(use(f"shown {day}", f"onlooker of {day}", noon(day), passive=True))
    items += [use("hummed", "restless", noon(LONG_AGO, 5) + timedelta(hours=11 * n)) for n in range(20)]
    items.append(use("discovered", "latecomer", noon(DAYS[-1])))
    store_items(items, source="test")
    released = COMPUTED - timedelta(days=2)
    Feature.objects.filter(name="hummed").update(released_on=released)
    Feature.objects.create(name="Moved", released_on=released)
    tell_of_account(LONG_AGO, 12, {name: value for name, value in KNOWN.items() if name != "plan"})


def change_events(day: date) -> None:
    at = [noon(day, hour) for hour in range(0, 24, 3)]
    persons = ["restless", *[f"user of {other}" for other in DAYS]]
    items = [
        use(name, person, moment) for name in ("saved", "discovered") for person in persons for moment in at
    ]
    store_items(items, source="test")


def change_release(day: date) -> None:
    Feature.objects.filter(name="discovered").update(released_on=day)


def change_responses(day: date) -> None:
    answer = ResponseItem("r", "nps", Decimal(0), Decimal(10), noon(day), score=Decimal(9), account="a")
    store_items([answer], source="test")


def change_feedback(day: date) -> None:
    """What is said in words stands in the same table, and its changes are noted as those of answers."""
    store_items(
        [ResponseItem("f", "feedback", None, None, noon(day), account="a", text="Slow.")], source="test"
    )


def change_subscriptions(day: date) -> None:
    store_items([SubscriptionItem("s", "a", starts_on=day, seats=3)], source="test")


def change_ledger(day: date) -> None:
    kinds = ("COST", "REVENUE", "OPPORTUNITY")
    store_items([LedgerItem(kind, "l", Decimal(5), day, account="a") for kind in kinds], source="test")


def change_accounts(day: date) -> None:
    """Another plan, stage and industry on this day alone."""
    tell_of_account(day, 13, {"plan": "big", "stage": "TRIAL", "traits.industry": "bank"})
    tell_of_account(day + timedelta(days=1), 13, KNOWN)


KNOWN = {"plan": "basic", "stage": "CUSTOMER", "traits.industry": "retail"}


def tell_of_account(day: date, hour: int, values: Mapping[str, str]) -> None:
    account, at = Account.objects.get(external_id="a"), noon(day, hour)
    for attribute, value in values.items():
        AccountAttribute.objects.create(
            account=account, attribute=attribute, value=value, since=at, told=[at], heard=[at]
        )


def change_name(day: date, name: str = "only", **change: Any) -> None:
    assert EventName.objects.filter(name=f"{name} {day}").update(**change) == 1


def moved(day: date) -> Feature:
    """A feature that is released before the computed day; for names of later days one that nobody knows before."""
    if day <= COMPUTED:
        return Feature.objects.get(name="Moved")
    return Feature.objects.create(name="Moved later")


def change_overrides(day: date) -> None:
    """Another value on this day alone."""
    overrides.make(
        OverrideBody(
            metric="mood.score",
            account="a",
            value=1,
            reason="known better",
            starts_on=day,
            ends_on=day + timedelta(days=1),
        )
    )


CHANGES: Mapping[Dataset, Callable[[date], object]] = {
    Dataset.EVENTS: change_events,
    Dataset.EVENT_CLASSES: lambda day: change_name(day, event_class="PASSIVE"),
    Dataset.NOTICES: lambda day: change_name(day, "shown", event_class="NOTICE"),
    Dataset.EVENT_WEIGHTS: lambda day: change_name(day, weight=7),
    Dataset.EVENT_FEATURES: lambda day: change_name(day, feature=moved(day)),
    Dataset.FEATURE_RELEASES: change_release,
    Dataset.SURVEY_RESPONSES: change_responses,
    Dataset.FEEDBACK: change_feedback,
    Dataset.SUBSCRIPTIONS: change_subscriptions,
    Dataset.ACCOUNTS: change_accounts,
    Dataset.LEDGER: change_ledger,
    Dataset.OVERRIDES: change_overrides,
    Dataset.METRIC_VALUES: lambda day: store_value("mood.score", 1, day=day, details={"band": "RED"}),
}


def seen_days(
    tenant: TenantRef, specs: Iterable[InputSpec], resolvers: Mapping[type[InputSpec], Resolver] = RESOLVERS
) -> Seen:
    """For which data and days a change of them changed what a specification is answered with."""
    specs = list(specs)
    window = day_window(COMPUTED, tenant.timezone)
    seen: Seen = set()

    def answers() -> list[list[tuple[Any, ...]]]:
        with current_rollups():
            return [sorted(resolvers[type(spec)](spec, window).rows(), key=str) for spec in specs]

    with tenant_scope(tenant):
        seed()
        before = answers()
        for dataset, day in itertools.product(Dataset, DAYS):
            with transaction.atomic():
                CHANGES[dataset](day)
                changed = zip(specs, before, answers(), strict=True)
                seen |= {(spec, dataset, day) for spec, rows, others in changed if rows != others}
                transaction.set_rollback(True)
    return seen


def undeclared(seen: Seen) -> Iterator[str]:
    """A sentence for each day that a specification saw and does not declare."""
    for spec, dataset, day in sorted(seen, key=str):
        if not any(read.dataset == dataset and read.covers(day, computed=COMPUTED) for read in spec.reads):
            yield f"{spec} sees {dataset} of {day} on {COMPUTED} and does not declare it."


def unseen(specs: Iterable[InputSpec], seen: Seen) -> Iterator[str]:
    """A sentence for each end of a declared window that no change was seen on."""
    for spec in specs:
        for read in spec.reads:
            for day in (_first(read), COMPUTED - timedelta(days=read.ends_before)):
                if (spec, read.dataset, day) not in seen:
                    yield f"{spec} declares {read.dataset} of {day} for {COMPUTED} and does not see it."


def _first(read: Read) -> date:
    return LONG_AGO if read.since_ever else COMPUTED - timedelta(days=read.days - 1 + read.ends_before)
