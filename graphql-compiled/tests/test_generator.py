"""What it costs to find out whether a selection can be compiled."""

from collections import Counter
from typing import Any

import pytest
import strawberry
from graphql import execute_sync, parse
from graphql_compiled import CompiledExecutionContext, generator, plans

TYPES = 6
DEPTH = 6


@strawberry.interface
class Thing:
    name: str

    @strawberry.field
    def part(self) -> "Thing | None":
        return None if self.name == "end" else ONES[-1](name="end")


ONES: list[Any] = [strawberry.type(type(f"Thing{n}", (Thing,), {})) for n in range(TYPES)]


@strawberry.type
class Query:
    @strawberry.field
    def things(self) -> list[Thing]:
        return [one(name="begin") for one in ONES]


def nested(depth: int) -> str:
    return f"name part {{ {nested(depth - 1)} }}" if depth else "name"


def test_types_of_an_interface_within_another_are_looked_at_once_for_each_selection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: Counter[str] = Counter()
    made: list[generator.Generated] = []
    original = generator._Generator.object_function

    def counted(self: Any, type_: Any, *rest: Any) -> str:
        looked[type_.name] += 1
        return original(self, type_, *rest)

    def kept(*given: Any) -> generator.Generated:
        made.append(generator.generate(*given))
        return made[-1]

    monkeypatch.setattr(generator._Generator, "object_function", counted)
    monkeypatch.setattr(plans, "generate", kept)
    document = parse(f"{{ things {{ {nested(DEPTH)} }} }}")
    schema = strawberry.Schema(Query, types=ONES)

    answers = [
        execute_sync(schema._schema, document, executor_class=CompiledExecutionContext) for _ in range(3)
    ]

    expected = execute_sync(schema._schema, document)
    assert expected.errors is None
    assert all((one.data, one.errors) == (expected.data, None) for one in answers)
    assert looked.keys() == {f"Thing{n}" for n in range(TYPES)}
    # Each plan looks at no selection twice. One of the list alone would else look TYPES to the power of DEPTH times.
    selections = DEPTH + 1
    assert 0 < max(looked.values()) <= len(made) * selections < TYPES**DEPTH
