"""Subscriptions of accounts in GraphQL: their terms on a day, what they come to, when they end."""

from datetime import date
from typing import Self

import strawberry

from engage_server.api.types.money import Money
from engage_server.customers import models
from engage_server.customers.subscription_states import SubscriptionState, monthly, state_on
from engage_server.sdk.graphql import expose_enum

expose_enum(
    SubscriptionState,
    name="SubscriptionState",
    description="How a subscription stands on a day. UPCOMING: it begins later. TRIAL and PAID: it runs. IDLE: it is not "
    "paid for, or not to be used. ENDED: it is over.",
)


@strawberry.type(name="AccountSubscription", description="A subscription with its terms of a day.")
class Subscription:
    external_id: str = strawberry.field(description="What the tenant's billing calls it.")
    plan: str = strawberry.field(description="Empty where none is told.")
    state: SubscriptionState = strawberry.field(description="How it stands on the day.")
    status: str = strawberry.field(description="The billing system's own word for it.")
    seats: int | None = strawberry.field(description="Null: unlimited.")
    amount: Money = strawberry.field(description="The price of one interval.")
    monthly: Money = strawberry.field(description="The price of a month.")
    interval_months: int = strawberry.field(description="Months that are paid for at once.")
    channel: str = strawberry.field(description="Where it was sold; empty where that is not told.")
    cancel_reason: str = strawberry.field(description="Why it was ended; empty where that is not told.")
    starts_on: date = strawberry.field(description="The first of its days.")
    ends_on: date | None = strawberry.field(description="The first day without it; null: none is known.")
    valid_from: date | None = strawberry.field(
        description="Since when these terms hold; null: ever since it started."
    )

    @classmethod
    def of(cls, row: models.Subscription, day: date) -> Self:
        """The node of a row's terms."""
        return cls(
            external_id=row.external_id,
            plan=row.plan,
            state=state_on(row, day),
            status=row.status,
            seats=row.seats,
            amount=Money.of(row.amount, row.currency),
            monthly=Money.of(monthly(row), row.currency),
            interval_months=row.interval_months,
            channel=row.channel,
            cancel_reason=row.cancel_reason,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            valid_from=row.valid_from,
        )
