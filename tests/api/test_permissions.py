"""Every root field says what it needs, is refused without it, and shows persons only to those who may see them."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from graphql import GraphQLNonNull

from engage_server.access.authentication import authenticate_reader
from engage_server.access.models import ApiKey
from engage_server.access.principal import EVERYTHING, Permission
from engage_server.api.composition import schema_for
from engage_server.api.context import Context
from engage_server.api.ids import global_id
from engage_server.api.types.persons import Person as PersonNode
from engage_server.customers.models import Account, Membership, Person
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.plugin_host.models import PluginSetting
from engage_server.plugin_host.registry import registry
from engage_server.sdk import Subject
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.api.schema_walk import SAMPLES, Operation, declared, reached_without, roots
from tests.metrics.values import store

PERSONAL = (
    "query ($id: ID!) { node(id: $id) { id ... on Person { externalId name email traits isExcluded } } }"
)


def with_permissions(caller: Caller, permissions: frozenset[Permission]) -> Caller:
    key = make_key(caller.tenant, KeyRequest(ApiKey.Kind.ADMIN, permissions=permissions)).text
    return Caller(caller.tenant, key, caller.host)


@pytest.fixture
def viewer(at_acme):
    """May read metrics, and no personal data."""
    return with_permissions(at_acme, frozenset({Permission.METRICS_READ}))


@pytest.fixture
def ada(at_acme) -> str:
    """Global id of a person of acme's who is in the account ``mine`` with a bot and a merged twin."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    traits = {"email": "ada@example.test", "firstName": "Ada", "lastName": "Lovelace"}
    with tenant_scope(at_acme.tenant):
        account = Account.objects.create(external_id="mine")
        person = Person.objects.create(external_id="ada@example.test", traits=traits)
        twin = Person.objects.create(external_id="twin", merged_into=person)
        bot = Person.objects.create(external_id="bot", is_excluded=True)
        for member in (person, twin, bot):
            Membership.objects.create(person=member, account=account, starts_at=start)
        store("mood.score", 4, kind="person", subject=person.pk)
    (edge,) = at_acme.data('{ account(externalId: "mine") { members(first: 9) { edges { node { id } } } } }')[
        "account"
    ]["members"]["edges"]
    return edge["node"]["id"]


def test_every_root_field_of_the_core_and_of_all_plugins_says_what_it_needs():
    schema = schema_for(frozenset(registry().plugins))._schema
    silent = [place.label for place in roots(schema) if declared(place) is None]
    assert silent == [], "Remedy: extensions=[requires(Permission.…)] at the field."
    assert len(list(roots(schema))) > 15


def test_every_root_field_is_refused_without_its_permission_and_with_it_alone_is_not(at_acme):
    schema = schema_for(frozenset({"mood"}))._schema
    without = {permission: with_permissions(at_acme, EVERYTHING - {permission}) for permission in Permission}
    for place in roots(schema):
        needed = declared(place).permission
        body = Operation(place).body(SAMPLES)
        (error,) = without[needed].post(body).json()["errors"]
        assert (error["extensions"]["code"], needed.value in error["message"]) == ("FORBIDDEN", True), place
        alone = with_permissions(at_acme, frozenset({needed})).post(body).json()
        # Another right may be asked for besides, as by what makes keys: nobody gives away what they lack.
        said = " ".join(error["message"] for error in alone.get("errors", []))
        assert f"permission {needed.value!r}" not in said, (place.label, said)


def test_a_field_that_is_refused_costs_itself_and_nothing_else(at_acme, viewer):
    schema = schema_for(frozenset(registry().plugins))._schema
    strict = [
        place.label
        for place in roots(schema)
        if place.operation == "query"
        and declared(place).permission is not Permission.METRICS_READ
        and isinstance(place.last.type, GraphQLNonNull)
    ]
    assert strict == []
    answer = viewer.ask(
        "{ tenant { slug } auditLog { edges { cursor } } keys { totalCount } accounts { totalCount } }"
    )
    assert answer["data"] == {
        "tenant": {"slug": "acme"},
        "auditLog": None,
        "keys": None,
        "accounts": {"totalCount": 0},
    }
    refused = [(error["path"], error["extensions"]["code"]) for error in answer["errors"]]
    assert refused == [(["auditLog"], "FORBIDDEN"), (["keys"], "FORBIDDEN")]


