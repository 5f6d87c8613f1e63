"""Quiet hours are asked for when a message is sent, too: one that had to wait for its receiver goes at no other hour."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engage_server.automation import delivery
from engage_server.automation.messages import Message
from engage_server.automation.models import Delivery
from engage_server.automation.quiet_hours import Allowed, Hours
from engage_server.customers.models import Account
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import tenant_scope
from tests.automation.days import make
from tests.automation.deliveries import deliver, make_due, put, webhook
from tests.automation.test_playbooks import LOW, let_pass, message, playbook, raise_about

SEOUL = ZoneInfo("Asia/Seoul")
NINE_TO_FIVE = Allowed(Hours(first=9, last=17, working_days=True), "Asia/Seoul")


@pytest.fixture
def at(monkeypatch):
    def set_clock(*when: int) -> datetime:
        moment = datetime(*when, tzinfo=SEOUL)
        monkeypatch.setattr(delivery, "database_now", lambda: moment)
        return moment

    return set_clock


def test_one_that_comes_due_at_night_waits_until_the_morning_and_that_is_no_attempt(
    acme, globex, receiver, at
):
    for tenant, allowed in ((acme, NINE_TO_FIVE), (globex, None)):
        with tenant_scope(tenant):
            put(webhook(receiver).channel.number, Message("x", "Hello", "", {"of": tenant.slug}, allowed))
    at(2026, 6, 10, 23)  # a Wednesday
    (waiting,) = deliver(acme)
    (sent,) = deliver(globex)
    assert (sent.state, len(receiver.received)) == ("SENT", 1)
    assert (waiting.state, waiting.attempts, waiting.tried_at) == ("PENDING", 0, None)
    assert waiting.log[-1]["said"].startswith("not yet")
    with tenant_scope(acme):
        assert timedelta(hours=9.9) < Delivery.objects.get().due_at - database_now() < timedelta(hours=10.1)
    make_due(acme)
    at(2026, 6, 11, 9)
    (sent,) = deliver(acme)
    assert (sent.state, sent.attempts, sent.key) == ("SENT", 1, waiting.key)


def test_over_a_weekend_it_is_asked_for_once_a_day(acme, receiver, at):
    with tenant_scope(acme):
        put(webhook(receiver).channel.number, Message("x", "Hello", "", {}, NINE_TO_FIVE))
    for day in (13, 14):  # Saturday and Sunday
        at(2026, 6, day, 12)
        (waiting,) = deliver(acme)
        assert waiting.due_at - waiting.created_at < timedelta(days=1)
        make_due(acme)
    at(2026, 6, 15, 12)
    (sent,) = deliver(acme)
    assert (sent.state, sent.attempts) == ("SENT", 1)


def test_the_hours_of_a_playbook_go_along_with_its_messages(acme, receiver, at):
    with tenant_scope(acme):
        Account.objects.create(external_id="north", name="North", traits={"timezone": "Asia/Seoul"})
        hook = webhook(receiver).channel.number
        early = datetime.now(SEOUL).hour < 22
        hours = {"first": 0, "last": 23} if early else {"first": 12, "last": 24}
        playbook(make(LOW).number, message(hook, "one"), hours=hours)
        raise_about("north")
    let_pass(acme)
    with tenant_scope(acme):
        written = Delivery.objects.get()
        allowed = Message.of(written.message).allowed
        assert allowed == Allowed(Hours(**hours), "Asia/Seoul")
        stored = {**written.message, "allowed": NINE_TO_FIVE.stored}
        Delivery.objects.update(message=stored)
    at(2026, 6, 10, 3)
    (waiting,) = deliver(acme)
    assert (waiting.state, receiver.received) == ("PENDING", [])


def test_what_was_written_before_there_were_hours_goes_at_any(acme, receiver):
    assert Message.of({"type": "x", "subject": "s", "text": "t", "data": {}}).allowed is None
    assert "allowed" not in Message("x", "s", "t", {}).stored
