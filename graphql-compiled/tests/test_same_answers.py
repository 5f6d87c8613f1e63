"""Compiled selections answer what graphql-core answers, errors included, and call each resolver as often."""

import math
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar

import pytest
import strawberry
from graphql import GraphQLError, parse
from graphql_compiled import CompiledExecutionContext, plans
from strawberry.extensions import FieldExtension, SchemaExtension
from strawberry.extensions.field_extension import SyncExtensionResolver
from strawberry.scalars import JSON


@strawberry.enum
class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Shouting(FieldExtension):
    def resolve(self, next_: SyncExtensionResolver, source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        return str(next_(source, info, **kwargs)).upper()


@strawberry.interface
class Named:
    name: str


@strawberry.input
class Filter:
    least: int = 0
    words: list[str] = strawberry.field(default_factory=list)


@strawberry.type
class Tag(Named):
    weight: float | None
    colour: Colour


@strawberry.type
class Other(Named):
    size: int


calls: list[str] = []


@strawberry.type
class Item:
    id: strawberry.ID
    number: int
    title: str | None
    day: date
    at: datetime | None
    price: Decimal
    colour: Colour | None
    anything: JSON
    sizes: list[float | None]
    grid: list[list[int]]
    tags: list[Tag]
    hidden: strawberry.Private[Any] = None
    class_: str = strawberry.field(name="class", default="c")

    @strawberry.field
    def doubled(self) -> int:
        calls.append("doubled")
        return self.number * 2

    @strawberry.field
    def greeting(self, info: strawberry.Info, word: str = "hello", day: date | None = None) -> str:
        calls.append(f"greeting {info.path.as_list() if word == 'path' else ''}")
        return f"{word} {info.context['who']} {day} {info.field_name}"

    @strawberry.field
    def filtered(self, where: Filter) -> list[int]:
        where.words.append("changed")
        return [where.least, len(where.words)]

    @strawberry.field
    def named(self) -> list[Named]:
        return [Tag(name="t", weight=1, colour=Colour.RED), Other(name="o", size=self.number)]

    @strawberry.field
    def failing(self) -> str | None:
        raise ValueError(f"no {self.number}")

    @strawberry.field
    def failing_hard(self) -> str:
        raise GraphQLError(f"hard {self.number}", extensions={"code": "X"})

    @strawberry.field
    def maybe_failing(self) -> str:
        if self.number % 2:
            raise ValueError("odd")
        return "even"

    @strawberry.field(extensions=[Shouting()])
    def loud(self) -> str:
        return "loud"

    @strawberry.field
    def child(self) -> "Item | None":
        return make(self.number + 100) if self.number < 100 else None


def make(number: int, **changes: Any) -> Item:
    given: dict[str, Any] = {
        "id": strawberry.ID(str(number)),
        "number": number,
        "title": None if number % 2 else f"title {number}",
        "day": date(2026, 1, 1 + number % 28),
        "at": datetime(2026, 1, 1),  # noqa: DTZ001  # as it is written
        "price": Decimal("1.50"),
        "colour": [Colour.RED, Colour.BLUE, None][number % 3],
        "anything": JSON({"a": [1, None]}),
        "sizes": [1.5, None],
        "grid": [[1, 2], [3]],
        "tags": [
            Tag(name="a", weight=0.5, colour=Colour.RED),
            Tag(name="b", weight=None, colour=Colour.BLUE),
        ],
    }
    return Item(**{**given, **changes})


ODD: dict[str, Any] = {
    "none": {"number": None},
    "infinite": {"sizes": [math.inf, 1.0, math.nan]},
    "text": {"number": "seven"},
    "digits": {"number": "7"},
    "big": {"number": 2**40},
    "whole": {"number": 7.0},
    "flag": {"number": True},
    "colour": {"colour": "red"},
    "no colour": {"colour": "green"},
    "exception": {"title": ValueError("as a value")},
    "tuple": {"tags": ()},
    "generator": {"sizes": (size for size in ())},
    "no list": {"tags": 7},
    "null item": {"tags": [None]},
    "foreign": {"tags": [Other(name="o", size=1)]},
    "nested": {"grid": [[1, None]]},
    "null list": {"grid": [None]},
    "date": {"day": "2026-01-01"},
    "subclass": {"title": type("Text", (str,), {})("text")},
}


@strawberry.type
class Query:
    @strawberry.field
    def items(self, count: int = 12) -> list[Item]:
        return [make(number) for number in range(count)]

    @strawberry.field
    def some(self) -> list[Item | None] | None:
        return [make(number, **changes) for number, changes in enumerate(ODD.values())]

    @strawberry.field
    def odd(self, name: str) -> Item | None:
        return make(1, **ODD[name])

    @strawberry.field
    def one(self) -> Item:
        return make(3)


class Later(Query):
    pass


ALL = """id number title day at price colour anything sizes grid class tags { name weight colour __typename }
    doubled greeting loud named { name ... on Tag { weight } ... on Other { size } }"""
DOCUMENTS = {
    "all": f"{{ items {{ {ALL} }} }}",
    "aliases": '{ items { a: number b: number number c: greeting(word: "x") } }',
    "deep": f"{{ items {{ child {{ {ALL} child {{ number }} }} }} one {{ number child {{ number }} }} }}",
    "merged": "{ items { child { number } child { title } tags { name } tags { weight } } }",
    "fragments": "{ items { ...F } one { ...F } } fragment F on Item { number tags { ...T } } fragment T on Tag { name }",
    "variables": "query Q($w: String!, $d: Date) { items { greeting(word: $w, day: $d) } }",
    "wrong variable": "query Q($w: String!, $d: Date) { items { greeting(word: $w, day: $d) } }",
    "input": '{ items { filtered(where: {least: 3, words: ["a"]}) } }',
    "path": '{ items { greeting(word: "path") child { greeting(word: "path") } } }',
    "errors": "{ items { number failing } some { number failing } }",
    "hard errors": "{ some { failingHard number } }",
    "propagating": "{ items { number failingHard } }",
    "some fail": "{ some { maybeFailing tags { name } } }",
    "odd": f"{{ some {{ {ALL} }} }}",
    "directives": "query Q($w: String!, $d: Boolean!) { items { number @skip(if: $d) title greeting(word: $w) } }",
    **{f"odd {name}": f'{{ odd(name: "{name}") {{ {ALL} }} }}' for name in ODD},
}
VARIABLES = {
    "variables": {"w": "hi", "d": "2026-02-03"},
    "wrong variable": {"w": "hi", "d": "never"},
    "directives": {"w": "hi", "d": True},
}
ordinary = strawberry.Schema(Query, types=[Tag, Other])
compiled = strawberry.Schema(Query, types=[Tag, Other], execution_context_class=CompiledExecutionContext)


class Kept(SchemaExtension):
    """Parses a document once, as callers have to."""

    documents: ClassVar[dict[str, Any]] = {}

    def on_parse(self) -> Any:
        query = self.execution_context.query
        assert query is not None
        self.execution_context.graphql_document = self.documents.setdefault(query, parse(query))
        yield


compiled.extensions = [Kept]


def told(schema: strawberry.Schema, query: str, variables: dict[str, Any] | None) -> Any:
    calls.clear()
    result = schema.execute_sync(query, variable_values=variables, context_value={"who": "ada"})
    errors = [(error.formatted, repr(error.original_error)) for error in result.errors or ()]
    return result.data, errors, list(calls)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_answer_is_the_same_each_time(name: str) -> None:
    query, variables = DOCUMENTS[name], VARIABLES.get(name)
    expected = told(ordinary, query, variables)
    for _ in range(3):
        assert told(compiled, query, variables) == expected


def test_a_plan_that_the_schema_let_go_of_is_not_taken_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "MOST_PLANS", 1)
    fields = ["id", "number", "title", "day", "at"]
    query = "{ " + " ".join(f"a{n}: items {{ {fields[n % 5]} }}" for n in range(40)) + " }"
    compiled = strawberry.Schema(Query, execution_context_class=CompiledExecutionContext)
    assert told(compiled, query, None) == told(strawberry.Schema(Query), query, None)


def test_what_the_plans_of_all_schemas_take_together_is_bounded_and_the_answers_stay_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plans, "MOST_CHARACTERS", 30_000)
    schemas = [strawberry.Schema(Query, execution_context_class=CompiledExecutionContext) for _ in range(2)]
    expected = strawberry.Schema(Query)
    for number in range(12):
        fields = " ".join(f"f{number}_{place}: title" for place in range(10))
        query = f"{{ items {{ {fields} }} }}"
        for _ in range(2):
            assert told(schemas[number % 2], query, None) == told(expected, query, None)
    held = [plans.plans_of(schema._schema)._entries for schema in schemas]
    assert plans._shelf.characters <= 30_000
    assert 0 < sum(map(len, held)) < 12
    assert all(held), "each keeps what was asked last"
