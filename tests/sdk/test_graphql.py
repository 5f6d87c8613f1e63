"""What plugins' GraphQL types are made of."""

from enum import StrEnum

import strawberry

from engage_server.sdk.graphql import expose_enum


class Mood(StrEnum):
    SUNNY = "SUNNY"
    GREY = "GREY"


expose_enum(Mood, name="TeamMood", description="How a team feels.")


def echo(mood: Mood = Mood.GREY) -> Mood:
    return mood


@strawberry.type
class Query:
    mood: Mood
    same: Mood = strawberry.field(resolver=echo)


def test_an_exposed_enumeration_is_annotated_as_itself_and_bears_its_name_in_the_schema() -> None:
    schema = strawberry.Schema(query=Query)
    assert '"""How a team feels."""\nenum TeamMood {\n  SUNNY\n  GREY\n}' in schema.as_str()
    assert "same(mood: TeamMood! = GREY): TeamMood!" in schema.as_str()
    answer = schema.execute_sync("{ mood same(mood: SUNNY) }", root_value=Query(mood=Mood.GREY))
    assert (answer.errors, answer.data) == (None, {"mood": "GREY", "same": "SUNNY"})
