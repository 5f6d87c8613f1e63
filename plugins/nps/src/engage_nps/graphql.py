"""Typed GraphQL fields of the Net Promoter Score."""

from datetime import date
from typing import Self

import strawberry

from engage_server.sdk import TENANT, account
from engage_server.sdk.graphql import AccountNode, MetricResult, StoredValue, result, stored

METRIC = "nps.score"


@strawberry.type(description="A Net Promoter Score with all that it is made of. Shares are 0 to 1.")
class NpsScore(MetricResult):
    score: float | None = strawberry.field(description="The score, -100 to 100; the same as value.")
    responses: int = strawberry.field(description="Valid answers; the same as n.")
    promoters: int = strawberry.field(description="Answers of 9 and 10.")
    passives: int = strawberry.field(description="Answers of 7 and 8.")
    detractors: int = strawberry.field(description="Answers of 0 to 6.")
    critics: int = strawberry.field(description="Another name of detractors.")
    promoter_share: float | None
    passive_share: float | None
    detractor_share: float | None
    critic_share: float | None = strawberry.field(description="Another name of detractorShare.")
    margin_of_error: float | None = strawberry.field(description="Half the interval's width, in points.")
    interval_low: float | None = strawberry.field(description="Clipped to -100.")
    interval_high: float | None = strawberry.field(description="Clipped to 100.")
    interval_method: str | None = strawberry.field(description="adjusted_wald or wald.")
    account_mode: str = strawberry.field(description="respondent_weighted or mean_of_accounts.")
    dismissed: int = strawberry.field(description="Surveys shown but not answered; no part of n.")
    not_comparable: int = strawberry.field(description="Answers on another scale than 0-10; no part of n.")
    invalid: int = strawberry.field(
        description="Answers that are no whole number from 0 to 10; no part of n."
    )

    @classmethod
    def of(cls, value: StoredValue | None) -> Self | None:
        """The typed form of a stored value of ``nps.score``."""
        if value is None:
            return None
        details = value.details
        return result(
            cls,
            value,
            score=value.value,
            responses=value.n,
            critics=details["detractors"],
            critic_share=details["detractor_share"],
            **{name: details[name] for name in FROM_DETAILS},
        )


FROM_DETAILS = (
    "promoters",
    "passives",
    "detractors",
    "promoter_share",
    "passive_share",
    "detractor_share",
    "margin_of_error",
    "interval_low",
    "interval_high",
    "interval_method",
    "account_mode",
    "dismissed",
    "not_comparable",
    "invalid",
)


@strawberry.type
class NpsQuery:
    @strawberry.field(description="The tenant's Net Promoter Score on a day; the newest where none is given.")
    def nps(self, info: strawberry.Info, on: date | None = None) -> NpsScore | None:
        return NpsScore.of(stored(info, METRIC, TENANT, on))


@strawberry.type
class NpsAccountFields:
    @strawberry.field(description="The account's newest Net Promoter Score.")
    def nps(self: AccountNode, info: strawberry.Info) -> NpsScore | None:
        return NpsScore.of(stored(info, METRIC, account(self.pk)))
