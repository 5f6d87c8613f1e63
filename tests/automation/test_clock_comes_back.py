"""Once the database's clock was ahead and has come back, rules speak, messages go and reports are sent as before."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from engage_server.automation import delivery, evaluation, outbox
from engage_server.automation.models import Delivery, Journey, Signal, SurveyInvitation
from engage_server.automation.reports import schedule
from engage_server.engine import agenda
from engage_server.engine.models import Agenda
from engage_server.operations import channels
from engage_server.operations.reports import create_report
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import shared_scope, tenant_scope
from tests.automation.days import METRIC, make
from tests.automation.deliveries import deliver, put, webhook
from tests.automation.test_playbooks import message, playbook
from tests.automation.test_reports import SCORE
from tests.metrics.values import store

LOW = {"type": "value", "metric": METRIC, "below": 40}
AHEAD = timedelta(days=20)
CAME = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.fixture
def at(monkeypatch):
    """Sets the clock by which rules are judged."""

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(evaluation, "database_now", lambda: moment)

    return set_clock


def turn(tenant, task=evaluation.TASK) -> None:
    with shared_scope():
        Agenda.objects.filter(tenant_id=tenant.id).update(due_at=timezone.now() - timedelta(hours=1))
    task.work(tenant, threading.Event())


def valued(tenant, value: float, day: date) -> None:
    with tenant_scope(tenant):
        store(METRIC, value, kind="account", subject=7, day=day)


def raised(tenant) -> list[date]:
    with tenant_scope(tenant):
        return list(Signal.objects.order_by("raised_on").values_list("raised_on", flat=True))


def rule_of(tenant, **fields) -> int:
    with tenant_scope(tenant):
        number = make(LOW, **fields).number
        agenda.call_at(evaluation.NAME)
    return number


def test_a_rule_speaks_of_the_days_that_come_as_one_does_that_saw_no_jump(acme, globex, at):
    for tenant in (acme, globex):
        rule_of(tenant, cool_down_days=0)
        valued(tenant, 90, date(2026, 6, 9))
    at(CAME + AHEAD)
    turn(acme)  # the other tenant's turn does not come meanwhile
    at(CAME)
    for tenant in (acme, globex):
        turn(tenant)
        valued(tenant, 10, date(2026, 6, 10))
    at(CAME + timedelta(days=1))
    for tenant in (acme, globex):
        turn(tenant)
    assert raised(acme) == raised(globex) == [date(2026, 6, 10)]


def test_a_signal_of_a_day_that_is_to_come_is_of_today_and_raised_once(acme, globex, at):
    rule_of(acme, cool_down_days=0)
    rule_of(globex, cool_down_days=0)
    early = (CAME + AHEAD).date() - timedelta(days=1)
    for tenant in (acme, globex):
        valued(tenant, 10, early)
    at(CAME + AHEAD)
    turn(acme)
    assert raised(acme) == [early]
    at(CAME)
    turn(acme)
    assert raised(acme) == [CAME.date()]
    for later in (1, 2, 20):
        at(CAME + timedelta(days=later))
        turn(acme)
    assert raised(acme) == [CAME.date()]
    assert raised(globex) == []


def test_of_several_signals_that_are_to_come_one_stays_and_it_is_over_today_at_the_latest(acme, at):
    number = rule_of(acme)
    at(CAME + AHEAD)
    turn(acme)
    with tenant_scope(acme):
        for days in (2, 5):
            Signal.objects.create(
                rule=number, rule_version=1, is_risk=True, subject_kind="account", subject=7,
                raised_on=CAME.date() + timedelta(days=days), cleared_on=CAME.date() + timedelta(days=days + 1),
            )  # fmt: skip
    at(CAME)
    turn(acme)
    with tenant_scope(acme):
        assert list(Signal.objects.values_list("raised_on", "cleared_on")) == [(CAME.date(), CAME.date())]


def test_cool_downs_and_waits_of_playbooks_and_surveys_end_in_their_time(acme, globex, receiver, at):
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            rule = make(LOW)
            agenda.call_at(evaluation.NAME)
            hook = webhook(receiver).channel.number
            playbook(rule.number, message(hook, "one"))
            later = CAME + timedelta(days=4_000)
            Journey.objects.create(
                playbook=1,
                version=1,
                signal=1,
                subject_kind="account",
                subject=7,
                due_at=later,
                begun_at=later,
            )
            SurveyInvitation.objects.create(survey=1, version=1, person=1, asked_at=later, ends_at=later)
    at(CAME + AHEAD)
    turn(acme)
    at(CAME)
    turn(acme)
    with tenant_scope(acme):
        journey = Journey.objects.get()
        assert (journey.begun_at, journey.due_at) == (CAME, CAME)
        assert SurveyInvitation.objects.get().asked_at == CAME
    with tenant_scope(globex):
        assert Journey.objects.get().begun_at == later


def test_who_is_to_be_visited_at_a_time_far_ahead_is_visited_now(acme, globex):
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            agenda.call_at("some task")
            assert agenda.take_turn("some task") is not None
            agenda.end_turn("some task", database_now() + timedelta(days=90), {})
    with shared_scope():
        latest = Agenda.objects.order_by("due_at").last()
        assert latest.due_at <= database_now() + agenda.LONGEST
    assert agenda.due_tenants("some task") == []
    with shared_scope():
        Agenda.objects.filter(tenant_id=acme.id).update(due_at=timezone.now() + AHEAD)
    assert agenda.due_tenants("some task") == [acme]
    with tenant_scope(acme):
        assert agenda.take_turn("some task") == {}


def test_messages_go_that_were_to_be_tried_at_a_time_to_come_and_count_for_no_limit(acme, globex, receiver):
    ahead = timezone.now() + AHEAD
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            number = webhook(receiver, per_minute=1).channel.number
            put(number)
            Delivery.objects.update(state="SENT", tried_at=ahead, finished_at=ahead)
            put(number)
            Delivery.objects.filter(state="PENDING").update(due_at=ahead)
    assert [one.state for one in deliver(acme)] == ["SENT", "SENT"]
    assert len(receiver.received) == 1
    with tenant_scope(globex):
        assert Delivery.objects.filter(state="PENDING").count() == 1
    with shared_scope():
        assert (
            Agenda.objects.filter(task=outbox.TASK, due_at__gt=database_now() + agenda.LONGEST).count() == 0
        )


def test_a_delivery_that_a_worker_lost_in_that_time_is_taken_up(acme, receiver):
    with tenant_scope(acme):
        put(webhook(receiver).channel.number)
        Delivery.objects.update(state="SENDING", attempts=1, due_at=timezone.now() + AHEAD)
    delivery.TASK.work(acme, threading.Event())
    assert len(receiver.received) == 1


def test_a_report_that_went_years_early_goes_again_within_weeks(acme, receiver, monkeypatch):
    days = [date(2026, 5, 20), date(2030, 1, 9), date(2026, 5, 26), date(2026, 7, 7)]
    clock = iter([datetime(day.year, day.month, day.day, 12, tzinfo=UTC) for day in days])
    monkeypatch.setattr(schedule, "database_now", lambda: next(clock))
    with tenant_scope(acme):
        store(SCORE, 50, kind="account", subject=1, day=date(2026, 5, 19))
        number = channels.create_channel("Hook", {"kind": "WEBHOOK", "url": receiver.url}).channel.number
        create_report("Week", {"kind": "PORTFOLIO", "metrics": [SCORE], "every": "WEEK", "channel": number})
    sent = []
    for _ in days:
        turn(acme, schedule.TASK)
        with tenant_scope(acme):
            sent.append(Delivery.objects.count())
    assert sent == [0, 1, 1, 2]
