"""A document that was valid is not parsed and validated again, and opens nothing that a new one would not open."""

import pytest

from engage_server.api import document_cache, limits
from engage_server.customers.models import Account
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import tenant_scope

QUERY = "query ($id: ID!) { account(externalId: $id) { name } }"
WITH_PLUGIN = '{ account(externalId: "mine") { mood { score { value } } } }'


@pytest.fixture
def validated(monkeypatch) -> list[str]:
    """The texts that were validated, in turn."""
    document_cache._known.clear()
    texts: list[str] = []
    real = document_cache.put

    def put(tenant_id, schema, text, document) -> None:
        texts.append(text)
        real(tenant_id, schema, text, document)

    monkeypatch.setattr(limits.document_cache, "put", put)
    return texts


def test_it_is_answered_anew_for_other_variables(at_acme, validated):
    with tenant_scope(at_acme.tenant):
        for name in ("one", "two"):
            Account.objects.create(external_id=name, name=name.title())
    answers = [at_acme.data(QUERY, id=name)["account"] for name in ("one", "two", "three")]
    assert answers == [{"name": "One"}, {"name": "Two"}, None]
    assert validated == [QUERY]


def test_what_was_valid_in_one_schema_is_validated_in_another(at_acme, validated):
    at_acme.data(WITH_PLUGIN)
    with tenant_scope(at_acme.tenant):
        activation.disable("mood")
    (error,) = at_acme.ask(WITH_PLUGIN)["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_no_tenant_has_use_of_what_another_asked(at_acme, at_globex, validated):
    for caller in (at_acme, at_globex, at_acme):
        caller.data("{ tenant { slug } }")
    assert len(validated) == 2


def test_limits_and_rights_are_checked_each_time(at_acme, validated, settings):
    pages = "query ($n: Int!) { accounts(first: $n) { edges { node { members(first: 100) { edges { node { id } } } } } } }"
    assert at_acme.data(pages, n=1)
    assert at_acme.code(pages, n=100) == "LIMIT_EXCEEDED"
    settings.ENGAGE_INTROSPECTION = True
    assert at_acme.data("{ __schema { queryType { name } } }")
    settings.ENGAGE_INTROSPECTION = False
    assert at_acme.code("{ __schema { queryType { name } } }") == "BAD_USER_INPUT"


def test_what_is_not_valid_is_not_kept(at_acme, validated):
    for _ in range(2):
        assert at_acme.code("{ nothing }") == "GRAPHQL_VALIDATION_FAILED"
    assert validated == []


def test_long_ones_are_kept_as_far_as_there_is_room(at_acme, validated, monkeypatch):
    long, longer = ("{ tenant { slug } }" + " " * length for length in (10_000, 20_000))
    for text in (long, longer, long, longer):
        at_acme.data(text)
    assert validated == [long, longer]
    monkeypatch.setattr(document_cache, "MOST_CHARACTERS", 25_000)
    at_acme.data(long + " ")
    assert [text for _, _, text in document_cache._known] == [long + " "]


def test_only_so_many_are_kept(at_acme, monkeypatch):
    document_cache._known.clear()
    monkeypatch.setattr(document_cache, "MOST_DOCUMENTS", 3)
    for number in range(5):
        at_acme.data(f"{{ a{number}: tenant {{ slug }} }}")
    assert [text for _, _, text in document_cache._known] == [
        f"{{ a{number}: tenant {{ slug }} }}" for number in (2, 3, 4)
    ]
