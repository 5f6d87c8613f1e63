"""What clients' caches rest on: an id names one thing of one type, and ``node`` and ``nodes`` find it again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from graphql import GraphQLNonNull, GraphQLObjectType

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.activity.models import Feature
from engage_server.api.composition import schema_for
from engage_server.api.types.node_lookup import KINDS
from engage_server.automation.models import Delivery, Signal
from engage_server.customers.models import Account
from engage_server.engine.models import Run
from engage_server.ingest.items import AccountItem, EventItem, MembershipItem, PersonItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations.account_tokens import issue_token
from engage_server.operations.annotations import create_annotation
from engage_server.operations.channels import create_channel
from engage_server.operations.feedback import record_feedback
from engage_server.operations.goals import create_goal
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.operations.overrides import set_override
from engage_server.operations.rules import create_rule
from engage_server.operations.segments import create_segment
from engage_server.plugin_host.registry import registry
from engage_server.tenancy.scope import shared_scope, tenant_scope
from tests.api.conftest import Caller

NAMED = {"MetricDefinition", "Plugin"}  # found by their names
DAY = date(2026, 6, 1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LISTS = (
    "segments", "goals", "annotations", "overrides", "feedbackEntries", "merges", "quarantine", "privacyRequests",
    "features",
)  # fmt: skip
IDS = (
    '{ account(externalId: "bank") { members(first: 3) { edges { node { id } } } }'
    " accounts(first: 3) { edges { node { id parent { id } } } } "
    + " ".join(f"{name}(first: 3) {{ edges {{ node {{ id }} }} }}" for name in LISTS[:7])
    + "}"
)
MORE = (
    "{ metrics { id } plugins { id } "
    + " ".join(
        f"{name}(first: 3) {{ edges {{ node {{ id }} }} }}"
        for name in (*LISTS[7:], "rules", "signals", "channels", "runs", "deliveries")
    )
    + "}"
)
START = 'mutation { startComputation(input: {metric: "nps.score", of: {on: "2026-03-02"}}) { computation { id } } }'
AGAIN = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
ONE = "query ($id: ID!) { node(id: $id) { __typename id } }"


def fill(caller: Caller) -> None:
    """One of everything that has an id."""
    with tenant_scope(caller.tenant):
        ada = PersonKey(user_id="ada", anonymous_id="phone")
        store_items(
            [
                AccountItem("bank", stage="CUSTOMER"),
                AccountItem("shop"),
                PersonItem(ada, {}),
                EventItem("m1", "saved", PersonKey(anonymous_id="phone"), NOON, NOON, account="bank"),
                EventItem("m2", "saved", ada, NOON, NOON, account="bank"),
                MembershipItem(ada, "bank", NOON),
            ],
            source="web",
        )
        create_segment("Firms", {"subject": "account"})
        Feature.objects.create(name="Search")
        create_goal("Reach", {"metric": "nps.score", "target": 40, "due": date(2099, 12, 31)})
        create_annotation({"day": date(2026, 3, 2), "text": "Launch"})
        set_override(
            "health_score.score", "bank", 20, reason="sponsor left", starts_on=DAY, ends_on=DAY + timedelta(7)
        )
        rule = create_rule(
            "Low", {"kind": "RISK", "trigger": {"type": "value", "metric": "nps.score", "below": 4}}
        )
        Signal.objects.create(
            rule=rule.number, rule_version=1, is_risk=True, subject_kind="tenant", subject=0, raised_on=DAY
        )
        create_channel("Hook", {"kind": "WEBHOOK", "url": "https://hooks.example/in"})
        Delivery.objects.create(channel=1, cause="test", message={"type": "test", "subject": "Hello"})
        record_feedback("Good", given_by="CUSTOMER", account="bank", person=None, tags=[], metric="")
    with shared_scope():
        Run.objects.create(
            tenant_id=caller.tenant.id, plugin="nps", day=DAY, scheduled_for=NOON, state=Run.State.SUCCEEDED
        )
    key = create_key(caller.tenant, ApiKey.Kind.INGEST, source="app")
    body = {"api_key": key, "events": [{"event_type": "E", "user_id": "u", "time": "noon"}]}
    assert Client().post("/2/httpapi", body, content_type="application/json").status_code == 200
    caller.data('mutation { suppressPerson(input: {person: "eve"}) { request { id } } }')


def ids_of(caller: Caller) -> list[str]:
    """All ids of the tenant's things, each as a list or a mutation tells it."""
    found = [caller.data(START)["startComputation"]["computation"]["id"]]
    stack = [caller.data(IDS), caller.data(MORE)]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            found += [one["id"]] if "id" in one else []
            stack += one.values()
        elif isinstance(one, list):
            stack += one
    return found


