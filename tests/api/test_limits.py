"""What asks for too much is refused before it costs anything; what the standard tools send is not."""

import pytest
from graphql import get_introspection_query, parse
from hypothesis import given
from hypothesis import strategies as st

from engage_server.api.exceptions import LimitExceededError
from engage_server.api.limits import MAX_COST, check
from engage_server.api.query_measures import SATURATED, measure
from engage_server.api.requests import MAX_BODY


def doubling(levels: int, leaf: str) -> str:
    """Fragments that spread the next one twice: 2**levels paths to the leaf."""
    spreads = [f"fragment F{n} on Account {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    return f'{{ account(externalId: "x") {{ ...F0 }} }} {" ".join(spreads)} fragment F{levels} on Account {{ {leaf} }}'


def nested(levels: int) -> str:
    return '{ account(externalId: "x") ' + "{ parent " * levels + "{ id }" + "}" * levels + "}"


TOO_MUCH = {
    "doubling fragments with a list": doubling(40, "children(first: 2) { edges { node { id } } }"),
    "doubling fragments with an alias": doubling(40, "x: id"),
    "31 aliases": "{ tenant { " + " ".join(f"a{n}: slug" for n in range(31)) + " } }",
    "depth 16": nested(14),
    "11 root fields": "{" + " ".join(f"a{n}: tenant {{ slug }}" for n in range(11)) + "}",
    "a page of pages": "{ accounts(first: 100) { edges { node { children(first: 100) { edges { node { id } } } } } } }",
    "1,001 tokens": "{ tenant {" + " slug" * 1_000 + "} }",
    "2,001 tokens": "{ tenant {" + " slug" * 2_000 + "} }",
    "introspection too deep": "{ __schema { types { fields { type "
    + "{ ofType " * 12
    + "{ name }"
    + "}" * 12
    + "} } } }",
}


@pytest.mark.parametrize("query", TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_query_over_a_limit_is_refused(at_acme, query):
    answer = at_acme.ask(query)
    assert "data" not in answer
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"


def test_a_variable_counts_with_its_value_and_without_one_as_a_full_page(at_acme):
    query = "query ($n: Int = 100) { accounts(first: $n) { edges { node { children(first: 60) { totalCount } } } } }"
    assert at_acme.code(query) == "LIMIT_EXCEEDED"
    assert at_acme.code(query, n=100) == "LIMIT_EXCEEDED"
    assert at_acme.data(query, n=2) == {"accounts": {"edges": []}}


def test_introspection_lists_within_lists_are_refused(at_acme):
    query = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"
    assert at_acme.code(query) == "GRAPHQL_VALIDATION_FAILED"


def test_a_circle_of_fragments_is_refused(at_acme):
    query = "{ tenant { ...A } } fragment A on Tenant { ...B } fragment B on Tenant { ...A }"
    assert at_acme.code(query) == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize("depth", [7, 9])
def test_the_standard_tools_introspection_passes(at_acme, depth):
    query = get_introspection_query(type_depth=depth, specified_by_url=True, input_value_deprecation=True)
    assert at_acme.data(query)["__schema"]["queryType"]["name"] == "Query"


def test_the_cost_is_told(at_acme):
    answer = at_acme.ask("{ accounts(first: 20) { edges { node { id } } } }")
    # One account is there, so that what the other rows would have cost is paid back.
    assert answer["extensions"]["cost"] == {"requested": 30, "spent": 11, "maximum": MAX_COST}


def test_without_introspection_neither_the_schema_nor_a_suggestion_is_told(at_acme, settings):
    assert "Did you mean" in at_acme.ask("{ tenat { slug } }")["errors"][0]["message"]
    settings.ENGAGE_INTROSPECTION = False
    for query in (
        "{ __schema { types { name } } }",
        '{ ...A } fragment A on Query { x: __type(name: "A") { name } }',
    ):
        (error,) = at_acme.ask(query)["errors"]
        assert "switched off" in error["message"]
    for query in ("{ tenat { slug } }", "{ accounts(frist: 1) { totalCount } }", "{ ... on Acount { id } }"):
        for error in at_acme.ask(query)["errors"]:
            assert "Did you mean" not in error["message"]
    assert at_acme.data("{ __typename tenant { __typename slug } }")["__typename"] == "Query"


def test_a_body_over_the_limit_is_refused_whatever_it_says(at_acme):
    response = at_acme.post('{"query": "{ tenant { slug } }", "x": "' + "x" * 5_000_000 + '"}')
    assert response.status_code == 413
    assert response.json()["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    fits = '{"query": "{ tenant { slug } }"}'
    assert at_acme.post(fits.ljust(MAX_BODY)).status_code == 200
    assert at_acme.post(fits.ljust(MAX_BODY + 1)).status_code == 413


@given(st.integers(1, 60), st.sampled_from(["id", "x: id", "children(first: 3) { edges { node { id } } }"]))
def test_measuring_fragments_gives_what_writing_them_out_gives(levels, leaf):
    single = measure(parse(f'{{ account(externalId: "x") {{ {leaf} }} }}'), {})
    doubled = measure(parse(doubling(levels, leaf)), {})
    assert doubled.depth == single.depth
    assert doubled.aliases == min(SATURATED, single.aliases * 2**levels)
    below = (single.cost - 1) * 2**levels
    assert doubled.cost == min(SATURATED, 1 + min(SATURATED, below))


def test_a_refusal_says_what_was_asked_for_and_what_is_allowed():
    document = parse(TOO_MUCH["depth 16"])
    with pytest.raises(LimitExceededError, match=r"depth: 16; allowed: 15\. Remedy"):
        check(document, measure(document, {}))
