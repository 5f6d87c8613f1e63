"""What is told of accounts holds by the time of which it was told, in whatever order it comes in."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage_server.activity.rollups.compaction import ensure_current
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.account_history import MOST_TOLD, periods_of
from engage_server.customers.attribute_history import AttributeHistory, Period, Statement, differences
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.models import Account, AccountAttribute, Membership
from engage_server.customers.windows import day_window
from engage_server.engine.models import AffectedDay
from engage_server.ingest.items import AccountItem, EventItem, MembershipItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations.conventions import set_tracked_traits
from engage_server.sdk import Accounts, ActivityBy
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from engage_server.tenancy.services import find_tenant
from tests.real_data.conftest import DATA

NOW = datetime(2026, 7, 1, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Seoul")
HOURS = st.integers(0, 24 * 6)
WORDS = st.lists(st.tuples(HOURS, st.sampled_from(["pro", "basic", "CHURNED"])), min_size=1, max_size=12)
SLOW = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def at(hours: int) -> datetime:
    return datetime(2026, 6, 1, tzinfo=UTC) + timedelta(hours=hours)


def day(number: int) -> date:
    return date(2026, 6, number)


def noon(number: int) -> datetime:
    return datetime(2026, 6, number, 12, tzinfo=UTC)


def told(*words: tuple[int, str], attribute: str = "plan") -> AttributeHistory:
    return AttributeHistory(attribute, ZONE, [Statement(at(hours), value, NOW) for hours, value in words])


def last_word(words: list[tuple[int, str]], on: date) -> str:
    """The value of a day by the definition, of all that was ever told."""
    upto = [word for word in words if at(word[0]).astimezone(ZONE).date() <= on]
    return max(upto)[1] if upto else min(words)[1]


@given(st.data(), WORDS)
def test_a_history_is_that_of_all_words_in_any_order_and_keeps_few_of_them(data, words):
    history = told(*words)
    days = [day(1) + timedelta(days=number) for number in range(-2, 9)]
    assert [history.on(one) for one in days] == [last_word(words, one) for one in days]
    again = told(*data.draw(st.permutations(words)), *data.draw(st.permutations(words)))
    assert again.statements() == history.statements()
    assert AttributeHistory("plan", ZONE, history.statements()).statements() == history.statements()
    found = history.periods()
    assert [one.value for one in found] == [history.on(one.first) for one in found]
    assert all(one.value != other.value for one, other in pairwise(found))


@given(WORDS, WORDS)
def test_the_differences_of_two_histories_are_the_days_on_which_they_differ(words, others):
    one, other = told(*words), told(*words, *others)
    days = [day(1) + timedelta(days=number) for number in range(-2, 9)]
    differ = {on for on in days if one.on(on) != other.on(on)}
    periods = differences(one, other)
    inside = {
        on
        for on in days
        for first, until in periods
        if (not first or first <= on) and (not until or on < until)
    }
    assert inside == differ


def test_who_is_first_heard_of_as_churned_was_a_customer_before():
    history = told((72, "CHURNED"), attribute="stage")
    assert history.periods() == [Period("CUSTOMER", None, day(4)), Period("CHURNED", day(4))]
    assert told((72, "TRIAL"), attribute="stage").periods() == [Period("TRIAL", None)]


def store(tenant: TenantRef, *items: Any) -> None:
    with tenant_scope(tenant):
        store_items(items, source="test")


def rows(tenant: TenantRef) -> list[tuple]:
    """The stored rows, with parents by name."""
    with tenant_scope(tenant):
        names = dict(Account.objects.values_list("pk", "external_id"))
        found = AccountAttribute.objects.values_list("account_id", "attribute", "value", "since", "told")
        return sorted(
            [
                (names[account], attribute, names[value] if attribute == "parent" else value, *times)
                for account, attribute, value, *times in found
            ],
            key=str,
        )


def standings(tenant: TenantRef) -> dict[str, tuple]:
    with tenant_scope(tenant):
        return {
            one.external_id: (
                one.plan,
                one.stage,
                one.parent and one.parent.external_id,
                one.owner,
                one.traits,
            )
            for one in Account.objects.select_related("parent")
        }


ITEMS = st.lists(
    st.builds(
        lambda account, hours, field, value: AccountItem(account, occurred_at=at(hours), **{field: value}),
        st.sampled_from(["a", "b"]),
        HOURS,
        st.sampled_from(["plan", "owner"]),
        st.sampled_from(["x", "y"]),
    )
    | st.builds(
        lambda hours, stage, parent, tier: AccountItem(
            "c", occurred_at=at(hours), stage=stage, parent=parent, traits={"tier": tier}
        ),
        HOURS,
        st.sampled_from([None, "LEAD", "CHURNED"]),
        st.sampled_from([None, "a", "b"]),
        st.sampled_from(["gold", 1, None]),
    ),
    min_size=1,
    max_size=14,
)


@SLOW
@given(st.data(), ITEMS)
def test_what_is_stored_does_not_depend_on_the_order_of_arrival(acme, globex, data, items):
    shuffled = data.draw(st.permutations(items))
    size = data.draw(st.integers(1, len(items)))
    with transaction.atomic():
        for tenant, order, batch in ((acme, items, len(items)), (globex, shuffled, size)):
            set_tracked_traits(tenant.slug, ["tier"])
            tracking = replace(find_tenant(tenant.slug).ref, timezone=acme.timezone)
            for start in range(0, len(order), batch):
                store(tracking, *order[start : start + batch])
        assert rows(acme) == rows(globex)
        assert standings(acme) == standings(globex)
        transaction.set_rollback(True)


def standing(tenant: TenantRef, on: date, account: str = "a") -> tuple:
    with tenant_scope(tenant):
        frame = RESOLVERS[Accounts](Accounts(), day_window(on, tenant.timezone))
        number = Account.objects.get(external_id=account).pk
        names = dict(Account.objects.values_list("pk", "external_id"))
    (row,) = frame.filter(pl.col("account") == number).select("parent", "plan", "stage", "owner").rows()
    return (names.get(row[0]), *row[1:])


def test_an_import_of_old_data_overwrites_nothing_newer_and_restates_only_days_that_changed(acme, globex):
    for tenant in (acme, globex):
        store(tenant, AccountItem("a", plan="pro", owner="kim", occurred_at=noon(20)))
        store(tenant, AccountItem("a", plan="pro", occurred_at=noon(25)))
    with shared_scope():
        AffectedDay.objects.all().delete()
    store(acme, AccountItem("a", plan="pro", occurred_at=noon(5)))
    store(acme, AccountItem("a", plan="basic", occurred_at=noon(10)))
    store(acme, AccountItem("a", plan="basic", occurred_at=noon(22)))
    assert standings(acme)["a"][0] == "pro"
    plans = {number: standing(acme, day(number))[1] for number in (1, 5, 9, 10, 19, 20, 22, 24, 25, 28)}
    basic = {number for number, plan in plans.items() if plan == "basic"}
    assert basic == {10, 19, 22, 24}
    with shared_scope():
        marked = set(AffectedDay.objects.values_list("tenant_id", "day"))
    assert marked == {(acme.id, day(number)) for number in (*range(10, 20), 22, 23, 24)}
    assert {standing(globex, day(number))[1] for number in (1, 10, 22, 28)} == {"pro"}


def test_words_repeated_every_day_stay_in_few_rows_and_make_room_for_what_comes_late(acme):
    days = 3 * MOST_TOLD
    start = at(-24 * 2 * days)
    told = [AccountItem("a", plan="pro", occurred_at=start + timedelta(days=n)) for n in range(days)]
    for number in range(0, days, 7):
        store(acme, *told[number : number + 7])
    assert [len(row[4]) for row in rows(acme)] == [MOST_TOLD] * 3
    store(acme, AccountItem("a", plan="basic", occurred_at=start + timedelta(days=150, hours=1)))
    assert [row[2] for row in rows(acme)].count("basic") == 1
    on = (start + timedelta(days=150)).date()
    assert [standing(acme, on + timedelta(days=n))[1] for n in (-1, 0, 1)] == ["pro", "basic", "pro"]
    assert sum(len(row[4]) for row in rows(acme)) == days + 1


def test_parents_change_by_the_day_and_close_no_circle_on_any(acme, globex):
    store(
        acme,
        AccountItem("a", parent="b", occurred_at=noon(2)),
        AccountItem("a", parent="c", occurred_at=noon(10)),
    )
    assert [standing(acme, day(n))[0] for n in (1, 9, 10, 30)] == ["b", "b", "c", "c"]
    with tenant_scope(acme):
        # From the 10th on a does not stand below b any more, before it does.
        circular = store_items([AccountItem("b", parent="a", occurred_at=noon(9))], source="test")
        taken = store_items(
            [
                AccountItem("b", parent="d", occurred_at=noon(1)),
                AccountItem("b", parent="a", occurred_at=noon(10)),
            ],
            source="test",
        )
    assert [one.code for one in circular] == ["circular_parent"]
    assert [one.kind.name for one in taken] == ["STORED", "STORED"]
    assert [standing(acme, day(n), "b")[0] for n in (9, 10)] == ["d", "a"]
    assert standings(globex) == {}


def test_two_accounts_change_places_in_one_batch_in_either_order(acme, globex):
    swap = [
        AccountItem("a", parent="top", occurred_at=noon(5)),
        AccountItem("b", parent="a", occurred_at=noon(5)),
    ]
    first = [
        AccountItem("b", parent="top", occurred_at=noon(1)),
        AccountItem("a", parent="b", occurred_at=noon(1)),
    ]
    for tenant, order in ((acme, swap), (globex, swap[::-1])):
        store(tenant, *first)
        store(tenant, *order)
        assert [standing(tenant, day(n), "b")[0] for n in (4, 5)] == ["top", "a"]
    assert rows(acme) == rows(globex)


MOVES = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"), st.integers(1, 6)), min_size=1, max_size=10
)


@SLOW
@given(MOVES)
def test_nobody_ever_stands_below_itself(acme, moves):
    with transaction.atomic():
        for account, parent, number in moves:
            store(acme, AccountItem(account, parent=parent, occurred_at=noon(number)))
        for number in range(8):
            on = day(1) + timedelta(days=number - 1)
            with tenant_scope(acme):
                frame = RESOLVERS[Accounts](Accounts(), day_window(on, acme.timezone))
            above = dict(frame.select("account", "parent").rows())
            for account, parent in above.items():
                step, seen = parent, set()
                while step is not None:
                    assert step != account
                    assert step not in seen
                    seen.add(step)
                    step = above[step]
        transaction.set_rollback(True)


def test_what_was_believed_on_a_day_is_known_by_when_it_came_in(acme):
    store(acme, AccountItem("a", plan="pro", occurred_at=noon(1)))
    with tenant_scope(acme):
        AccountAttribute.objects.update(heard=[noon(1)])
    store(acme, AccountItem("a", plan="basic", occurred_at=noon(3)))
    with tenant_scope(acme):
        account = Account.objects.get(external_id="a").pk
        believed = periods_of([account], zone=acme.zone, as_of=noon(10))
        assert believed == {account: {"plan": [Period("pro", None)]}}
        assert periods_of([account], zone=acme.zone) == {
            account: {"plan": [Period("pro", None, day(3)), Period("basic", day(3))]}
        }


def test_a_slice_of_the_past_does_not_change_with_a_tracked_trait_of_today(acme, globex):
    use = EventItem("m", "saved", PersonKey("ada"), noon(2), noon(2), account="a")
    for tenant in (acme, globex):
        store(tenant, use, AccountItem("a", traits={"tier": "gold"}, occurred_at=noon(1)))
    set_tracked_traits("acme", ["tier"])
    assert rows(globex) == []
    for tenant in (find_tenant("acme").ref, globex):
        store(tenant, AccountItem("a", traits={"tier": "silver"}))
    assert tiers(acme, day(2)) == {"gold"}
    assert tiers(acme, datetime.now(acme.zone).date(), days=400) == {"silver"}
    assert tiers(globex, day(2)) == {"silver"}


def test_a_trait_that_is_no_longer_tracked_is_the_present_one_again(acme):
    set_tracked_traits("acme", ["tier"])
    store(find_tenant("acme").ref, AccountItem("a", traits={"tier": "gold"}, occurred_at=noon(1)))
    store(find_tenant("acme").ref, AccountItem("a", traits={"tier": "tin"}, occurred_at=noon(4)))
    assert [row[1:3] for row in rows(acme)] == [("traits.tier", "gold"), ("traits.tier", "tin")]
    set_tracked_traits("acme", [])
    assert rows(acme) == []
    assert standings(acme)["a"][4] == {"tier": "tin"}


def tiers(tenant: TenantRef, on: date, days: int = 1) -> set[str]:
    with tenant_scope(tenant):
        ensure_current()
        with current_rollups():
            spec = ActivityBy(by="trait", trait="tier", days=days)
            return set(RESOLVERS[ActivityBy](spec, day_window(on, tenant.timezone))["group"])


FORMER = """
    CREATE TABLE customers_formerstanding (account_id int, until date, parent_id int, plan text, stage text);
    INSERT INTO customers_formerstanding
    SELECT account.id, former.until, above.id, former.plan, former.stage
    FROM customers_account account CROSS JOIN customers_account above
    CROSS JOIN (VALUES (date '2026-06-05', '', 'TRIAL'), (date '2026-06-10', 'basic', 'TRIAL')) former (until, plan, stage)
    WHERE account.external_id = 'a' AND above.external_id = 'top'
