"""Plans by selection: made once for a schema and a document's nodes, kept within bounds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from graphql import FieldNode, GraphQLList, GraphQLObjectType, GraphQLSchema
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetailsList

from graphql_compiled.generator import generate
from graphql_compiled.places import NotCompilableError, Place

if TYPE_CHECKING:
    from graphql_compiled.runtime import Complete, Run

MOST_PLANS: Final = 2_000  # of one schema
_ATTRIBUTE: Final = "_compiled_plans"
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Generated code: ``bind`` makes of it the function for one execution; ``places`` are what it refers to."""

    bind: "Callable[[Run], Complete]"
    places: Sequence[Place]


@dataclass(slots=True)
class _Entry:
    """What is known of a selection. The nodes are kept, so that no other's get their ids."""

    nodes: Sequence[FieldNode]
    is_tried: bool = False
    plan: Plan | None = None


class Plans:
    """The plans of one schema. Documents have to be parsed once and kept by the caller, or none is ever met again."""

    def __init__(self) -> None:
        self._entries: dict[Key, _Entry] = {}
        self._lock = Lock()

    def plan(
        self,
        executor: Executor[Any],
        type_: GraphQLList[Any] | GraphQLObjectType,
        fields: FieldDetailsList,
        parent: GraphQLObjectType,
        *,
        at_once: bool,
    ) -> Plan | None:
        """The plan of what a field of ``parent`` selects; made when it is asked for the second time, or ``at_once``."""
        if len(fields) == 1:
            key: Key = (type_, parent, id(fields[0].node))
        else:
            key = (type_, parent, *(id(one.node) for one in fields))
        entry = self._entries.get(key)
        if entry is None:
            entry = self._enter(key, [one.node for one in fields])
            if not at_once:
                return None
        if not entry.is_tried:
            entry.plan = _compile(executor, type_, fields, parent)
            entry.is_tried = True
        return entry.plan

    def _enter(self, key: Key, nodes: Sequence[FieldNode]) -> _Entry:
        with self._lock:
            while len(self._entries) >= MOST_PLANS:
                del self._entries[next(iter(self._entries))]
            return self._entries.setdefault(key, _Entry(nodes))


def plans_of(schema: GraphQLSchema) -> Plans:
    """The schema's plans, which live as long as it does."""
    found: Plans = schema.__dict__.setdefault(_ATTRIBUTE, Plans())
    return found


def _compile(
    executor: Executor[Any],
    type_: GraphQLList[Any] | GraphQLObjectType,
    fields: FieldDetailsList,
    parent: GraphQLObjectType,
) -> Plan | None:
    field = executor.schema.get_field(parent, fields[0].node.name.value)
    if field is None:
        return None
    try:
        source, names, places = generate(executor, Place(type_, fields, parent, field, None))
    except NotCompilableError:
        return None
    exec(compile(source, "<compiled selection>", "exec"), names)  # noqa: S102  # of names and indexes of our own alone
    return Plan(names["bind"], places)
