"""Rules are tried and made, their signals stand in the queue until somebody says that they were seen."""

from datetime import datetime, timedelta

import pytest
from django.core.management import call_command

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.automation.evaluation import evaluate
from engage_server.automation.models import Signal
from engage_server.customers.models import Account
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.metrics.values import store

CREATE = """mutation ($rule: NewRule!, $dryRun: Boolean! = false, $days: Int! = 30) {
    createRule(rule: $rule, dryRun: $dryRun, replayDays: $days) {
        rule { id name kind trigger version subject }
        replay { raised subjects stillOpen perWeek outcome { outcome accounts warned }
            signals { raisedOn account { externalId } evidence } }
    }
}"""
QUEUE = """query ($kind: SignalKind, $rule: ID, $account: ID, $acknowledged: Boolean = false, $cleared: Boolean = false) {
    signals(first: 9, kind: $kind, rule: $rule, account: $account, acknowledged: $acknowledged, cleared: $cleared) {
        edges { node { id kind raisedOn clearedOn reason acknowledgedBy evidence rule { name } account { externalId } } }
    }
}"""
SEEN = "mutation ($id: ID!, $reason: String!) { acknowledgeSignal(id: $id, reason: $reason) { reason acknowledgedBy } }"
LOW = {
    "name": "Low mood", "kind": "RISK", "trigger": {"type": "value", "metric": "mood.score", "below": 4}, "coolDownDays": 0,
}  # fmt: skip


def admin(caller: Caller) -> Caller:
    return Caller(caller.tenant, create_key(caller.tenant, ApiKey.Kind.ADMIN), caller.host)


@pytest.fixture
def yesterday(acme):
    return datetime.now(acme.zone).date() - timedelta(days=1)


@pytest.fixture
def at_both(at_acme, at_globex, yesterday) -> tuple[Caller, Caller]:
    """Account `north` has low values in the last three days, `south` high ones."""
    for caller in (at_acme, at_globex):
        with tenant_scope(caller.tenant):
            for name, value in (("north", 3.0), ("south", 8.0)):
                pk = Account.objects.create(external_id=name).pk
                for back in range(3):
                    store(
                        "mood.score", value, kind="account", subject=pk, day=yesterday - timedelta(days=back)
                    )
    return admin(at_acme), admin(at_globex)


def judge(caller: Caller, day) -> None:
    with tenant_scope(caller.tenant):
        evaluate(day)


def test_a_rule_is_tried_on_the_past_and_nothing_is_made(at_both, yesterday):
    acme, _ = at_both
    tried = acme.data(CREATE, rule=LOW, dryRun=True)["createRule"]
    assert tried["rule"] is None
    first = (yesterday - timedelta(days=2)).isoformat()
    assert tried["replay"] == {
        "raised": 1, "subjects": 1, "stillOpen": 1, "perWeek": pytest.approx(7 / 30),
        "outcome": {"outcome": "CHURN", "accounts": 0, "warned": 0},
        "signals": [{
            "raisedOn": first, "account": {"externalId": "north"},
            "evidence": {"metric": "mood.score", "edge": 4, "value": 3, "n": 4},
        }],
    }  # fmt: skip
    assert acme.nodes("{ rules(first: 9) { edges { node { id } } } }") == []


def test_a_signal_stands_in_the_queue_until_it_is_acknowledged(at_both, yesterday):
    acme, globex = at_both
    made = acme.data(CREATE, rule=LOW)["createRule"]["rule"]
    assert made == {
        "id": made["id"], "name": "Low mood", "kind": "RISK", "version": 1, "subject": "account", "trigger": LOW["trigger"],
    }  # fmt: skip
    judge(acme, yesterday)
    judge(globex, yesterday)
    (found,) = acme.nodes(QUEUE)
    assert found == {
        "id": found["id"], "kind": "RISK", "raisedOn": yesterday.isoformat(), "clearedOn": None, "reason": "",
        "acknowledgedBy": None, "rule": {"name": "Low mood"}, "account": {"externalId": "north"},
        "evidence": {"metric": "mood.score", "edge": 4, "value": 3, "n": 4},
    }  # fmt: skip
    assert globex.nodes(QUEUE) == []
    assert globex.code(SEEN, id=found["id"], reason="mine") == "NOT_FOUND"
    seen = acme.data(SEEN, id=found["id"], reason="Called them.")["acknowledgeSignal"]
    assert seen["reason"] == "Called them."
    assert seen["acknowledgedBy"].startswith("key:")
    assert acme.nodes(QUEUE) == []
    assert [one["reason"] for one in acme.nodes(QUEUE, acknowledged=None)] == ["Called them."]


