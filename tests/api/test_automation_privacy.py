"""Signals, previews, rules and playbooks tell nobody, and no channel, what their maker may not see."""

import json
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.api.ids import global_id
from engage_server.automation import evidence
from engage_server.automation.evaluation import evaluate
from engage_server.automation.models import Delivery
from engage_server.customers.models import Account, Person
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations.keys import KeyRequest, make_key
from engage_server.sdk import Sample
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.metrics.values import store

ADDRESS = "jane.doe@example.com"
LOW = {
    "name": "Low",
    "kind": "RISK",
    "trigger": {"type": "value", "metric": "mood.score", "below": 4},
    "coolDownDays": 0,
    "replayDays": 0,
}
CREATE = "mutation ($r: CreateRuleInput!) { createRule(input: $r) { rule { id notify { url } } } }"
TRY = """mutation ($r: CreateRuleInput!) {
    createRule(input: $r) { replay { raised signals { evidence } } }
}"""
SIGNALS = "{ signals(first: 99) { edges { node { evidence subject { ... on Account { externalId } } } } } }"
HOOK = """mutation ($url: String!) {
    createChannel(input: {name: "Hook", kind: WEBHOOK, url: $url}) { channel { id } }
}"""
PREVIEW = """query ($text: String!, $account: ID!) {
    messagePreview(subject: "x", text: $text, account: $account) { text }
}"""
PLAYBOOK = "mutation ($p: CreatePlaybookInput!) { createPlaybook(input: $p) { playbook { id } } }"
WRITER = (Permission.AUTOMATION_READ, Permission.AUTOMATION_WRITE, Permission.METRICS_READ)
FEW = {"metric": "mood.score", "edge": 4, "value": None, "n": None}


def caller(tenant, *permissions: Permission, host: str = "acme.localhost") -> Caller:
    key = make_key(tenant, KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset(permissions))).text
    return Caller(tenant, key, host)


@pytest.fixture
def writer(at_acme, acme, settings) -> Caller:
    """Who may write automation and read metrics, and not see persons."""
    settings.ENGAGE_SEALING_KEYS = ["a key of the tests"]
    return caller(acme, *WRITER)


@pytest.fixture
def whole(at_acme, acme) -> Caller:
    return caller(acme, *WRITER, Permission.PERSONAL_READ)


@pytest.fixture
def yesterday(acme):
    return datetime.now(acme.zone).date() - timedelta(days=1)


@pytest.fixture
def values(acme, yesterday) -> None:
    """`few` has a mood of one person, `many` of a hundred."""
    with tenant_scope(acme):
        for name, n in (("few", 1), ("many", 100)):
            of_it = {
                "kind": "account",
                "subject": Account.objects.create(external_id=name).pk,
                "day": yesterday,
            }
            store("mood.score", 3, n=n, **of_it)


def figures(asked: Caller) -> dict[str, dict]:
    return {one["subject"]["externalId"]: one["evidence"] for one in asked.nodes(SIGNALS)}


def judged(asked: Caller, rule: dict, day) -> None:
    asked.data(CREATE, r=rule)
    with tenant_scope(asked.tenant):
        evaluate(day)


def test_figures_of_few_are_withheld_from_who_may_not_see_persons(writer, whole, values, yesterday):
    judged(writer, LOW, yesterday)
    shown = {"metric": "mood.score", "edge": 4, "value": 3, "n": 100}
    assert figures(writer) == {"few": FEW, "many": shown}
    assert figures(whole) == {"few": {**shown, "n": 1}, "many": shown}


@pytest.mark.parametrize("sample", [Sample.PARTS, Sample.THINGS])
def test_what_the_metrics_sample_counts_decides_as_where_the_metric_is_asked_for(
    writer, acme, yesterday, monkeypatch, sample
):
    with tenant_scope(acme):
        for name, n in (("few", 1), ("many", 100)):
            pk = Account.objects.create(external_id=name).pk
            parts = [{"key": "nps", "label": "NPS", "value": 0.0, "points": 0.0, "n": n}]
            store("mood.score", 3, n=2, contributions=parts, kind="account", subject=pk, day=yesterday)
    monkeypatch.setattr(evidence, "_sample_of", lambda metric: sample)
    judged(writer, LOW, yesterday)
    shown = {"metric": "mood.score", "edge": 4, "value": 3, "n": 2}
    assert figures(writer) == {"few": FEW if sample is Sample.PARTS else shown, "many": shown}


