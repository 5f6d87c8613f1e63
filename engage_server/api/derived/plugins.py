"""What a plugin has in a schema: an object with a field for each metric, of the tenant, each account and each feature.

``Query.nps(on)`` and ``Account.nps(on)`` give ``Nps`` and ``NpsOfAccount``, ``Feature.adoption(on)`` ``AdoptionOfFeature``,
whose fields are the metrics measured for that kind of subject; ``Query.npsScoreByAccount(…)`` lists one metric over all
subjects of a kind. Everything follows from the manifest, which is plain data: a foreign plugin's code is not needed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Any, Final

import strawberry
from strawberry.types.field import StrawberryField

from engage_server.api.context import Info
from engage_server.api.derived.common import MetricResult
from engage_server.api.derived.lists import list_fields
from engage_server.api.derived.results import ResultTypes
from engage_server.api.types.features import Feature
from engage_server.api.types.subjects import stored_subject
from engage_server.sdk import TENANT, Manifest, Metric, Subject, account, feature
from engage_server.sdk.derived_names import field_name, kinds_of, list_name, plugin_type_name
from engage_server.sdk.graphql import AccountNode, StoredValue

POINTS_OF_A_LIST: Final = 200  # it reads values of all subjects of the kind: of 20,000 in a second
SEGMENT_KIND: Final = "segment"
OF_A_SEGMENT: Final = (
    " Of a segment's members alone where one is named; computed now, where it is not tracked."
)
MOST_KEPT: Final = 256  # manifests


@dataclass(frozen=True, slots=True)
class Asked:
    """Of whom and of which day the values are: made from the arguments of a plugin's field."""

    subject: Subject
    on: date | None = None


def value_of(info: Info, metric: str, asked: Asked) -> StoredValue | None:
    """The value that answers; whatever may be asked of a plugin's field is decided here."""
    if asked.subject.kind == SEGMENT_KIND:
        return info.context.segments.value(metric, asked.subject.id, asked.on)
    info.context.foresee(info)
    return info.context.metrics.latest(metric, asked.subject, asked.on)


@dataclass(frozen=True, slots=True)
class DerivedFields:
    """Classes whose fields join the composed types of the same role, and what their fields read as a whole."""

    query: type | None
    account: type | None
    feature: type | None
    whole: Mapping[str, int] = field(default_factory=dict)


def derived_fields(manifest: Manifest) -> DerivedFields:
    """The fields of a manifest, made once: each schema that has the plugin has the same types."""
    with _lock:
        kept = _made.get(id(manifest))
        if kept is None:
            while len(_made) >= MOST_KEPT:
                del _made[next(iter(_made))]
            # The manifest is kept too, so that no other gets its id.
            kept = _made[id(manifest)] = (manifest, _derive(manifest))
        return kept[1]


_lock = Lock()
_made: dict[int, tuple[Manifest, DerivedFields]] = {}


def _derive(manifest: Manifest) -> DerivedFields:
    types = ResultTypes(manifest.id)
    kinds = kinds_of(manifest)
    listed = [
        (metric, kind) for metric in manifest.metrics for kind in metric.subjects if kind != TENANT.kind
    ]
    query = {
        list_name(manifest.id, metric.id, kind): list_fields(manifest.id, metric, kind, types)
        for metric, kind in listed
    }
    whole = dict.fromkeys(query, POINTS_OF_A_LIST)
    name = field_name(manifest.id)
    if TENANT.kind in kinds:
        query = {name: _plugin_field(manifest, TENANT.kind, types, _of_tenant), **query}
    of_each = {
        kind: {name: _plugin_field(manifest, kind, types, subject)} if kind in kinds else {}
        for kind, subject in (("account", _of_account), ("feature", _of_feature))
    }
    return DerivedFields(
        query=_holder(manifest, "Query", query),
        account=_holder(manifest, "Account", of_each["account"]),
        feature=_holder(manifest, "Feature", of_each["feature"]),
        whole=whole,
    )


def _holder(manifest: Manifest, role: str, fields: Mapping[str, StrawberryField]) -> type | None:
    name = f"{plugin_type_name(manifest.id, TENANT.kind)}{role}Fields"
    return strawberry.type(type(name, (), dict(fields))) if fields else None


def _of_tenant(self: object) -> Subject:
    return TENANT


def _of_account(self: AccountNode) -> Subject:
    return account(self.pk)


def _of_feature(self: Feature) -> Subject:
    return feature(self.pk)


def _plugin_field(
    manifest: Manifest, kind: str, types: ResultTypes, subject: Callable[[Any], Subject]
) -> StrawberryField:
    made = _plugin_type(manifest, kind, types)
    whose = "the tenant" if kind == TENANT.kind else f"this {kind}"

    def resolve(self: Any, on: date | None = None) -> Any:
        return made(asked=Asked(subject(self), on))

    def resolve_part(
        self: Any, info: Info, on: date | None = None, segment: strawberry.ID | None = None
    ) -> Any:
        whole = subject(self)
        return made(
            asked=Asked(whole if segment is None else stored_subject(info.context, None, segment), on)
        )

    found: StrawberryField = strawberry.field(
        resolver=resolve_part if kind == TENANT.kind else resolve,
        name=field_name(manifest.id),
        graphql_type=made,
        description=f"{manifest.title} of {whose} on a day; each metric's newest where none is given."
        + (OF_A_SEGMENT if kind == TENANT.kind else ""),
    )
    return found


def _plugin_type(manifest: Manifest, kind: str, types: ResultTypes) -> type:
    name = plugin_type_name(manifest.id, kind)
    body: dict[str, Any] = {"__annotations__": {"asked": strawberry.Private[Asked]}}
    for metric in manifest.metrics:
        if kind in metric.subjects:
            body[metric.id] = _metric_field(manifest, metric, types.result(metric))
    return strawberry.type(
        type(name, (), body), name=name, description=f"{manifest.title}: a field for each of its metrics."
    )


def _metric_field(manifest: Manifest, metric: Metric, result: type[MetricResult]) -> StrawberryField:
    full_id = f"{manifest.id}.{metric.id}"

    def resolve(self: Any, info: Info) -> Any:
        value = value_of(info, full_id, self.asked)
        return None if value is None else result.of(value)

    made: StrawberryField = strawberry.field(
        resolver=resolve,
        name=field_name(metric.id),
        graphql_type=result | None,
        description=f"{metric.title}; null where there is no value.",
    )
    return made
