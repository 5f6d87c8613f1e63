"""Playbooks take subjects through their steps: in time, under one version, not of who withdrew, and only if enabled."""

import threading
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone

from engage_server.automation import journeys
from engage_server.automation.evaluation import evaluate
from engage_server.automation.exceptions import TemplateError
from engage_server.automation.journeys import is_held_out
from engage_server.automation.models import Delivery, Journey, Signal
from engage_server.automation.quiet_hours import Hours, days_later, next_allowed
from engage_server.automation.uplift import uplift
from engage_server.customers.models import Account, Person
from engage_server.definitions.exceptions import InvalidDefinitionError, UnknownDefinitionError
from engage_server.engine import agenda
from engage_server.engine.models import Agenda
from engage_server.operations import channels
from engage_server.operations import playbooks as operations
from engage_server.tenancy.scope import shared_scope, tenant_scope
from tests.automation.days import FIRST, METRIC, day, make, values

LOW = {"type": "value", "metric": METRIC, "below": 40}
ZONES = [
    "Africa/Cairo", "Africa/Casablanca", "America/Anchorage", "America/Argentina/Buenos_Aires",
    "America/Chicago", "America/Denver", "America/Halifax", "America/Havana", "America/Los_Angeles",
    "America/New_York", "America/Nuuk", "America/Santiago", "America/Sao_Paulo", "America/St_Johns",
    "Asia/Beirut", "Asia/Jerusalem", "Asia/Kolkata", "Asia/Seoul", "Asia/Tehran", "Atlantic/Azores",
    "Australia/Adelaide", "Australia/Lord_Howe", "Australia/Sydney", "Europe/Berlin", "Europe/Dublin",
    "Europe/Lisbon", "Europe/London", "Pacific/Apia", "Pacific/Auckland", "Pacific/Chatham",
]  # fmt: skip


@pytest.fixture
def hook(acme, receiver) -> int:
    """A channel of acme's."""
    with tenant_scope(acme):
        return channels.create_channel("Hook", {"kind": "WEBHOOK", "url": receiver.url}).channel.number


def message(channel: int, text: str = "{{ account.name }} is at {{ signal.evidence.value }}") -> dict:
    return {
        "type": "message",
        "channel": channel,
        "subject": "{{ rule.name }}: {{ account.name }}",
        "text": text,
    }


def playbook(rule: int, *steps: dict, **fields) -> int:
    body = {"rule": rule, "steps": list(steps), "enabled": True, **fields}
    return operations.create_playbook(f"of rule {rule}", body).number


def raise_about(*accounts: str, value: float = 10) -> None:
    """Judge the first day, on which these accounts have a low value."""
    for name in accounts:
        values(Account.objects.get_or_create(external_id=name, name=name.title())[0].pk, [value])
    with transaction.atomic():
        evaluate(FIRST)


def let_pass(tenant, **time) -> None:
    """Move everything that waits so much closer, and let a worker have its turn."""
    with tenant_scope(tenant):
        for one in Journey.objects.all():
            Journey.objects.filter(pk=one.pk).update(
                due_at=one.due_at - timedelta(**time), begun_at=one.begun_at - timedelta(**time)
            )
    with shared_scope():
        Agenda.objects.filter(tenant_id=tenant.id).update(due_at=timezone.now() - timedelta(seconds=1))
    journeys.TASK.work(tenant, threading.Event())


def said(tenant) -> list[str]:
    with tenant_scope(tenant):
        return [one.message["text"] for one in Delivery.objects.order_by("id")]


def test_steps_are_done_in_their_time_until_the_signal_is_over(acme, hook):
    with tenant_scope(acme):
        rule = make(LOW)
        playbook(
            rule.number, message(hook, "one"), {"type": "wait", "days": 7}, {"type": "stop_if_over"}, message(hook, "two"),
            {"type": "wait", "hours": 5}, {"type": "stop_if_over"}, message(hook, "three"),
        )  # fmt: skip
        raise_about("north")
    let_pass(acme)
    assert said(acme) == ["one"]
    let_pass(acme, days=6)
    assert said(acme) == ["one"]
    let_pass(acme, days=1, hours=1)
    assert said(acme) == ["one", "two"]
    with tenant_scope(acme):
        Signal.objects.update(cleared_on=day(9))
    let_pass(acme, hours=6)
    with tenant_scope(acme):
        (journey,) = Journey.objects.all()
    assert (said(acme), journey.state, journey.note) == (["one", "two"], "STOPPED", "the signal was over")


