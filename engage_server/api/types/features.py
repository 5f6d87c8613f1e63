"""Features of the tenant's product in GraphQL: enabled plugins add what they measure for each of them."""

from collections.abc import Sequence
from datetime import date
from typing import Final, Self

import strawberry

from engage_server import sdk
from engage_server.access.principal import Permission
from engage_server.activity import models
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.permissions import requires
from engage_server.api.types.metrics import MetricValue
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, page_request, queried
from engage_server.api.types.subjects import plain

FEATURE: Final = "Feature"
KIND: Final = "feature"


@strawberry.type(
    name=FEATURE,
    description="A part of the tenant's product, as its event dictionary names it; enabled plugins add fields.",
)
class Feature(Node):
    pk: strawberry.Private[int]
    name: str = strawberry.field(description="As the event dictionary has it.")
    released_on: date | None = strawberry.field(
        description="When it came out; null: the day on which it was first known counts."
    )

    @strawberry.field(
        description="What the feature has on the newest day of each metric; metrics without it are left out."
    )
    def metrics(self, info: Info) -> list[MetricValue]:
        names = info.context.metric_ids(KIND)
        values = info.context.metrics.latest_of(names, sdk.feature(self.pk))
        return [value for name in names if (value := MetricValue.of_any(values.get(name))) is not None]

    @strawberry.field(
        description="The value of one metric on its newest day; null where the feature has none, whatever it had earlier."
    )
    def metric(self, info: Info, id: strawberry.ID) -> MetricValue | None:
        info.context.metric(id)
        return MetricValue.of_any(info.context.metrics.latest(id, sdk.feature(self.pk)))

    @classmethod
    def of(cls, row: models.Feature, context: Context) -> Self:
        """The node of a row of the context's tenant."""
        return cls(
            id=strawberry.ID(ids.global_id(FEATURE, tenant_id=context.tenant.id, pk=row.pk)),
            pk=row.pk,
            name=row.name,
            released_on=row.released_on,
        )


@strawberry.type
class FeatureQuery:
    @strawberry.field(
        description="The features of the event dictionary, in the order in which they entered it.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def features(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Feature]:
        found = models.Feature.objects.all()
        return queried(
            found,
            of="features",
            asked=page_request(first, after, last, before),
            nodes=lambda rows: feature_nodes(rows, info.context),
            count=found.count,
        )

    @strawberry.field(
        description="The feature that the event dictionary calls so; null where there is none.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def feature(self, info: Info, name: str) -> Feature | None:
        row = models.Feature.objects.filter(name=plain(name)).first()
        return None if row is None else feature_nodes([row], info.context)[0]


def feature_nodes(rows: Sequence[models.Feature], context: Context) -> list[Feature]:
    """The nodes of rows, about whose values questions may follow."""
    context.metrics.expect(KIND, [row.pk for row in rows])
    return [Feature.of(row, context) for row in rows]


def features_of(context: Context, pks: Sequence[int]) -> dict[int, Node]:
    """The features of these keys, by key."""
    rows = list(models.Feature.objects.filter(pk__in=pks))
    return {node.pk: node for node in feature_nodes(rows, context)}
