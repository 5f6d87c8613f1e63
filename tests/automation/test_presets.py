"""Playbooks that come with the server are made off, speak of the tenant's own events, and can be carried out."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import transaction

from engage_server.automation import delivery, journeys
from engage_server.automation.evaluation import evaluate, rollups_for
from engage_server.automation.exceptions import UnknownPresetError
from engage_server.automation.models import Delivery, Journey
from engage_server.automation.playbooks import playbooks
from engage_server.automation.presets import PRESETS
from engage_server.automation.rules import rules
from engage_server.ingest.items import EventItem, MembershipItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations import channels
from engage_server.operations import playbooks as operations
from engage_server.operations.presets import apply_preset
from engage_server.tenancy.scope import tenant_scope
from tests.automation.days import day, judge_days
from tests.automation.test_playbooks import let_pass, said

NAMES = {"after": "signed up", "event": "exported", "link": "https://docs.example/begin"}


def did(user: str, name: str, number: int) -> EventItem:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(days=number)
    return EventItem(f"{user} {name} {number}", name, PersonKey(user_id=user), at, at)


@pytest.fixture
def hook(acme, receiver) -> int:
    with tenant_scope(acme):
        joined = datetime(2026, 1, 1, tzinfo=UTC)
        members = [MembershipItem(PersonKey(user_id=user), "north", joined) for user in ("ada", "bob")]
        store_items(
            [*members, did("ada", "signed up", 0), did("bob", "signed up", 0), did("bob", "exported", 2)],
            source="web",
        )
        return channels.create_channel("Hook", {"kind": "WEBHOOK", "url": receiver.url}).channel.number


@pytest.mark.parametrize("one", PRESETS, ids=lambda one: one.id)
def test_each_makes_a_rule_and_a_playbook_that_is_off(acme, globex, hook, one):
    assert one.title.keys() == one.why.keys() == {"en", "ko"}
    with tenant_scope(acme):
        made = apply_preset(one.id, channel=hook, events={need: NAMES[need] for need in one.needs})
        assert (made.name, made.body.enabled) == (one.title["en"], False)
        assert [rule.number for rule in rules()] == [made.body.rule]
    with tenant_scope(globex):
        assert (rules(), playbooks()) == ([], [])


def test_what_it_needs_has_to_be_named_and_nothing_else(acme, hook):
    with tenant_scope(acme):
        for id, events in (("no_key_action", {}), ("renewal_ahead", {"event": "exported"}), ("none", {})):
            with pytest.raises(UnknownPresetError, match="Remedy"):
                apply_preset(id, channel=hook, events=events)
        assert rules() == []


def test_no_key_action_from_the_sign_up_to_the_action(acme, hook, receiver):
    """Ada signs up and does nothing for a week: two messages. Bob acts in time: none. Once she acts, it stops."""
    with tenant_scope(acme):
        made = apply_preset(
            "no_key_action", channel=hook, events={need: NAMES[need] for need in ("after", "event")}
        )
        operations.change_playbook(made.number, changes={"enabled": True})
        judge_days(range(8))
    let_pass(acme)
    assert said(acme) == ["Show the way to the first success."]
    let_pass(acme, days=2, hours=1)
    assert said(acme)[1:] == ["Send the second message."]
    with tenant_scope(acme):
        assert Journey.objects.get().state == "DONE"
        store_items([did("ada", "exported", 8)], source="web")
        with transaction.atomic(), rollups_for(rules()):
            evaluate(day(8))
    delivery.TASK.work(acme, threading.Event())
    with tenant_scope(acme):
        assert set(Delivery.objects.values_list("state", flat=True)) == {"SENT"}
    assert len(receiver.received) == 2


def test_who_acts_in_between_gets_no_second_message(acme, hook):
    with tenant_scope(acme):
        made = apply_preset(
            "no_key_action", channel=hook, events={need: NAMES[need] for need in ("after", "event")}
        )
        operations.change_playbook(made.number, changes={"enabled": True})
        judge_days(range(8))
    let_pass(acme)
    with tenant_scope(acme):
        store_items([did("ada", "exported", 8)], source="web")
        judge_days([8])
    let_pass(acme, days=2, hours=1)
    assert said(acme) == ["Show the way to the first success."]
    with tenant_scope(acme):
        assert Journey.objects.get().note == "the signal was over"
    journeys.TASK.work(acme, threading.Event())


def test_the_command_lists_and_applies(acme, hook, capsys):
    call_command("playbook", "presets", "--tenant", acme.slug)
    assert "setup_not_done" in capsys.readouterr().out
    call_command("playbook", "apply", "renewal_ahead", "--channel", str(hook), "--tenant", acme.slug)
    assert "Renewal ahead  after rule" in capsys.readouterr().out
