"""Every type, field, argument and value of the schema says what it is."""

import tomllib

from graphql import GraphQLEnumType, GraphQLSchema, build_schema, get_named_type

from engage_server.api.composition import schema_for
from engage_server.api.descriptions import FILE, describe, undescribed
from engage_server.plugin_host.registry import registry


def whole() -> GraphQLSchema:
    return schema_for(frozenset(registry().plugins))._schema


def test_nothing_in_the_schema_of_all_plugins_is_without_a_description() -> None:
    assert undescribed(whole()) == [], (
        "Remedy: description=… at the field, or engage_server/api/descriptions.toml for what means the same everywhere."
    )


def test_every_word_of_the_file_is_the_name_of_something() -> None:
    words = tomllib.loads(FILE.read_text("utf-8"))
    names: dict[str, set[str]] = {"types": set(), "fields": set(), "arguments": set(), "values": set()}
    for type_ in whole().type_map.values():
        names["types"].add(type_.name)
        members = getattr(type_, "values", None) or getattr(type_, "fields", None) or {}
        kind = "values" if isinstance(type_, GraphQLEnumType) else "fields"
        for name, member in members.items():
            names[kind] |= {name, f"{type_.name}.{name}"}
            for argument, asked in getattr(member, "args", {}).items():
                names["arguments"] |= {argument, f"{get_named_type(asked.type).name}.{argument}"}
    assert {kind: words[kind].keys() - names[kind] for kind in words} == {kind: set() for kind in words}


def test_global_ids_and_days_are_told_of_ids_and_days_alone() -> None:
    wrong = [
        f"{type_.name}.{name}"
        for type_ in whole().type_map.values()
        for field, member in (getattr(type_, "fields", None) or {}).items()
        for name, asked in ((field, member), *getattr(member, "args", {}).items())
        for words, kind in (("Global id", "ID"), ("The last day", "Date"), ("The first day", "Date"))
        if (asked.description or "").startswith(words) and get_named_type(asked.type).name != kind
    ]
    assert wrong == []


def test_what_is_said_at_the_place_itself_stays_and_enumerations_speak_for_their_values() -> None:
    schema = build_schema("""
        type Query { "Mine." name: String version(first: Int, odd: Int): Int kind: Kind }
        "Which way. LOW: unusually low. OTHER and HIGH: anything else."
        enum Kind { LOW HIGH OTHER }
    """)
    describe(schema)
    fields = schema.type_map["Query"].fields  # type: ignore[attr-defined]
    assert fields["name"].description == "Mine."
    assert fields["version"].description == "Which version this is, the first being 1."
    assert undescribed(schema) == ["Query", "Query.version(odd:)"]
    values = schema.type_map["Kind"].values  # type: ignore[attr-defined]
    assert {name: value.description for name, value in values.items()} == {
        "LOW": "Unusually low.",
        "HIGH": "Anything else.",
        "OTHER": "Anything else.",
    }
