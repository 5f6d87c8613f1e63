"""Branches, variants, tasks and annotations: done in order, of the right subject, and kept as long as needed."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from engage_server.automation.exceptions import (
    AutomationError,
    TemplateError,
    UnknownTaskError,
    UnsoundRuleError,
)
from engage_server.automation.models import Journey, Signal, Task
from engage_server.automation.playbooks import PlaybookBody
from engage_server.automation.steps import row_of
from engage_server.automation.uplift import uplift
from engage_server.customers.models import Account
from engage_server.definitions import store as definitions
from engage_server.definitions.erasure import redact_texts
from engage_server.definitions.exceptions import InvalidDefinitionError
from engage_server.definitions.kinds import read_body
from engage_server.metrics.annotations import annotations
from engage_server.operations import channels
from engage_server.operations.segments import create_segment
from engage_server.operations.tasks import complete_task
from engage_server.segments.membership import add_members
from engage_server.tenancy.scope import tenant_scope
from tests.automation.days import FIRST, day, make
from tests.automation.test_playbooks import LOW, let_pass, message, playbook, raise_about, said


@pytest.fixture
def hook(acme, receiver) -> int:
    with tenant_scope(acme):
        return channels.create_channel("Hook", {"kind": "WEBHOOK", "url": receiver.url}).channel.number


def segment_of(*names: str) -> int:
    """A segment that lists these accounts."""
    number = create_segment("Large", {"subject": "account"}).number
    accounts = [Account.objects.get_or_create(external_id=name, name=name.title())[0].pk for name in names]
    add_members(number, accounts, FIRST)
    return number


def test_a_branch_asks_of_each_subject_and_both_arms_go_on_with_what_follows(acme, hook):
    with tenant_scope(acme):
        large = segment_of("north")
        branch = {
            "type": "branch", "segment": large,
            "then": [message(hook, "large {{ account.name }}"), {"type": "wait", "days": 1}],
            "otherwise": [message(hook, "small {{ account.name }}")],
        }  # fmt: skip
        playbook(make(LOW).number, branch, message(hook, "both {{ account.name }}"))
        raise_about("north", "south")
    let_pass(acme)
    assert sorted(said(acme)) == ["both South", "large North", "small South"]
    let_pass(acme, days=1, hours=1)
    assert said(acme)[-1] == "both North"
    with tenant_scope(acme):
        assert set(Journey.objects.values_list("state", flat=True)) == {"DONE"}


def test_a_branch_may_ask_whether_the_signal_is_over_and_stand_in_another(acme, hook):
    inner = {"type": "branch", "over": False, "then": [message(hook, "still")]}
    outer = {"type": "branch", "over": True, "then": [message(hook, "over")], "otherwise": [inner]}
    with tenant_scope(acme):
        playbook(make(LOW).number, {"type": "wait", "days": 1}, outer)
        raise_about("north", "south")
        Signal.objects.filter(subject=Account.objects.get(external_id="south").pk).update(cleared_on=day(1))
    let_pass(acme)
    let_pass(acme, days=1, hours=1)
    assert sorted(said(acme)) == ["over", "still"]


def test_steps_without_branches_are_their_own_row():
    """What was under way before there were branches stands where it stood."""
    body = read_body(
        PlaybookBody, {"rule": 1, "steps": [{"type": "wait", "days": 1}, {"type": "stop_if_over"}]}
    )
    assert row_of(body.steps) == body.steps


@pytest.mark.parametrize(
    ("branch", "why"),
    [
        ({"then": [{"type": "stop_if_over"}]}, "exactly one"),
        ({"segment": 1, "over": True, "then": [{"type": "stop_if_over"}]}, "exactly one"),
        ({"over": True}, "then or otherwise"),
        ({"over": True, "then": [{"type": "wait"}]}, "days or hours"),
    ],
)
def test_a_branch_that_asks_nothing_is_refused(branch, why):
    with pytest.raises(InvalidDefinitionError, match=why):
        read_body(PlaybookBody, {"rule": 1, "steps": [{"type": "branch", **branch}]})


def test_branches_have_an_end_in_depth_and_number():
    step = {"type": "stop_if_over"}
    for _ in range(3):
        step = {"type": "branch", "over": True, "then": [step]}
    with pytest.raises(InvalidDefinitionError, match="deep"):
        read_body(PlaybookBody, {"rule": 1, "steps": [step]})
    many = [{"type": "branch", "over": True, "then": [{"type": "stop_if_over"}] * 4}] * 5
    with pytest.raises(InvalidDefinitionError, match="25 steps"):
        read_body(PlaybookBody, {"rule": 1, "steps": many})


def test_a_segment_that_is_not_followed_or_about_others_is_refused(acme, hook):
    with tenant_scope(acme):
        rule = make(LOW).number
        loose = create_segment(
            "Loose", {"subject": "account", "condition": {"type": "plan", "any_of": ["Pro"]}}
        )
        persons = create_segment("Persons", {"subject": "person"})
        for number in (loose.number, persons.number):
            variants = [{"segment": number, "subject": "x"}]
            with pytest.raises(UnsoundRuleError, match="Remedy"):
                playbook(rule, {**message(hook), "variants": variants})
            with pytest.raises(UnsoundRuleError, match="Remedy"):
                playbook(rule, {"type": "branch", "segment": number, "then": [{"type": "stop_if_over"}]})


def test_members_of_a_segment_are_told_in_their_own_words(acme, hook):
    with tenant_scope(acme):
        large = segment_of("north")
        variants = [{"segment": large, "subject": "Hello", "text": "Dear {{ account.name }}, we come by."}]
        playbook(make(LOW).number, {**message(hook, "Hi {{ account.name }}"), "variants": variants})
        raise_about("north", "south")
    let_pass(acme)
    assert sorted(said(acme)) == ["Dear North, we come by.", "Hi South"]


def test_a_variant_that_could_not_be_made_is_refused_when_it_is_saved(acme, hook):
    with tenant_scope(acme):
        large = segment_of("north")
        variants = [{"segment": large, "subject": "{{ account.nmae }}"}]
        with pytest.raises(TemplateError, match="nmae"):
            playbook(make(LOW).number, {**message(hook), "variants": variants})


def test_a_task_is_its_owners_until_it_is_done(acme, globex, hook, capsys):
    task = {
        "type": "task",
        "title": "Call {{ account.name }}",
        "text": "At {{ signal.evidence.value }}.",
        "due_days": 3,
    }
    with tenant_scope(acme):
        Account.objects.create(external_id="north", name="North", owner="kim")
        playbook(make(LOW).number, task, message(hook, "after"))
        raise_about("north")
    let_pass(acme)
    assert said(acme) == ["after"]
    with tenant_scope(acme):
        (made,) = Task.objects.all()
        assert (made.title, made.text, made.owner) == ("Call North", "At 10.0.", "kim")
        assert (made.due_on - made.made_at.astimezone(acme.zone).date()).days == 3
        assert made.is_personal
    call_command("task", "list", "--tenant", acme.slug, "--owner", "kim")
    assert "Call North for kim by" in capsys.readouterr().out
    call_command("task", "done", str(made.pk), "--outcome", "They stay.", "--tenant", acme.slug)
    call_command("task", "list", "--tenant", acme.slug)
    assert "North" not in capsys.readouterr().out
    with tenant_scope(acme):
        assert Task.objects.get().outcome == "They stay."
    with tenant_scope(globex):
        assert not Task.objects.exists()
        with pytest.raises(UnknownTaskError):
            complete_task(made.pk)


def test_an_outcome_is_short(acme):
    with tenant_scope(acme), pytest.raises(AutomationError, match="briefly"):
        complete_task(1, "x" * 501)


def test_an_annotation_is_said_once_a_day_however_many_it_came_of(acme, hook):
    with tenant_scope(acme):
        playbook(make(LOW).number, {"type": "annotation", "text": "{{ signal.kind }} raised"})
        raise_about("north", "south")
    let_pass(acme)
    with tenant_scope(acme):
        (only,) = annotations()
        assert only.body.day == timezone.now().astimezone(acme.zone).date()
        rule = make({**LOW, "below": 3}).number
        for text in ("{{ account.name }}", "{{ signal.evidence.value }}"):
            with pytest.raises(TemplateError, match="annotation"):
                playbook(rule, {"type": "annotation", "text": text})


def test_journeys_and_tasks_that_ended_long_ago_are_removed_and_others_stay(acme, hook):
    old = timezone.now() - timedelta(days=401)
    with tenant_scope(acme):
        number = playbook(make(LOW).number, {"type": "wait", "days": 300}, message(hook))
        raise_about("north")
        for n, (state, begun) in enumerate(
            [("DONE", old), ("STOPPED", old), ("RUNNING", old), ("DONE", timezone.now())]
        ):
            Journey.objects.create(
                playbook=number, version=1, signal=90 + n, subject_kind="account", subject=90, state=state,
                due_at=timezone.now() + timedelta(days=1), begun_at=begun,
            )  # fmt: skip
        for n, done in enumerate((old, None)):
            Task.objects.create(
                playbook=number,
                signal=n,
                subject_kind="account",
                subject=90,
                title="x",
                is_personal=False,
                done_at=done,
            )
    let_pass(acme)
    with tenant_scope(acme):
        assert sorted(Journey.objects.filter(subject=90).values_list("signal", flat=True)) == [92, 93]
        assert list(Task.objects.values_list("signal", flat=True)) == [1]


def test_uplift_reads_no_row_into_the_server(acme, django_assert_num_queries):
    with tenant_scope(acme):
        for n in range(30):
            signal = Signal.objects.create(
                rule=1,
                rule_version=1,
                is_risk=True,
                subject_kind="account",
                subject=n,
                raised_on=FIRST,
                cleared_on=day(n),
            )
            Journey.objects.create(
                playbook=9, version=1, signal=signal.pk, subject_kind="account", subject=n,
                state="HELD_OUT" if n % 2 else "DONE", due_at=timezone.now(), begun_at=timezone.now() - timedelta(days=20),
            )  # fmt: skip
        with django_assert_num_queries(3):
            found = uplift(9)
    assert (found.treated.over, found.held_out.over) == (8, 7)


def test_texts_of_branches_and_variants_are_redacted_with_whom_they_name(acme, hook):
    """Ada is named in every place in which people write what they like."""
    task = {"type": "task", "title": "Ask Ada", "text": "Ada knows."}
    with tenant_scope(acme):
        large = segment_of("north")
        inner = {"type": "branch", "over": True, "then": [{**message(hook, "Ada"), "variants": [
            {"segment": large, "subject": "Ada", "text": "of Ada"}]}], "otherwise": [task]}  # fmt: skip
        number = playbook(
            make(LOW).number, {"type": "branch", "over": False, "then": [task], "otherwise": [inner]}
        )
        redact_texts(lambda text: "Ada" in text)
        stored = definitions.find("playbook", PlaybookBody, number)
    assert "Ada" not in stored.body.model_dump_json()
