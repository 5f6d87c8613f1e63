"""Masks the free texts of an answer for who may not see personal data: every text that a client may have written.

The answer is gone through once, when it is whole: so no resolver, of the core or of a plugin, has to think of it, what
was not asked for costs nothing, and plugins reckon with what is stored.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    get_operation_ast,
)
from strawberry.extensions import SchemaExtension

from engage_server.access.principal import Permission
from engage_server.api.masking import Masker, each_text, without_quotations

FREE: Final = frozenset({"String", "JSON"})
ALL: Final = frozenset({"*"})
# What the server or a plugin's package says, never a client. A test fails for an entry that names no field.
OURS: Final[Mapping[str, frozenset[str]]] = {
    "AccountTokenPayload": frozenset({"text"}),
    "AppliedBenchmark": ALL,
    "AuditEntry": frozenset({"action", "digest", "request"}),
    "AuditVerdict": ALL,
    "Bundle": ALL,
    "BundlePlan": ALL,
    "BundleStep": frozenset({"reads"}),
    "DictionaryPreset": ALL,
    "ErasedRows": ALL,
    "Interval": ALL,
    "Key": frozenset({"prefix", "lastFour"}),
    "KeyTextPayload": frozenset({"text"}),
    "Member": ALL,  # the tenant's own people, shown to who manages them
    "MetricBenchmark": ALL,
    "MetricCard": ALL,
    "MetricDefinition": ALL,
    "MetricResult": frozenset({"noInterval"}),
    "MetricVector": ALL,
    "Money": ALL,
    "PageInfo": ALL,
    "PlaybookPreset": ALL,
    "Plugin": frozenset({"version", "title", "schema"}),
    "QuarantinedItem": frozenset({"code", "protocol"}),
    "RemovedMemberPayload": frozenset({"email"}),
    "RestatedValue": frozenset({"reason"}),
    "Restatement": frozenset({"reason"}),
    "Tenant": ALL,
    "Viewer": ALL,
    "ViewerTenant": ALL,
    "Window": ALL,
}
OURS_ANYWHERE: Final = frozenset({"cursor"})
# Sentences of ours that quote what a client sent, and which was never stored, so that nothing is known of it.
QUOTING: Final[Mapping[str, frozenset[str]]] = {"QuarantinedItem": frozenset({"message"})}
# What a customer of the tenant's is not shown of its own account: what may count or name the other customers.
OF_OTHERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "Contribution": {"n": None},
    "Goal": {"author": "", "note": ""},
    "MetricResult": {"details": {}},
}

Change = Callable[[str], str]
Pair = tuple[GraphQLNamedType, SelectionSetNode]


@dataclass(slots=True)
class _Entry:
    """What one key of an object in the answer may be."""

    is_free: bool = False
    quotes: bool = False
    withheld: list[Any] = field(default_factory=list)
    below: list[Pair] = field(default_factory=list)


class FreeTexts(SchemaExtension):
    """Puts the masking behind the execution, where the answer is whole and the tenant still in scope."""

    def on_execute(self) -> Iterator[None]:
        """Replace the answer's data for who may not see all of it. If that fails there is no data."""
        yield
        context = self.execution_context
        principal = context.context.principal
        result, document = context.result, context.graphql_document
        if principal.may(Permission.PERSONAL_READ) or document is None or not getattr(result, "data", None):
            return
        answer = _Answer(context.schema._schema, document, is_account=principal.account_id is not None)
        result.data = answer.masked(result.data, context.operation_name)  # type: ignore[union-attr]


class _Answer:
    """The texts of one answer, found by the document that it answers; in time linear in both."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, *, is_account: bool) -> None:
        self._schema = schema
        self._document = document
        self._is_account = is_account
        self._plans: dict[tuple[tuple[str, int], ...], dict[str, _Entry]] = {}
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }

    def masked(self, data: Any, operation_name: str | None) -> Any:
        operation = get_operation_ast(self._document, operation_name)
        if operation is None:
            return None
        root = self._schema.get_root_type(operation.operation)
        if root is None:
            return None
        below: list[Pair] = [(root, operation.selection_set)]
        masker = Masker()
        self._walk(data, below, masker.look)
        masker.learn()
        return self._walk(data, below, masker.mask)

    def _walk(self, value: Any, below: list[Pair], change: Change) -> Any:
        if isinstance(value, list):
            return [self._walk(item, below, change) for item in value]
        if not isinstance(value, dict) or not below:
            return value
        plan = self._plan(below)
        return {
            key: self._mask_entry(plan[key], item, change) if key in plan else item
            for key, item in value.items()
        }

    def _mask_entry(self, entry: _Entry, value: Any, change: Change) -> Any:
        if value is None:
            return None
        if entry.withheld:
            return entry.withheld[0]
        if not entry.is_free:
            return self._walk(value, entry.below, change)
        return each_text(value, (lambda text: change(without_quotations(text))) if entry.quotes else change)

    def _plan(self, below: list[Pair]) -> dict[str, _Entry]:
        place = tuple((type_.name, id(selection)) for type_, selection in below)
        if place not in self._plans:
            plan: dict[str, _Entry] = {}
            self._plans[place] = plan
            seen: set[str] = set()
            for type_, selection in below:
                self._collect(type_, selection, plan, seen)
        return self._plans[place]

    def _collect(
        self, type_: GraphQLNamedType, selection: SelectionSetNode, plan: dict[str, _Entry], seen: set[str]
    ) -> None:
        for part in selection.selections:
            if isinstance(part, FieldNode):
                self._enter(type_, part, plan)
            elif isinstance(part, FragmentSpreadNode):
                fragment = self._fragments[part.name.value]
                if part.name.value not in seen:
                    seen.add(part.name.value)
                    self._collect(
                        self._schema.type_map[fragment.type_condition.name.value],
                        fragment.selection_set,
                        plan,
                        seen,
                    )
            elif isinstance(part, InlineFragmentNode):
                condition = part.type_condition
                narrowed = self._schema.type_map[condition.name.value] if condition else type_
                self._collect(narrowed, part.selection_set, plan, seen)

    def _enter(self, type_: GraphQLNamedType, node: FieldNode, plan: dict[str, _Entry]) -> None:
        """Where fragments make one key of several fields, it is masked if any of them is."""
        name = node.name.value
        definition = getattr(type_, "fields", {}).get(name)
        if definition is None:  # __typename, __schema
            return
        entry = plan.setdefault((node.alias or node.name).value, _Entry())
        kind = get_named_type(definition.type)
        names = [type_.name, *(interface.name for interface in getattr(type_, "interfaces", ()))]
        entry.is_free |= kind.name in FREE and not any(_is_ours(one, name) for one in names)
        entry.quotes |= name in QUOTING.get(type_.name, ())
        if self._is_account:
            entry.withheld += [OF_OTHERS[one][name] for one in names if name in OF_OTHERS.get(one, {})]
        if node.selection_set:
            entry.below.append((kind, node.selection_set))


def _is_ours(type_name: str, field_name: str) -> bool:
    fields = OURS.get(type_name, frozenset())
    return fields is ALL or field_name in fields or field_name in OURS_ANYWHERE
