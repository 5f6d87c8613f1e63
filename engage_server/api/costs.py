"""What fields cost and how long their pages are where a query does not say: known of a schema before any query."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)

PAGE_ARGUMENTS: Final = frozenset({"first", "last", "limit"})
LISTED_ARGUMENTS: Final = frozenset({"ids"})  # as many as are named
ASSUMED_PAGE: Final = 100  # where nothing tells the size
# The form of a page is made of what its list reads already.
FORM: Final = {"edges": 0, "node": 0, "pageInfo": 0}
OF_THE_CORE: Final = {
    **FORM,
    "series": 10,
    "departure": 10,  # each account left on a day of its own, whose values are read
    "explainChange": 2,
    "anomaly": 2,
    "trend": 2,
    "size": 20,
    "written": 300,  # of one report: the values of all accounts or features on two days
    "uplift": 80,  # of one playbook: all its journeys are looked at, 20,000 and more
    "metricUplift": 80,  # likewise, with two values of each
    "audience": 20,  # accounts or persons are counted
    "lows": 5,
    "highs": 5,
}
# A point stands for five milliseconds at most, on the largest tenants too: `make bench SECTION=limits` measures it.
WHOLE: Final = {
    "accounts": 10,  # all of them are looked at by what filters and orders
    "auditVerified": 80,
    "backtest": 300,
    "cohortMembers": 100,  # the days of a cohort and all that follow are read, as for the metric itself
    "config": 10,
    "computation": 20,
    "compareGroups": 400,
    "compute": 400,
    "createRule": 200,
    "eventNameProblems": 120,
    "effects": 300,  # a day is computed
    "importRows": 400,  # as many rows as a request may bring
    "refused": 40,  # of a file's import: all that is kept of them is read
    "events": 40,  # all events of the days that have one of the subject's
    "eventsToDelete": 200,
    "explainChanges": 200,
    "exportPerson": 200,
    "messagePreview": 40,  # two texts, each within what a text may cost
    "metrics": 10,  # of all plugins, with their cards
    "movers": 100,
    "replayQuarantine": 40,  # a hundred items at most, each taken in again
    "restated": 40,  # which stored days of all plugins a write concerns
    "restatedSince": 40,
    "segmentSize": 20,
    "setupAudit": 40,
    "sendEvents": 40,
    "sendReport": 300,  # as `written`
    "startBackfill": 60,
    "startComputation": 100,
    "tryChannel": 10,
    "suggestWeights": 300,
    "trackDimension": 200,  # a hundred segments at most, each made or changed
    "untrackDimension": 200,
    "whatMoved": 100,
    "whatIf": 900,  # within what an account may spend, which is told that it is not allowed
}


@dataclass(frozen=True, slots=True)
class FieldCosts:
    """Points of fields themselves (1 where nothing is said) and sizes of pages that a query does not name, by field.

    ``whole`` are points of fields that read much however short the page is that they give: added once, not by page.

    Names stand for all fields of the name, the dearest of them: measuring needs no types and stays linear.
    """

    own: Mapping[str, int] = field(default_factory=lambda: OF_THE_CORE)
    whole: Mapping[str, int] = field(default_factory=lambda: WHOLE)
    pages: Mapping[str, int] = field(default_factory=dict)


def field_costs(
    schema: GraphQLSchema,
    declared: Iterable[Mapping[str, int]],
    *,
    listed: Iterable[str],
    whole: Mapping[str, int],
) -> FieldCosts:
    """The costs of a schema.

    Args:
        schema: whose default page sizes count where a query leaves them out.
        declared: the costs that plugins declare.
        listed: fields that plugins contribute; a list among them without a page size counts as a full page.
        whole: points of derived fields for what they read however short the page is.
    """
    own = dict(OF_THE_CORE)
    for costs in declared:
        for name, points in costs.items():
            own[name] = max(points, own.get(name, 0))
    pages: dict[str, int] = {}
    contributed = frozenset(listed) - own.keys()
    for name, definition in fields_of(schema):
        size = _default_page(definition)
        if (
            size is None
            and name in contributed
            and is_list_of_objects(definition)
            and not is_paged(definition)
        ):
            size = ASSUMED_PAGE
        if size is not None:
            pages[name] = max(size, pages.get(name, 0))
    return FieldCosts(own=own, whole={**whole, **WHOLE}, pages=pages)


def fields_of(schema: GraphQLSchema) -> Iterable[tuple[str, GraphQLField]]:
    """Every field of every object type, by name; the same name several times."""
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            yield from type_.fields.items()


def is_paged(definition: GraphQLField) -> bool:
    """Whether the field takes a page size."""
    return not PAGE_ARGUMENTS.isdisjoint(definition.args)


def is_list_of_objects(definition: GraphQLField) -> bool:
    """Whether the field returns a list whose items have fields of their own."""
    type_ = definition.type
    if isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    return isinstance(type_, GraphQLList) and hasattr(get_named_type(type_), "fields")


def _default_page(definition: GraphQLField) -> int | None:
    sizes = [
        argument.default_value
        for name, argument in definition.args.items()
        if name in PAGE_ARGUMENTS and isinstance(argument.default_value, int)
    ]
    return max(sizes, default=None)
