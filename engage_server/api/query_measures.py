"""What a query asks for: its measures, in time linear in its length.

Every fragment is walked once and sums saturate, so that fragments which spread each other over and over cost
nothing (the limiters that come with Strawberry walk such a document once per path: exponentially often).

The cost of a field with a selection is 1, or what was declared for it, plus the cost of what it selects, times the
page size that it asks for, and once what it reads however short the page is. A field without a selection is free
unless something was declared for it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)
from graphql_compiled import ReadyJson

from engage_server.api import document_cache
from engage_server.api.costs import ASSUMED_PAGE, LISTED_ARGUMENTS, PAGE_ARGUMENTS, FieldCosts

INTROSPECTION: Final = frozenset({"__schema", "__type"})
INTROSPECTION_COST: Final = 100
SATURATED: Final = 1_000_000
MOST_SIZES: Final = 64  # of pages, by which measures of one document are kept
NOTHING_DECLARED: Final = FieldCosts()


@dataclass(frozen=True, slots=True)
class Measures:
    """What a selection asks for. ``fields`` counts those of its first level; introspection has its own depth.

    ``names`` says how often the first level asks for each name, ``repeats`` how often any level does at most.
    """

    depth: int = 0
    introspection_depth: int = 0
    aliases: int = 0
    fields: int = 0
    cost: int = 0
    repeats: int = 0
    names: Mapping[str, int] = field(default_factory=dict, compare=False)

    def beside(self, other: "Measures") -> "Measures":
        """Both selections together."""
        return Measures(
            depth=max(self.depth, other.depth),
            introspection_depth=max(self.introspection_depth, other.introspection_depth),
            aliases=min(SATURATED, self.aliases + other.aliases),
            fields=min(SATURATED, self.fields + other.fields),
            cost=min(SATURATED, self.cost + other.cost),
            repeats=max(self.repeats, other.repeats),
        )


def measure(
    document: DocumentNode, variables: Mapping[str, Any], costs: FieldCosts = NOTHING_DECLARED
) -> Measures:
    """The measures of a document's operations, all of them together."""
    return _Walk(document, variables, costs).whole()


def unread(
    document: DocumentNode,
    data: Mapping[str, Any],
    variables: Mapping[str, Any],
    costs: FieldCosts = NOTHING_DECLARED,
    *,
    operation_name: str | None = None,
) -> int:
    """Points of rows that were asked for and that there were not: of the pages right below the root.

    A page within a page is not looked at: it would be walked row by row, for points that are fewer.
    """
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if operation_name is not None:
        operations = [one for one in operations if one.name and one.name.value == operation_name]
    walk = _Walk(document, variables, costs)
    return sum(
        walk.unread(field, data)
        for operation in operations
        for field in operation.selection_set.selections
        if isinstance(field, FieldNode) and field.selection_set
    )


