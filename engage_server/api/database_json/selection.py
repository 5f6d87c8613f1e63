"""What a field of the root selects, as far as it can be told without running anything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLUnionType,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
)
from graphql.execution.values import VariableValues, get_argument_values

TYPENAME = "__typename"
ONE_OF_MANY = "Account"  # what a union stands for: ready answers are about accounts


class NotReadyError(Exception):
    """The answer cannot be built as JSON at once; the ordinary way gives it."""


@dataclass(frozen=True, slots=True)
class Selected:
    """A field that is selected: its key in the answer, its name, the type that it gives and what is selected of that."""

    key: str
    name: str
    type: GraphQLNamedType | None
    node: FieldNode
    parent: GraphQLObjectType
    below: "Sequence[Selected]" = ()

    def plain(self) -> "Selected":
        """This field, if it has no arguments.

        Raises:
            NotReadyError: it has.
        """
        if self.node.arguments:
            raise NotReadyError
        return self

    def arguments(self, info: GraphQLResolveInfo[Any]) -> dict[str, Any]:
        """Its arguments for one execution, as a resolver gets them.

        Raises:
            NotReadyError: a variable's value does not fit, which the ordinary way says.
        """
        # Strawberry hands the values on without where they came from, which is asked for nothing here.
        values: Any = info.variable_values
        given = values if isinstance(values, VariableValues) else VariableValues({}, values)
        try:
            return get_argument_values(self.parent.fields[self.name], self.node, given)
        except GraphQLError:
            raise NotReadyError from None


def selection_of(info: GraphQLResolveInfo[Any]) -> Sequence[Selected]:
    """What the field that is being resolved selects.

    Raises:
        NotReadyError: directives decide, or the field stands in the document more than once.
    """
    if len(info.field_nodes) != 1 or not isinstance(
        named := get_named_type(info.return_type), GraphQLObjectType
    ):
        raise NotReadyError
    node = info.field_nodes[0]
    if node.directives or node.selection_set is None:
        raise NotReadyError
    return _below([node.selection_set], named, info)


def _below(
    sets: Sequence[SelectionSetNode], type_: GraphQLObjectType, info: GraphQLResolveInfo[Any]
) -> Sequence[Selected]:
    found: dict[str, list[FieldNode]] = {}
    seen: set[str] = set()
    for one in sets:
        for node in _fields(one, type_, info, seen):
            found.setdefault((node.alias or node.name).value, []).append(node)
    return [_selected(key, nodes, type_, info) for key, nodes in found.items()]


def _selected(
    key: str, nodes: Sequence[FieldNode], parent: GraphQLObjectType, info: GraphQLResolveInfo[Any]
) -> Selected:
    name = nodes[0].name.value
    if name == TYPENAME:
        return Selected(key, name, None, nodes[0], parent)
    definition = parent.fields.get(name)
    if definition is None:
        raise NotReadyError
    type_ = get_named_type(definition.type)
    sets = [node.selection_set for node in nodes if node.selection_set is not None]
    if not sets:
        return Selected(key, name, type_, nodes[0], parent)
    if isinstance(type_, GraphQLUnionType):
        type_ = next((one for one in type_.types if one.name == ONE_OF_MANY), None)
    if not isinstance(type_, GraphQLObjectType):
        raise NotReadyError
    return Selected(key, name, type_, nodes[0], parent, _below(sets, type_, info))


def _fields(
    selected: SelectionSetNode, type_: GraphQLObjectType, info: GraphQLResolveInfo[Any], seen: set[str]
) -> Iterator[FieldNode]:
    for node in selected.selections:
        if node.directives:
            raise NotReadyError
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            if node.type_condition is None or _is(type_, node.type_condition.name.value, info):
                yield from _fields(node.selection_set, type_, info, seen)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
            seen.add(node.name.value)
            fragment = info.fragments[node.name.value]
            if fragment.directives:
                raise NotReadyError
            if _is(type_, fragment.type_condition.name.value, info):
                yield from _fields(fragment.selection_set, type_, info, seen)


def _is(type_: GraphQLObjectType, condition: str, info: GraphQLResolveInfo[Any]) -> bool:
    if type_.name == condition:
        return True
    wanted = info.schema.get_type(condition)
    return is_abstract_type(wanted) and info.schema.is_sub_type(wanted, type_)