def test_the_queue_is_narrowed_to_kind_rule_and_account(at_both, yesterday):
    acme, _ = at_both
    acme.data(CREATE, rule=LOW)
    high = {
        **LOW,
        "name": "High",
        "kind": "OPPORTUNITY",
        "trigger": {**LOW["trigger"], "below": None, "above": 7},
    }
    rule = acme.data(CREATE, rule=high)["createRule"]["rule"]["id"]
    judge(acme, yesterday)
    names = {
        name: acme.data(f'{{ account(externalId: "{name}") {{ id }} }}')["account"]["id"]
        for name in ("north", "south")
    }
    for asked, expected in (
        ({}, {"north", "south"}),
        ({"kind": "OPPORTUNITY"}, {"south"}),
        ({"rule": rule}, {"south"}),
        ({"account": names["north"]}, {"north"}),
    ):
        assert {one["account"]["externalId"] for one in acme.nodes(QUEUE, **asked)} == expected, asked


def test_a_retired_rules_signals_are_over(at_both, yesterday):
    acme, _ = at_both
    rule = acme.data(CREATE, rule=LOW)["createRule"]["rule"]["id"]
    judge(acme, yesterday)
    acme.data("mutation ($id: ID!) { retireRule(id: $id) { id } }", id=rule)
    assert acme.nodes(QUEUE) == []
    (over,) = acme.nodes(QUEUE, cleared=True)
    assert (over["rule"], over["clearedOn"] is None) == (None, False)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"trigger": {"type": "value", "metric": "mood.score"}}, "INVALID_DEFINITION"),
        (
            {"trigger": {"type": "value", "metric": "mood.score", "below": 4, "clears_at": 3}},
            "INVALID_DEFINITION",
        ),
        ({"trigger": {"type": "value", "metric": "mood.none", "below": 4}}, "NOT_FOUND"),
        ({"trigger": {"type": "event", "event": "never"}}, "INVALID_DEFINITION"),
        ({"trigger": {"type": "segment", "segment": 99, "moved": "left"}}, "UNKNOWN_SEGMENT"),
        ({"trigger": {"type": "renewal"}, "minimumN": 3}, "INVALID_DEFINITION"),
        ({"trigger": "soon"}, "INVALID_DEFINITION"),
        ({"name": ""}, "INVALID_DEFINITION"),
    ],
)
def test_a_rule_that_can_never_be_judged_is_refused(at_both, changes, code):
    acme, _ = at_both
    assert acme.code(CREATE, rule={**LOW, **changes}, days=0) == code
    assert acme.nodes("{ rules(first: 9) { edges { node { id } } } }") == []


def test_who_may_not_read_or_write_automation_is_refused(at_both):
    acme, _ = at_both

    def with_right(permission: Permission) -> Caller:
        request = KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset({permission}))
        return Caller(acme.tenant, make_key(acme.tenant, request).text, acme.host)

    assert with_right(Permission.METRICS_READ).code(QUEUE) == "FORBIDDEN"
    assert with_right(Permission.AUTOMATION_READ).data("{ signals(first: 1) { edges { node { id } } } }")
    assert with_right(Permission.AUTOMATION_READ).code(CREATE, rule=LOW) == "FORBIDDEN"


def test_the_commands_try_make_and_acknowledge(at_both, yesterday, capsys):
    acme, globex = at_both
    slug = acme.tenant.slug
    trigger = '{"type": "value", "metric": "mood.score", "below": 4}'
    call_command("rule", "replay", "--kind", "risk", "--trigger", trigger, "--tenant", slug)
    assert "1 signals about 1 from" in capsys.readouterr().out
    call_command("rule", "create", "Low", "--kind", "risk", "--trigger", trigger, "--tenant", slug)
    judge(acme, yesterday)
    with tenant_scope(acme.tenant):
        number = Signal.objects.get().pk
    capsys.readouterr()
    call_command("signal", "list", "--tenant", slug)
    assert "RISK  Low: account north" in capsys.readouterr().out
    call_command("signal", "acknowledge", str(number), "--reason", "called", "--tenant", slug)
    capsys.readouterr()
    call_command("signal", "list", "--tenant", slug)
    call_command("signal", "list", "--all", "--tenant", globex.tenant.slug)
    assert capsys.readouterr().out == ""
