"""What is deprecated says until when it is kept, and goes then."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from graphql import GraphQLEnumType, GraphQLSchema, build_schema

from engage_server.api.composition import schema_for
from engage_server.api.deprecation import kept_until, last_day
from engage_server.plugin_host.registry import registry


def deprecations(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Everything that is deprecated, with the reason."""
    for type_ in schema.type_map.values():
        if type_.name.startswith("__"):
            continue
        parts = type_.values if isinstance(type_, GraphQLEnumType) else getattr(type_, "fields", {})
        for name, part in parts.items():
            arguments = getattr(part, "args", {})
            for place, one in [
                (name, part),
                *((f"{name}({arg}:)", found) for arg, found in arguments.items()),
            ]:
                if one.deprecation_reason is not None:
                    yield f"{type_.name}.{place}", one.deprecation_reason


def test_what_is_deprecated_has_a_day_that_has_not_come():
    found = dict(deprecations(schema_for(frozenset(registry().plugins))._schema))
    overdue = {
        place: why for place, why in found.items() if (last_day(why) or date.min) < datetime.now(UTC).date()
    }
    assert overdue == {}, "Remedy: make the reason with kept_until, and take away whose day is over."


def test_each_kind_of_deprecation_is_found():
    reason = kept_until(date(2027, 6, 30), "Use `title`.")
    sdl = f"""
        enum Stage {{ LEAD @deprecated(reason: "{reason}") }}
        input Filter {{ plan: String @deprecated(reason: "{reason}") }}
        type Query {{ name(on: String @deprecated(reason: "{reason}")): Stage @deprecated(reason: "{reason}") }}
    """
    places = {place: last_day(why) for place, why in deprecations(build_schema(sdl))}
    assert places == dict.fromkeys(
        ("Stage.LEAD", "Filter.plan", "Query.name", "Query.name(on:)"), date(2027, 6, 30)
    )


def test_a_reason_says_what_to_use_and_until_when():
    assert kept_until(date(2027, 6, 30), "Use `title`.") == "Use `title`. Kept until 2027-06-30."
    assert last_day("No longer supported") is None
    with pytest.raises(ValueError, match="in its place"):
        kept_until(date(2027, 6, 30), "soon")
