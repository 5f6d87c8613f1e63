"""Types that lead to one another in a circle: named, and their nodes made, by a module that imports none of them.

An account has events and an event has an account, so that one of the two modules must name the other's type without
importing it. GraphQL resolves the name when the schema is built; nodes are made once a resolver runs, when all are loaded.
"""

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final, ForwardRef, Union

import strawberry

from engage_server.api.context import Context
from engage_server.api.types.subjects import SubjectKind
from engage_server.customers import models
from engage_server.segments import catalogue
from engage_server.segments.exceptions import UnknownSegmentError

PACKAGE: Final = "engage_server.api.types"


def _named(name: str, *, module: str) -> Any:
    return Annotated[ForwardRef(name), strawberry.lazy(f"{PACKAGE}.{module}")]


# To a checker of types they are anything: what it could know, it would have to import.
if TYPE_CHECKING:
    LazyAccount = Any
    LazyPerson = Any
    LazySegment = Any
    LazyDefinition = Any
    LazyValue = Any
    LazySignal = Any
    LazyFeature = Any
    SubjectNode = Any
else:
    LazyAccount = _named("Account", module="accounts")
    LazyPerson = _named("Person", module="persons")
    LazySegment = _named("SegmentNode", module="segments")
    LazyDefinition = _named("MetricDefinition", module="metrics")
    LazyValue = _named("MetricValue", module="metrics")
    LazySignal = _named("SignalNode", module="signals")
    LazyFeature = _named("Feature", module="features")
    SubjectNode = Annotated[
        Union[LazyAccount, LazyPerson, LazySegment, LazyFeature],  # noqa: UP007  # they are no classes
        strawberry.union(
            "Subject", description="Whom or what something is about, where it is not the tenant itself."
        ),
    ]


def account_or_none(row: models.Account | None, context: Context) -> LazyAccount | None:
    """The node of an account's row; None where there is none, or none that may be shown."""
    return None if row is None else _loaded("accounts").Account.of(row, context)


def person_or_none(row: models.Person | None, context: Context) -> LazyPerson | None:
    """The node of a person's row; None where there is none, or none that may be shown."""
    return None if row is None else _loaded("persons").Person.of(row, context)


def segment_or_none(found: Any, context: Context) -> LazySegment | None:
    """The node of a saved segment; None where there is none."""
    return None if found is None else _loaded("segments").SegmentNode.of(found, context)


def feature_or_none(row: Any, context: Context) -> LazyFeature | None:
    """The node of a feature's row; None where there is none."""
    return None if row is None else _loaded("features").Feature.of(row, context)


def subject_node(context: Context, kind: str, number: int) -> SubjectNode | None:
    """The node of a subject; None for the tenant itself, and for what is gone or may not be shown."""
    if kind == SubjectKind.ACCOUNT:
        return account_or_none(context.accounts.find(number), context)
    if kind == SubjectKind.PERSON:
        return person_or_none(_canonical(context, number), context)
    if kind == SubjectKind.FEATURE:
        return feature_or_none(context.features.find(number), context)
    return _segment(context, number) if kind == SubjectKind.SEGMENT else None


def expect_subjects(context: Context, subjects: Iterable[tuple[str, int]]) -> None:
    """Announce subjects by kind and number, whose nodes are then read together."""
    for kind, number in subjects:
        if kind == SubjectKind.ACCOUNT:
            context.accounts.expect([number])
        elif kind == SubjectKind.PERSON:
            context.persons.expect([number])
        elif kind == SubjectKind.FEATURE:
            context.features.expect([number])


def _canonical(context: Context, number: int) -> models.Person | None:
    found = context.persons.find(number)
    if found is None or found.merged_into_id is None:
        return found
    return context.persons.find(found.merged_into_id)


def _segment(context: Context, number: int) -> LazySegment | None:
    try:
        return segment_or_none(catalogue.segment(number), context)
    except UnknownSegmentError:
        return None


def definition_of(metric: str, context: Context) -> LazyDefinition:
    """The definition of a metric that is enabled.

    Raises:
        BadUserInputError: it is not.
    """
    return _loaded("metrics").MetricDefinition.of(*context.metric(metric))


def signal_nodes(rows: Sequence[Any], context: Context) -> list[LazySignal]:
    """The nodes of signals' rows, in their order."""
    found: list[LazySignal] = _loaded("signals").signal_nodes(rows, context)
    return found


def _loaded(name: str) -> Any:
    return sys.modules[f"{PACKAGE}.{name}"]
