"""Writes the source of a plan: a function for each object type and list in a selection, with the fields in it.

Code for what is usual stands in line, by the class of the value at hand; a value of any other class goes through
``complete``, the ordinary way. Every field and item has its own ``except``, since an error is told at its own place.
"""

from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from keyword import iskeyword
from typing import Any, Final

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLString,
    Undefined,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetailsList
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE
from strawberry.types.field import StrawberryField

from graphql_compiled.places import (
    NotCompilableError,
    Place,
    function_of,
    is_surely_sync,
    require_constant,
    strawberry_field,
)
from graphql_compiled.runtime import PLAIN, LazyInfo, is_plain

# By scalar: whether a value is what it would be made into.
AS_IT_IS: Final[dict[GraphQLScalarType, str]] = {
    GraphQLString: "v.__class__ is str",
    GraphQLID: "v.__class__ is str",
    GraphQLBoolean: "v.__class__ is bool",
    GraphQLFloat: "v.__class__ is float and v - v == 0.0",  # neither infinite nor no number
    GraphQLInt: "v.__class__ is int and -2147483648 <= v <= 2147483647",
}
IS_TYPE_OF: Final = "GraphQLCoreConverter.from_object.<locals>._get_is_type_of.<locals>.is_type_of"
DEEPEST: Final = 40  # selections within each other; Python's own limit for nested blocks is no concern before
Generated = tuple[str, dict[str, Any], list[Place]]


def generate(executor: Executor[Any], root: Place) -> Generated:
    """The source of ``bind``, the names that it uses, and its places, for a field's list or object type.

    Raises:
        NotCompilableError: something in the selection may need the event loop, or goes by variables.
    """
    generator = _Generator(executor)
    function = generator.function(root, 0)
    return generator.source(function), generator.names, generator.places