class _Walk:
    def __init__(self, document: DocumentNode, variables: Mapping[str, Any], costs: FieldCosts) -> None:
        self._document = document
        # Names of the variables that say how long a page is, and of those that list what it has.
        self.sizes: set[str] = set()
        self.lengths: set[str] = set()
        self._variables = variables
        self._defaults = _defaults_of(document)
        self._costs = costs
        self._fragments = {
            definition.name.value: definition.selection_set
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        # A fragment that is being walked measures nothing inside itself: validation refuses the circle.
        self._measured: dict[str, Measures] = {}

    def whole(self) -> Measures:
        """Of all operations together."""
        total = Measures()
        for definition in self._document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                total = total.beside(self.selection(definition.selection_set))
        return total

    def selection(self, node: SelectionSetNode) -> Measures:
        total = Measures()
        names: Counter[str] = Counter()
        for part in node.selections:
            if isinstance(part, FieldNode):
                found = self._field(part)
            elif isinstance(part, FragmentSpreadNode):
                found = self._fragment(part.name.value)
            else:
                found = self.selection(part.selection_set)  # type: ignore[attr-defined]
            total = total.beside(found)
            names.update(found.names)
        repeats = min(SATURATED, max(names.values(), default=0))
        return replace(total, repeats=max(total.repeats, repeats), names=names)

    def unread(self, node: FieldNode, data: Mapping[str, Any]) -> int:
        """Points of the rows of a page that it turned out not to have; 0 where its rows were not asked for."""
        page = data.get((node.alias or node.name).value)
        parts = node.selection_set.selections if node.selection_set else ()
        edges = [one for one in parts if isinstance(one, FieldNode) and one.name.value == "edges"]
        if not edges:
            return 0
        if isinstance(page, ReadyJson):
            number = page.rows
        else:
            rows = page.get((edges[0].alias or edges[0].name).value) if isinstance(page, dict) else None
            number = len(rows) if isinstance(rows, list) else None
        missing = 0 if number is None else self._page(node) - max(1, number)
        return missing * self._of_a_row(node) if missing > 0 else 0

    def _of_a_row(self, node: FieldNode) -> int:
        below = self.selection(node.selection_set).cost if node.selection_set else 0
        return self._own(node) + below

    def _own(self, node: FieldNode) -> int:
        return self._costs.own.get(node.name.value, 1 if node.selection_set else 0)

    def _fragment(self, name: str) -> Measures:
        if name not in self._measured:
            self._measured[name] = Measures()
            if name in self._fragments:
                self._measured[name] = self.selection(self._fragments[name])
        return self._measured[name]

    def _field(self, node: FieldNode) -> Measures:
        below = self.selection(node.selection_set) if node.selection_set else Measures()
        name = node.name.value
        names = {(node.alias or node.name).value: 1}
        aliases = min(SATURATED, below.aliases + (node.alias is not None))
        if name in INTROSPECTION:
            # What it selects is bounded by graphql-core's MaxIntrospectionDepthRule, which limits lists within lists.
            return Measures(
                introspection_depth=below.depth + 1,
                aliases=aliases,
                fields=1,
                cost=INTROSPECTION_COST,
                repeats=below.repeats,
                names=names,
            )
        own = self._own(node)
        cost = (own + below.cost) * self._page(node) + self._costs.whole.get(name, 0)
        return Measures(
            depth=below.depth + 1,
            introspection_depth=below.introspection_depth,
            aliases=aliases,
            fields=int(name != "__typename"),
            cost=min(SATURATED, cost),
            repeats=below.repeats,
            names=names,
        )

    def _page(self, node: FieldNode) -> int:
        declared = self._costs.pages.get(node.name.value, 1)
        sizes = [
            self._size(argument.value, unsaid=max(ASSUMED_PAGE, declared))
            for argument in node.arguments or ()
            if argument.name.value in PAGE_ARGUMENTS
        ]
        sizes += [
            self._length(argument.value)
            for argument in node.arguments or ()
            if argument.name.value in LISTED_ARGUMENTS
        ]
        return max(sizes, default=declared)

    def _length(self, value: ValueNode) -> int:
        if isinstance(value, VariableNode):
            self.lengths.add(value.name.value)
            return max(1, self.given_length(value.name.value) or 0)
        return max(1, _length_of(value) or 0)

    def _size(self, value: ValueNode, *, unsaid: int) -> int:
        if isinstance(value, VariableNode):
            self.sizes.add(value.name.value)
            size = self.given_size(value.name.value)
        else:
            size = _size_of(value)
        # None is below 1, so that no field makes up for the cost of another.
        return unsaid if size is None else max(1, size)

    def given_size(self, variable: str) -> int | None:
        """The whole number that a variable stands for, by its value or its default; None where it is none."""
        return max(map(_size_of, self._values(variable)), key=lambda size: size or 0, default=None)

    def given_length(self, variable: str) -> int | None:
        """How many a variable lists, by its value or its default; None where it is no list."""
        return max(map(_length_of, self._values(variable)), key=lambda length: length or 0, default=None)

    def _values(self, variable: str) -> list[Any]:
        """What it may be: what was sent for it, or else its defaults, one of each operation that has one."""
        if variable in self._variables:
            return [self._variables[variable]]
        return self._defaults.get(variable, [])


def _size_of(given: Any) -> int | None:
    """A size of a literal or of JSON, in which 100.0 is a whole number too."""
    if isinstance(given, IntValueNode):
        # A literal of a few hundred digits is refused by validation; int() must not be asked to read it.
        return int(given.value[:10])
    if isinstance(given, float) and given.is_integer():
        return int(given)
    return given if isinstance(given, int) else None


def _length_of(given: Any) -> int | None:
    listed = given.values if isinstance(given, ListValueNode) else given
    return len(listed) if isinstance(listed, list | tuple) else None


def _defaults_of(document: DocumentNode) -> dict[str, list[ValueNode]]:
    found: dict[str, list[ValueNode]] = {}
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            for variable in operation.variable_definitions or ():
                if variable.default_value is not None:
                    found.setdefault(variable.variable.name.value, []).append(variable.default_value)
    return found


class KnownMeasures:
    """Measures of documents that come again and again: they depend on nothing but the variables that make pages long."""

    def __init__(self) -> None:
        self._lock = Lock()
        # By the document's id; it is kept too, so that no other gets its id. A document is of one schema, with its costs.
        self._known: dict[int, _Known] = {}

    def measure(self, document: DocumentNode, variables: Mapping[str, Any], costs: FieldCosts) -> Measures:
        """As ``measure``; ``document`` is one that the cache of documents holds."""
        walk = _Walk(document, variables, costs)
        known = self._known.get(id(document))
        if known is None:
            measures = walk.whole()
            known = _Known(document, tuple(walk.sizes), tuple(walk.lengths))
            with self._lock:
                while len(self._known) >= document_cache.MOST_DOCUMENTS:
                    del self._known[next(iter(self._known))]
                self._known[id(document)] = known
            known.found[known.amounts(walk)] = measures
            return measures
        amounts = known.amounts(walk)
        measures_before = known.found.get(amounts)
        if measures_before is not None:
            return measures_before
        if len(known.found) >= MOST_SIZES:
            known.found.clear()
        measures = known.found[amounts] = walk.whole()
        return measures


@dataclass(frozen=True, slots=True)
class _Known:
    """A document, the variables that make its pages long, and its measures by what those stood for."""

    document: DocumentNode
    sizes: tuple[str, ...]
    lengths: tuple[str, ...]
    found: dict[tuple[int | None, ...], Measures] = field(default_factory=dict)

    def amounts(self, walk: _Walk) -> tuple[int | None, ...]:
        return (*map(walk.given_size, self.sizes), *map(walk.given_length, self.lengths))