def test_who_may_not_read_metrics_comes_to_no_value_and_no_account_through_what_mutations_give_back():
    reached = reached_without(schema_for(frozenset(registry().plugins))._schema, Permission.METRICS_READ)
    assert {"Goal", "Override", "Segment", "FeedbackEntry"} <= reached.keys()
    leads = {name: reached[name] for name in ("MetricValue", "Account") if name in reached}
    assert leads == {}, (
        "Remedy: extensions=[requires(Permission.METRICS_READ)] at the field that leads there."
    )


def test_a_writer_without_the_right_to_read_is_refused_the_values_and_what_was_written_stays(
    at_acme, at_globex
):
    today = datetime.now(at_acme.tenant.zone).date()
    writes = frozenset({Permission.CONFIG_WRITE, Permission.EVENTS_WRITE})
    for caller in (at_acme, at_globex):
        with tenant_scope(caller.tenant):
            account = Account.objects.create(external_id="mine")
            if caller is at_acme:
                store("mood.score", 77, kind="account", subject=account.pk, day=today)
                store("mood.score", 66, day=today)
    writer = with_permissions(at_acme, writes)
    asked = {
        "recordFeedback": """recordFeedback(input: {text: "slow", givenBy: STAFF, account: "mine"}) { entry {
            instrument account { metrics { value } } } }""",
        "createGoal": f'''createGoal(input: {{name: "Up", metric: "mood.score", target: 90,
            due: "{today + timedelta(9)}"}}) {{ goal {{ name target baseline progress current {{ value }} }} }}''',
        "createSegment": """createSegment(input: {name: "All", subject: ACCOUNT, tracked: true,
            condition: {type: "stage", any_of: ["CUSTOMER"]}}) { segment { name size metrics { value } } }""",
    }
    for name, field in asked.items():
        answer = writer.ask(f"mutation {{ {field} }}")
        assert {one["extensions"]["code"] for one in answer["errors"]} == {"FORBIDDEN"}, (name, answer)
        assert not {"77", "66"} & set(re.findall(r"\d+", json.dumps(answer["data"]))), name
    made = writer.data(f'''mutation {{ createGoal(input: {{name: "Two", metric: "mood.score", target: 9,
        due: "{today + timedelta(9)}"}}) {{ goal {{ name expected }} }} }}''')["createGoal"]["goal"]
    assert made == {"name": "Two", "expected": 0}
    goals = "{ goals(first: 9) { edges { node { name baseline } } } }"
    assert at_acme.nodes(goals) == [{"name": "Up", "baseline": 66}, {"name": "Two", "baseline": 66}]
    assert at_globex.nodes(goals) == []


def test_a_key_that_only_writes_events_reads_nothing(at_acme):
    key = create_key(at_acme.tenant, ApiKey.Kind.INGEST)
    assert Caller(at_acme.tenant, key, at_acme.host).post({"query": "{ tenant { slug } }"}).status_code == 403


def test_who_may_sees_a_person(at_acme, ada):
    assert at_acme.data(PERSONAL, id=ada)["node"] == {
        "id": ada,
        "externalId": "ada@example.test",
        "name": "Ada Lovelace",
        "email": "ada@example.test",
        "traits": {"email": "ada@example.test", "firstName": "Ada", "lastName": "Lovelace"},
        "isExcluded": False,
    }


def test_who_may_not_sees_that_there_is_a_person_and_not_who(viewer, ada):
    answer = viewer.post({"query": PERSONAL, "variables": {"id": ada}})
    node = answer.json()["data"]["node"]
    assert (node["id"], node["isExcluded"]) == (ada, False)
    assert {name: node[name] for name in ("externalId", "name", "email", "traits")} == {
        "externalId": None,
        "name": None,
        "email": None,
        "traits": None,
    }
    assert b"ada@" not in answer.content
    assert b"Lovelace" not in answer.content


def test_a_field_of_a_person_is_masked_unless_it_is_known_to_name_nobody(at_acme):
    open_fields = {"id", "isExcluded", "firstKnownAt"}
    fields = {
        name: definition.extensions["strawberry-definition"]
        for name, definition in schema_for(frozenset())._schema.type_map["Person"].fields.items()
    }
    masked = {name for name, field in fields.items() if field.base_resolver is not None}
    assert open_fields | masked == fields.keys()
    assert not open_fields & masked
    assert PersonNode.__strawberry_definition__.name == "Person"


