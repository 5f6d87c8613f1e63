"""Queries by GET: read as those by POST are, within the same limits; nothing is changed by one."""

import json
from urllib.parse import urlencode

import pytest
from django.test import Client

from engage_server.access.models import ApiKey
from engage_server.api.requests import MAX_BODY
from engage_server.customers.models import Person
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

NEW = "application/graphql-response+json"
TWO = """query A { tenant { slug } }
query B($n: Int!) { accounts(first: $n) { edges { node { id } } } tenant { slug } }"""


def get(caller: Caller, *, accept: str = NEW, **parameters: str):
    headers = {"host": f"{caller.host}:8000", "authorization": f"Bearer {caller.key}", "accept": accept}
    return Client().get(f"/graphql?{urlencode(parameters)}", headers=headers)


def code(response) -> str:
    return response.json()["errors"][0]["extensions"]["code"]


def test_a_query_with_variables_is_answered_for_its_own_tenant(at_acme, at_globex):
    for caller in (at_acme, at_globex):
        response = get(
            caller,
            query=TWO,
            operationName="B",
            variables=json.dumps({"n": 3}),
        )
        assert (response.status_code, response["Content-Type"]) == (200, f"{NEW}; charset=utf-8")
        assert response.json()["data"] == {"accounts": {"edges": []}, "tenant": {"slug": caller.tenant.slug}}


def test_a_mutation_is_a_405_and_changes_nothing(at_acme):
    admin = Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.ADMIN), at_acme.host)
    response = get(admin, query='mutation { suppressPerson(input: {person: "ada"}) { request { id } } }')
    assert (response.status_code, response["Allow"], code(response)) == (405, "POST", "BAD_USER_INPUT")
    assert admin.data("{ privacyRequests(first: 1) { edges { node { id } } } }") == {
        "privacyRequests": {"edges": []}
    }
    with tenant_scope(at_acme.tenant):
        assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("parameters", "status", "expected"),
    [
        ({}, 400, "BAD_USER_INPUT"),
        ({"query": ""}, 400, "BAD_USER_INPUT"),
        ({"query": "{ nope }"}, 400, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "{ tenant { slug } }", "variables": "{"}, 400, "BAD_USER_INPUT"),
        ({"query": "{ tenant { slug } }", "variables": "[1]"}, 400, "BAD_USER_INPUT"),
        ({"query": "{ tenant { slug } }", "extensions": "7"}, 400, "BAD_USER_INPUT"),
        ({"query": "{ tenant { slug } }", "variables": "[" * 20_000}, 400, "BAD_USER_INPUT"),
        ({"query": "{" * 40_000}, 413, "LIMIT_EXCEEDED"),
        ({"query": "#" * MAX_BODY}, 413, "LIMIT_EXCEEDED"),
        ({"extensions": '{"persistedQuery": {"version": 1}}'}, 200, "PERSISTED_QUERY_NOT_SUPPORTED"),
    ],
)
def test_bad_input_has_its_code(at_acme, parameters, status, expected):
    response = get(at_acme, **parameters)
    assert (response.status_code, code(response)) == (status, expected)


def test_a_key_is_asked_for_before_anything_is_read(at_acme):
    assert Client().get("/graphql?query=%7B").status_code == 401
