"""Rules are tried and made, their signals stand in the queue until somebody says that they were seen."""

from datetime import datetime, timedelta

import pytest
from django.core.management import call_command

from engage_server.access.authentication import authenticate_reader
from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission, Principal
from engage_server.api.execution import GraphQLRequest
from engage_server.api.live.changes import SignalsRaised
from engage_server.api.live.subscriptions import Opened, open_operation
from engage_server.automation.evaluation import evaluate
from engage_server.automation.models import Signal
from engage_server.automation.recent_signals import signals_behind
from engage_server.customers.models import Account
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.metrics.values import store

CREATE = """mutation ($rule: CreateRuleInput!) {
    createRule(input: $rule) {
        rule { id name kind trigger version subjectKind }
        replay { raised subjects stillOpen perWeek outcome { outcome accounts warned }
            signals { raisedOn subject { ... on Account { externalId } } evidence } }
    }
}"""
QUEUE = """query ($kind: SignalKind, $rule: ID, $account: ID, $acknowledged: Boolean = false, $cleared: Boolean = false) {
    signals(first: 9, kind: $kind, rule: $rule, account: $account, acknowledged: $acknowledged, cleared: $cleared) {
        edges { node { id kind raisedOn clearedOn reason acknowledgedBy evidence rule { name }
            subject { ... on Account { externalId } } } }
    }
}"""
SEEN = (
    "mutation ($id: ID!, $reason: String!) { acknowledgeSignal(input: {id: $id, reason: $reason}) { "
    "signal { reason acknowledgedBy } } }"
)
LOW = {
    "name": "Low mood", "kind": "RISK", "trigger": {"type": "value", "metric": "mood.score", "below": 4},
    "coolDownDays": 0, "replayDays": 30,
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
    tried = acme.data(CREATE, rule=LOW | {"dryRun": True})["createRule"]
    assert tried["rule"] is None
    first = (yesterday - timedelta(days=2)).isoformat()
    assert tried["replay"] == {
        "raised": 1, "subjects": 1, "stillOpen": 1, "perWeek": pytest.approx(7 / 30),
        "outcome": {"outcome": "CHURN", "accounts": 0, "warned": 0},
        "signals": [{
            "raisedOn": first, "subject": {"externalId": "north"},
            "evidence": {"metric": "mood.score", "edge": 4, "value": 3, "n": 4},
        }],
    }  # fmt: skip
    assert acme.nodes("{ rules(first: 9) { edges { node { id } } } }") == []


def test_a_signal_stands_in_the_queue_until_it_is_acknowledged(at_both, yesterday):
    acme, globex = at_both
    made = acme.data(CREATE, rule=LOW)["createRule"]["rule"]
    assert made == {
        "id": made["id"], "name": "Low mood", "kind": "RISK", "version": 1, "subjectKind": "ACCOUNT",
        "trigger": LOW["trigger"],
    }  # fmt: skip
    judge(acme, yesterday)
    judge(globex, yesterday)
    (found,) = acme.nodes(QUEUE)
    assert found == {
        "id": found["id"], "kind": "RISK", "raisedOn": yesterday.isoformat(), "clearedOn": None, "reason": "",
        "acknowledgedBy": None, "rule": {"name": "Low mood"}, "subject": {"externalId": "north"},
        "evidence": {"metric": "mood.score", "edge": 4, "value": 3, "n": 4},
    }  # fmt: skip
    assert globex.nodes(QUEUE) == []
    assert globex.code(SEEN, id=found["id"], reason="mine") == "NOT_FOUND"
    seen = acme.data(SEEN, id=found["id"], reason="Called them.")["acknowledgeSignal"]["signal"]
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
        assert {one["subject"]["externalId"] for one in acme.nodes(QUEUE, **asked)} == expected, asked


def test_a_retired_rules_signals_are_over(at_both, yesterday):
    acme, _ = at_both
    rule = acme.data(CREATE, rule=LOW)["createRule"]["rule"]["id"]
    judge(acme, yesterday)
    acme.data("mutation ($id: ID!) { retireRule(input: {id: $id}) { rule { id } } }", id=rule)
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
    assert acme.code(CREATE, rule={**LOW, **changes, "replayDays": 0}) == code
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


WATCHED = """subscription ($kind: SignalKind, $rule: ID, $account: ID) {
    signalRaised(kind: $kind, rule: $rule, account: $account) {
        count signals(first: 5) { kind rule { name } subject { ... on Account { externalId } } } } }"""
OF_ACCOUNTS = """query ($first: Int, $after: String, $last: Int, $before: String, $acknowledged: Boolean = false) {
    accounts(first: 9) { edges { node { externalId id
        signals(first: $first, after: $after, last: $last, before: $before, acknowledged: $acknowledged) {
            totalCount edges { cursor node { id rule { name } subject { ... on Account { externalId } } } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } } }"""


def watching(caller: Caller, **variables: object) -> tuple[Opened, Principal]:
    principal = authenticate_reader(caller.key)
    given = open_operation(GraphQLRequest(WATCHED, dict(variables)), principal, may_change=False)
    assert isinstance(given, Opened), given
    return given, principal


def raised_in(caller: Caller, behind: int) -> SignalsRaised:
    with tenant_scope(caller.tenant):
        return SignalsRaised(signals_behind(behind))


def test_signals_that_are_raised_together_are_told_together_in_their_own_tenant(at_both, yesterday):
    acme, globex = at_both
    acme.data(CREATE, rule=LOW)
    ours, principal = watching(acme)
    theirs, _ = watching(globex)
    judge(acme, yesterday)
    judge(globex, yesterday)
    (told,) = ours.happenings(raised_in(acme, ours.wanted.behind))
    assert ours.answer(told, principal)["data"]["signalRaised"] == {
        "count": 1,
        "signals": [{"kind": "RISK", "rule": {"name": "Low mood"}, "subject": {"externalId": "north"}}],
    }
    assert not raised_in(globex, theirs.wanted.behind).signals


def test_who_waits_for_other_signals_is_told_nothing(at_both, yesterday):
    acme, globex = at_both
    low = acme.data(CREATE, rule=LOW)["createRule"]["rule"]["id"]
    other = acme.data(CREATE, rule={**LOW, "name": "Other", "trigger": {**LOW["trigger"], "below": 1}})
    accounts = {
        node["externalId"]: node["id"]
        for node in acme.nodes("{ accounts(first: 9) { edges { node { externalId id } } } }")
    }
    judge(acme, yesterday)
    raised = raised_in(acme, 0)
    for waits, hears in (
        ({"kind": "RISK", "rule": low, "account": accounts["north"]}, True),
        ({"kind": "OPPORTUNITY"}, False),
        ({"rule": other["createRule"]["rule"]["id"]}, False),
        ({"account": accounts["south"]}, False),
    ):
        assert bool(watching(acme, **waits)[0].happenings(raised)) is hears, waits
    foreign = globex.nodes("{ accounts(first: 9) { edges { node { id } } } }")[0]["id"]
    for wrong in ({"account": foreign}, {"rule": "x"}):
        given = open_operation(
            GraphQLRequest(WATCHED, wrong), authenticate_reader(acme.key), may_change=False
        )
        assert given.payload["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_what_was_raised_before_the_subscription_is_behind_it(at_both, yesterday):
    acme, _ = at_both
    acme.data(CREATE, rule=LOW)
    judge(acme, yesterday)
    assert not raised_in(acme, watching(acme)[0].wanted.behind).signals


def test_signals_are_told_to_nobody_without_the_right_to_see_them(at_both):
    acme, _ = at_both
    rights = frozenset({Permission.METRICS_READ})
    lesser = authenticate_reader(
        make_key(acme.tenant, KeyRequest(ApiKey.Kind.QUERY, permissions=rights)).text
    )
    given = open_operation(GraphQLRequest(WATCHED), lesser, may_change=False)
    assert given.payload["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def test_each_account_has_its_own_signals_read_together_and_turned_both_ways(at_both, yesterday):
    acme, globex = at_both
    for name in ("One", "Two", "Three"):
        acme.data(CREATE, rule={**LOW, "name": name})
    judge(acme, yesterday)
    found = {node["externalId"]: node["signals"] for node in acme.nodes(OF_ACCOUNTS, first=9)}
    names = [edge["node"]["rule"]["name"] for edge in found["north"]["edges"]]
    assert sorted(names) == ["One", "Three", "Two"]
    assert {edge["node"]["subject"]["externalId"] for edge in found["north"]["edges"]} == {"north"}
    assert (found["north"]["totalCount"], found["south"]["totalCount"]) == (3, 0)

    def of_north(**asked: object) -> dict:
        query = """query ($first: Int, $after: String, $last: Int, $before: String) { account(externalId: "north") {
            signals(first: $first, after: $after, last: $last, before: $before) {
                edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""
        return acme.data(query, **asked)["account"]["signals"]

    whole = [edge["node"]["id"] for edge in of_north(first=9)["edges"]]
    ahead = of_north(first=2)
    behind = of_north(first=2, after=ahead["pageInfo"]["endCursor"])
    back = of_north(last=2, before=behind["pageInfo"]["startCursor"])
    assert [e["node"]["id"] for e in ahead["edges"] + behind["edges"]] == whole
    assert back["edges"] == ahead["edges"]
    assert [e["node"]["id"] for e in of_north(last=1)["edges"]] == whole[-1:]
    assert not back["pageInfo"]["hasPreviousPage"]
    assert back["pageInfo"]["hasNextPage"]
    assert all(node["signals"]["totalCount"] == 0 for node in globex.nodes(OF_ACCOUNTS, first=9))
    refused = acme.ask(OF_ACCOUNTS, first=9, after="x")["errors"]
    assert {error["extensions"]["code"] for error in refused} == {"BAD_USER_INPUT"}
