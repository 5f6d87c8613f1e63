"""Documents go by the ids that a build step registered, each tenant's apart, and some may send no others."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from engage_server.access.models import ApiKey
from engage_server.audit.log import newest
from engage_server.definitions import own_documents
from engage_server.definitions.documents import ACCOUNTS, _texts, demands, digest_of, documents
from engage_server.definitions.exceptions import InvalidDefinitionError
from engage_server.operations.documents import (
    demand_documents,
    lift_demand,
    register_documents,
    retire_document,
)
from engage_server.operations.keys import create_key
from engage_server.operations.limits import set_limit
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.api.test_get import get

TEXT = "query A($language: String!) { tenant { slug } metrics { title(language: $language) } }"
ID = digest_of(TEXT)
OTHER = "{ tenant { name } }"


def register(caller: Caller, **texts: str) -> None:
    with tenant_scope(caller.tenant):
        register_documents(texts or {ID: TEXT})


def code(response) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize(
    "named",
    [
        {"documentId": ID},
        {"documentId": f"sha256:{ID}"},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": ID}}},
    ],
)
def test_a_registered_document_is_answered_by_its_id_to_its_own_tenant_alone(at_acme, at_globex, named):
    register(at_acme)
    body = {**named, "variables": {"language": "en"}}
    assert at_acme.post(body).json()["data"]["tenant"] == {"slug": "acme"}
    assert "data" not in at_globex.post(body).json()


def test_a_get_needs_nothing_but_the_id(at_acme):
    register(at_acme)
    response = get(at_acme, documentId=ID, variables=json.dumps({"language": "en"}))
    assert response.json()["data"]["tenant"] == {"slug": "acme"}


def test_an_unknown_id_and_a_retired_one_are_refused_alike(at_acme):
    register(at_acme)
    assert code(at_acme.post({"documentId": "none"})) == (400, "DOCUMENT_NOT_FOUND")
    with tenant_scope(at_acme.tenant):
        assert retire_document(ID)
        assert not retire_document(ID)
    assert code(at_acme.post({"documentId": ID, "variables": {"language": "en"}})) == (
        400,
        "DOCUMENT_NOT_FOUND",
    )


NOBODYS = ["a\\u0000b", "a\\ud800b", "x" * 90_000, "a b"]


@pytest.mark.parametrize("id", NOBODYS, ids=lambda id: repr(id[:10]))
@pytest.mark.parametrize(
    "body", [{"documentId": "?"}, {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "?"}}}]
)
def test_what_can_be_nobodys_id_is_refused_and_not_remembered(at_acme, id, body):
    before = len(_texts)
    response = at_acme.post(json.dumps(body).replace("?", id))
    assert response.status_code < 500
    assert "data" not in response.json()
    assert len(_texts) == before


def test_a_miss_is_paid_for(at_acme, at_globex):
    set_limit(at_acme.tenant, "query_points", 2)
    set_limit(at_acme.tenant, "query_points_per_second", 1)
    answers = [code(at_acme.post({"documentId": f"none-{n}"})) for n in range(5)]
    assert answers[:2] == [(400, "DOCUMENT_NOT_FOUND")] * 2
    assert (429, "RATE_LIMITED") in answers
    assert code(at_globex.post({"documentId": "none"})) == (400, "DOCUMENT_NOT_FOUND")


def test_half_a_surrogate_in_a_query_is_no_registered_document(at_acme):
    with tenant_scope(at_acme.tenant):
        demand_documents(f"key:{at_acme.key.split('_')[3]}")
    assert code(at_acme.post('{"query": "{ tenant { slug } } # \\ud800"}')) == (403, "DOCUMENT_NOT_TRUSTED")


def test_of_whom_it_is_demanded_only_registered_documents_are_answered(at_acme, at_globex):
    register(at_acme)
    other = Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.QUERY), at_acme.host)
    with tenant_scope(at_acme.tenant):
        demand_documents(f"key:{at_acme.key.split('_')[3]}")
    assert code(at_acme.post({"query": OTHER})) == (403, "DOCUMENT_NOT_TRUSTED")
    whole = {"query": TEXT, "variables": {"language": "en"}}
    assert at_acme.post(whole).json()["data"]["tenant"] == {"slug": "acme"}
    for free in (other, at_globex):
        assert "data" in free.post({"query": OTHER}).json()
    with tenant_scope(at_acme.tenant):
        assert lift_demand(f"key:{at_acme.key.split('_')[3]}")
    assert "data" in at_acme.post({"query": OTHER}).json()


def test_the_servers_own_documents_are_trusted_for_every_tenant(at_acme, monkeypatch):
    id = digest_of(OTHER)
    for key in (id, id[:16]):
        monkeypatch.setitem(own_documents.OWN, key, "")  # so that it is taken out again
    assert own_documents.register_own(OTHER) == id
    with tenant_scope(at_acme.tenant):
        demand_documents(f"key:{at_acme.key.split('_')[3]}")
    for key in (id, id[:16]):
        assert at_acme.post({"documentId": key}).json()["data"] == {"tenant": {"name": "Acme"}}
    assert (
        at_acme.post({"documentId": id[:15]}).json()["errors"][0]["extensions"]["code"]
        == "DOCUMENT_NOT_FOUND"
    )


@pytest.mark.parametrize(
    ("id", "text", "said"),
    [
        ("a b", OTHER, "is no id"),
        ("a", "{", "is no GraphQL"),
        (ID, OTHER, "Another document has the id"),
        ("a", "", "is no GraphQL"),
    ],
)
def test_what_is_no_document_is_not_registered(at_acme, id, text, said):
    register(at_acme)
    with tenant_scope(at_acme.tenant):
        with pytest.raises(InvalidDefinitionError, match=said):
            register_documents({"new": OTHER, id: text})
        assert [one.name for one in documents()] == [ID]


def test_the_command_reads_what_build_tools_write(acme, globex, tmp_path: Path, capsys):
    apollo, relay, plain = tmp_path / "apollo.json", tmp_path / "relay.json", tmp_path / "a.graphql"
    apollo.write_text(json.dumps({"operations": [{"id": "one", "name": "A", "type": "query", "body": TEXT}]}))
    relay.write_text(json.dumps({"two": OTHER}))
    plain.write_text(TEXT)
    for _ in range(2):
        call_command("documents", "register", str(apollo), str(relay), str(plain), "--tenant", "acme")
    call_command("documents", "require", "accounts", "--tenant", "acme")
    with tenant_scope(acme):
        assert {one.name for one in documents()} == {"one", "two", ID}
        assert [one.name for one in demands()] == [ACCOUNTS]
        actions = [entry.action for entry in newest(10)]
        assert actions.count("documents.registered") == 1
    with tenant_scope(globex):
        assert not documents()
    relay.write_text("[]")
    with pytest.raises(CommandError, match="no manifest"):
        call_command("documents", "register", str(relay), "--tenant", "acme")
