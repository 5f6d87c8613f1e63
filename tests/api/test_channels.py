"""Channels show no secret but once; deliveries say what became of messages; playbooks are made, previewed and enabled."""

import json

import pytest
from django.core.management import call_command

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.automation.models import Delivery
from engage_server.customers.models import Account
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

CREATE = """mutation ($channel: CreateChannelInput!) {
    createChannel(input: $channel) { secret channel { id name kind url to perMinute hasFormerSecret } }
}"""
CHANNELS = "{ channels(first: 9) { edges { node { id name url to } } } }"
DELIVERIES = "{ deliveries(first: 9) { edges { node { id state subject attempts log { said } } } } }"
TRY = "mutation ($id: ID!) { tryChannel(input: {id: $id}) { delivery { id state subject } } }"
HOOK = {"name": "Hook", "kind": "WEBHOOK", "url": "https://hooks.example/in"}
RULE = """mutation ($notify: [ID!]! = []) {
    createRule(input: {name: "Ending", kind: RISK, trigger: {type: "renewal"}, notify: $notify, replayDays: 0}) {
        rule { id notify { name } }
    }
}"""
PLAYBOOK = """mutation ($playbook: CreatePlaybookInput!) {
    createPlaybook(input: $playbook) { playbook { id enabled steps hours uplift { difference treated { subjects } } } }
}"""


@pytest.fixture
def at_both(at_acme, at_globex, settings) -> tuple[Caller, Caller]:
    settings.ENGAGE_SEALING_KEYS = ["a key of the tests"]
    return tuple(
        Caller(one.tenant, create_key(one.tenant, ApiKey.Kind.ADMIN), one.host)
        for one in (at_acme, at_globex)
    )


def test_a_secret_is_shown_once_and_a_channel_to_its_own_tenant(at_both):
    acme, globex = at_both
    made = acme.data(CREATE, channel=HOOK)["createChannel"]
    assert made["secret"].startswith("whsec_")
    rotated = acme.data(
        "mutation ($id: ID!) { rotateChannelSecret(input: {id: $id}) { secret channel { hasFormerSecret } } }",
        id=made["channel"]["id"],
    )["rotateChannelSecret"]
    assert rotated["channel"]["hasFormerSecret"]
    shown = json.dumps(
        [acme.nodes(CHANNELS), acme.ask("{ auditLog(first: 9) { edges { node { action } } } }")]
    )
    assert made["secret"] not in shown
    assert rotated["secret"] not in shown
    assert globex.nodes(CHANNELS) == []
    assert globex.code(TRY, id=made["channel"]["id"]) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"url": "http://hooks.example/"}, "FORBIDDEN_ADDRESS"),
        ({"url": "https://user:x@hooks.example/"}, "FORBIDDEN_ADDRESS"),
        ({"url": None}, "FORBIDDEN_ADDRESS"),
        ({"kind": "SLACK", "url": None}, "FORBIDDEN_ADDRESS"),
        ({"kind": "MAIL", "url": None, "to": ["cs@acme.example"]}, "BAD_USER_INPUT"),
        ({"perMinute": 0}, "INVALID_DEFINITION"),
    ],
)
def test_a_channel_that_could_send_nothing_or_to_the_wrong_is_refused(at_both, changes, code):
    acme, _ = at_both
    assert acme.code(CREATE, channel={**HOOK, **changes}) == code
    assert acme.nodes(CHANNELS) == []


def test_a_refused_url_is_told_with_its_field_and_what_the_operator_may_set(at_both):
    acme, _ = at_both
    (error,) = acme.ask(CREATE, channel={**HOOK, "url": "http://hooks.example/"})["errors"]
    assert error["extensions"] == {"code": "FORBIDDEN_ADDRESS", "field": "url"}
    assert "ENGAGE_DELIVERY_HTTP=1" in error["message"]
    (error,) = acme.ask(CREATE, channel={**HOOK, "url": "ftp://hooks.example/"})["errors"]
    assert "ENGAGE_DELIVERY_HTTP" not in error["message"]


def test_without_a_key_to_seal_by_there_are_no_secrets(at_both, settings):
    acme, _ = at_both
    settings.ENGAGE_SEALING_KEYS = []
    assert acme.code(CREATE, channel=HOOK) == "BAD_USER_INPUT"


