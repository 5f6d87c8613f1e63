"""Every mutation has the one shape of writes: done once for its key, tried without being done, naming what it wrote."""

from datetime import UTC, datetime, timedelta

import pytest

from engage_server.access.models import ApiKey
from engage_server.api.composition import schema_for
from engage_server.audit import log
from engage_server.operations.keys import create_key
from engage_server.plugin_host.registry import registry
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.api.schema_walk import roots

DUE = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
GOAL = {"name": "Up", "metric": "mood.score", "target": 9, "due": DUE}
CREATE = """mutation ($input: CreateGoalInput!) {
    createGoal(input: $input) { clientMutationId dryRun replayed goal { id name } restated { days } } }"""
RETIRE = "mutation ($input: IdInput!) { retireGoal(input: $input) { replayed goal { name } } }"
GOALS = "{ goals(first: 9) { edges { node { id name } } } }"
KEY = "mutation ($input: CreateKeyInput!) { createKey(input: $input) { replayed text key { publicId } } }"
KEYS = "{ keys(first: 9) { edges { node { publicId } } } }"
EXPORT = "mutation ($input: PersonInput!) { exportPerson(input: $input) { replayed data } }"
DESCRIBE = 'mutation { describePerson(input: {person: "ada", traits: {team: "a"}}) { dryRun } }'
ONE_KEY = "a-key-of-the-client"


@pytest.fixture
def admins(at_acme, at_globex) -> tuple[Caller, Caller]:
    mine, theirs = (
        Caller(one.tenant, create_key(one.tenant, ApiKey.Kind.ADMIN), one.host)
        for one in (at_acme, at_globex)
    )
    return mine, theirs


def test_every_mutation_takes_one_input_and_answers_with_a_payload():
    schema = schema_for(frozenset(registry().plugins))._schema
    strays = {
        place.path[0][0]
        for place in roots(schema)
        if place.operation == "mutation" and not has_the_shape(place.last)
    }
    assert strays == set()


def has_the_shape(definition) -> bool:
    if list(definition.args) != ["input"]:
        return False
    fields = definition.args["input"].type.of_type.fields
    payload = definition.type
    return {"clientMutationId", "idempotencyKey", "dryRun"} <= fields.keys() and "WritePayload" in {
        one.name for one in payload.interfaces
    }


def test_a_definition_is_made_once_for_its_key_in_each_tenant(admins):
    mine, theirs = admins
    asked = {**GOAL, "idempotencyKey": ONE_KEY, "clientMutationId": "form-7"}
    made = mine.data(CREATE, input=asked)["createGoal"]
    assert (made["clientMutationId"], made["dryRun"], made["replayed"]) == ("form-7", False, False)
    again = mine.data(CREATE, input=asked)["createGoal"]
    assert (again["replayed"], again["goal"]) == (True, made["goal"])
    assert mine.nodes(GOALS) == [made["goal"]]
    assert mine.code(CREATE, input={**asked, "target": 8}) == "CONFLICT"
    assert theirs.data(CREATE, input=asked)["createGoal"]["replayed"] is False
    assert len(theirs.nodes(GOALS)) == 1


def test_what_is_only_tried_is_not_there_and_refuses_as_the_real_one(admins):
    mine, theirs = admins
    tried = mine.data(CREATE, input={**GOAL, "dryRun": True})["createGoal"]
    assert (tried["dryRun"], tried["goal"], tried["restated"]) == (True, None, {"days": 0})
    assert mine.nodes(GOALS) == []
    with tenant_scope(mine.tenant):
        assert [entry.action for entry in log.newest(9, action="goal.")] == []
    mine.data(CREATE, input=GOAL)
    refused = mine.code(CREATE, input={**GOAL, "dryRun": True})
    assert refused == mine.code(CREATE, input=GOAL)
    assert theirs.nodes(GOALS) == []


def test_what_ended_is_named_once_more_where_the_request_is_repeated(admins):
    mine, _ = admins
    id = mine.data(CREATE, input=GOAL)["createGoal"]["goal"]["id"]
    asked = {"id": id, "idempotencyKey": ONE_KEY}
    assert mine.data(RETIRE, input={"id": id, "dryRun": True})["retireGoal"]["goal"] == {"name": "Up"}
    assert mine.data(RETIRE, input=asked)["retireGoal"] == {"replayed": False, "goal": {"name": "Up"}}
    # It is not there any more, and to repeat the request is no error.
    assert mine.data(RETIRE, input=asked)["retireGoal"] == {"replayed": True, "goal": None}


def test_a_secret_is_shown_once_and_of_a_trial_never(admins):
    mine, theirs = admins
    before = mine.nodes(KEYS)
    tried = mine.data(KEY, input={"kind": "QUERY", "dryRun": True})["createKey"]
    assert (tried["text"], tried["key"]) == (None, None)
    assert mine.nodes(KEYS) == before
    asked = {"kind": "QUERY", "idempotencyKey": ONE_KEY}
    made = mine.data(KEY, input=asked)["createKey"]
    assert Caller(mine.tenant, made["text"], mine.host).data("{ tenant { slug } }")
    again = mine.data(KEY, input=asked)["createKey"]
    assert again == {"replayed": True, "text": None, "key": made["key"]}
    assert len(mine.nodes(KEYS)) == len(before) + 1
    assert theirs.data(KEY, input=asked)["createKey"]["key"] != made["key"]


def test_whoever_sees_what_is_stored_of_a_person_stands_in_the_log_each_time(admins, settings):
    settings.ENGAGE_PRIVACY_KEYS = ["a key of the tests"]
    mine, _ = admins
    mine.data(DESCRIBE)
    assert mine.data(EXPORT, input={"person": "ada", "dryRun": True})["exportPerson"]["data"] is None
    asked = {"person": "ada", "idempotencyKey": ONE_KEY}
    first, second = (mine.data(EXPORT, input=asked)["exportPerson"] for _ in range(2))
    assert (first["replayed"], second["replayed"]) == (False, True)
    assert first["data"]
    assert second["data"]
    with tenant_scope(mine.tenant):
        assert len(log.newest(9, action="data.exported")) == 2
