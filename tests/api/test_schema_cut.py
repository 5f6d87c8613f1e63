"""Schemas of sets of plugins: cut out of one, as if each were composed by itself, and sharing what is the same."""

from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, introspection_from_schema, validate_schema

from engage_server.api import composition
from engage_server.api.composition import compose, schema_for
from engage_server.plugin_host import registry as plugin_registry
from engage_server.plugin_host.registry import registry
from engage_server.sdk import GraphQLContribution
from tests.api.probes import MOOD, PULSE, candidates, probe
from tests.api.test_composition import field_of, named

SETS = (
    frozenset(),
    frozenset({"nps"}),
    frozenset({"health_score", "adoption", "revenue"}),
    frozenset({"active_users", "retention", "funnel", "pes", "churn", "ces"}),
)


def sorted_deep(value: Any) -> Any:
    """Introspected types in an order of their own: cutting may meet them in another one."""
    if isinstance(value, dict):
        return {key: sorted_deep(part) for key, part in value.items()}
    if isinstance(value, list):
        return sorted((sorted_deep(part) for part in value), key=repr)
    return value


@pytest.mark.parametrize("plugins", SETS[1:3], ids=len)
def test_a_cut_schema_is_what_composing_the_plugins_by_themselves_gives(plugins):
    alone, shared = compose([registry().get(one) for one in sorted(plugins)]), schema_for(plugins)
    assert shared.as_str() == alone.as_str()
    assert sorted_deep(introspection_from_schema(shared._schema)) == sorted_deep(
        introspection_from_schema(alone._schema)
    )
    assert shared.costs == alone.costs
    assert validate_schema(shared._schema) == []


def test_types_that_lead_to_no_account_are_the_same_objects_in_all_schemas():
    schemas = [schema_for(plugins)._schema for plugins in SETS]
    inputs = [name for name, one in schemas[0].type_map.items() if isinstance(one, GraphQLInputObjectType)]
    assert len(inputs) > 50
    for name in [*inputs, "Series", "MetricCard", "PageInfo"]:
        assert len({id(schema.type_map[name]) for schema in schemas}) == 1, name


def test_fields_that_lead_to_no_account_are_the_same_objects_in_all_schemas():
    whole, cut = (schema_for(frozenset(plugins))._schema for plugins in (registry().plugins, SETS[1]))
    own = shared = 0
    for name, type_ in cut.type_map.items():
        if isinstance(type_, GraphQLObjectType) and not name.startswith("__"):
            same = [field is whole.type_map[name].fields[key] for key, field in type_.fields.items()]
            shared, own = shared + same.count(True), own + same.count(False)
    assert shared > 5 * own


def test_each_type_of_a_cut_schema_leads_to_types_of_its_own():
    schema = schema_for(SETS[1])._schema
    for type_ in schema.type_map.values():
        for field in getattr(type_, "fields", {}).values():
            assert schema.type_map[named_of(field.type)] is unwrapped(field.type), type_.name
        for interface in getattr(type_, "interfaces", ()):
            assert schema.type_map[interface.name] is interface


def unwrapped(type_: Any) -> Any:
    return unwrapped(type_.of_type) if hasattr(type_, "of_type") else type_


def named_of(type_: Any) -> str:
    return unwrapped(type_).name


def test_all_sets_of_a_process_are_cut_out_of_one_composed_schema(installed, monkeypatch):
    registry()  # which tries each plugin by itself
    monkeypatch.setattr(composition, "_whole", composition._Whole())
    made = []
    real = composition.compose
    monkeypatch.setattr(composition, "compose", lambda some: made.append(len(some)) or real(some))
    for plugins in ((), ("mood",), ("pulse",), ("mood", "pulse")):
        schema_for(frozenset(plugins))
    assert made == [2]


def test_a_type_that_is_only_announced_is_in_the_schemas_of_its_plugin_alone(monkeypatch):
    zeal = probe("zeal", GraphQLContribution(types=(named("ZealHint"),)))
    monkeypatch.setattr(plugin_registry, "installed_candidates", lambda: candidates(MOOD, PULSE, zeal))
    plugin_registry.registry.cache_clear()
    schema_for.cache_clear()
    try:
        assert "ZealHint" in schema_for(frozenset({"zeal"}))._schema.type_map
        assert "ZealHint" not in schema_for(frozenset({"mood"}))._schema.type_map
    finally:
        plugin_registry.registry.cache_clear()
        schema_for.cache_clear()


def test_plugins_that_do_not_fit_together_cost_no_other_set_its_schema(monkeypatch):
    zeal = probe("zeal", GraphQLContribution(query=field_of("mood", int | None)))
    monkeypatch.setattr(plugin_registry, "installed_candidates", lambda: candidates(MOOD, zeal))
    monkeypatch.setattr(plugin_registry, "_examinations", [])
    plugin_registry.registry.cache_clear()
    schema_for.cache_clear()
    try:
        assert "mood" in schema_for(frozenset({"mood"}))._schema.query_type.fields
    finally:
        plugin_registry.registry.cache_clear()
        schema_for.cache_clear()
