"""Which metrics a query asks for, so that the values of all of them are read in one statement instead of one by one."""

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from threading import Lock
from typing import Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from engage_server.sdk.derived_names import field_name

MOST_OPERATIONS: Final = 512
Pair = tuple[str, str]
Fragments = Mapping[str, FragmentDefinitionNode]
# By the node's id; the node is kept too, so that no other gets its id.
_known: Final[dict[int, tuple[OperationDefinitionNode, frozenset[Pair]]]] = {}
_lock: Final = Lock()


def metrics_asked(
    operation: OperationDefinitionNode, fragments: Fragments, metrics: Collection[str]
) -> list[str]:
    """Those of the metrics (full ids) whose newest value a field of the operation gives, of whatever subject."""
    pairs = _pairs_of(operation, fragments)
    return [name for name in metrics if _pair(name) in pairs]


@lru_cache(maxsize=4_096)
def _pair(metric: str) -> Pair:
    plugin, _, name = metric.partition(".")
    return field_name(plugin), field_name(name)


def _pairs_of(operation: OperationDefinitionNode, fragments: Fragments) -> frozenset[Pair]:
    kept = _known.get(id(operation))
    if kept is None:
        kept = (operation, frozenset(_pairs(operation.selection_set, fragments, set())))
        with _lock:
            while len(_known) >= MOST_OPERATIONS:
                del _known[next(iter(_known))]
            _known[id(operation)] = kept
    return kept[1]


def _pairs(selected: SelectionSetNode, fragments: Fragments, seen: set[str]) -> Iterator[Pair]:
    """Each field with each that it selects; with arguments it is asked for another day, or another subject."""
    for node in _fields(selected, fragments, seen):
        if node.selection_set is None:
            continue
        below = list(_fields(node.selection_set, fragments, set()))
        if not node.arguments:
            yield from ((node.name.value, field.name.value) for field in below)
        yield from _pairs(node.selection_set, fragments, seen)


def _fields(selected: SelectionSetNode, fragments: Fragments, seen: set[str]) -> Iterator[FieldNode]:
    for node in selected.selections:
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _fields(node.selection_set, fragments, seen)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
            seen.add(node.name.value)
            yield from _fields(fragments[node.name.value].selection_set, fragments, seen)