"""


def test_what_the_former_release_knew_of_the_past_is_carried_over(acme, globex):
    migration = import_module("engage_server.customers.migrations.0006_attributes")
    for tenant in (acme, globex):
        store(
            tenant, AccountItem("a", plan="pro", parent="b"), AccountItem("b", plan="big"), AccountItem("top")
        )
        with tenant_scope(tenant):
            Account.objects.update(created_at=noon(1))
            AccountAttribute.objects.all().delete()
    with tenant_scope(acme, role="none"), connection.cursor() as cursor, transaction.atomic():
        cursor.execute(FORMER)
        cursor.execute(migration.CARRY_OVER)
        cursor.execute("DROP TABLE customers_formerstanding")
    seen = [standing(acme, day(number))[:3] for number in (1, 4, 5, 9, 10, 30)]
    assert (
        seen == [("top", "", "TRIAL")] * 2 + [("top", "basic", "TRIAL")] * 2 + [("b", "pro", "CUSTOMER")] * 2
    )
    assert standing(acme, day(2), "b") == (None, "big", "CUSTOMER", "")
    assert {row[0] for row in rows(acme)} == {"a", "b"}
    store(acme, AccountItem("b", plan="old", occurred_at=noon(1) - timedelta(days=400)))
    assert standings(acme)["b"][0] == "big"
    assert rows(globex) == []


def test_persons_who_change_company_have_one_history_in_any_order_of_import(acme, globex):
    path = DATA / "openstack_memberships.csv.gz"
    if not path.exists():
        pytest.skip("the reference data (shared/data beside the project) is absent on this machine")
    found = (
        pl.read_csv(path, try_parse_dates=True)
        .with_columns(times=pl.len().over("user"))
        .filter(pl.col("times") > 1)
    )
    assert found["user"].n_unique() == 472
    calls = [
        item
        for user, company, first in found.select("user", "account", "first_seen").iter_rows()
        for item in (
            MembershipItem(PersonKey(user), company, first.astimezone(UTC)),
            AccountItem(f"desk of {user}", parent=company, occurred_at=first.astimezone(UTC)),
        )
    ]
    for tenant, order in ((acme, calls), (globex, calls[::-1])):
        for start in range(0, len(order), 250):
            store(tenant, *order[start : start + 250])
    assert rows(acme) == rows(globex)
    assert moves(acme) == moves(globex)
    assert len(moves(acme)) == len(calls) // 2


def moves(tenant: TenantRef) -> set[tuple]:
    with tenant_scope(tenant):
        return set(
            Membership.objects.values_list(
                "person__external_id", "account__external_id", "starts_at", "ends_at"
            )
        )