def test_values_of_persons_come_without_their_names_to_who_may_not_see_them(at_acme, viewer, ada):
    labels = {}
    for caller in (at_acme, viewer):
        with tenant_scope(caller.tenant):
            context = Context(authenticate_reader(caller.key), frozenset({"mood"}))
            person = Person.objects.get(external_id="ada@example.test")
            (listed,) = context.metrics.by_subject("mood.score", "person")
            single = context.metrics.latest("mood.score", Subject("person", person.pk))
        labels[caller.key] = (listed.label, single.label)
    assert labels[at_acme.key] == ("ada@example.test", "ada@example.test")
    assert labels[viewer.key] == ("", "")


def test_explanations_of_values_name_nobody_to_who_may_not_see_them(at_acme, viewer, ada):
    parts = [
        {
            "key": "ada@example.test",
            "label": "Twin",
            "value": 1,
            "points": 1,
            "note": "by bot-4711, not by 7",
        },
        {"key": "promoters", "label": "Promoters of nobody@elsewhere.test", "value": 3, "points": 3},
    ]
    details = {"band": "AT_RISK", "score:bot-4711": 7, "of": ["twin", {"ada@example.test": "open"}]}
    with tenant_scope(at_acme.tenant):
        for name in ("bot-4711", "7"):
            Person.objects.create(external_id=name)
        store("mood.score", 4, contributions=parts, details=details)
    query = '{ metric(id: "mood.score") { at { contributions { key label note points } details } } }'
    shown = at_acme.data(query)["metric"]["at"]
    assert shown["details"] == details
    assert [part["key"] for part in shown["contributions"]] == ["ada@example.test", "promoters"]
    answer = viewer.post({"query": query})
    for name in (b"ada@", b"nobody@", b"bot-4711", b'"twin"'):
        assert name not in answer.content
    masked = answer.json()["data"]["metric"]["at"]
    first, second = masked["contributions"]
    assert first["note"].endswith(", not by 7")
    assert second["key"] == "promoters"
    assert [part["points"] for part in (first, second)] == [1, 3]
    assert masked["details"]["band"] == "AT_RISK"
    assert f"score:{first['note'].removeprefix('by ').partition(',')[0]}" in masked["details"]
    assert first["key"] in masked["details"]["of"][1]


def test_what_is_hidden_says_nothing_of_who_is_known_to_another_tenant(at_acme, at_globex, viewer):
    with tenant_scope(at_globex.tenant):
        Person.objects.create(external_id="known-to-globex")
    with tenant_scope(at_acme.tenant):
        store("mood.score", 4, details={"said": "known-to-globex"})
    answer = viewer.data('{ metric(id: "mood.score") { at { details } } }')
    assert answer["metric"]["at"]["details"] == {"said": "known-to-globex"}


def test_settings_name_nobody_to_who_may_not_see_them(at_acme, ada):
    writer = with_permissions(at_acme, frozenset({Permission.METRICS_READ, Permission.CONFIG_WRITE}))
    with tenant_scope(at_acme.tenant):
        PluginSetting.objects.update(config={"days": "ada@example.test"})
    answer = writer.post({"query": "{ plugins { config problem } }"})
    assert b"days" in answer.content
    assert b"ada@" not in answer.content


def test_members_are_counted_as_they_are_listed(at_acme, ada):
    account = at_acme.data(
        """{ account(externalId: "mine") {
            memberCount members(first: 9) { totalCount edges { node { externalId } } } } }"""
    )
    assert account["account"] == {
        "memberCount": 1,
        "members": {"totalCount": 1, "edges": [{"node": {"externalId": "ada@example.test"}}]},
    }


def test_a_merged_person_is_found_as_the_one_that_remains(at_acme, ada):
    with tenant_scope(at_acme.tenant):
        twin = Person.objects.get(external_id="twin")
    old = global_id("Person", tenant_id=at_acme.tenant.id, pk=twin.pk)
    assert at_acme.data("query ($id: ID!) { person(id: $id) { id } }", id=old) == {"person": {"id": ada}}


def test_another_tenants_person_is_nobody(at_globex, ada):
    assert at_globex.data("query ($id: ID!) { person(id: $id) { id } }", id=ada) == {"person": None}
    assert at_globex.data("query ($id: ID!) { node(id: $id) { id } }", id=ada) == {"node": None}
