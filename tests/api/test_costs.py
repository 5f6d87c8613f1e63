"""What fields cost is declared where they are; pages count whether the query names their size or leaves it out."""

import pytest
import strawberry
from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, parse

from engage_server.access.models import ApiKey
from engage_server.api import deadline
from engage_server.api.composition import compose, schema_for
from engage_server.api.costs import is_list_of_objects, is_paged
from engage_server.api.query_measures import INTROSPECTION_COST, measure
from engage_server.operations.keys import create_key
from engage_server.plugin_host.exceptions import BrokenPluginError
from engage_server.plugin_host.registry import registry
from engage_server.sdk import GraphQLContribution
from tests.api.conftest import Caller
from tests.api.probes import plugins, probe

# Lists of objects that take no page size, and why they are short.
SHORT = {
    "surveyDirections": "at most 200 of a tenant, set by those who may configure",
    "plugins": "as many as are installed",
    "metrics": "as many as the installed plugins have",
    "nodes": "as many as ids are given, at most 100",
    "edges": "of a page whose size was given",
    "bundles": "as many as the server brings along",
    "steps": "of a bundle, as many as it has plugins",
    "dictionaryPresets": "as many as the server brings along",
    "playbookPresets": "as many as the server brings along",
    "outcomes": "one for each event that was sent, at most 100",
    "notTaken": "of one import, at most 100",
    "erased": "as many as a tenant has tables",
    "annotations": "of a series: what happened in its range",
    "points": "of a series, whose days are limited",
    "vectors": "of a definition card",
    "benchmarks": "of a definition card",
    "contributions": "of one value",
    "compareGroups": "at most 100 groups",
    "items": "of the audit of a set-up, which are always the same",
    "compute": "at most 100 values, whatever the days and groups",
    "causes": "as many as a value has parts, twice at most, and the restatements of a day",
    "history": "of one account: as many as its attributes changed",
    "restatements": "of one value",
    "log": "of one delivery: its tries, which are few",
    "limits": "as many as there are kinds of limits",
    "notify": "of one rule: the channels that it names",
    "recurring": "of one account: as many as it pays in currencies",
    "bandDays": "pairs of the bands that a plugin knows",
    "alarms": "of a back-test: one for each band, or share of the highest risk",
    "parts": "of a suggestion: as many as the configuration has components",
    "signals": "of a replay: at most 100",
    "tenants": "as many as one person belongs to",
}


@strawberry.type
class Step:
    name: str


@strawberry.type
class ZealQuery:
    @strawberry.field
    def zeal_funnel(self, first: int = 40) -> list[Step]:
        return []

    @strawberry.field
    def zeal_everything(self) -> list[Step]:
        return []

    @strawberry.field
    def zeal_count(self) -> int | None:
        return 0


def composed(**costs: int):
    return compose(plugins(probe("zeal", GraphQLContribution(query=ZealQuery, costs=costs))))


def cost(schema, query: str) -> int:
    return measure(parse(query), {}, schema.costs).cost


def test_a_page_counts_with_the_schemas_size_where_the_query_names_none():
    schema = composed()
    assert cost(schema, "{ zealFunnel { name } }") == 40
    assert cost(schema, "{ zealFunnel(first: 7) { name } }") == 7


def test_a_contributed_list_without_a_page_counts_as_a_full_one_unless_its_cost_is_declared():
    assert cost(composed(), "{ zealEverything { name } }") == 100
    assert cost(composed(zealEverything=12), "{ zealEverything { name } }") == 12


def test_a_declared_cost_is_multiplied_by_the_page_and_counts_for_plain_values_too():
    schema = composed(zealFunnel=5, zealCount=30)
    assert cost(schema, "{ zealFunnel(first: 7) { name } }") == 35
    assert cost(schema, "{ zealCount }") == 30


@pytest.mark.parametrize("costs", [{"zealNothing": 5}, {"zealCount": 0}, {"zealCount": -1}])
def test_a_cost_that_cannot_be_names_the_plugin(costs):
    with pytest.raises(BrokenPluginError, match="'zeal'"):
        composed(**costs)


def test_what_looks_at_all_journeys_is_paid_for_by_playbook_and_a_message_that_is_sent_by_itself():
    schema = composed()
    one = cost(schema, "{ playbooks(first: 1) { edges { node { uplift { days } } } } }")
    three = cost(schema, "{ playbooks(first: 3) { edges { node { uplift { days } } } } }")
    assert three - one == 2 * 81
    assert cost(schema, 'mutation { tryChannel(input: {id: "x"}) { delivery { id } } }') == 12


def test_looking_into_the_schema_is_paid_for():
    assert cost(composed(), "{ __schema { types { name } } }") == INTROSPECTION_COST


def declared_fields(schema: GraphQLSchema) -> set[str]:
    """The fields that metrics declare as details, and all within them: lists there belong to one value, as long as its
    plugin makes them."""
    of_all = set(schema.type_map["MetricResult"].fields)
    waiting = [type_ for type_ in schema.type_map.values() if _is_result(type_)]
    declared, seen = set(), set()
    while waiting:
        type_ = waiting.pop()
        seen.add(type_.name)
        for name, definition in type_.fields.items():
            if _is_result(type_) and name in of_all:
                continue
            declared.add(f"{type_.name}.{name}")
            named = get_named_type(definition.type)
            if isinstance(named, GraphQLObjectType) and named.name not in seen:
                waiting.append(named)
    return declared


def _is_result(type_) -> bool:
    return isinstance(type_, GraphQLObjectType) and any(
        interface.name == "MetricResult" for interface in type_.interfaces
    )


def test_every_list_of_the_core_takes_a_page_size_or_is_known_to_be_short():
    schema = schema_for(frozenset(registry().plugins))._schema
    of_details = declared_fields(schema)
    lists = {
        f"{type_.name}.{name}": name
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
        for name, definition in type_.fields.items()
        if is_list_of_objects(definition)
        and not is_paged(definition)
        and f"{type_.name}.{name}" not in of_details
    }
    assert {path for path, name in lists.items() if name not in SHORT} == set()
    assert SHORT.keys() <= set(lists.values()), "A reason without its field: remove it."


def test_no_statement_begins_so_late_that_the_request_would_take_longer_than_it_may(at_acme, monkeypatch):
    monkeypatch.setattr(deadline, "REQUEST_S", deadline.STATEMENT_TIMEOUT_MS / 1_000 - 1)
    assert at_acme.code("{ accounts(first: 1) { totalCount } }") == "TIMEOUT"
    monkeypatch.undo()
    assert at_acme.data("{ accounts(first: 1) { totalCount } }")


def test_who_configures_a_tenant_may_look_into_the_schema_where_others_may_not(at_acme, settings):
    settings.ENGAGE_INTROSPECTION = False
    admin = Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.ADMIN), at_acme.host)
    assert admin.data("{ __schema { queryType { name } } }")
    assert "Did you mean" in admin.ask("{ tenat { slug } }")["errors"][0]["message"]
    assert at_acme.code("{ __schema { queryType { name } } }") == "BAD_USER_INPUT"