class _Generator:
    def __init__(self, executor: Executor[Any]) -> None:
        self._executor = executor
        self._checker: _Checker | None = None
        self._lines: list[str] = []
        self.places: list[Place] = []
        self.names: dict[str, Any] = {"PLAIN": PLAIN, "LazyInfo": LazyInfo, "is_plain": is_plain}
        self.names["Undefined"] = Undefined

    def source(self, function: str) -> str:
        head = [
            "def bind(run):",
            "    fail, complete, execute, load = run.fail, run.complete, run.execute, run.load_arguments",
            "    arguments = run.arguments",
        ]
        return "\n".join([*head, *(f"    {line}" for line in self._lines), f"    return {function}", ""])

    def name(self, value: Any, kind: str) -> str:
        """A name for a value that generated code uses."""
        made = f"{kind}{len(self.names)}"
        self.names[made] = value
        return made

    def place(self, place: Place) -> int:
        self.places.append(place)
        return len(self.places) - 1

    def function(self, root: Place, depth: int) -> str:
        """The name of the function that completes a list or an object."""
        if isinstance(root.type, GraphQLList):
            return self.list_function(root.type, root, depth)
        if isinstance(root.type, GraphQLObjectType):
            return self.object_function(root.type, root.fields, depth)
        raise NotCompilableError

    def object_function(self, type_: GraphQLObjectType, fields: FieldDetailsList, depth: int) -> str:
        """The name of the function that completes an object of the type: ``(source, path)``."""
        if depth > DEEPEST:
            raise NotCompilableError
        require_constant(self._executor, fields)
        grouped, deferred, _ = self._executor.collect_subfields(type_, fields)
        if deferred:
            raise NotCompilableError
        body: list[str] = []
        made: list[str] = []
        for place, (key, found) in enumerate(grouped.items()):
            value = f"r{place}"
            body += self._field(type_, key, found, value, depth)
            made.append(f"{key!r}: {value}")
        function = f"object_{len(self._lines)}"
        self._lines += [
            f"def {function}(s, p):",
            *(f"    {line}" for line in body),
            f"    return {{{', '.join(made)}}}",
        ]
        return function

    def list_function(self, type_: GraphQLList[Any], place: Place, depth: int) -> str:
        """The name of the function that completes a list or tuple: ``(items, path)``."""
        index = self.place(replace(place, type=type_.of_type))
        lines = self._completion(type_.of_type, index, "q", depth)
        function = f"list_{len(self._lines)}"
        self._lines += [
            f"def {function}(items, p):",
            "    made = []",
            "    i = 0",
            "    for v in items:",
            "        q = (p, i, None)",
            "        i += 1",
            "        try:",
            *(f"            {line}" for line in lines),
            "        except Exception as error:",
            f"            v = fail(error, {index}, q)",
            "        made.append(v)",
            "    return made",
        ]
        return function

    def _field(
        self, parent: GraphQLObjectType, key: str, fields: FieldDetailsList, value: str, depth: int
    ) -> Iterator[str]:
        name = fields[0].node.name.value
        if name == "__typename":
            yield f"{value} = {parent.name!r}"
            return
        definition = self._executor.schema.get_field(parent, name)
        if definition is None or definition.resolve is None or not is_surely_sync(definition):
            raise NotCompilableError
        found = strawberry_field(definition)
        index = self.place(Place(definition.type, fields, parent, definition, found))
        path = f"(p, {key!r}, {parent.name!r})"
        if found is None or self._handles_exceptions(found):
            # Whatever stands around its resolver stays there; what it gives is completed by a plan of its own.
            self._require_compilable(index, depth + 1)
            yield f"{value} = execute(s, {index}, {path})"
            return
        completion = self._completion(definition.type, index, path, depth)
        yield "try:"
        for line in [*self._resolution(found, index, path), *completion, f"{value} = v"]:
            yield f"    {line}"
        yield "except Exception as error:"
        yield f"    {value} = fail(error, {index}, {path})"

    def _require_compilable(self, index: int, depth: int) -> None:
        if self._checker is None:
            self._checker = _Checker(self._executor)
        self._checker.require_compilable(self.places[index], depth)

    def _handles_exceptions(self, field: StrawberryField) -> bool:
        schema = self._executor.schema._strawberry_schema  # type: ignore[attr-defined]  # set by Strawberry
        return bool(schema.schema_converter.exception_handlers) and field.base_resolver is not None

    def _resolution(self, field: StrawberryField, index: int, path: str) -> Iterator[str]:
        resolver = field.base_resolver
        place = self.places[index]
        if resolver is None:
            name = field.python_name
            if field.default_resolver is getattr and name.isidentifier() and not iskeyword(name):
                yield f"v = s.{field.python_name}"
            else:
                yield f"v = {self.name(field.default_resolver, 'get')}(s, {field.python_name!r})"
            return
        given = ["s"] if resolver.self_parameter else []
        given += [
            f"{parameter.name}=s"
            for parameter in (resolver.parent_parameter, resolver.root_parameter)
            if parameter
        ]
        if parameter := resolver.info_parameter:
            schema = self._executor.schema._strawberry_schema  # type: ignore[attr-defined]  # set by Strawberry
            info, definition = self.name(schema.config.info_class, "Info"), self.name(field, "field")
            given.append(
                f"{parameter.name}={info}(_raw_info=LazyInfo(run, {index}, {path}), _field={definition})"
            )
        if place.field.args or place.node.arguments:
            yield f"a = arguments[{index}]"
            yield "if a is None:"
            yield f"    a = load({index}, {path})"
            given.append("**a")
        yield f"v = {self.name(function_of(resolver), 'resolve')}({', '.join(given)})"

    def _completion(self, type_: GraphQLOutputType, index: int, path: str, depth: int) -> list[str]:
        """Statements that make of ``v`` what stands in the answer."""
        is_nullable = not isinstance(type_, GraphQLNonNull)
        inner = type_ if not isinstance(type_, GraphQLNonNull) else type_.of_type
        usual = f"v = complete(v, {index}, {path})"
        if is_leaf_type(inner):
            lines = self._leaf(inner, usual)
        elif isinstance(inner, GraphQLList):
            function = self.list_function(inner, self.places[index], depth + 1)
            lines = [
                "if v.__class__ is list or v.__class__ is tuple:",
                f"    v = {function}(v, {path})",
                "else:",
                f"    {usual}",
            ]
        elif isinstance(inner, GraphQLObjectType):
            lines = self._object(inner, index, path, usual, depth)
        elif is_abstract_type(inner):
            self._require_compilable(index, depth + 1)
            lines = [usual]
        else:
            raise NotCompilableError
        return ["if v is not None:", *(f"    {line}" for line in lines)] if is_nullable else lines

    def _leaf(self, type_: Any, usual: str) -> list[str]:
        if type_ in AS_IT_IS:
            return [f"if not ({AS_IT_IS[type_]}):", f"    {usual}"]
        if isinstance(type_, GraphQLEnumType) and (members := _members(type_)):
            kind, names = self.name(members[0], "Kind"), self.name(members[1], "names")
            return [
                f"c = {names}.get(id(v)) if v.__class__ is {kind} else None",
                "if c is None:",
                f"    {usual}",
                "else:",
                "    v = c",
            ]
        return [
            "c = None",
            "if v.__class__ in PLAIN or is_plain(v):",
            f"    c = {self.name(type_.coerce_output_value, 'coerce')}(v)",
            "if c is None or c is Undefined:",
            f"    {usual}",
            "else:",
            "    v = c",
        ]

    def _object(self, type_: GraphQLObjectType, index: int, path: str, usual: str, depth: int) -> list[str]:
        function = self.object_function(type_, self.places[index].fields, depth + 1)
        condition = "v.__class__ in PLAIN or is_plain(v)"
        if is_type_of := type_.is_type_of:
            check = f"{self.name(is_type_of, 'is_type_of')}(v, LazyInfo(run, {index}, {path}))"
            origin = _origin(type_)
            if origin is not None:
                kind = self.name(origin, "Kind")
                cast = f"getattr(v, {TYPE_CAST_ATTRIBUTE!r}, None) is None"
                check = f"(v.__class__ is {kind} and {cast} or {check})"
            condition = f"({condition}) and {check}"
        return [f"if {condition}:", f"    v = {function}(v, {path})", "else:", f"    {usual}"]


