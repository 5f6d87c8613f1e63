"""Surveys over GraphQL: made, asked and answered, so that the metric moves; each tenant's its own, and by permission."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.customers.models import Account
from engage_server.ingest.items import MembershipItem, PersonItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

CREATE = """mutation ($input: CreateSurveyInput!) {
    createSurvey(input: $input) { dryRun replayed survey { id name kind instrument version } } }"""
INVITE = """mutation ($id: ID!, $person: String!, $key: String, $dry: Boolean! = false) {
    inviteToSurvey(input: {id: $id, person: $person, idempotencyKey: $key, dryRun: $dry}) { replayed url frameUrl } }"""
CHANGE = """mutation ($id: ID!, $expected: Int) {
    updateSurvey(input: {id: $id, expectedVersion: $expected, changes: {coolDownDays: 7}}) {
        survey { version coolDownDays } } }"""
RETIRE = "mutation ($id: ID!) { retireSurvey(input: {id: $id}) { survey { name } } }"
LIST = "{ surveys(first: 9) { edges { node { id name responses { asked answered dismissed } } } } }"
VALUE = 'query ($on: Date!) { metric(id: "nps.score") { compute(of: {on: $on}) { value { value n } } } }'
NPS = {"name": "How", "kind": "NPS"}


@pytest.fixture
def at_both(acme, globex) -> tuple[Caller, Caller]:
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            store_items([PersonItem(PersonKey(user_id="ada"), {})], source="t")
    return tuple(
        Caller(tenant, create_key(tenant, ApiKey.Kind.ADMIN), f"{tenant.slug}.localhost")
        for tenant in (acme, globex)
    )


def test_an_answer_moves_the_value_of_its_own_tenant_alone(at_both):
    acme, globex = at_both
    today = datetime.now(ZoneInfo(acme.tenant.timezone)).date().isoformat()
    id = acme.data(CREATE, input=NPS)["createSurvey"]["survey"]["id"]
    url = acme.data(INVITE, id=id, person="ada")["inviteToSurvey"]["url"]
    path = url.removeprefix("http://localhost:8000")
    assert (
        Client().post(path, "score=10", content_type="application/x-www-form-urlencoded").status_code == 200
    )
    (moved,) = acme.data(VALUE, on=today)["metric"]["compute"]
    assert moved == {"value": {"value": 100.0, "n": 1}}
    assert globex.data(VALUE, on=today)["metric"]["compute"][0]["value"]["n"] == 0
    (listed,) = acme.nodes(LIST)
    assert listed == {"id": id, "name": "How", "responses": {"asked": 1, "answered": 1, "dismissed": 0}}
    assert globex.nodes(LIST) == []


def test_another_tenants_survey_is_none(at_both):
    acme, globex = at_both
    id = acme.data(CREATE, input=NPS)["createSurvey"]["survey"]["id"]
    for write in (CHANGE, RETIRE):
        assert globex.code(write, id=id) == "BAD_USER_INPUT"
    assert globex.code(INVITE, id=id, person="ada") == "BAD_USER_INPUT"
    assert globex.data("query ($id: ID!) { node(id: $id) { id } }", id=id) == {"node": None}
    assert acme.data(CHANGE, id=id)["updateSurvey"]["survey"] == {"version": 2, "coolDownDays": 7}
    assert acme.data("query ($id: ID!) { node(id: $id) { id } }", id=id) == {"node": {"id": id}}
    assert acme.data(RETIRE, id=id) == {"retireSurvey": {"survey": {"name": "How"}}}
    assert acme.nodes(LIST) == []


def test_it_needs_its_permission_and_asking_persons_that_of_seeing_them(at_both):
    acme, _ = at_both
    id = acme.data(CREATE, input=NPS)["createSurvey"]["survey"]["id"]

    def having(*permissions: Permission) -> Caller:
        key = make_key(acme.tenant, KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset(permissions))).text
        return Caller(acme.tenant, key, acme.host)

    writer = having(Permission.SURVEYS_WRITE, Permission.METRICS_READ)
    assert writer.code(INVITE, id=id, person="ada") == "FORBIDDEN"
    assert writer.code(LIST) == "FORBIDDEN"
    assert writer.data(CHANGE, id=id)["updateSurvey"]["survey"]["version"] == 2
    other = having(Permission.AUTOMATION_WRITE, Permission.AUTOMATION_READ, Permission.METRICS_READ)
    assert other.code(CREATE, input={**NPS, "name": "Other"}) == "FORBIDDEN"


@pytest.mark.parametrize(
    "fields", [{"origins": ["https://x.example/path"]}, {"endsAfterDays": 0}, {"name": ""}]
)
def test_what_cannot_be_asked_is_refused(at_both, fields):
    acme, _ = at_both
    assert acme.code(CREATE, input={**NPS, **fields}) == "INVALID_DEFINITION"


def test_leads_are_asked_as_customers_are_and_their_answers_are_told_by_stage(at_both):
    acme, globex = at_both
    today = datetime.now(ZoneInfo(acme.tenant.timezone)).date().isoformat()
    long_ago = datetime(2026, 1, 1, tzinfo=ZoneInfo(acme.tenant.timezone))
    with tenant_scope(acme.tenant):
        Account.objects.create(external_id="prospect", stage=Account.Stage.LEAD)
        store_items([MembershipItem(PersonKey(user_id="ada"), "prospect", long_ago)], source="t")
    id = acme.data(CREATE, input={"name": "How easy", "kind": "CES_2"})["createSurvey"]["survey"]["id"]
    path = acme.data(INVITE, id=id, person="ada")["inviteToSurvey"]["url"].removeprefix(
        "http://localhost:8000"
    )
    answered = Client().post(path, "score=6", content_type="application/x-www-form-urlencoded")
    assert answered.status_code == 200
    by_stage = """query ($on: Date!) { metric(id: "ces.effort_score") {
        compute(of: {on: $on, groupBy: "stage"}) { group value { value n } } } }"""
    told = {one["group"]: one["value"] for one in acme.data(by_stage, on=today)["metric"]["compute"]}
    assert told["LEAD"] == {"value": 6.0, "n": 1}
    assert globex.code(by_stage, on=today) == "UNKNOWN_DIMENSION"


def test_a_repeated_or_tried_request_asks_nobody_again_and_keeps_no_link(at_both):
    acme, globex = at_both
    id = acme.data(CREATE, input=NPS)["createSurvey"]["survey"]["id"]
    tried = acme.data(INVITE, id=id, person="ada", dry=True)["inviteToSurvey"]
    assert tried == {"replayed": False, "url": None, "frameUrl": None}
    first = acme.data(INVITE, id=id, person="ada", key="k")["inviteToSurvey"]
    again = acme.data(INVITE, id=id, person="ada", key="k")["inviteToSurvey"]
    assert first["url"]
    assert again == {"replayed": True, "url": None, "frameUrl": None}
    assert [one["responses"]["asked"] for one in acme.nodes(LIST)] == [1]
    assert globex.nodes(LIST) == []


def test_a_survey_that_was_tried_is_not_there_and_a_stale_version_is_a_conflict(at_both):
    acme, _ = at_both
    tried = acme.data(CREATE, input={**NPS, "dryRun": True})["createSurvey"]
    assert tried == {"dryRun": True, "replayed": False, "survey": None}
    assert acme.nodes(LIST) == []
    made, again = (acme.data(CREATE, input={**NPS, "idempotencyKey": "k"})["createSurvey"] for _ in range(2))
    assert (made["replayed"], again["replayed"]) == (False, True)
    assert made["survey"] == again["survey"]
    id = made["survey"]["id"]
    acme.data(CHANGE, id=id, expected=1)
    assert acme.code(CHANGE, id=id, expected=1) == "CONFLICT"
