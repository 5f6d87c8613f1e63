"""Playbooks are paged in the order in which they were made, each tenant's own, and some come with the server."""

from engage_server.access.models import ApiKey
from engage_server.activity.models import EventName
from engage_server.automation.audience import MANY
from engage_server.customers.models import Account
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

RULE = """mutation { createRule(input: {
    name: "Low mood", kind: RISK, trigger: {type: "value", metric: "mood.score", below: 4}
}) { rule { id } } }"""
MAKE = """mutation ($name: String!, $rule: ID!) {
    createPlaybook(input: {name: $name, rule: $rule, steps: [{type: "wait", days: 1}, {type: "stop_if_over"}]}) { playbook {
        name enabled
    } }
}"""
PAGE = """query ($after: String) { playbooks(first: 2, after: $after) {
    edges { node { name enabled } } pageInfo { hasNextPage endCursor }
} }"""


def admin(caller: Caller) -> Caller:
    return Caller(caller.tenant, create_key(caller.tenant, ApiKey.Kind.ADMIN), caller.host)


def test_playbooks_are_paged_as_they_were_made_and_are_their_tenants_alone(at_acme, at_globex):
    acme, globex = admin(at_acme), admin(at_globex)
    rule = acme.data(RULE)["createRule"]["rule"]["id"]
    for name in ("First", "Second", "Third"):
        assert acme.data(MAKE, name=name, rule=rule)["createPlaybook"]["playbook"] == {
            "name": name,
            "enabled": False,
        }
    first = acme.data(PAGE)["playbooks"]
    assert [edge["node"]["name"] for edge in first["edges"]] == ["First", "Second"]
    assert first["pageInfo"]["hasNextPage"]
    second = acme.data(PAGE, after=first["pageInfo"]["endCursor"])["playbooks"]
    assert [edge["node"]["name"] for edge in second["edges"]] == ["Third"]
    assert globex.nodes(PAGE) == []
    assert globex.code(MAKE, name="Theirs", rule=rule) == "BAD_USER_INPUT"


def test_a_playbook_names_its_rule_and_a_rule_its_segment(at_acme, at_globex):
    acme, globex = admin(at_acme), admin(at_globex)
    numbers = """mutation { createSegment(input: {name: "Pro", subject: ACCOUNT, tracked: true,
        condition: {type: "plan", any_of: ["pro"]}}) { segment { id number } } }"""
    segment = acme.data(numbers)["createSegment"]["segment"]
    made = """mutation ($segment: ID!, $trigger: JSON!) { createRule(input: {
        name: "Into Pro", kind: OPPORTUNITY, segment: $segment, trigger: $trigger, replayDays: 0
    }) { rule { id segment { name number } } } }"""
    moved = {"type": "segment", "segment": segment["number"], "moved": "entered"}
    rule = acme.data(made, segment=segment["id"], trigger=moved)["createRule"]["rule"]
    assert rule["segment"] == {"name": "Pro", "number": segment["number"]}
    acme.data(MAKE, name="Welcome", rule=rule["id"])
    named = "{ playbooks(first: 9) { edges { node { rule { name segment { name } } } } } }"
    assert acme.nodes(named) == [{"rule": {"name": "Into Pro", "segment": {"name": "Pro"}}}]
    acme.data("mutation ($id: ID!) { retireRule(input: {id: $id}) { rule { id } } }", id=rule["id"])
    assert acme.nodes(named) == [{"rule": None}]
    assert globex.nodes(named) == []


