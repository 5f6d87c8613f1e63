"""Accounts and subscriptions that change restate the days that they change; sent again unchanged they restate nothing."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engage_server.activity.rollups.compaction import ensure_current
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.models import Account
from engage_server.customers.windows import day_window
from engage_server.engine.models import AffectedDay
from engage_server.ingest.items import (
    AccountItem,
    EventItem,
    Item,
    MembershipItem,
    PersonItem,
    PersonKey,
    ResponseItem,
    SubscriptionItem,
)
from engage_server.ingest.store import store_items
from engage_server.metrics.models import MetricValue
from engage_server.sdk import Accounts, ActivePersons, ActivityBy, Seats
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.engine.restate import Restated, restated_by
from tests.metrics.values import copy_to_subject

FIRST, LAST = date(2026, 6, 1), date(2026, 6, 8)
ADA = PersonKey(user_id="ada")


def day(number: int) -> date:
    return FIRST + timedelta(days=number - 1)


def noon(number: int) -> datetime:
    return datetime(2026, 6, number, 12, tzinfo=UTC)


ACCOUNT = AccountItem(
    "a", name="A", plan="pro", parent="top", stage="TRIAL", started_at=noon(2), traits={"x": 1}
)
SUBSCRIPTION = SubscriptionItem("s", "a", day(2), seats=10, amount=Decimal("9.5"))
TOLD: dict[str, Item] = {
    "account": ACCOUNT,
    "subscription": SUBSCRIPTION,
    "membership": MembershipItem(ADA, "a", noon(2)),
    "ended membership": MembershipItem(ADA, "b", noon(2), noon(4)),
    "person": PersonItem(ADA, {"role": "admin"}, is_excluded=False),
    "response": ResponseItem(
        "r", "nps", Decimal(0), Decimal(10), noon(3), score=Decimal(9), person=ADA, account="a"
    ),
}


def store(tenant: TenantRef, *items: Item) -> None:
    with tenant_scope(tenant):
        store_items(items, source="test")
        ensure_current()


def notes(tenant: TenantRef) -> set[tuple[str, date]]:
    with shared_scope():
        return set(AffectedDay.objects.filter(tenant_id=tenant.id).values_list("cause", "day"))


def forget_notes() -> None:
    with shared_scope():
        AffectedDay.objects.all().delete()


def use(number: int, account: str | None = None) -> EventItem:
    return EventItem(f"m{number}{account}", "saved", ADA, noon(number), noon(number), account=account)


def is_as_computed_again(restated: Restated) -> bool:
    """Whether computing all days from what is stored writes nothing."""
    before = restated.stored()
    restated.compute(FIRST, LAST)
    return restated.stored() == before


@pytest.mark.parametrize("kind", TOLD)
def test_what_is_told_again_unchanged_marks_nothing(acme, kind):
    store(acme, use(2), use(3, "b"), *TOLD.values())
    forget_notes()
    store(acme, TOLD[kind])
    assert notes(acme) == set()


def test_a_new_name_or_trait_of_an_account_marks_nothing(acme):
    store(acme, ACCOUNT)
    forget_notes()
    store(acme, AccountItem("a", name="B", started_at=noon(2), parent="top", traits={"x": 2}))
    assert notes(acme) == set()


@pytest.mark.parametrize(("told", "first"), [(4, 2), (1, 1)])
def test_a_start_that_moves_marks_from_the_earlier_of_both(acme, told, first):
    store(acme, ACCOUNT)
    forget_notes()
    store(acme, AccountItem("a", started_at=noon(told)))
    assert min(notes(acme)) == ("ACCOUNTS", day(first))


@pytest.mark.parametrize(
    "change", [{"plan": "big"}, {"stage": "CHURNED"}, {"parent": "other"}], ids=["plan", "stage", "parent"]
)
def test_plan_stage_and_parent_change_from_the_day_on_which_that_comes_in(acme, globex, change):
    for tenant in (acme, globex):
        store(tenant, ACCOUNT)
    forget_notes()
    before = standing(acme, LAST)
    store(acme, AccountItem("a", **change))
    today = datetime.now(acme.zone).date()
    assert standing(acme, LAST) == before
    assert standing(acme, today - timedelta(days=1)) == before
    assert standing(acme, today) != before
    assert standing(globex, today) == standing(globex, LAST)
    assert notes(acme) == notes(globex) == set()


def standing(tenant: TenantRef, on: date) -> tuple:
    """Parent, plan and stage of the account "a"."""
    with tenant_scope(tenant):
        frame = RESOLVERS[Accounts](Accounts(), day_window(on, tenant.timezone))
    (row,) = frame.drop_nulls("started_at").select("parent", "plan", "stage").rows()
    return row


def test_two_changes_within_a_day_leave_what_was_before_the_first(acme):
    store(acme, ACCOUNT)
    before = standing(acme, LAST)
    store(acme, AccountItem("a", plan="big"))
    store(acme, AccountItem("a", plan="huge"))
    assert standing(acme, LAST) == before
    assert standing(acme, datetime.now(acme.zone).date())[1] == "huge"


@pytest.mark.parametrize("by", ["plan", "stage"])
def test_what_first_describes_an_account_restates_all_days_that_tell_of_it(acme, by):
    store(acme, use(2, "a"), use(4, "b"))
    with restated_by(acme, ActivityBy(by=by, days=1), first=FIRST, last=LAST) as restated:
        tell_of_accounts(acme)
        store(acme, AccountItem("a", plan="pro", stage="TRIAL"))
        assert day(2) in restated.days()
        assert is_as_computed_again(restated)


def tell_of_accounts(tenant: TenantRef) -> None:
    """Values about accounts from the second day on, as another plugin gives them: since then there are any."""
    with tenant_scope(tenant):
        value = MetricValue.objects.filter(day=day(2)).latest("revision")
        for account in Account.objects.all():
            copy_to_subject(value, account.pk, kind="account", metric="other.rows")


def test_a_group_that_nobody_looks_at_is_not_restated(acme):
    store(acme, use(2, "a"))
    with restated_by(acme, ActivityBy(by="account", days=1), first=FIRST, last=LAST) as restated:
        store(acme, AccountItem("a", started_at=noon(2)))
        assert restated.days() == set()


@pytest.mark.parametrize(
    ("change", "first"),
    [
        (SubscriptionItem("s", "a", day(5), seats=10, amount=Decimal("9.5")), 2),
        (SubscriptionItem("s", "a", day(2), day(6), seats=10, amount=Decimal("9.5")), 6),
        (SubscriptionItem("s", "b", day(2), seats=10, amount=Decimal("9.5"), changed_on=day(4)), 4),
        (SubscriptionItem("s", "a", day(2), seats=40, amount=Decimal("9.5"), changed_on=day(3)), 3),
        (SubscriptionItem("s", "a", day(2), seats=40, amount=Decimal("9.5")), None),
    ],
    ids=["start", "end", "account", "seats", "today"],
)
def test_a_changed_subscription_restates_from_its_change_and_leaves_nothing_stale(
    acme, globex, change, first
):
    for tenant in (acme, globex):
        store(tenant, SUBSCRIPTION)
    with restated_by(acme, Seats(), first=FIRST, last=LAST) as restated:
        forget_notes()
        store(acme, change)
        changed = set() if first is None else {day(n) for n in range(first, 9)}
        assert restated.days() == changed
        assert is_as_computed_again(restated)
    assert notes(globex) == set()


def test_accounts_that_start_elsewhere_are_as_computed_again(acme):
    store(acme, ACCOUNT)
    with restated_by(acme, Accounts(), first=FIRST, last=LAST) as restated:
        store(acme, AccountItem("a", started_at=noon(5), stage="CHURNED"))
        assert restated.days() == {day(n) for n in range(2, 9)}
        assert is_as_computed_again(restated)


def test_the_value_of_a_month_is_that_of_its_last_day_and_partial_before(acme):
    store(acme, use(2), use(29))
    with restated_by(acme, ActivePersons(period="month"), first=day(28), last=day(30)):
        with tenant_scope(acme):
            found = MetricValue.objects.filter(metric="tally.rows", superseded_at=None).order_by("day")
            assert [(one.day, one.status) for one in found] == [
                (day(28), "PARTIAL"),
                (day(29), "PARTIAL"),
                (day(30), "OK"),
            ]
        store(acme, use(1, "b"))
        with shared_scope():
            assert ("EVENTS", day(1)) in notes(acme)
