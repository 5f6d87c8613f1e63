"""What a plugin uses to put fields into the tenants' GraphQL schemas that do not follow from its metrics.

Metrics need none of it: the server derives their fields from the manifest. A contribution is for the rest (what
combines values, what is no value): a set of ordinary ``strawberry.type`` classes. Their fields become fields of the
root types and of ``Account``; a field's resolver reads stored values with ``stored()`` and ``stored_by_subject()``,
which the server batches: one statement per metric and page, however many accounts are asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any, Protocol

import strawberry

from engage_server.sdk.compute import TENANT, Interval, Status, Subject
from engage_server.sdk.manifest import Direction


def expose_enum(kind: type[Enum], *, name: str, description: str | None = None) -> None:
    """Make an enumeration part of the schemas under a name; fields are then annotated with the class itself."""
    strawberry.enum(kind, name=name, description=description)


MetricStatus = Status
expose_enum(Status, name="MetricStatus")


class UserInputError(Exception):
    """Raise it in a resolver for an argument that the caller must change; the message reaches them as it is."""


@dataclass(frozen=True, slots=True)
class GraphQLContribution:
    """Strawberry types whose fields join the composed types of the same role; ``types`` adds unreferenced ones.

    Name every type with the plugin's name first (``NpsScore``), so that plugins cannot clash.

    ``costs`` says, by the field's name in the schema, how many points a field takes out of the caller's budget, before
    it is multiplied by the page size; 1 where nothing is said. A contributed list without a page size (``first``)
    counts as one of 100 items unless its cost is declared.
    """

    query: type | None = None
    account: type | None = None
    types: tuple[type, ...] = field(default_factory=tuple)
    costs: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredValue:
    """A stored value as the server keeps it: the measurement and all that explains it.

    ``details`` are in the stored form; read them by the metric's shape, ``details.decode(shape, value.details)``. What
    the measurement said of itself is null where it said nothing.
    """

    metric: str
    subject: Subject
    label: str
    day: date
    value: float | None
    status: Status
    n: int
    window_start: datetime
    window_end: datetime
    timezone: str
    definition_version: int
    configuration_version: int
    revision: int
    computed_at: datetime
    data_as_of: datetime | None
    contributions: Sequence[Mapping[str, Any]]
    details: Mapping[str, Any]
    unit: str | None = None
    direction: Direction | None = None
    interval: Interval | None = None
    normalised: float | None = None


class MetricReader(Protocol):
    """How resolvers reach stored values; the server puts one into ``info.context.metrics``."""

    def latest(self, metric: str, subject: Subject, on: date | None = None) -> StoredValue | None:
        """The value in force of one day (default: the metric's newest). Null where the subject has none on it."""

    def by_subject(self, metric: str, kind: str, on: date | None = None) -> list[StoredValue]:
        """The values of all subjects of a kind on one day (default: the metric's newest), by value, high first."""


class AccountNode(Protocol):
    """What a contribution to ``Account`` may use of ``self``."""

    pk: int


def stored(info: Any, metric: str, subject: Subject = TENANT, on: date | None = None) -> StoredValue | None:
    """The stored value of a metric (full id) for a subject, inside the request's tenant."""
    reader: MetricReader = info.context.metrics
    return reader.latest(metric, subject, on)


def stored_by_subject(info: Any, metric: str, kind: str, on: date | None = None) -> list[StoredValue]:
    """The stored values of a metric for every subject of a kind, inside the request's tenant."""
    reader: MetricReader = info.context.metrics
    return reader.by_subject(metric, kind, on)