def test_figures_of_many_that_are_compared_with_those_of_few_are_withheld(writer, acme, yesterday):
    with tenant_scope(acme):
        pk = Account.objects.create(external_id="grown").pk
        store("mood.score", 9, kind="account", subject=pk, day=yesterday - timedelta(days=7), n=1)
        store("mood.score", 3, kind="account", subject=pk, day=yesterday, n=100)
    fallen = {**LOW, "trigger": {"type": "change", "metric": "mood.score", "days": 7, "falls_by": 2}}
    judged(writer, fallen, yesterday)
    assert figures(writer) == {
        "grown": {"metric": "mood.score", "days": 7, "value": None, "n": None, "former": None}
    }


def test_what_a_rule_would_have_said_withholds_the_same_and_is_for_who_reads_metrics(writer, acme, values):
    tried = writer.data(TRY, r=LOW | {"dryRun": True, "replayDays": 9})["createRule"]["replay"]
    assert FEW in [one["evidence"] for one in tried["signals"]]
    assert sorted(str(one["evidence"]["n"]) for one in tried["signals"]) == ["100", "None"]
    blind = caller(acme, Permission.AUTOMATION_WRITE)
    assert blind.code(TRY, r=LOW | {"dryRun": True, "replayDays": 9}) == "FORBIDDEN"


def test_another_tenants_minimum_and_values_are_its_own(writer, at_globex, globex, values, yesterday):
    other = caller(globex, *WRITER, host="globex.localhost")
    with tenant_scope(globex):
        store(
            "mood.score",
            3,
            kind="account",
            subject=Account.objects.create(external_id="few").pk,
            day=yesterday,
            n=2,
        )
    judged(writer, LOW, yesterday)
    judged(other, LOW, yesterday)
    assert figures(other) == {"few": FEW}
    assert set(figures(writer)) == {"few", "many"}


def test_evidence_of_a_page_takes_a_statement_for_each_metric(writer, acme, values, yesterday):
    judged(writer, LOW, yesterday)
    writer.nodes(SIGNALS)
    with CaptureQueriesContext(connection) as few:
        writer.nodes(SIGNALS)
    with tenant_scope(acme):
        for number in range(20):
            pk = Account.objects.create(external_id=f"more {number}").pk
            store("mood.score", 3, kind="account", subject=pk, day=yesterday, n=1)
        evaluate(yesterday)
    with CaptureQueriesContext(connection) as many:
        assert len(writer.nodes(SIGNALS)) == 22
    assert len(many) == len(few)


def test_a_channel_is_told_no_figures_of_few(writer, acme, values, yesterday):
    hook = writer.data(HOOK, url="https://hooks.example/in")["createChannel"]["channel"]["id"]
    judged(writer, {**LOW, "notify": [hook]}, yesterday)
    with tenant_scope(acme):
        sent = {
            one.message["data"]["subject"]["externalId"]: one.message
            for one in Delivery.objects.order_by("id")
        }
    assert sent["few"]["data"]["evidence"] == FEW
    assert sent["few"]["text"] == "metric mood.score, edge 4.0"
    assert sent["many"]["data"]["evidence"]["value"] == 3


@pytest.mark.parametrize(
    "text",
    [
        "{{ account.owner }} {{ account.traits.contact }}",
        "{{ account.owner | upcase }}",
        "{{ account.owner | slice: 0, 4 }} {{ account.owner | slice: 4, 99 }}",
        "{{ account.owner | replace: '@', ' at ' }}",
        "{{ account.owner | remove: '@' | remove: '.' }}",
        "{{ account.owner | truncate: 8, '' }}",
        "{{ account.traits | join: '' }}",
    ],
)
def test_a_preview_tells_no_address_however_it_is_written(writer, whole, acme, text):
    with tenant_scope(acme):
        row = Account.objects.create(external_id="north", owner=ADDRESS, traits={"contact": ADDRESS})
    account = global_id("Account", tenant_id=acme.id, pk=row.pk)
    said = writer.data(PREVIEW, text=text, account=account)["messagePreview"]["text"].lower()
    assert "jane" not in said
    assert "doe" not in said
    assert "example" not in said
    shown = whole.data(PREVIEW, text="{{ account.owner }}", account=account)["messagePreview"]["text"]
    assert shown == ADDRESS


