"""What a plan knows of each field that it completes, and which fields it may resolve by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    InlineFragmentNode,
    SelectionSetNode,
)
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetailsList
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

# What Strawberry calls the functions that it makes of fields; any other resolver is somebody else's.
OF_STRAWBERRY: Final = "GraphQLCoreConverter.from_resolver.<locals>."


class NotCompilableError(Exception):
    """The selection is completed in the ordinary way."""


@dataclass(frozen=True, slots=True)
class Place:
    """A field at its place in a selection, or a list's items: what errors and the ordinary way need to know."""

    type: GraphQLOutputType
    fields: FieldDetailsList
    parent: GraphQLObjectType
    field: GraphQLField
    strawberry: StrawberryField | None

    @property
    def node(self) -> FieldNode:
        """The first of the field's nodes, whose arguments count."""
        return self.fields[0].node


def strawberry_field(field: GraphQLField) -> StrawberryField | None:
    """The field's definition, where a value can be had of it by getting an attribute or calling its resolver."""
    found = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    resolve = getattr(field, "resolve", None)
    if not isinstance(found, StrawberryField) or not _is_of_strawberry(resolve):
        return None
    if found.extensions or type(found).get_result is not StrawberryField.get_result:
        return None
    return found


def is_surely_sync(field: GraphQLField) -> bool:
    """Whether resolving it in the ordinary way gives no awaitable."""
    found = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return isinstance(found, StrawberryField) and not found.is_async and _is_of_strawberry(field.resolve)


def function_of(resolver: StrawberryResolver[Any]) -> Callable[..., Any]:
    """What calling the resolver calls."""
    function = resolver.wrapped_func
    if type(resolver).__call__ is not StrawberryResolver.__call__ or not callable(function):
        return resolver
    return function


def require_constant(executor: Executor[Any], fields: FieldDetailsList) -> None:
    """Go on where nothing but the document decides what is selected of a type.

    Raises:
        NotCompilableError: there is a directive, which may go by variables, or a fragment with arguments.
    """
    seen: set[str] = set()
    for one in fields:
        if one.fragment_variable_values is not None or one.defer_usage is not None:
            raise NotCompilableError
        _require_constant(executor, one.node.selection_set, seen)


def _require_constant(executor: Executor[Any], selected: SelectionSetNode | None, seen: set[str]) -> None:
    for node in selected.selections if selected else ():
        if node.directives:
            raise NotCompilableError
        if isinstance(node, InlineFragmentNode):
            _require_constant(executor, node.selection_set, seen)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
            seen.add(node.name.value)
            fragment = executor.fragments[node.name.value].definition
            if fragment.directives or fragment.variable_definitions:
                raise NotCompilableError
            _require_constant(executor, fragment.selection_set, seen)


def _is_of_strawberry(resolve: Any) -> bool:
    name = getattr(resolve, "__qualname__", "")
    return name in (f"{OF_STRAWBERRY}_resolver", f"{OF_STRAWBERRY}_get_basic_result")
