"""``python -m tests.chaos.compiled [--examples 5000]``: generated queries, answered alike compiled and in the ordinary way.

hypothesis-graphql makes them from the schema of all plugins, with arguments that find something put in; data, and errors
with their words, places and order, have to be the same the first, second and third time.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from graphql import (
    ArgumentNode,
    DocumentNode,
    EnumValueNode,
    IntValueNode,
    StringValueNode,
    Visitor,
    execute_sync,
    parse,
    visit,
)
from graphql_compiled import CompiledExecutionContext
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries
from rich.console import Console
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from engage_server.api.costs import WHOLE
from tests.bench.harness import own_database, progress

TEXTS: Final = {
    "Date": ("2026-03-01", "2026-03-31", "2026-04-01"),
    "DateTime": ("2026-03-01T00:00:00Z",),
    "Decimal": ("1.5",),
    "UUID": ("6f1c7a52-0d0b-4d7e-9d0a-2f5f5d3b8a11",),
    "JSON": ("text",),
}
# Arguments under which something is found, by name.
FOUND: Final[Mapping[str, Sequence[str]]] = {
    "externalId": ("account-1", "account-2", "account-7"),
    "metric": ("health_score.score", "nps.score"),
    "on": ("2026-03-31", "2026-03-30"),
    "from": ("2026-03-20",),
    "to": ("2026-03-31",),
    "since": ("2026-03-25",),
    "asOf": ("2026-03-31",),
    "language": ("en", "ko"),
}
PAGES: Final = frozenset({"first", "last", "limit"})
MOST_CHARACTERS: Final = 6_000
AT_A_TIME: Final = 250
"""Hypothesis remembers what it made, of thousands at once more than 800 MB."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A document with what each way said of it."""

    document: str
    ordinary: Any
    compiled: Any


def compare(schema: Any, context: Any, *, examples: int, counted: Counter[str]) -> list[Difference]:
    """The first documents that are answered otherwise when compiled.

    Args:
        schema: graphql-core's, of Strawberry.
        context: makes what resolvers reach through ``info.context``.
        examples: how many documents; how far it is, is told on standard error.
        counted: gets how many of them had data, had errors, and were too long to be run.
    """
    found: list[Difference] = []
    scalars = {
        name: st.sampled_from(texts).map(nodes.String) if texts else st.none()
        for name, texts in TEXTS.items()
    }
    made: dict[str, Any] = {}

    def of_field(field: str) -> Any:
        if field not in made:
            made[field] = queries(schema, fields=[field], custom_scalars=scalars)
        return made[field]

    fields = sorted(schema.query_type.fields.keys() - WHOLE.keys())

    def try_one(data: st.DataObject, number: int) -> None:
        field = data.draw(st.sampled_from(fields))
        text = data.draw(of_field(field))
        if len(text) > MOST_CHARACTERS:
            counted["too long"] += 1
            return
        document = visit(parse(text), _Findable(Random(number)))
        said = [_told(schema, document, context(), ordinary) for ordinary in (True, False, False, False)]
        counted["data" if said[0][0] and any(said[0][0].values()) else "no data"] += 1
        counted["errors"] += bool(said[0][1])
        other = next((one for one in said[1:] if one != said[0]), None)
        if other is not None:
            found.append(Difference(text, said[0], other))

    for done in range(0, examples, AT_A_TIME):
        progress("generated queries", done=done, of=examples)
        bounds = settings(
            max_examples=min(AT_A_TIME, examples - done), database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        generated = given(data=st.data(), number=st.integers(0, 2**32))(try_one)
        bounds(seed(done + 1)(generated))()
    return found


class _Findable(Visitor):
    def __init__(self, random: Random) -> None:
        super().__init__()
        self._random = random

    def enter_argument(self, node: ArgumentNode, *args: Any) -> ArgumentNode | None:
        name = node.name.value
        if name in PAGES and self._random.random() < 0.9:
            return ArgumentNode(name=node.name, value=IntValueNode(value=str(self._random.randint(1, 4))))
        if name in FOUND and not isinstance(node.value, EnumValueNode) and self._random.random() < 0.9:
            text = self._random.choice(FOUND[name])
            return ArgumentNode(name=node.name, value=StringValueNode(value=text))
        return None


def _told(schema: Any, document: DocumentNode, context: Any, ordinary: bool) -> tuple[Any, list[Any]]:
    kind = StrawberryGraphQLCoreExecutionContext if ordinary else CompiledExecutionContext
    result = execute_sync(schema, document, context_value=context, executor_class=kind)
    errors = [
        (error.message, error.path, error.locations, type(error.original_error))
        for error in result.errors or ()
    ]
    return result.data, errors


def main() -> int:
    """Compare, and say how many had what."""
    parser = argparse.ArgumentParser(description="Compiled answers against ordinary ones.")
    parser.add_argument("--examples", type=int, default=5_000)
    options = parser.parse_args()
    os.environ.setdefault("ENGAGE_LOG_LEVEL", "CRITICAL")
    with own_database():
        from engage_server.access.principal import EVERYTHING, Principal
        from engage_server.api.composition import schema_for
        from engage_server.api.context import Context
        from engage_server.plugin_host.registry import registry
        from engage_server.tenancy.scope import tenant_scope
        from tests.bench.graphql_side.data import fill

        filled = fill(days=20)
        plugins = frozenset(registry().plugins)
        principal = Principal(filled.tenant, "key:compared", EVERYTHING)
        counted: Counter[str] = Counter()
        with tenant_scope(filled.tenant):
            found = compare(
                schema_for(plugins)._schema,
                lambda: Context(principal=principal, plugins=plugins),
                examples=options.examples,
                counted=counted,
            )
    for difference in found[:5]:
        Console().print(difference)
    Console().print(f"{options.examples} queries, {dict(counted)}: {len(found)} answered otherwise.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
