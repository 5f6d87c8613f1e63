"""Plans by selection: made once for a schema and a document's nodes, kept within bounds."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from weakref import ReferenceType, ref

from graphql import FieldNode, GraphQLList, GraphQLObjectType, GraphQLSchema
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetailsList

from graphql_compiled.generator import generate
from graphql_compiled.places import NotCompilableError, Place

if TYPE_CHECKING:
    from graphql_compiled.runtime import Complete, Run

MOST_PLANS: Final = 2_000  # of one schema
# Of the plans of all schemas in the process: the source of their code, and the texts of the selections that they keep.
# One takes some eight bytes of memory.
MOST_CHARACTERS: Final = 8_000_000
OF_AN_ENTRY: Final = 500  # characters beside, for what is kept of the shortest selection too
UNKNOWN_CHARACTERS: Final = 2_000  # of a selection that was parsed without its places in the text
_ATTRIBUTE: Final = "_compiled_plans"
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Generated code: ``bind`` makes of it the function for one execution; ``places`` are what it refers to."""

    bind: "Callable[[Run], Complete]"
    places: Sequence[Place]


@dataclass(slots=True, weakref_slot=True, eq=False)
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
            entry.plan, characters = _compile(executor, type_, fields, parent)
            entry.is_tried = True
            _shelf.put(self, key, entry, characters)
        return entry.plan

    def _enter(self, key: Key, nodes: Sequence[FieldNode]) -> _Entry:
        with self._lock:
            while len(self._entries) >= MOST_PLANS:
                del self._entries[next(iter(self._entries))]
            entry = self._entries.setdefault(key, _Entry(nodes))
        _shelf.put(self, key, entry, sum(_characters(node) for node in nodes))
        return entry

    def forget(self, key: Key, entry: _Entry) -> None:
        """Let an entry go, if it is still there."""
        with self._lock:
            if self._entries.get(key) is entry:
                del self._entries[key]


class _Shelf:
    """What the plans of all schemas take together; those that were put in first go first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._held: deque[tuple[ReferenceType[Plans], Key, ReferenceType[_Entry], int]] = deque()
        self.characters = 0

    def put(self, plans: Plans, key: Key, entry: _Entry, characters: int) -> None:
        """Count characters of an entry, and make room for them."""
        characters += OF_AN_ENTRY
        doomed = []
        with self._lock:
            self._held.append((ref(plans), key, ref(entry), characters))
            self.characters += characters
            while self.characters > MOST_CHARACTERS and len(self._held) > 1:
                doomed.append(self._held.popleft())
                self.characters -= doomed[-1][-1]
        for of_plans, former, of_entry, _ in doomed:
            owner, gone = of_plans(), of_entry()
            if owner is not None and gone is not None:
                owner.forget(former, gone)


_shelf: Final = _Shelf()


def _characters(node: FieldNode) -> int:
    return UNKNOWN_CHARACTERS if node.loc is None else node.loc.end - node.loc.start


def plans_of(schema: GraphQLSchema) -> Plans:
    """The schema's plans, which live as long as it does."""
    found: Plans = schema.__dict__.setdefault(_ATTRIBUTE, Plans())
    return found


def _compile(
    executor: Executor[Any],
    type_: GraphQLList[Any] | GraphQLObjectType,
    fields: FieldDetailsList,
    parent: GraphQLObjectType,
) -> tuple[Plan | None, int]:
    """The plan, if there is one, and the characters of its source."""
    field = executor.schema.get_field(parent, fields[0].node.name.value)
    if field is None:
        return None, 0
    try:
        source, names, places = generate(executor, Place(type_, fields, parent, field, None))
    except NotCompilableError:
        return None, 0
    exec(compile(source, "<compiled selection>", "exec"), names)  # noqa: S102  # of names and indexes of our own alone
    return Plan(names["bind"], places), len(source)
