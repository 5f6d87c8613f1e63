"""Subscriptions and accounts' histories come as they were known on the day, with the days on which each was so."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.models import Account
from engage_server.customers.subscription_terms import EVER, Terms, TermsHistory
from engage_server.customers.windows import day_window
from engage_server.ingest.items import AccountItem, SubscriptionItem
from engage_server.ingest.store import store_items
from engage_server.sdk import AccountHistory, Seats, Subscriptions
from engage_server.tenancy.scope import TenantRef, tenant_scope

FIRST = date(2026, 6, 1)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def store(tenant: TenantRef, *items) -> None:
    with tenant_scope(tenant):
        store_items(items, source="test")


def subscriptions(tenant: TenantRef, on: date, days: int = 1):
    with tenant_scope(tenant):
        return RESOLVERS[Subscriptions](Subscriptions(days=days), day_window(on, tenant.timezone))


CHANGES = st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["a", "b", "c"])), max_size=5)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CHANGES, st.integers(0, 6), st.none() | st.integers(1, 8))
def test_the_terms_of_each_day_are_those_of_the_subscriptions_history(acme, changes, start, lasts):
    ends_on = None if lasts is None else day(start + lasts)
    history = TermsHistory(day(start), ends_on)
    terms = Terms(0, "first", None, Decimal(0), "USD", 1, False, "active")
    history.enter(terms, on=EVER)
    with transaction.atomic():
        store(acme, SubscriptionItem("s", "x", day(start), ends_on, plan="first"))
        for on, plan in changes:
            store(acme, SubscriptionItem("s", "x", day(start), ends_on, plan=plan, changed_on=day(on)))
            history.enter(Terms(0, plan, None, Decimal(0), "USD", 1, False, "active"), on=day(on))
        found = subscriptions(acme, day(14), days=15).select("plan", "valid_from", "valid_until").rows()
        for number in range(15):
            on = day(number)
            held = [plan for plan, first, until in found if first <= on and (until is None or on < until)]
            counts = day(start) <= on and (ends_on is None or on < ends_on)
            believed = history.at(on)
            assert held == ([believed.plan] if counts and believed else [])
        transaction.set_rollback(True)


def test_a_subscription_tells_price_channel_and_reason_and_nothing_of_later_days(acme, globex):
    item = SubscriptionItem(
        "s", "x", day(0), amount=Decimal("9.99"), currency="EUR", interval_months=12, channel="partner"
    )
    store(acme, item)
    store(
        acme,
        SubscriptionItem("s", "x", day(0), day(20), amount=Decimal("9.99"), status="canceled",
                         cancel_reason="price", changed_on=day(10)),
    )  # fmt: skip
    (row,) = subscriptions(acme, day(9)).to_dicts()
    assert (row["amount"], row["currency"], row["interval_months"]) == (Decimal("9.9900"), "EUR", 12)
    assert (row["channel"], row["cancel_reason"], row["status"]) == ("partner", "", "active")
    assert (row["valid_from"], row["valid_until"], row["ends_on"]) == (day(0), day(20), day(20))
    (row,) = subscriptions(acme, day(10)).to_dicts()
    assert (row["cancel_reason"], row["status"], row["valid_from"]) == ("price", "canceled", day(10))
    assert subscriptions(acme, day(20)).is_empty()
    assert subscriptions(globex, day(9)).is_empty()


STATUSES = ("active", "trialing", "paused", "canceled", "non_renewing")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 12), st.sampled_from(STATUSES), st.booleans()), min_size=1, max_size=4),
    st.none() | st.integers(1, 12),
)
def test_what_is_paid_for_is_what_counts_as_a_purchased_seat(acme, globex, changes, lasts):
    ends_on = None if lasts is None else day(lasts)
    with transaction.atomic():
        for on, status, is_trial in changes:
            store(
                acme,
                SubscriptionItem("s", "x", day(0), ends_on, amount=Decimal(7), status=status, is_trial=is_trial,
                                 changed_on=day(on)),
            )  # fmt: skip
        with tenant_scope(acme):
            terms = RESOLVERS[Subscriptions](Subscriptions(ever=True), day_window(day(14), acme.timezone))
            for number in range(14):
                on = day(number)
                seats = RESOLVERS[Seats](Seats(), day_window(on, acme.timezone))
                paid = [
                    row["is_paid"]
                    for row in terms.to_dicts()
                    if row["valid_from"] <= on and (row["valid_until"] is None or on < row["valid_until"])
                ]
                assert sum(paid) == seats.filter(~seats["is_trial"]).height
        with tenant_scope(globex):
            window = day_window(day(14), globex.timezone)
            assert RESOLVERS[Subscriptions](Subscriptions(ever=True), window).is_empty()
        transaction.set_rollback(True)


def test_all_terms_ever_are_those_that_were_over_before_the_window_as_well(acme, globex):
    for tenant in (acme, globex):
        store(tenant, SubscriptionItem("s", "x", day(0), day(3), plan=tenant.slug))
    assert subscriptions(acme, day(9)).is_empty()
    with tenant_scope(acme):
        found = RESOLVERS[Subscriptions](Subscriptions(ever=True), day_window(day(9), acme.timezone))
    assert found.select("plan", "valid_from", "valid_until").rows() == [("acme", day(0), day(3))]


def test_an_accounts_history_is_as_it_was_known_on_the_day(acme, globex):
    def noon(number: int) -> datetime:
        return datetime(2026, 6, 1, 12, tzinfo=UTC) + timedelta(days=number)

    for tenant in (acme, globex):
        store(tenant, AccountItem("a", plan="x", stage="CHURNED", occurred_at=noon(2)))
    store(
        acme, AccountItem("a", plan="x", occurred_at=noon(4)), AccountItem("a", plan="y", occurred_at=noon(6))
    )

    def history(tenant: TenantRef, on: date) -> list[tuple]:
        with tenant_scope(tenant):
            frame = RESOLVERS[AccountHistory](AccountHistory(), day_window(on, tenant.timezone))
            number = Account.objects.get(external_id="a").pk
        return sorted((row[1:] for row in frame.rows() if row[0] == number), key=str)

    stage = [("stage", "CHURNED", day(2), None), ("stage", "CUSTOMER", None, day(2))]
    assert history(acme, day(5)) == [("plan", "x", None, None), *stage]
    assert history(acme, day(6)) == [("plan", "x", None, day(6)), ("plan", "y", day(6), None), *stage]
    assert history(globex, day(6)) == [("plan", "x", None, None), *stage]
    assert history(acme, day(1)) == []
