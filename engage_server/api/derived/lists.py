"""Lists of one metric's values over all subjects of a kind: the queue to work off, and what lies below a mark."""

import types as python_types
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any, Final

import strawberry
from graphql_compiled import ReadyJson
from strawberry.types.field import StrawberryField

from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.database_json.lists import Page, may_be_ready
from engage_server.api.database_json.selection import NotReadyError
from engage_server.api.database_json.values import Asked, value_page
from engage_server.api.derived.common import MetricResult
from engage_server.api.derived.results import ResultTypes
from engage_server.api.types.pages import USUAL_PAGE, Connection, PageRequest, listed, page_request
from engage_server.customers.models import Account
from engage_server.sdk import DetailsField, Direction, Metric
from engage_server.sdk.derived_names import field_name, list_name, type_name
from engage_server.sdk.details import decode
from engage_server.sdk.graphql import MetricStatus, StoredValue

FILTERED_KINDS: Final = frozenset({"enum", "bool"})


def list_fields(plugin_id: str, metric: Metric, kind: str, types: ResultTypes) -> StrawberryField:
    """The field that lists a metric's values for all subjects of a kind."""
    result = types.result(metric)
    page = _page_type(result)
    where_type = _where_type(plugin_id, metric, kind, types)
    full_id = f"{plugin_id}.{metric.id}"

    def resolve(
        self: Any,
        info: Info,
        *,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        worst_first: bool = True,
        below: float | None = None,
        above: float | None = None,
        where: Any = None,
        on: date | None = None,
    ) -> Any:
        asked = page_request(first, after, last, before)
        name = f"{full_id}.{kind}.{'worst' if worst_first else 'best'}"
        if kind == "account" and info.context.takes_json and may_be_ready(info.context.principal):
            low_first = (metric.direction is not Direction.DOWN) == worst_first
            values_asked = Asked(full_id, low_first, below=below, above=above)
            with suppress(NotReadyError):
                return _ready_page(info, values_asked, where, metric, of=name, page=asked, on=on)
        values = info.context.metrics.by_subject(full_id, kind, on)
        kept = _within(values, below=below, above=above)
        if where is not None:
            kept = _matching(kept, where, metric=metric, kind=kind, context=info.context)
        ordered = _ordered(kept, metric, worst_first=worst_first)
        return _page(info.context, ordered, of=name, page=page, result=result, kind=kind, asked=asked)

    resolve.__annotations__["where"] = where_type | None
    way = "the worst first; else the best" if metric.direction is not Direction.TARGET else "the lowest first"
    made: StrawberryField = strawberry.field(
        resolver=resolve,
        name=list_name(plugin_id, metric.id, kind),
        graphql_type=page,
        description=f"{metric.title} of every {kind} on a day (default: the newest), {way}; 1 to 100 a page. `below` and "
        "`above` leave out the mark itself and what has no value; what has none comes last.",
    )
    return made


def _ready_page(
    info: Info,
    asked: Asked,
    where: Any,
    metric: Metric,
    *,
    of: str,
    page: PageRequest,
    on: date | None,
) -> ReadyJson:
    """The first page of the newest day as JSON.

    Raises:
        NotReadyError: another one is asked for, by what only the values say, or more of them than the figures.
    """
    if page.cursor is not None or page.is_backwards or on is not None:
        raise NotReadyError
    if where is not None:
        if any(getattr(where, _argument(field)) is not None for field in _filters(metric)):
            raise NotReadyError
        asked = replace(
            asked,
            statuses=None if where.status is None else [status.value for status in where.status],
            plans=None if where.plan is None else [plan for plan in where.plan if "\x00" not in plan],
            stages=None if where.stage is None else [stage.value for stage in where.stage],
        )
    about = Page(
        cursor=lambda key: ids.cursor(key[0], of=of), count=lambda: 0, size=page.size, has_cursor=False
    )
    context = info.context
    return value_page(info._raw_info, context.catalogue(), context.tenant.id, asked, about)


def _page_type(result: type[MetricResult]) -> Any:
    """The connection of a result's type; one for all kinds of subject."""
    if "page_type" not in vars(result):
        name = f"{result.__name__}Connection"
        made = python_types.new_class(name, (Connection[result],))  # type: ignore[valid-type]
        result.page_type = strawberry.type(made, name=name, description="A page of values.")  # type: ignore[attr-defined]
    return result.page_type  # type: ignore[attr-defined]


