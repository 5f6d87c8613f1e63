"""Clients that send a query's hash first are told, in the words of their protocol, to send the query itself."""

import hashlib

import pytest

QUERY = "query A { tenant { slug } }"
HASH = hashlib.sha256(QUERY.encode()).hexdigest()
BY_HASH = {
    "operationName": "A",
    "variables": {},
    "extensions": {"persistedQuery": {"version": 1, "sha256Hash": HASH}},
}


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "application/graphql-response+json, application/json"]
)
def test_a_hash_is_answered_so_that_apollo_and_urql_send_the_query(at_acme, accept):
    response = at_acme.post(BY_HASH, accept=accept)
    assert response.status_code == 200
    assert response.json() == {
        "errors": [
            {"message": "PersistedQueryNotSupported", "extensions": {"code": "PERSISTED_QUERY_NOT_SUPPORTED"}}
        ]
    }
    assert at_acme.post({**BY_HASH, "query": QUERY}, accept=accept).json()["data"] == {
        "tenant": {"slug": "acme"}
    }


def test_a_hash_opens_nothing_without_a_key(at_acme):
    assert at_acme.post(BY_HASH, authorization="Bearer none").status_code == 401


@pytest.mark.parametrize("extensions", [{}, {"persistedQuery": None}, {"persistedQuery": "x"}, {"other": {}}])
def test_a_body_that_names_neither_is_no_query(at_acme, extensions):
    response = at_acme.post({"extensions": extensions})
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (
        400,
        "BAD_USER_INPUT",
    )