def test_a_message_says_what_it_is_about(acme, hook):
    with tenant_scope(acme):
        playbook(make(LOW).number, message(hook))
        raise_about("north")
    let_pass(acme)
    with tenant_scope(acme):
        (sent,) = Delivery.objects.all()
        assert sent.account == Account.objects.get(external_id="north").pk
    assert sent.message["text"] == "North is at 10.0"
    assert sent.message["subject"].endswith(": North")
    assert sent.message["data"]["subject"]["externalId"] == "north"


def test_a_playbook_that_is_off_does_nothing(acme, hook):
    with tenant_scope(acme):
        playbook(make(LOW).number, message(hook), enabled=False)
        raise_about("north")
    let_pass(acme)
    assert said(acme) == []


def test_who_is_under_way_finishes_under_the_version_that_it_began(acme, hook):
    with tenant_scope(acme):
        number = playbook(make(LOW).number, {"type": "wait", "days": 1}, message(hook, "former"))
        raise_about("north")
    let_pass(acme)
    with tenant_scope(acme):
        operations.change_playbook(number, changes={"steps": [message(hook, "new")]})
    let_pass(acme, days=2)
    assert said(acme) == ["former"]


def test_a_playbook_that_is_retired_stops_at_once(acme, hook):
    with tenant_scope(acme):
        number = playbook(make(LOW).number, {"type": "wait", "days": 1}, message(hook))
        raise_about("north")
        operations.retire_playbook(number)
    let_pass(acme, days=2)
    assert said(acme) == []


def test_two_playbooks_do_not_both_begin_about_somebody_within_the_cool_down(acme, hook):
    with tenant_scope(acme):
        for trigger in (LOW, {**LOW, "below": 41}):
            playbook(make(trigger).number, message(hook))
        raise_about("north")
        assert Journey.objects.count() == 1


def test_the_held_out_get_nothing_and_stay_the_same_whoever_comes_or_goes(acme, hook):
    chosen = {subject for subject in range(1, 1_001) if is_held_out(3, "account", subject, 0.2)}
    assert 150 < len(chosen) < 250
    assert chosen == {subject for subject in range(1_000, 0, -1) if is_held_out(3, "account", subject, 0.2)}
    assert chosen < {subject for subject in range(1, 1_001) if is_held_out(3, "account", subject, 0.4)}
    with tenant_scope(acme):
        number = playbook(make(LOW).number, message(hook), hold_out=0.5)
        raise_about(*(f"a{n}" for n in range(12)))
        held = set(Journey.objects.filter(state="HELD_OUT").values_list("subject", flat=True))
        everybody = set(Journey.objects.values_list("subject", flat=True))
        assert held == {one for one in everybody if is_held_out(number, "account", one, 0.5)}
    let_pass(acme)
    with tenant_scope(acme):
        told = {one.message["data"]["subject"]["id"] for one in Delivery.objects.all()}
    assert told == everybody - held


def test_uplift_by_a_worked_example(acme, hook):
    """56 of 70 and 48 of 80: Newcombe (1998), table II, example (a): 20.0 points, from 5.24 to 33.39."""
    begun = timezone.now() - timedelta(days=20)
    with tenant_scope(acme):
        for state, over, whole in (("DONE", 56, 70), ("HELD_OUT", 48, 80)):
            for n in range(whole):
                signal = Signal.objects.create(
                    rule=1, rule_version=1, is_risk=True, subject_kind="account", raised_on=FIRST,
                    subject=n + (1_000 if state == "DONE" else 2_000), cleared_on=day(14 if n < over else 15),
                )  # fmt: skip
                Journey.objects.create(
                    playbook=9, version=1, signal=signal.pk, subject_kind="account", subject=signal.subject, state=state,
                    due_at=begun, begun_at=begun,
                )  # fmt: skip
        found = uplift(9)
        young = uplift(9, days=30)
    assert found.difference == pytest.approx(20.0)
    assert found.interval is not None
    assert (float(found.interval.low), float(found.interval.high)) == pytest.approx((5.24, 33.39), abs=0.005)
    assert (young.treated.subjects, young.difference) == (0, None)


@pytest.mark.parametrize("change", [{"is_suppressed": True}, {"consents": False}])
def test_of_who_withdrew_nothing_more_is_sent(acme, hook, change):
    with tenant_scope(acme):
        number = playbook(
            make(LOW).number, {"type": "wait", "days": 1}, message(hook, "{{ person.external_id }}")
        )
        ada, bob = (Person.objects.create(external_id=name).pk for name in ("ada", "bob"))
        for person in (ada, bob):
            signal = Signal.objects.create(
                rule=1, rule_version=1, is_risk=True, subject_kind="person", subject=person, raised_on=FIRST
            )
            Journey.objects.create(
                playbook=number,
                version=1,
                signal=signal.pk,
                subject_kind="person",
                subject=person,
                due_at=timezone.now(),
            )
        Person.objects.filter(pk=ada).update(**change)
        agenda.call_at(journeys.NAME)
    let_pass(acme)
    let_pass(acme, days=2)
    with tenant_scope(acme):
        states = dict(Journey.objects.values_list("subject", "state"))
        # The subject of its message names an account, which there is none of: it is noted, and the journey ends.
        notes = dict(Journey.objects.values_list("subject", "note"))
    assert (states[ada], states[bob]) == ("STOPPED", "DONE")
    assert "account" in notes[bob]
    assert said(acme) == []


