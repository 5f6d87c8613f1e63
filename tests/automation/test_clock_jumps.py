"""Where a clock jumps ahead and back nothing is done twice, and a worker's own clock decides nothing."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from engage_server.automation import delivery, journey_work, journeys, senders
from engage_server.automation.models import Delivery, Journey
from engage_server.automation.reports import schedule
from engage_server.engine.models import Agenda
from engage_server.operations import channels
from engage_server.operations.reports import create_report
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import shared_scope, tenant_scope
from tests.automation.days import make
from tests.automation.deliveries import deliver, make_due, put, webhook
from tests.automation.test_playbooks import LOW, message, playbook, raise_about, said
from tests.automation.test_reports import SCORE
from tests.metrics.values import store

HOUR = timedelta(hours=1)


@pytest.fixture
def hook(acme, receiver) -> int:
    with tenant_scope(acme):
        return channels.create_channel("Hook", {"kind": "WEBHOOK", "url": receiver.url}).channel.number


def turn_at(tenant, monkeypatch, ahead: timedelta) -> None:
    """Let a worker have its turn while the database's clock is so far ahead."""
    for module in (journeys, journey_work):
        monkeypatch.setattr(module, "database_now", lambda: database_now() + ahead)
    with shared_scope():
        Agenda.objects.filter(tenant_id=tenant.id).update(due_at=timezone.now() - HOUR)
    journeys.TASK.work(tenant, threading.Event())


def test_a_sequence_goes_on_early_and_no_step_of_it_is_done_again(acme, globex, hook, monkeypatch):
    with tenant_scope(acme):
        steps = (
            message(hook, "one"),
            {"type": "wait", "days": 3},
            message(hook, "two"),
            {"type": "wait", "days": 3},
        )
        playbook(make(LOW).number, *steps, message(hook, "three"))
        raise_about("north")
    turn_at(acme, monkeypatch, timedelta())
    turn_at(acme, monkeypatch, timedelta(days=4))
    for back in (timedelta(), -timedelta(days=2), timedelta(days=4)):
        turn_at(acme, monkeypatch, back)
        assert said(acme) == ["one", "two"]
    turn_at(acme, monkeypatch, timedelta(days=8))
    assert said(acme) == ["one", "two", "three"]
    with tenant_scope(acme):
        assert Journey.objects.get().state == "DONE"
    assert said(globex) == []


def test_a_report_goes_early_and_not_again_in_its_own_time(acme, receiver, monkeypatch):
    days = [(5, 20), (6, 2), (5, 21), (5, 26), (6, 2), (6, 9)]
    clock = iter([datetime(2026, month, day, 12, tzinfo=UTC) for month, day in days])
    monkeypatch.setattr(schedule, "database_now", lambda: next(clock))
    with tenant_scope(acme):
        store(SCORE, 50, kind="account", subject=1, day=datetime(2026, 5, 19, tzinfo=UTC).date())
        number = channels.create_channel("Hook", {"kind": "WEBHOOK", "url": receiver.url}).channel.number
        create_report("Week", {"kind": "PORTFOLIO", "metrics": [SCORE], "every": "WEEK", "channel": number})
    sent = []
    for _ in days:
        with shared_scope():
            Agenda.objects.filter(tenant_id=acme.id).update(due_at=timezone.now() - HOUR)
        schedule.TASK.work(acme, threading.Event())
        sent.append(len(said_of_reports(acme)))
    assert sent == [0, 1, 1, 1, 1, 2]


def said_of_reports(tenant) -> list[str]:
    with tenant_scope(tenant):
        return [one.cause for one in Delivery.objects.all()]


def test_a_worker_whose_own_clock_is_wrong_sends_once_and_a_refused_signature_is_tried_again(
    acme, receiver, monkeypatch
):
    """Receivers refuse signatures of another hour; once the clock is right, the same message goes under the same key."""
    wrong = timezone.now() + 5 * HOUR
    with monkeypatch.context() as patched:
        patched.setattr(senders.timezone, "now", lambda: wrong)
        receiver.answers = [401]
        with tenant_scope(acme):
            put(webhook(receiver).channel.number)
        (refused,) = deliver(acme)
    assert (refused.state, refused.attempts) == ("PENDING", 1)
    assert "401" in refused.log[-1]["said"]
    delivery.TASK.work(acme, threading.Event())
    assert len(receiver.received) == 1  # it waits by the database's clock
    make_due(acme)
    (sent,) = deliver(acme)
    assert sent.state == "SENT"
    (first, body), (second, again) = receiver.received
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    assert int(first["webhook-timestamp"]) - int(second["webhook-timestamp"]) > 4 * 3_600