def test_what_became_of_a_message_is_told_and_a_dead_one_is_sent_again(at_both, capsys):
    acme, globex = at_both
    id = acme.data(CREATE, channel=HOOK)["createChannel"]["channel"]["id"]
    tried = acme.data(TRY, id=id)["tryChannel"]["delivery"]
    assert tried == {"id": tried["id"], "state": "PENDING", "subject": "Engage: Hook"}
    resend = "mutation ($id: ID!) { resendDelivery(input: {id: $id}) { delivery { state } } }"
    assert acme.code(resend, id=tried["id"]) == "NOT_FOUND"
    with tenant_scope(acme.tenant):
        Delivery.objects.update(
            state="DEAD", log=[{"at": "2026-06-01T00:00:00+00:00", "attempt": 1, "said": "410"}]
        )
    (found,) = acme.nodes(DELIVERIES)
    assert (found["state"], found["log"]) == ("DEAD", [{"said": "410"}])
    assert globex.nodes(DELIVERIES) == []
    assert globex.code(resend, id=tried["id"]) == "NOT_FOUND"
    assert acme.data(resend, id=tried["id"]) == {"resendDelivery": {"delivery": {"state": "PENDING"}}}
    call_command("delivery", "list", "--tenant", acme.tenant.slug)
    assert "PENDING  Engage: Hook by channel 1" in capsys.readouterr().out
    call_command("channel", "list", "--tenant", acme.tenant.slug)
    assert "Hook  WEBHOOK to https://hooks.example/in" in capsys.readouterr().out


def test_a_rule_names_the_channels_that_it_tells(at_both):
    acme, globex = at_both
    id = acme.data(CREATE, channel=HOOK)["createChannel"]["channel"]["id"]
    assert acme.data(RULE, notify=[id])["createRule"]["rule"]["notify"] == [{"name": "Hook"}]
    assert globex.code(RULE, notify=[id]) == "BAD_USER_INPUT"


def test_a_playbook_is_made_off_previewed_and_enabled(at_both, capsys):
    acme, globex = at_both
    channel = acme.data(CREATE, channel=HOOK)["createChannel"]["channel"]["id"]
    assert channel
    rule = acme.data(RULE)["createRule"]["rule"]["id"]
    steps = [{"type": "message", "channel": 1, "subject": "Hello {{ account.name }}", "text": ""}]
    made = acme.data(PLAYBOOK, playbook={"name": "Call", "rule": rule, "steps": steps})["createPlaybook"][
        "playbook"
    ]
    assert made == {
        "id": made["id"], "enabled": False, "steps": [{**steps[0], "variants": []}],
        "hours": {"first": 0, "last": 24, "working_days": False},
        "uplift": {"difference": None, "treated": {"subjects": 0}},
    }  # fmt: skip
    with tenant_scope(acme.tenant):
        Account.objects.create(external_id="north", name="North")
    account = acme.data('{ account(externalId: "north") { id } }')["account"]["id"]
    preview = """query ($text: String!, $account: ID!) {
        messagePreview(subject: $text, text: "", account: $account) { subject }
    }"""
    assert acme.data(preview, text="Hello {{ account.name }}", account=account) == {
        "messagePreview": {"subject": "Hello North"}
    }
    assert acme.code(preview, text="{{ account.nmae }}", account=account) == "INVALID_TEMPLATE"
    assert globex.code(preview, text="x", account=account) == "BAD_USER_INPUT"
    enable = (
        "mutation ($id: ID!) { updatePlaybook(input: {id: $id, changes: {enabled: true}}) { playbook { "
        "enabled version } } }"
    )
    assert globex.code(enable, id=made["id"]) == "BAD_USER_INPUT"
    assert acme.data(enable, id=made["id"]) == {
        "updatePlaybook": {"playbook": {"enabled": True, "version": 2}}
    }
    call_command("playbook", "list", "--tenant", acme.tenant.slug)
    assert "Call  after rule 2, 1 steps, enabled, version 2" in capsys.readouterr().out
    call_command("playbook", "uplift", "Call", "--tenant", acme.tenant.slug)
    assert "0 of 0 treated" in capsys.readouterr().out


def test_who_only_reads_sees_channels_and_no_deliveries(at_both):
    acme, _ = at_both
    request = KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset({Permission.AUTOMATION_READ}))
    reader = Caller(acme.tenant, make_key(acme.tenant, request).text, acme.host)
    assert reader.nodes(CHANNELS) == []
    assert reader.code(DELIVERIES) == "FORBIDDEN"
    assert reader.code(CREATE, channel=HOOK) == "FORBIDDEN"
