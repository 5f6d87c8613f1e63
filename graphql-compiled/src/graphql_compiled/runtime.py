"""What generated code calls: errors, arguments, infos and the ordinary way, for one execution of one plan."""

import datetime
from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import Enum
from types import GeneratorType
from typing import Any, Final
from uuid import UUID

from graphql import GraphQLResolveInfo, Undefined
from graphql.execution import Executor
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path
from strawberry.types.arguments import convert_arguments

from graphql_compiled.places import Place

Complete = Callable[[Any, Any], Any]
# Values that no resolver can change, so that all calls of one field may have the same.
CONSTANTS: Final = (str, int, float, bool, type(None), Decimal, UUID, Enum, datetime.date, datetime.time)
# Classes whose instances are neither exceptions nor awaitable nor undefined, found out once for each.
PLAIN: Final[set[type]] = {str, int, float, bool, list, tuple, dict}
MOST_CLASSES: Final = 10_000


def is_plain(value: Any) -> bool:
    """Whether a value may be completed without asking what else it is."""
    kind = value.__class__
    if kind in PLAIN:
        return True
    if value is None or value is Undefined or not _is_plain(kind):
        return False
    if len(PLAIN) < MOST_CLASSES:
        PLAIN.add(kind)
    return True


def _is_plain(kind: type) -> bool:
    """Whether no instance can be an exception or an awaitable; generators may be coroutines by a flag of theirs."""
    if issubclass(kind, BaseException | GeneratorType):
        return False
    names = {name for base in kind.__mro__[:-1] for name in vars(base)}
    return names.isdisjoint(("__await__", "__aiter__"))


class LazyInfo:
    """The info of a field whose resolver mostly asks for the context alone; the rest is made when it is asked for."""

    __slots__ = ("_path", "_place", "_run", "context")

    def __init__(self, run: "Run", place: int, path: Any) -> None:
        self.context = run.context
        self._run = run
        self._place = place
        self._path = path

    def __getattr__(self, name: str) -> Any:
        return getattr(self._run.info(self._place, self._path), name)


class Run:
    """One execution of a plan. Paths are tuples ``(before, key, type name)``, made into graphql-core's when needed."""

    def __init__(self, executor: Executor[Any], places: Sequence[Place]) -> None:
        self.executor = executor
        self.context = executor.context_value
        self.arguments: list[dict[str, Any] | None] = [None] * len(places)
        self._places = places

    def info(self, place: int, path: Any) -> GraphQLResolveInfo[Any]:
        """graphql-core's info of a field; a path to one of its items is as good."""
        found = self._places[place]
        while path[1].__class__ is int:
            path = path[0]
        nodes = [one.node for one in found.fields]
        return self.executor.build_resolve_info(found.field, nodes, found.parent, path_of(path))

    def load_arguments(self, place: int, path: Any) -> dict[str, Any]:
        """The arguments of a field as its resolver takes them; kept for its next call, where nobody can change them.

        Raises:
            GraphQLError: a variable's value does not fit; as in the ordinary way.
        """
        found = self._places[place]
        executor = self.executor
        assert found.strawberry is not None  # noqa: S101  # the generator has asked
        schema = executor.schema._strawberry_schema  # type: ignore[attr-defined]  # set by Strawberry
        given = get_argument_values(
            found.field, found.node, executor.variable_values, None, executor.hide_suggestions
        )
        converted = convert_arguments(
            given,
            found.strawberry.arguments,
            scalar_registry=schema.schema_converter.scalar_registry,
            config=schema.config,
            info=schema.config.info_class(_raw_info=self.info(place, path), _field=found.strawberry),
        )
        if all(isinstance(value, CONSTANTS) for value in converted.values()):
            self.arguments[place] = converted
        return converted

    def fail(self, error: Exception, place: int, path: Any) -> None:
        """Note the error of a nullable place.

        Raises:
            GraphQLError: the place may not be null, so what is around it fails.
        """
        found = self._places[place]
        self.executor.handle_field_error(error, found.type, found.fields, path_of(path))

    def complete(self, value: Any, place: int, path: Any) -> Any:
        """Complete a value in the ordinary way."""
        found = self._places[place]
        executor = self.executor
        if executor.is_awaitable(value):
            raise _awaitable(found)
        completed = executor.complete_value(
            found.type, found.fields, self.info(place, path), path_of(path), value, None
        )
        if executor.is_awaitable(completed):
            raise _awaitable(found)
        return completed

    def execute(self, source: Any, place: int, path: Any) -> Any:
        """Resolve and complete a field in the ordinary way, its errors included."""
        found = self._places[place]
        value = self.executor.execute_field(found.parent, source, found.fields, path_of(path), None)
        if self.executor.is_awaitable(value):
            raise _awaitable(found)
        return value


def path_of(path: Any) -> Path:
    """graphql-core's form of a path."""
    if path.__class__ is Path:
        found: Path = path
        return found
    before, key, type_name = path
    return Path(None if before is None else path_of(before), key, type_name)


def _awaitable(place: Place) -> TypeError:
    return TypeError(
        f"The resolver of {place.parent.name}.{place.node.name.value} is no coroutine function and returned an "
        "awaitable. Remedy: declare it with `async def`."
    )