def test_a_preset_is_applied_by_its_name(at_acme):
    acme = admin(at_acme)
    names = {
        one["name"]
        for one in acme.data("{ playbookPresets { name title titleKo why needs } }")["playbookPresets"]
    }
    assert "no_key_action" in names
    with tenant_scope(acme.tenant):
        EventName.objects.bulk_create(EventName(name=name) for name in ("Signed Up", "Report Created"))
    hook = """mutation { createChannel(input: {name: "Hook", kind: WEBHOOK, url: "https://hooks.example/in"}) {
        channel { id } } }"""
    channel = acme.data(hook)["createChannel"]["channel"]["id"]
    apply = """mutation ($name: String!, $channel: ID!) {
        applyPlaybookPreset(input: {name: $name, channel: $channel, after: "Signed Up",
            event: "Report Created"}) { playbook { enabled } } }"""
    assert acme.data(apply, name="no_key_action", channel=channel)["applyPlaybookPreset"]["playbook"] == {
        "enabled": False
    }
    assert acme.code(apply, name="nothing_such", channel=channel) == "BAD_USER_INPUT"


def test_a_playbook_for_many_is_switched_on_by_who_says_of_how_many(at_acme, at_globex):
    acme, globex = admin(at_acme), admin(at_globex)
    for caller in (acme, globex):
        rule = caller.data(RULE)["createRule"]["rule"]["id"]
        caller.data(MAKE, name="Call", rule=rule)
    with tenant_scope(acme.tenant):
        Account.objects.bulk_create(Account(external_id=f"a{n}") for n in range(MANY + 1))
    asked = "{ playbooks(first: 9) { edges { node { id audience enabled } } } }"
    enable = """mutation ($id: ID!, $atMost: Int) {
        updatePlaybook(input: {id: $id, changes: {enabled: true, atMost: $atMost}}) { playbook { enabled } } }"""
    (one,), (theirs,) = acme.nodes(asked), globex.nodes(asked)
    assert (one["audience"], theirs["audience"]) == (MANY + 1, 0)
    for few in (None, MANY):
        (error,) = acme.ask(enable, id=one["id"], atMost=few)["errors"]
        assert (error["extensions"]["code"], error["extensions"]["field"]) == ("BAD_USER_INPUT", "atMost")
        assert f"atMost: {MANY + 1}" in error["message"]
    assert acme.nodes(asked)[0]["enabled"] is False
    assert acme.data(enable, id=one["id"], atMost=MANY + 1)["updatePlaybook"]["playbook"]["enabled"]
    assert globex.data(enable, id=theirs["id"])["updatePlaybook"]["playbook"]["enabled"]


def test_a_playbook_is_made_for_many_by_who_says_of_how_many(at_acme):
    acme = admin(at_acme)
    rule = acme.data(RULE)["createRule"]["rule"]["id"]
    with tenant_scope(acme.tenant):
        Account.objects.bulk_create(Account(external_id=f"a{n}") for n in range(MANY + 1))
    steps = [{"type": "stop_if_over"}]
    make = "mutation ($playbook: CreatePlaybookInput!) { createPlaybook(input: $playbook) { playbook { enabled } } }"
    whole = {"name": "Call", "rule": rule, "steps": steps, "enabled": True}
    assert acme.code(make, playbook=whole) == "BAD_USER_INPUT"
    assert acme.data(make, playbook={**whole, "atMost": 500})["createPlaybook"]["playbook"]["enabled"]


def test_what_a_playbook_did_to_a_metric_is_read_by_its_tenant_and_of_metrics_that_there_are(
    at_acme, at_globex
):
    acme, globex = admin(at_acme), admin(at_globex)
    rule = acme.data(RULE)["createRule"]["rule"]["id"]
    acme.data(MAKE, name="Call", rule=rule)
    moved = """query ($metric: ID!, $days: Int) { playbooks(first: 9) { edges { node {
        metricUplift(metric: $metric, days: $days) { metric days treated { subjects leftOut mean }
            difference low high } } } } }"""
    assert acme.nodes(moved, metric="mood.score", days=7) == [
        {
            "metricUplift": {
                "metric": "mood.score", "days": 7, "treated": {"subjects": 0, "leftOut": 0, "mean": None},
                "difference": None, "low": None, "high": None,
            }
        }
    ]  # fmt: skip
    assert acme.code(moved, metric="no.such") == "BAD_USER_INPUT"
    assert acme.code(moved, metric="mood.score", days=367) == "BAD_USER_INPUT"
    assert globex.nodes(moved, metric="mood.score") == []
