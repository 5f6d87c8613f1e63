"""Rules raise and clear signals day by day, from what is stored of each day."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engage_server.automation import evaluation
from engage_server.automation.models import Signal
from engage_server.automation.rules import rules
from engage_server.customers.models import Account, Person, Subscription
from engage_server.engine import agenda
from engage_server.engine.models import Agenda, Run
from engage_server.ingest.items import EventItem, MembershipItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.segments import catalogue
from engage_server.segments.body import SegmentBody
from engage_server.segments.membership import add_members, record_members
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import shared_scope, tenant_scope
from tests.automation.days import FIRST, METRIC, day, judge_days, make, story, values
from tests.metrics.values import store

BELOW = {"type": "value", "metric": METRIC, "below": 40, "clears_at": 50}


@pytest.fixture
def inside(acme):
    with tenant_scope(acme):
        yield acme


def test_a_value_raises_at_the_edge_and_clears_beyond_it(inside):
    make(BELOW)
    values(7, [41, 40, 39.9, 30, 45, 49.9, 50, 39])
    judge_days(range(8))
    assert story() == [(2, 6), (7, None)]


def test_high_values_speak_the_other_way_round(inside):
    make({"type": "value", "metric": METRIC, "above": 90, "clears_at": 80})
    values(7, [90, 91, 85, 80])
    judge_days(range(4))
    assert story() == [(1, 3)]


def test_the_values_that_raised_it_stand_in_the_signal(inside):
    made = make(BELOW)
    values(7, [12], n=30)
    judge_days([0])
    (found,) = Signal.objects.all()
    assert found.evidence == {"metric": METRIC, "edge": 40, "value": 12, "n": 30}
    assert (found.rule, found.rule_version, found.subject_kind, found.subject, found.is_risk) == (
        made.number, 1, "account", 7, True,
    )  # fmt: skip


def test_nothing_is_raised_again_while_it_cools_down(inside):
    make({"type": "value", "metric": METRIC, "below": 40}, cool_down_days=5)
    values(7, [10, 90, 10, 10, 10, 10, 10])
    judge_days(range(7))
    assert story() == [(0, 1), (5, None)]


def test_a_value_that_rests_on_too_few_says_neither(inside):
    make(BELOW, minimum_n=10)
    values(7, [10], n=9)
    values(8, [10], n=10)
    judge_days([0])
    store(METRIC, 90, kind="account", subject=8, day=day(1), n=9)
    judge_days([1])
    assert (story(7), story(8)) == ([], [(0, None)])


def test_a_day_without_a_value_leaves_everything_as_it_is(inside):
    make(BELOW)
    values(7, [10, None, None, 90])
    judge_days(range(4))
    assert story() == [(0, 3)]


@pytest.mark.parametrize(
    ("change", "raised"),
    [
        ({"falls_by": 20}, [2]),
        ({"falls_by": 21}, []),
        ({"falls_by": 0.25, "relative": True}, [2]),
        ({"rises_by": 5}, [3]),
    ],
)
def test_a_change_is_measured_from_so_many_days_before(inside, change, raised):
    make({"type": "change", "metric": METRIC, "days": 2, **change})
    values(7, [80, 70, 60, 75])
    judge_days(range(4))
    assert [first for first, _ in story()] == raised


def test_a_change_of_definition_is_no_change_of_the_account(inside):
    make({"type": "change", "metric": METRIC, "days": 1, "falls_by": 5})
    values(7, [80])
    store(METRIC, 10, kind="account", subject=7, day=day(1), definition_version=2)
    judge_days(range(2))
    assert story() == []


def test_who_comes_into_a_segment_is_told_and_who_was_there_at_first_is_not(inside):
    segment = catalogue.make("Big", SegmentBody.model_validate(
        {"subject": "account", "tracked": True, "condition": {"type": "plan", "any_of": ["pro"]}}
    )).number  # fmt: skip
    record_members(segment, {1, 2}, day(0))
    record_members(segment, {1, 2, 3}, day(1))
    record_members(segment, {3}, day(2))
    entered = make({"type": "segment", "segment": segment, "moved": "entered"})
    left = make({"type": "segment", "segment": segment, "moved": "left"})
    judge_days(range(3))
    told = set(Signal.objects.values_list("rule", "subject", "raised_on"))
    assert told == {(entered.number, 3, day(1)), (left.number, 1, day(2)), (left.number, 2, day(2))}


def test_a_rule_about_a_segment_speaks_of_its_members_alone(inside):
    listed = catalogue.make("Ours", SegmentBody(subject="account")).number
    add_members(listed, {7}, FIRST)
    make(BELOW, segment=listed)
    values(7, [10])
    values(8, [10])
    judge_days([0])
    assert list(Signal.objects.values_list("subject", flat=True)) == [7]


def use(user: str, name: str, number: int, hour: int = 12) -> EventItem:
    at = datetime(2026, 3, 1, hour, tzinfo=UTC) + timedelta(days=number)
    return EventItem(f"{user} {name} {number} {hour}", name, PersonKey(user_id=user), at, at)


def test_an_event_done_often_enough_is_told_of_person_and_account(inside):
    joined = datetime(2026, 1, 1, tzinfo=UTC)
    store_items(
        [MembershipItem(PersonKey(user_id=user), "north", joined) for user in ("ada", "bob")]
        + [use("ada", "exported", 0), use("bob", "exported", 1), use("ada", "looked", 1)],
        source="web",
    )
    of_account = make({"type": "event", "event": "exported", "times": 2, "days": 3})
    of_person = make({"type": "event", "event": "exported", "subject": "person"})
    judge_days(range(6))
    north = Account.objects.get(external_id="north").pk
    ada, bob = (Person.objects.get(external_id=user).pk for user in ("ada", "bob"))
    assert set(Signal.objects.values_list("rule", "subject", "raised_on", "cleared_on")) == {
        (of_account.number, north, day(1), day(3)),
        (of_person.number, ada, day(0), day(1)),
        (of_person.number, bob, day(1), day(2)),
    }


def test_what_is_not_done_in_time_is_told_until_it_is_done(inside):
    store_items(
        [use(user, "signed up", 0) for user in ("ada", "bob", "cyd")]
        + [use("bob", "exported", 6), use("cyd", "exported", 9)],
        source="web",
    )
    make(
        {"type": "not_done", "after": "signed up", "event": "exported", "within_days": 7, "subject": "person"}
    )
    judge_days(range(11))
    ada, cyd = (Person.objects.get(external_id=user).pk for user in ("ada", "cyd"))
    assert (story(ada), story(cyd)) == ([(7, None)], [(7, 9)])
    assert Signal.objects.count() == 2


def test_a_bot_and_a_suppressed_person_are_told_of_nobody(inside):
    store_items([use(user, "exported", 0) for user in ("ada", "bot", "gone")], source="web")
    Person.objects.filter(external_id="bot").update(is_excluded=True)
    Person.objects.filter(external_id="gone").update(is_suppressed=True)
    make({"type": "event", "event": "exported", "subject": "person"})
    judge_days([0])
    assert list(Signal.objects.values_list("subject", flat=True)) == [
        Person.objects.get(external_id="ada").pk
    ]


@pytest.mark.parametrize(
    ("terms", "raised"),
    [
        ({"ends_on": day(10)}, [(5, 10)]),
        ({"starts_on": day(8).replace(year=2024), "interval_months": 12}, [(3, 8)]),
        ({"starts_on": day(8).replace(year=2024), "interval_months": 1}, []),
        ({"ends_on": day(10), "is_trial": True}, []),
        ({"ends_on": day(10), "status": "canceled"}, []),
    ],
)
def test_a_renewal_ahead_is_told_until_it_is_past(inside, terms, raised):
    account = Account.objects.create(external_id="north")
    given = {"starts_on": day(-300), "interval_months": 12, **terms}
    Subscription.objects.create(external_id="s", account=account, plan="pro", amount=10, **given)
    make({"type": "renewal", "days_ahead": 5})
    judge_days(range(12))
    assert story() == raised


def test_an_unusual_value_is_told(inside):
    usual = [50 + number % 3 for number in range(70)]
    values(7, [*usual, 5, 51], n=50)
    make({"type": "anomaly", "metric": METRIC, "side": "LOW"})
    judge_days(range(68, 72))
    assert story() == [(70, 71)]
    (found,) = Signal.objects.all()
    assert found.evidence["value"] == 5
    assert found.evidence["low"] > 5


def test_a_day_takes_a_statement_for_each_rule_and_five_besides_however_many_accounts(inside):
    for edge in range(5):
        make({"type": "value", "metric": METRIC, "below": 50 + edge})
    for account in range(1, 101):
        values(account, [account])
    with CaptureQueriesContext(connection) as asked:
        judge_days([0])
    assert Signal.objects.count() == sum(49 + edge for edge in range(5))
    statements = [
        one["sql"] for one in asked if one["sql"].lstrip().startswith(("SELECT", "INSERT", "UPDATE", "WITH"))
    ]
    assert len(statements) <= len(rules()) + 5


def test_judging_a_day_twice_raises_nothing_twice(inside):
    make(BELOW)
    values(7, [10])
    judge_days([0, 0])
    assert story() == [(0, None)]


def test_one_tenants_rules_and_signals_are_not_the_others(acme, globex):
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            values(7, [10])
    with tenant_scope(acme):
        make(BELOW)
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            judge_days([0])
    with tenant_scope(globex):
        assert not Signal.objects.exists()
    with tenant_scope(acme):
        assert story() == [(0, None)]


def test_workers_judge_each_day_once_it_is_computed_and_wait_for_what_is_not(acme, globex):
    with shared_scope():
        now = database_now()
    yesterday = now.astimezone(acme.zone).date() - timedelta(days=1)
    with tenant_scope(acme):
        made = make(BELOW)
        for back in (2, 1, 0):
            store(METRIC, 10 if back else 90, kind="account", subject=7, day=yesterday - timedelta(days=back))
        agenda.call_at(evaluation.NAME)
    with shared_scope():
        Agenda.objects.update(progress={str(made.number): (yesterday - timedelta(days=3)).isoformat()})
        run = Run.objects.create(tenant_id=acme.id, plugin="mood", scheduled_for=now, day=yesterday)
    assert evaluation.TASK.tenants() == [acme]
    evaluation.TASK.work(acme, threading.Event())
    with tenant_scope(acme):
        assert not Signal.objects.exists()
    with shared_scope():
        run.state = Run.State.SUCCEEDED
        run.save()
        Agenda.objects.update(due_at=now)
    evaluation.TASK.work(acme, threading.Event())
    with tenant_scope(acme):
        (found,) = Signal.objects.all()
    assert (found.raised_on, found.cleared_on) == (yesterday - timedelta(days=2), yesterday)
    with shared_scope():
        entry = Agenda.objects.get()
    assert entry.progress == {str(made.number): yesterday.isoformat()}
    assert entry.due_at > now
    assert evaluation.TASK.tenants() == []