@pytest.fixture
def both(acme, globex, settings) -> tuple[Caller, Caller]:
    settings.ENGAGE_PRIVACY_KEYS = ["a key of the tests"]
    callers = [
        Caller(tenant, create_key(tenant, ApiKey.Kind.ADMIN), f"{tenant.slug}.localhost")
        for tenant in (acme, globex)
    ]
    for caller in callers:
        fill(caller)
    return callers[0], callers[1]


# Found again in the tests of what makes them.
MADE_ELSEWHERE = {"FileImport", "Playbook", "Report", "Share", "Survey", "Task"}


def test_every_type_with_an_id_is_a_node_that_is_found_again():
    schema = schema_for(frozenset(registry().plugins))._schema
    found = {
        type_.name: type_
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType) and "id" in type_.fields
    }
    for name, type_ in found.items():
        assert [one.name for one in type_.interfaces if one.name == "Node"] == ["Node"], name
        assert isinstance(type_.fields["id"].type, GraphQLNonNull), name
    assert found.keys() == KINDS.keys() | NAMED


def test_each_id_names_one_thing_of_its_own_tenant(both):
    acme, globex = both
    ids = ids_of(acme)
    again = [one for n in range(0, len(ids), 100) for one in acme.data(AGAIN, ids=ids[n : n + 100])["nodes"]]
    assert [one["id"] for one in again] == ids
    kinds = {one["id"]: one["__typename"] for one in again}
    assert len(kinds) == len(set(ids))
    assert set(kinds.values()) == (KINDS.keys() | NAMED) - MADE_ELSEWHERE
    for id, kind in {kind: (id, kind) for id, kind in kinds.items()}.values():
        assert acme.data(ONE, id=id)["node"] == {"__typename": kind, "id": id}
        theirs = globex.data(ONE, id=id)["node"]
        assert theirs == ({"__typename": kind, "id": id} if kind in NAMED else None)


def test_what_one_may_not_list_one_does_not_find(both):
    acme, _ = both
    ids = ids_of(acme)
    kinds = {one["__typename"] for one in acme.data(AGAIN, ids=ids[:100])["nodes"]}
    request = KeyRequest(ApiKey.Kind.QUERY, permissions=frozenset({Permission.METRICS_READ}))
    viewer = Caller(acme.tenant, make_key(acme.tenant, request).text, acme.host)
    shown = {one["__typename"] for one in viewer.data(AGAIN, ids=ids[:100])["nodes"] if one}
    assert kinds - shown == {
        "Merge",
        "QuarantinedItem",
        "PrivacyRequest",
        "Rule",
        "Signal",
        "Channel",
        "Delivery",
    }


def test_a_token_finds_its_own_account_and_metrics_alone(both):
    acme, _ = both
    account = acme.data('{ account(externalId: "bank") { id } }')["account"]["id"]
    pk = acme.key.split("_")[3]
    with tenant_scope(acme.tenant):
        row = Account.objects.get(external_id="bank").pk
    token = issue_token(acme.tenant, pk, account_id=row, lifetime=timedelta(hours=1)).text
    customer = Caller(acme.tenant, token, acme.host)
    shown = [one for one in customer.data(AGAIN, ids=ids_of(acme)[:100])["nodes"] if one]
    assert {one["__typename"] for one in shown} == {"Account", "MetricDefinition"}
    assert [one["id"] for one in shown if one["__typename"] == "Account"] == [account]


def test_ids_are_looked_up_together_and_paid_for_each(both):
    acme, _ = both
    ids = [one["node"]["id"] for one in acme.data(IDS)["accounts"]["edges"]]
    counts = []
    for wanted in (ids[:1], ids * 3):
        with CaptureQueriesContext(connection) as captured:
            answer = acme.ask(AGAIN, ids=wanted)
        counts.append((len(captured), answer["extensions"]["cost"]["requested"]))
    assert counts[0][0] == counts[1][0]
    assert (counts[0][1], counts[1][1]) == (1, len(ids) * 3)


@pytest.mark.parametrize("count", [0, 101])
def test_more_ids_than_a_page_are_refused(at_acme, count):
    assert at_acme.code(AGAIN, ids=["nps"] * count) == "BAD_USER_INPUT"
