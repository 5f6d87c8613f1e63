"""Tasks of playbooks: paged, said to be done, each tenant's own, and of persons only for who may see them."""

import pytest

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.automation.models import Task
from engage_server.customers.models import Account
from engage_server.operations.keys import KeyRequest, make_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

TASKS = """query ($after: String, $owner: String, $done: Boolean = false) {
    tasks(first: 2, after: $after, owner: $owner, done: $done) {
        edges { node { id title text owner doneBy outcome subject { ... on Account { name } ... on Person { id } } } }
        pageInfo { hasNextPage endCursor } totalCount
    } }"""
DONE = (
    "mutation ($id: ID!, $outcome: String!) { completeTask(input: {id: $id, outcome: $outcome}) { task { "
    "title outcome doneBy } } }"
)


def key(caller: Caller, *permissions: str) -> Caller:
    request = KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset(map(Permission, permissions)) or None)
    return Caller(caller.tenant, make_key(caller.tenant, request).text, caller.host)


@pytest.fixture
def acme(at_acme) -> Caller:
    with tenant_scope(at_acme.tenant):
        north = Account.objects.create(external_id="north", name="North", owner="kim")
        for n, owner in enumerate(("kim", "lee", "kim")):
            Task.objects.create(
                playbook=1, signal=n, subject_kind="account", subject=north.pk, owner=owner, title=f"Call {n}",
                text="Ask.", is_personal=n == 2,
            )  # fmt: skip
    return key(at_acme)


def titles(page: dict) -> list[str | None]:
    return [edge["node"]["title"] for edge in page["edges"]]


def test_tasks_are_paged_from_the_oldest_and_narrowed_to_an_owner(acme, at_globex):
    first = acme.data(TASKS)["tasks"]
    assert (titles(first), first["totalCount"], first["pageInfo"]["hasNextPage"]) == (
        ["Call 0", "Call 1"],
        3,
        True,
    )
    assert first["edges"][0]["node"]["subject"] == {"name": "North"}
    assert titles(acme.data(TASKS, after=first["pageInfo"]["endCursor"])["tasks"]) == ["Call 2"]
    assert titles(acme.data(TASKS, owner="lee")["tasks"]) == ["Call 1"]
    assert key(at_globex).data(TASKS)["tasks"]["edges"] == []


def test_a_task_that_is_done_leaves_the_list_with_who_did_it_and_what_came_of_it(acme, at_globex):
    id = acme.data(TASKS)["tasks"]["edges"][0]["node"]["id"]
    assert key(at_globex).code(DONE, id=id, outcome="Mine") in {"NOT_FOUND", "BAD_USER_INPUT"}
    done = acme.data(DONE, id=id, outcome="They stay.")["completeTask"]["task"]
    assert (done["title"], done["outcome"], done["doneBy"][:4]) == ("Call 0", "They stay.", "key:")
    assert titles(acme.data(TASKS)["tasks"]) == ["Call 1", "Call 2"]
    assert titles(acme.data(TASKS, done=True)["tasks"]) == ["Call 0"]
    assert acme.code(DONE, id=id, outcome="x" * 501) == "BAD_USER_INPUT"
    assert acme.data("query ($id: ID!) { node(id: $id) { ... on Task { title } } }", id=id)["node"] == {
        "title": "Call 0"
    }


def test_what_may_tell_of_persons_is_for_who_may_see_them(acme):
    plain = key(acme, "metrics:read", "automation:read", "automation:write")
    assert titles(plain.data(TASKS, owner="kim")["tasks"]) == ["Call 0", None]
    assert titles(acme.data(TASKS, owner="kim")["tasks"]) == ["Call 0", "Call 2"]
    writer = key(acme, "automation:write")
    assert writer.code(TASKS) == "FORBIDDEN"
