"""Lists of a metric over all subjects of a kind: order, filters, pages, statements, price."""

import pytest
from graphql import parse

from engage_server.activity.models import Feature
from engage_server.api.composition import compose
from engage_server.api.derived.plugins import POINTS_OF_A_LIST
from engage_server.api.query_measures import measure
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import tenant_scope
from tests.api.derived_values import COMMON, TYPED, fill, labels
from tests.api.probes import plugins
from tests.api.rich import REACH, STORED
from tests.api.test_statements import statements
from tests.metrics.values import store


def test_a_list_begins_with_the_worst_by_the_metrics_direction(at):
    values = {"a": 10, "b": 30, "c": 20, "void": None}
    fill(at, values)
    fill(at, values, "reach.cost", details={})
    query = """{ up: reachBreadthByAccount(first: 9) { ...L }
        best: reachBreadthByAccount(first: 9, worstFirst: false) { ...L }
        down: reachCostByAccount(first: 9) { edges { node { label } } } }
        fragment L on ReachBreadthConnection { edges { node { label } } }"""
    found = at.data(query)
    assert labels(found["up"]) == ["a", "c", "b", "void"]
    assert labels(found["best"]) == ["b", "c", "a", "void"]
    assert labels(found["down"]) == ["b", "c", "a", "void"]


FILTERS = {
    "below: 20": ["a"],
    "above: 20": ["b"],
    "above: 10, below: 30": ["c"],
    "where: {}": ["a", "c", "b", "void"],
    'where: {plan: ["plan a", "plan b"]}': ["a", "b"],
    'where: {plan: ["plan a", "\\u0000"]}': ["a"],
    "where: {stage: [CHURNED]}": [],
    "where: {stage: [CHURNED, CUSTOMER]}": ["a", "c", "b", "void"],
    "where: {status: [NO_DATA]}": ["void"],
    "where: {band: [LOW]}": ["a"],
    "where: {band: [LOW, HIGH], isNew: true}": ["c", "b", "void"],
    "where: {isNew: false}": ["a"],
    'on: "2026-03-30"': [],
}


@pytest.mark.parametrize("arguments", FILTERS)
def test_a_list_is_narrowed_by_value_account_status_and_declared_details(at, arguments):
    fill(at, {"b": 30, "c": 20, "void": None})
    fill(at, {"a": 10}, details={**STORED, "band": "LOW", "is_new": False})
    query = (
        f"{{ reachBreadthByAccount(first: 9, {arguments}) {{ totalCount edges {{ node {{ label }} }} }} }}"
    )
    page = at.data(query)["reachBreadthByAccount"]
    assert labels(page) == FILTERS[arguments]
    assert page["totalCount"] == len(FILTERS[arguments])


def test_pages_follow_each_other_and_a_foreign_cursor_is_refused(at):
    fill(at, {f"a{n}": n // 2 for n in range(7)})
    query = """query ($after: String, $above: Float) { reachBreadthByAccount(first: 3, after: $after, above: $above) {
        edges { node { label } } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""
    seen, after, pages = [], None, 0
    while pages == 0 or after:
        page = at.data(query, after=after)["reachBreadthByAccount"]
        seen += labels(page)
        assert page["pageInfo"]["hasPreviousPage"] is (pages > 0)
        after, pages = page["pageInfo"]["endCursor"] if page["pageInfo"]["hasNextPage"] else None, pages + 1
    assert (seen, pages) == ([f"a{n}" for n in range(7)], 3)
    first = at.data(query)["reachBreadthByAccount"]["pageInfo"]["endCursor"]
    assert at.code(query, after="nonsense") == "BAD_USER_INPUT"
    gone = at.ask(query, after=first, above=2.5)["errors"][0]
    assert "Remedy: begin again" in gone["message"]
    assert at.code("{ reachBreadthByAccount(first: 101) { totalCount } }") == "BAD_USER_INPUT"


def test_features_are_listed_too_and_have_no_plan(at):
    with tenant_scope(at.tenant):
        pk = Feature.objects.create(name="Search").pk
        store("reach.breadth", 8, kind="feature", subject=pk, details=STORED)
    asked = "{ edges { node { label subject { ... on Account { name } } } } }"
    query = f"{{ reachBreadthByFeature(first: 3, where: {{band: [HIGH]}}) {asked} }}"
    assert at.nodes(query) == [{"label": "Search", "subject": {}}]
    refused = '{ reachBreadthByFeature(first: 3, where: {plan: ["x"]}) { totalCount } }'
    assert at.code(refused) == "GRAPHQL_VALIDATION_FAILED"


def test_each_tenant_is_listed_by_itself(at, other):
    fill(at, {"shared": 1, "acme only": 2})
    fill(other, {"shared": 9})
    query = """{ reachBreadthByAccount(first: 9) { totalCount
        edges { node { label value subject { ... on Account { name } } } } }
        account(externalId: "shared") { reach { breadth {
            value series(from: "2026-03-01", to: "2026-03-31") { values } } } } }"""
    mine, theirs = at.data(query), other.data(query)
    assert (mine["reachBreadthByAccount"]["totalCount"], labels(theirs["reachBreadthByAccount"])) == (
        2,
        ["shared"],
    )
    assert theirs["account"]["reach"]["breadth"] == {"value": 9, "series": {"values": [9]}}
    assert mine["account"]["reach"]["breadth"] == {"value": 1, "series": {"values": [1]}}
    with tenant_scope(other.tenant):
        activation.disable("reach")
    codes = {error["extensions"]["code"] for error in other.ask(query)["errors"]}
    assert codes == {"GRAPHQL_VALIDATION_FAILED"}
    assert at.data(query) == mine


def test_a_page_of_results_takes_a_fixed_number_of_statements(at):
    fill(at, {f"a{n:02}": n for n in range(50)})
    fill(at, {f"a{n:02}": n for n in range(50)}, "reach.cost")
    everything = f"""{COMMON} {TYPED} compareTo(on: "2026-03-30") {{ share other {{ value }} }}
        series(from: "2026-03-01", to: "2026-03-31") {{ values }}"""
    taken = set()
    for first in (1, 10, 50):
        listed = f"{{ reachBreadthByAccount(first: {first}) {{ edges {{ node {{ {everything} }} }} }} }}"
        below = f"reach {{ breadth {{ {everything} }} cost {{ value }} }}"
        nested = f"{{ accounts(first: {first}) {{ edges {{ node {{ {below} }} }} }} }}"
        # The enabled plugins, the list or page; accounts of the list; the other day; the series; in accounts both metrics.
        taken.add((statements(at.tenant, listed)[1], statements(at.tenant, nested)[1]))
    assert taken == {(5, 5)}


def test_a_list_costs_what_it_reads_whatever_its_page(with_reach):
    schema = compose(plugins(REACH))
    (short, long) = (
        measure(
            parse(f"{{ reachCostByAccount(first: {n}) {{ edges {{ node {{ value }} }} }} }}"),
            {},
            schema.costs,
        )
        for n in (1, 100)
    )
    assert short.cost == POINTS_OF_A_LIST + 1
    assert long.cost == POINTS_OF_A_LIST + 100
    assert measure(parse("{ reach { cost { value } } }"), {}, schema.costs).cost == 2