def test_a_preview_is_for_who_reads_metrics(writer, acme):
    with tenant_scope(acme):
        pk = Account.objects.create(external_id="north").pk
    account = global_id("Account", tenant_id=acme.id, pk=pk)
    blind = caller(acme, Permission.AUTOMATION_WRITE)
    assert blind.code(PREVIEW, text="x", account=account) == "FORBIDDEN"


@pytest.fixture
def channel(writer) -> str:
    return writer.data(HOOK, url="https://hooks.example/in/secret")["createChannel"]["channel"]["id"]


@pytest.fixture
def about_persons(acme, writer) -> dict:
    """A rule about persons."""
    at = datetime.now(acme.zone)
    with tenant_scope(acme):
        store_items([EventItem("one", "exported", PersonKey(user_id=ADDRESS), at, at)], source="web")
        assert Person.objects.exists()
    trigger = {"type": "event", "event": "exported", "subject": "person"}
    return {"name": "Exported", "kind": "RISK", "trigger": trigger}


def test_who_may_not_see_persons_has_no_channel_told_of_them(writer, whole, channel, about_persons):
    assert writer.code(CREATE, r={**about_persons, "notify": [channel]}) == "FORBIDDEN"
    made = writer.data(CREATE, r=about_persons)["createRule"]["rule"]["id"]
    change = "mutation ($id: ID!, $n: [ID!]) { updateRule(input: {id: $id, changes: {notify: $n}}) { rule { id } } }"
    assert writer.code(change, id=made, n=[channel]) == "FORBIDDEN"
    assert whole.data(change, id=made, n=[channel])
    assert writer.data(CREATE, r={**LOW, "notify": [channel]})


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (None, "Somebody exported."),
        (LOW, "{{ person.external_id | default: 'x' }}"),
        (LOW, "{% if person.traits.city %}x{% endif %}"),
        (LOW, "is at {{ signal.evidence.value }}"),
    ],
)
@pytest.mark.usefixtures("channel")
def test_who_may_not_see_persons_writes_no_message_that_tells_of_them(
    writer, whole, about_persons, rule, text
):
    of = writer.data(CREATE, r=rule or about_persons)["createRule"]["rule"]["id"]
    step = {"type": "message", "channel": 1, "subject": "x", "text": text}
    body = {"name": "Call", "rule": of, "steps": [step]}
    assert writer.code(PLAYBOOK, p=body) == "FORBIDDEN"
    made = writer.data(PLAYBOOK, p={**body, "steps": [{"type": "stop_if_over"}]})["createPlaybook"][
        "playbook"
    ]["id"]
    change = "mutation ($id: ID!, $s: JSON!) { updatePlaybook(input: {id: $id, changes: {steps: $s}}) { playbook { id } } }"
    assert writer.code(change, id=made, s=[step]) == "FORBIDDEN"
    assert whole.data(change, id=made, s=[step])


def test_who_may_not_see_persons_writes_of_accounts(writer, channel):
    renewal = {"name": "Ending", "kind": "RISK", "trigger": {"type": "renewal"}}
    of = writer.data(CREATE, r=renewal)["createRule"]["rule"]["id"]
    text = "{{ account.name }} renews in {{ signal.evidence.value | round }} days"
    step = {"type": "message", "channel": 1, "subject": "x", "text": text}
    assert writer.data(PLAYBOOK, p={"name": "Call", "rule": of, "steps": [step]})


def test_who_only_reads_sees_the_hosts_of_channels_and_no_more(writer, acme, channel):
    writer.data(CREATE, r={**LOW, "notify": [channel]})
    reader = caller(acme, Permission.AUTOMATION_READ)
    asked = "{ channels(first: 9) { edges { node { url } } } rules(first: 9) { edges { node { notify { url } } } } }"
    shown = json.dumps(reader.data(asked))
    assert "hooks.example" in shown
    assert "secret" not in shown
    assert "https://hooks.example/in/secret" in json.dumps(writer.data(asked))
