"""Surveys over GraphQL: made, asked and answered, so that the metric moves; each tenant's its own, and by permission."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.ingest.items import PersonItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

CREATE = (
    "mutation ($survey: NewSurvey!) { createSurvey(survey: $survey) { id name kind instrument version } }"
)
INVITE = "mutation ($id: ID!, $person: String!) { inviteToSurvey(id: $id, person: $person) { url frameUrl } }"
CHANGE = "mutation ($id: ID!) { updateSurvey(id: $id, changes: {coolDownDays: 7}) { version coolDownDays } }"
RETIRE = "mutation ($id: ID!) { retireSurvey(id: $id) { name } }"
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
    id = acme.data(CREATE, survey=NPS)["createSurvey"]["id"]
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
    id = acme.data(CREATE, survey=NPS)["createSurvey"]["id"]
    for write in (CHANGE, RETIRE):
        assert globex.code(write, id=id) == "BAD_USER_INPUT"
    assert globex.code(INVITE, id=id, person="ada") == "BAD_USER_INPUT"
    assert globex.data("query ($id: ID!) { node(id: $id) { id } }", id=id) == {"node": None}
    assert acme.data(CHANGE, id=id)["updateSurvey"] == {"version": 2, "coolDownDays": 7}
    assert acme.data("query ($id: ID!) { node(id: $id) { id } }", id=id) == {"node": {"id": id}}
    assert acme.data(RETIRE, id=id) == {"retireSurvey": {"name": "How"}}
    assert acme.nodes(LIST) == []


def test_it_needs_its_permission_and_asking_persons_that_of_seeing_them(at_both):
    acme, _ = at_both
    id = acme.data(CREATE, survey=NPS)["createSurvey"]["id"]

    def having(*permissions: Permission) -> Caller:
        key = make_key(acme.tenant, KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset(permissions))).text
        return Caller(acme.tenant, key, acme.host)

    writer = having(Permission.SURVEYS_WRITE, Permission.METRICS_READ)
    assert writer.code(INVITE, id=id, person="ada") == "FORBIDDEN"
    assert writer.code(LIST) == "FORBIDDEN"
    assert writer.data(CHANGE, id=id)["updateSurvey"]["version"] == 2
    other = having(Permission.AUTOMATION_WRITE, Permission.AUTOMATION_READ, Permission.METRICS_READ)
    assert other.code(CREATE, survey={**NPS, "name": "Other"}) == "FORBIDDEN"


@pytest.mark.parametrize(
    "fields", [{"origins": ["https://x.example/path"]}, {"endsAfterDays": 0}, {"name": ""}]
)
def test_what_cannot_be_asked_is_refused(at_both, fields):
    acme, _ = at_both
    assert acme.code(CREATE, survey={**NPS, **fields}) == "INVALID_DEFINITION"