def _where_type(plugin_id: str, metric: Metric, kind: str, types: ResultTypes) -> Any:
    name = f"{type_name(plugin_id, metric.id)}Of{type_name(kind)}Where"
    annotations: dict[str, Any] = {"status": list[MetricStatus] | None}
    if kind == "account":
        annotations |= {"plan": list[str] | None, "stage": list[Account.Stage] | None}
    body: dict[str, Any] = dict.fromkeys(annotations)
    for field in _filters(metric):
        annotations[_argument(field)] = (list[types.enum(field)] if field.kind == "enum" else bool) | None  # type: ignore[misc]
        body[_argument(field)] = strawberry.field(
            name=field_name(field.name), default=None, description=field.description or None
        )
    made = type(name, (), {"__annotations__": annotations, **body})
    return strawberry.input(made, name=name, description="Those alone for which all that is given holds.")


def _filters(metric: Metric) -> list[DetailsField]:
    fields = metric.details.fields if metric.details else ()
    return [
        field
        for field in fields
        if field.kind in FILTERED_KINDS
        and not field.is_list
        and not field.is_personal
        and field.name not in {"plan", "stage"}
    ]


def _argument(field: DetailsField) -> str:
    return f"detail_{field.name}"


def _within(
    values: Sequence[StoredValue], *, below: float | None, above: float | None
) -> Sequence[StoredValue]:
    if below is None and above is None:
        return values
    return [
        value
        for value in values
        if value.value is not None
        and (below is None or value.value < below)
        and (above is None or value.value > above)
    ]


def _matching(
    values: Sequence[StoredValue], where: Any, *, metric: Metric, kind: str, context: Context
) -> Sequence[StoredValue]:
    if where.status is not None:
        values = [value for value in values if value.status in where.status]
    if kind == "account" and not (where.plan is None and where.stage is None):
        wanted = context.accounts.visible().filter(pk__in=[value.subject.id for value in values])
        if where.plan is not None:
            wanted = wanted.filter(plan__in=[plan for plan in where.plan if "\x00" not in plan])
        if where.stage is not None:
            wanted = wanted.filter(stage__in=where.stage)
        pks = set(wanted.values_list("pk", flat=True))
        values = [value for value in values if value.subject.id in pks]
    for field in _filters(metric):
        asked = getattr(where, _argument(field))
        if asked is not None:
            values = [value for value in values if _holds(value, metric, field, asked)]
    return values


def _holds(value: StoredValue, metric: Metric, field: DetailsField, asked: Any) -> bool:
    found = decode(metric.details, value.details)[field.name] if metric.details else None
    return found in {member.value for member in asked} if field.kind == "enum" else found is asked


def _ordered(values: Sequence[StoredValue], metric: Metric, *, worst_first: bool) -> list[StoredValue]:
    """By value, and by label where those are equal; what has none last, in the order in which it came."""
    known = [value for value in values if value.value is not None]
    low_first = (_direction(known, metric) is not Direction.DOWN) == worst_first
    by_label = sorted(known, key=lambda value: (value.label, value.subject.id))
    ordered = sorted(by_label, key=lambda value: value.value or 0.0, reverse=not low_first)
    return [*ordered, *(value for value in values if value.value is None)]


def _direction(values: Sequence[StoredValue], metric: Metric) -> Direction:
    """Which way is good for a list; where values of one day differ, as if high were."""
    own = {value.direction or metric.direction for value in values}
    return own.pop() if len(own) == 1 else Direction.UP


def _page(
    context: Context,
    values: Sequence[StoredValue],
    *,
    of: str,
    page: Any,
    result: type[MetricResult],
    kind: str,
    asked: PageRequest,
) -> Any:
    def nodes(shown: Sequence[StoredValue]) -> list[MetricResult]:
        pks = [value.subject.id for value in shown]
        if kind == "account":
            context.accounts.expect(pks)
        else:
            context.metrics.expect(kind, pks)
        if kind == "person":
            context.persons.expect(pks)
        elif kind == "feature":
            context.features.expect(pks)
        return [result.of(value) for value in shown]

    found = listed(values, of=of, asked=asked, key=_key, nodes=nodes)
    return page(edges=found.edges, page_info=found.page_info, count=found.count)


def _key(value: StoredValue) -> int:
    return value.subject.id
