"""Seats on a day: what the subscription's status means, what changed when, and that the past keeps what it had."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engage_server.customers.input_resolvers import RANGE_RESOLVERS, RESOLVERS
from engage_server.customers.models import Account, Subscription
from engage_server.customers.windows import day_window
from engage_server.ingest.items import SubscriptionItem
from engage_server.ingest.store import store_items
from engage_server.sdk import Seats
from engage_server.tenancy.scope import TenantRef, tenant_scope

START = date(2026, 1, 1)
TODAY = datetime.now(ZoneInfo("Europe/Berlin")).date()  # the tenant's


def told(tenant: TenantRef, *items: SubscriptionItem) -> None:
    with tenant_scope(tenant):
        store_items(items, source="billing")


def seats(tenant: TenantRef, day: date) -> dict[str, int | None]:
    with tenant_scope(tenant):
        frame = RESOLVERS[Seats](Seats(), day_window(day, tenant.timezone))
    return dict(frame.select("subscription", "seats").iter_rows())


def s33(number: int | None = 10, *, starts_on: date = START, **more) -> SubscriptionItem:
    return SubscriptionItem("s33", more.pop("account", "acc"), starts_on=starts_on, seats=number, **more)


def test_a_canceled_subscription_without_an_end_counts_no_seats_beside_an_active_one(acme):
    told(acme, s33(10, status="active"), SubscriptionItem("b", "acc", START, seats=40, status="canceled"))
    assert seats(acme, date(2026, 2, 1)) == {"s33": 10}


@pytest.mark.parametrize(
    ("status", "ends_on", "counts"),
    [
        ("active", None, True),
        ("past_due", None, True),
        ("future", None, True),
        ("trialing", None, True),
        ("canceled", None, False),
        ("canceled", date(2026, 3, 1), True),
        ("expired", date(2026, 2, 1), False),
        ("unpaid", None, False),
        ("paused", date(2026, 3, 1), False),
    ],
)
def test_what_a_status_means_on_a_day(acme, status, ends_on, counts):
    told(acme, s33(10, status=status, ends_on=ends_on))
    assert bool(seats(acme, date(2026, 2, 1))) == counts


def test_a_status_of_trial_makes_trial_seats(acme):
    told(acme, s33(10, status="trialing"))
    with tenant_scope(acme):
        frame = RESOLVERS[Seats](Seats(), day_window(date(2026, 2, 1), acme.timezone))
    assert frame["is_trial"].to_list() == [True]


def test_seats_that_grow_leave_the_past_as_it_was(acme):
    told(acme, s33(10))
    told(acme, s33(40))
    assert seats(acme, date(2026, 2, 1)) == {"s33": 10}
    assert seats(acme, TODAY) == {"s33": 40}


def test_a_change_with_a_date_holds_from_it_and_dates_may_come_in_any_order(acme):
    told(
        acme,
        s33(40, changed_on=date(2026, 3, 1)),
        s33(20, changed_on=date(2026, 2, 1)),
        s33(10, changed_on=START),
    )
    days = [START, date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 1)]
    assert [seats(acme, day)["s33"] for day in days] == [10, 10, 20, 20, 40]


def test_a_mistake_is_put_right_from_the_day_that_is_named(acme):
    told(acme, s33(None))
    told(acme, s33(10, changed_on=START))
    assert seats(acme, START) == {"s33": 10}


def test_a_cancellation_today_leaves_the_seats_of_the_past(acme):
    told(acme, s33(10))
    told(acme, s33(10, status="canceled"))
    assert seats(acme, TODAY - timedelta(days=1)) == {"s33": 10}
    assert seats(acme, TODAY) == {}


def test_an_end_or_a_start_that_moves_counts_in_the_past_too(acme):
    told(acme, s33(10))
    told(acme, s33(10, starts_on=date(2026, 2, 1), ends_on=date(2026, 6, 1)))
    days = [START, date(2026, 2, 1), date(2026, 5, 31), date(2026, 6, 1)]
    assert [seats(acme, day) for day in days] == [{}, {"s33": 10}, {"s33": 10}, {}]


def test_a_subscription_that_changes_its_account_leaves_the_past_with_the_former(acme):
    told(acme, s33(10))
    told(acme, s33(10, account="other"))
    with tenant_scope(acme):
        owners = [
            RESOLVERS[Seats](Seats(), day_window(day, acme.timezone))["account"].to_list()
            for day in (START, TODAY)
        ]
    assert len(owners[0]) == len(owners[1]) == 1
    assert owners[0] != owners[1]


def test_the_same_again_is_not_written(acme):
    told(acme, s33(10, amount=Decimal("99.99995")))
    told(acme, s33(10, amount=Decimal("99.99995")))
    with tenant_scope(acme):
        assert Subscription.objects.count() == 1


def test_a_change_announced_for_later_waits_for_its_day(acme):
    coming = TODAY + timedelta(days=30)
    told(acme, s33(10), s33(50, changed_on=coming))
    assert seats(acme, TODAY) == {"s33": 10}
    assert seats(acme, coming) == {"s33": 50}


def test_many_rows_cost_as_many_statements_as_two(acme):
    def cost(number: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            told(acme, *[SubscriptionItem(f"{number}-{n}", "acc", START, seats=n) for n in range(number)])
        return len(captured)

    cost(1)  # the account and the source are new
    assert cost(2) == cost(50)


def test_one_tenants_change_is_not_the_others(acme, globex):
    for tenant in (acme, globex):
        told(tenant, s33(10))
    told(acme, s33(40, changed_on=date(2026, 2, 1)))
    assert seats(acme, date(2026, 2, 1)) == {"s33": 40}
    assert seats(globex, date(2026, 2, 1)) == {"s33": 10}


def test_the_seats_of_an_earlier_day_are_those_of_its_terms_in_each_tenant(acme, globex):
    for tenant, number in ((acme, 40), (globex, 7)):
        told(tenant, s33(10), s33(number, changed_on=date(2026, 2, 1)))
    spec = Seats(ends_before=30)
    days = [date(2026, 2, 1), date(2026, 3, 2), date(2026, 3, 3)]
    for tenant, number in ((acme, 40), (globex, 7)):
        windows = [day_window(day, tenant.timezone) for day in days]
        with tenant_scope(tenant):
            cut = RANGE_RESOLVERS[Seats](spec, windows)
            ranged = [cut(window)["seats"].to_list() for window in windows]
            assert ranged == [RESOLVERS[Seats](spec, window)["seats"].to_list() for window in windows]
        assert ranged == [[10], [10], [number]]


def test_statuses_that_were_stored_before_are_spelt_as_they_are_read_now(acme):
    migration = import_module("engage_server.customers.migrations.0005_dated_terms")
    before = ["Cancelled", " In-Trial", "past due", "trial", "active", "bogus"]
    with tenant_scope(acme):
        account = Account.objects.create(external_id="acc")
        for number, status in enumerate(before):
            Subscription.objects.create(
                external_id=str(number), account=account, amount=0, status=status, starts_on=START
            )
        with connection.cursor() as cursor:
            cursor.execute(migration.SPELL)
        after = list(Subscription.objects.order_by("id").values_list("status", flat=True))
    assert after == ["canceled", "in_trial", "past_due", "trialing", "active", "bogus"]
    assert "5" in seats(acme, START)  # what is no known word counts as before
