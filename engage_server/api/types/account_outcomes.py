"""What became of accounts, for the types that hold figures against it."""

from typing import TypeAlias

from engage_server.engine import outcomes
from engage_server.sdk.graphql import expose_enum

AccountOutcome: TypeAlias = outcomes.Outcome
expose_enum(
    AccountOutcome,
    name="AccountOutcome",
    description="CHURN: the stage became CHURNED, or the last paid subscription ended. UPGRADE: paid subscriptions came to "
    "more money a month than the day before, the first one among them.",
)