class _Checker(_Generator):
    """Finds out whether a selection can be compiled by generating it, each object type's part of it once.

    An interface of many types within another would else be gone through for each type of the outer one.
    """

    def __init__(self, executor: Executor[Any]) -> None:
        super().__init__(executor)
        self._checker = self
        self._depths: dict[tuple[str, tuple[int, ...]], int] = {}

    def require_compilable(self, place: Place, depth: int) -> None:
        """Go on where nothing that the place's selection reaches may need the event loop.

        Raises:
            NotCompilableError: something may.
        """
        named = get_named_type(place.type)
        possible = self._executor.schema.get_possible_types(named) if is_abstract_type(named) else [named]
        for type_ in possible:
            if isinstance(type_, GraphQLObjectType):
                self._require_object(type_, place.fields, depth)

    def _require_object(self, type_: GraphQLObjectType, fields: FieldDetailsList, depth: int) -> None:
        key = (type_.name, tuple(id(one.node) for one in fields))
        if self._depths.get(key, -1) < depth:  # what was not too deep there is not too deep here
            self.object_function(type_, fields, depth)
            self._depths[key] = depth

    def _object(self, type_: GraphQLObjectType, index: int, path: str, usual: str, depth: int) -> list[str]:
        self._require_object(type_, self.places[index].fields, depth + 1)
        return [usual]


def _members(type_: GraphQLEnumType) -> tuple[type[Enum], dict[int, str]] | None:
    """A Python enumeration's class, and the names of its members by their ids; they live as long as it does."""
    kind = getattr(type_, "wrapped_cls", None)
    if not (isinstance(kind, type) and issubclass(kind, Enum)):
        return None
    names = {}
    for member in kind:
        try:
            names[id(member)] = type_.coerce_output_value(member)
        except (GraphQLError, ValueError):
            continue  # no value of the schema's; the ordinary way says so
    return kind, names


def _origin(type_: GraphQLObjectType) -> type | None:
    """The class of which each instance is of the type, by Strawberry's own check."""
    definition = type_.extensions.get("strawberry-definition")
    own = getattr(type_.is_type_of, "__qualname__", "") == IS_TYPE_OF
    origin = getattr(definition, "origin", None)
    return origin if own and isinstance(origin, type) else None
