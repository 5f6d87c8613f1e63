"""What variables make long is counted by what they stand for, whether the document was measured before or not."""

import pytest
from graphql import parse

from engage_server.api.costs import ASSUMED_PAGE, FieldCosts
from engage_server.api.query_measures import NOTHING_DECLARED, KnownMeasures, measure

PAGE = "{ children(first: $n) { edges { node { id } } } }"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
FREE = FieldCosts(own={"edges": 0, "node": 0}, whole={})


def cost(query: str, **variables: object) -> int:
    return measure(parse(query), variables, FREE).cost


def test_a_list_in_a_variable_is_counted_anew_each_time() -> None:
    document, known = parse(NODES), KnownMeasures()
    for count in (1, 100, 1, 7):
        ids = ["a"] * count
        assert known.measure(document, {"ids": ids}, NOTHING_DECLARED).cost == count
    # What is no list is one, and is not taken for a list as long as its number.
    assert known.measure(document, {"ids": 7}, NOTHING_DECLARED).cost == 1


def test_a_page_in_a_variable_is_counted_anew_each_time() -> None:
    document, known = parse(f"query ($n: Int = 30) {PAGE}"), KnownMeasures()
    for variables, size in (({"n": 1}, 1), ({"n": 1000}, 1_000), ({}, 30), ({"n": 2.0}, 2), ({"n": 1}, 1)):
        assert known.measure(document, variables, FREE).cost == size


@pytest.mark.parametrize(
    ("declared", "variables", "size"),
    [
        ("$n: Int = 1000", {}, 1_000),
        ("$n: Int = 1000", {"n": 3}, 3),
        ("$n: Int", {"n": 1000.0}, 1_000),
        ("$n: Int", {"n": -5}, 1),
        ("$n: Int", {}, ASSUMED_PAGE),
        ("$n: Int = 1000", {"n": None}, ASSUMED_PAGE),
        ("$n: Int", {"n": 0.5}, ASSUMED_PAGE),
        ("$n: Int", {"n": float("inf")}, ASSUMED_PAGE),
        ("$n: Int = null", {}, ASSUMED_PAGE),
    ],
)
def test_a_variable_stands_for_its_value_else_for_its_default(
    declared: str, variables: dict[str, object], size: int
) -> None:
    assert cost(f"query ({declared}) {PAGE}", **variables) == size


def test_a_list_that_is_a_default_is_counted() -> None:
    query = 'query ($ids: [ID!]! = ["a", "b", "c"]) { nodes(ids: $ids) { id } }'
    assert cost(query) == 3
    assert cost(query, ids=["a"]) == 1


def test_where_nothing_is_said_the_fields_own_page_counts_if_it_is_longer_than_the_assumed_one() -> None:
    costs = FieldCosts(own={"edges": 0, "node": 0}, whole={}, pages={"children": 400})
    assert measure(parse(f"query ($n: Int) {PAGE}"), {}, costs).cost == 400