def test_one_tenants_playbooks_begin_about_its_own(acme, globex, hook):
    with tenant_scope(acme):
        playbook(make(LOW).number, message(hook))
    with tenant_scope(globex):
        make(LOW)
        raise_about("north")
        assert not Journey.objects.exists()
    with shared_scope():
        assert not Agenda.objects.filter(tenant_id=globex.id, task=journeys.NAME).exists()


def test_nothing_due_costs_one_statement(acme, hook, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert journeys.TASK.tenants() == []


@pytest.mark.parametrize("zone", ZONES)
def test_days_and_hours_are_those_of_the_zones_clock_over_a_year_of_changes(zone):
    here = ZoneInfo(zone)
    moment = datetime(2026, 1, 1, 9, 30, tzinfo=here)
    for n in range(0, 366, 7):
        later = days_later(moment, n, here)
        assert (later.date() - moment.date()).days == n
        assert (later.hour, later.minute) == (9, 30)
    hours = Hours(first=9, last=17, working_days=True)
    allowed = [next_allowed(moment + timedelta(hours=n), hours, here) for n in range(0, 24 * 365, 5)]
    assert all(9 <= one.hour < 17 and one.weekday() < 5 for one in allowed)
    assert all(one.timestamp() <= other.timestamp() for one, other in pairwise(allowed))


def test_a_time_that_the_clocks_skip_is_the_one_that_they_show_instead():
    berlin = ZoneInfo("Europe/Berlin")
    later = days_later(datetime(2026, 3, 28, 2, 30, tzinfo=berlin), 1, berlin)
    assert (later.day, later.hour, later.minute) == (29, 3, 30)


def test_a_message_waits_for_the_hours_of_the_accounts_own_zone(acme, hook):
    with tenant_scope(acme):
        number = playbook(make(LOW).number, message(hook))
        Account.objects.create(external_id="north", name="North", traits={"timezone": "Asia/Seoul"})
        hour = datetime.now(ZoneInfo("Asia/Seoul")).hour
        first = (hour + 2) % 23
        operations.change_playbook(number, changes={"hours": {"first": first, "last": first + 1}})
        raise_about("north")
    let_pass(acme)
    with tenant_scope(acme):
        (journey,) = Journey.objects.all()
    assert said(acme) == []
    assert journey.due_at.astimezone(ZoneInfo("Asia/Seoul")).hour == first


@pytest.mark.parametrize(
    "text",
    [
        "{{ account.nmae }}", "{{ secret }}", "{% include 'x' %}", "{% render 'x' %}", "{{ account.name | shell }}",
        "{% for x in %}", "{{ account.name", "{% if account %}", "x" * 10_001, "{{ account }}", "{{ tenant.secret }}",
        "{{ account.name.__class__ }}",
    ],
)  # fmt: skip
def test_a_text_that_could_not_be_made_is_refused_when_it_is_saved(acme, hook, text):
    with tenant_scope(acme):
        rule = make(LOW).number
        with pytest.raises((TemplateError, InvalidDefinitionError), match="Remedy"):
            playbook(rule, message(hook, text))


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in (1..1000) %}{% for b in (1..1000) %}x{% endfor %}{% endfor %}",
        "{% assign x = 'xxxxxxxxxx' %}{% for a in (1..900) %}{% assign x = x | append: x %}{% endfor %}{{ x }}",
    ],
)
def test_a_text_that_grows_without_end_is_noted_and_sends_nothing(acme, hook, text):
    with tenant_scope(acme):
        playbook(make(LOW).number, message(hook, text))
        raise_about("north")
    let_pass(acme)
    with tenant_scope(acme):
        (journey,) = Journey.objects.all()
    assert (said(acme), journey.state) == ([], "DONE")
    assert "cannot be made" in journey.note


def test_a_playbook_of_an_unknown_rule_or_channel_is_refused(acme, hook):
    with tenant_scope(acme):
        with pytest.raises(UnknownDefinitionError):
            playbook(99, message(hook))
        rule = make(LOW).number
        with pytest.raises(UnknownDefinitionError):
            playbook(rule, message(99))
