"""A document that comes again is executed by another way, and is answered as it was for the first time."""

import pytest

from engage_server.access.principal import EVERYTHING, Principal
from engage_server.api import known_execution
from engage_server.api.execution import GraphQLRequest, answer
from engage_server.customers.models import Account
from engage_server.tenancy.scope import tenant_scope

DOCUMENTS = {
    "plain": ("{ tenant { slug } accounts(first: 2) { totalCount } }", None, None),
    "an error at its field": ('{ tenant { slug } metric(id: "nobody.knows") { definition { id } } }', None, None),
    "a variable that does not fit": ("query ($first: Int) { accounts(first: $first) { totalCount } }", {"first": "x"}, None),
    "a page that is none": ("{ accounts(first: 0) { totalCount } }", None, None),
    "one of two operations": ("query A { tenant { slug } } query B { tenant { name } }", None, "B"),
    "an operation that there is not": ("query A { tenant { slug } }", None, "C"),
    "two operations, none named": ("query A { tenant { slug } } query B { tenant { name } }", None, None),
    "the schema": ("{ __type(name: \"Tenant\") { name } }", None, None),
}  # fmt: skip


def asked(tenant, document, variables, operation):
    principal = Principal(tenant, "key:test", EVERYTHING)
    given = answer(GraphQLRequest(document, variables, operation), principal)
    payload = {**given.payload}
    payload.get("extensions", {}).get("cost", {}).pop("budget", None)
    return payload, given.executed, given.retry_after_s


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_second_answer_is_as_the_first(at_acme, name, monkeypatch):
    with tenant_scope(at_acme.tenant):
        Account.objects.create(external_id="a")
    taken = []
    whole = known_execution.execute_known
    monkeypatch.setattr(
        "engage_server.api.execution.execute_known",
        lambda *args, **given: taken.append(whole(*args, **given)) or taken[-1],
    )
    first, second, third = (asked(at_acme.tenant, *DOCUMENTS[name]) for _ in range(3))
    assert first == second == third
    if name in {"plain", "one of two operations"}:
        assert taken[0] is None
        assert taken[2] is not None


def test_a_known_query_of_another_tenant_is_answered_to_it(at_acme, at_globex):
    for _ in range(3):
        assert at_acme.data("{ tenant { slug } }") == {"tenant": {"slug": "acme"}}
        assert at_globex.data("{ tenant { slug } }") == {"tenant": {"slug": "globex"}}
