"""Playbooks are paged in the order in which they were made, each tenant's own, and some come with the server."""

from engage_server.access.models import ApiKey
from engage_server.activity.models import EventName
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

RULE = """mutation { createRule(rule: {
    name: "Low mood", kind: RISK, trigger: {type: "value", metric: "mood.score", below: 4}
}) { rule { id } } }"""
MAKE = """mutation ($name: String!, $rule: ID!) {
    createPlaybook(playbook: {name: $name, rule: $rule, steps: [{type: "wait", days: 1}, {type: "stop_if_over"}]}) {
        name enabled
    }
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
        assert acme.data(MAKE, name=name, rule=rule)["createPlaybook"] == {"name": name, "enabled": False}
    first = acme.data(PAGE)["playbooks"]
    assert [edge["node"]["name"] for edge in first["edges"]] == ["First", "Second"]
    assert first["pageInfo"]["hasNextPage"]
    second = acme.data(PAGE, after=first["pageInfo"]["endCursor"])["playbooks"]
    assert [edge["node"]["name"] for edge in second["edges"]] == ["Third"]
    assert globex.nodes(PAGE) == []
    assert globex.code(MAKE, name="Theirs", rule=rule) == "BAD_USER_INPUT"


def test_a_preset_is_applied_by_its_name(at_acme):
    acme = admin(at_acme)
    names = {
        one["name"]
        for one in acme.data("{ playbookPresets { name title titleKo why needs } }")["playbookPresets"]
    }
    assert "no_key_action" in names
    with tenant_scope(acme.tenant):
        EventName.objects.bulk_create(EventName(name=name) for name in ("Signed Up", "Report Created"))
    hook = """mutation { createChannel(channel: {name: "Hook", kind: WEBHOOK, url: "https://hooks.example/in"}) {
        channel { id } } }"""
    channel = acme.data(hook)["createChannel"]["channel"]["id"]
    apply = """mutation ($name: String!, $channel: ID!) {
        applyPlaybookPreset(name: $name, channel: $channel, after: "Signed Up", event: "Report Created") { enabled } }"""
    assert acme.data(apply, name="no_key_action", channel=channel)["applyPlaybookPreset"] == {
        "enabled": False
    }
    assert acme.code(apply, name="nothing_such", channel=channel) == "BAD_USER_INPUT"
