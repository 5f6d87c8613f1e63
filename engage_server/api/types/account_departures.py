"""What was known of an account when it left, in GraphQL."""

from collections.abc import Sequence
from datetime import date, timedelta

import strawberry

from engage_server import sdk
from engage_server.api.context import Info
from engage_server.api.types.metrics import MetricValue
from engage_server.customers.attribute_history import Period
from engage_server.customers.models import Account


@strawberry.type(
    description="When an account left, and what it had on its last day before: what comes after does not change it."
)
class AccountDeparture:
    pk: strawberry.Private[int]
    on: date = strawberry.field(description="The day on which its stage became CHURNED.")

    @strawberry.field(
        description="What the account had on the day before, its health and what that was made of among it; metrics "
        "without it are left out."
    )
    def metrics(self, info: Info) -> list[MetricValue]:
        names = info.context.metric_ids("account")
        values = info.context.metrics.latest_of(names, sdk.account(self.pk), self._last_day)
        return [value for name in names if (value := MetricValue.of_any(values.get(name))) is not None]

    @strawberry.field(
        description="The value of one metric on the day before; null where the account had none on it."
    )
    def metric(self, info: Info, id: strawberry.ID) -> MetricValue | None:
        info.context.metric(id)
        return MetricValue.of_any(info.context.metrics.latest(id, sdk.account(self.pk), self._last_day))

    @property
    def _last_day(self) -> date:
        return self.on - timedelta(days=1)


def departure_of(pk: int, stages: Sequence[Period]) -> AccountDeparture | None:
    """The departure of an account by the periods of its stage, the earliest first; None: there, or since ever gone."""
    last = stages[-1] if stages else None
    if last is None or last.value != Account.Stage.CHURNED or last.until is not None or last.first is None:
        return None
    return AccountDeparture(pk=pk, on=last.first)
