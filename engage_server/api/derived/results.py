"""The GraphQL type of each metric: what every result has, and the declared details as typed fields.

Fields of details may be null, whatever the class says: values of older definitions are read as far as they go.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cached_property
from typing import Any, ClassVar, Final

import strawberry
from strawberry.types.field import StrawberryField

from engage_server.api.context import Info
from engage_server.api.derived.common import MetricResult
from engage_server.api.permissions import personal
from engage_server.sdk import DetailsField, DetailsShape, Metric
from engage_server.sdk.derived_names import field_name, owned_name, type_name
from engage_server.sdk.details import decode

SCALARS: Final[Mapping[str, type]] = {
    "int": int,
    "float": float,
    "decimal": Decimal,
    "str": str,
    "bool": bool,
    "date": date,
    "datetime": datetime,
}


class TypedDetails:
    """Decodes a result's details once, however many of its fields are asked for."""

    shape: ClassVar[DetailsShape]
    stored: Any

    @cached_property
    def decoded(self) -> Mapping[str, Any]:
        """The details by field; None for what is missing or of another type."""
        return decode(self.shape, self.stored.details)


class ResultTypes:
    """The types of one plugin's metrics, and of the classes and enumerations in their details; each made once."""

    def __init__(self, plugin_id: str) -> None:
        """Nothing is made yet."""
        self._plugin_id = plugin_id
        self._nested: dict[DetailsShape, type] = {}
        self._enums: dict[str, type[Enum]] = {}
        self._results: dict[str, type[MetricResult]] = {}

    def result(self, metric: Metric) -> type[MetricResult]:
        """The type of a metric's values."""
        if metric.id not in self._results:
            self._results[metric.id] = self._make(metric)
        return self._results[metric.id]

    def _make(self, metric: Metric) -> type[MetricResult]:
        name = type_name(self._plugin_id, metric.id)
        description = f"{metric.title}: {metric.card.formula}"
        if metric.details is None:
            return strawberry.type(type(name, (MetricResult,), {}), name=name, description=description)
        body: dict[str, Any] = {
            field.name: self._field(field, lambda self: self.decoded) for field in metric.details.fields
        }
        made = type(name, (TypedDetails, MetricResult), {"shape": metric.details, **body})
        return strawberry.type(made, name=name, description=description)

    def _nested_type(self, shape: DetailsShape) -> type:
        if shape not in self._nested:
            name = owned_name(self._plugin_id, shape.name)
            body = {field.name: self._field(field, lambda self: self) for field in shape.fields}
            self._nested[shape] = strawberry.type(
                type(name, (), body), name=name, description=_markdown(shape.description)
            )
        return self._nested[shape]

    def enum(self, field: DetailsField) -> type[Enum]:
        """The enumeration of a field; its members' values are their names."""
        name = owned_name(self._plugin_id, field.enum_name)
        if name not in self._enums:
            made = Enum(name, [(member, member) for member in field.values])  # type: ignore[misc]
            self._enums[name] = strawberry.enum(made, name=name)
        return self._enums[name]

    def _field(self, field: DetailsField, source: Callable[[Any], Mapping[str, Any]]) -> StrawberryField:
        one: Any = self._type(field)
        made: StrawberryField = strawberry.field(
            resolver=_personal_resolver(field, source) if field.is_personal else _resolver(field, source),
            name=field_name(field.name),
            description=_markdown(field.description),
            graphql_type=(list[one] if field.is_list else one) | None,
        )
        return made

    def _type(self, field: DetailsField) -> type:
        if field.shape is not None:
            return self._nested_type(field.shape)
        return self.enum(field) if field.kind == "enum" else SCALARS[field.kind]


def _markdown(text: str) -> str | None:
    """A docstring's text as GraphQL's readers show it."""
    return text.replace("``", "`") or None


def _resolver(field: DetailsField, source: Callable[[Any], Mapping[str, Any]]) -> Callable[[Any], Any]:
    name = field.name

    def resolve(self: Any) -> Any:
        return source(self)[name]

    return resolve


def _personal_resolver(
    field: DetailsField, source: Callable[[Any], Mapping[str, Any]]
) -> Callable[[Any, Info], Any]:
    name = field.name

    def resolve(self: Any, info: Info) -> Any:
        return personal(info, source(self)[name])

    return resolve
