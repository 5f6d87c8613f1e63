"""Typed fields: the health of an account, the portfolio, and a queue of the accounts to look at first."""

from datetime import date
from typing import Self

import strawberry

from engage_health_score.config import Band
from engage_server.sdk import account
from engage_server.sdk.graphql import (
    AccountNode,
    ContributionNode,
    MetricResult,
    StoredValue,
    UserInputError,
    expose_enum,
    result,
    stored,
    stored_by_subject,
)

SCORE = "health_score.score"
PORTFOLIO = "health_score.portfolio_quality"
LONGEST_QUEUE = 500

expose_enum(Band, name="HealthScoreBand", description="UNKNOWN is not red: too little is known to tell.")


@strawberry.type(description="The health of an account, 0 to 100, with all that it is made of.")
class HealthScore(MetricResult):
    band: Band
    coverage: float = strawberry.field(description="Share of the configured weight that had values, 0 to 1.")
    rounded: int | None = strawberry.field(description="The score as people see it.")
    driver: strawberry.Private[str | None]

    @strawberry.field(description="The component that costs most points; null where none costs any.")
    def biggest_drag(self) -> ContributionNode | None:
        return next((part for part in self.contributions if part.key == self.driver), None)

    @classmethod
    def of(cls, value: StoredValue) -> Self:
        """The typed form of a stored value of ``health_score.score``."""
        details = value.details
        return result(
            cls,
            value,
            # A value that is withheld has none of these.
            band=Band(details["band"] or Band.UNKNOWN),
            coverage=details["coverage"] or 0.0,
            rounded=None if value.value is None else details["rounded"],
            driver=details["driver"],
        )


@strawberry.type(description="The quality of the portfolio: the mean of green 100, yellow 60, red 40.")
class HealthScorePortfolio(MetricResult):
    green: int = strawberry.field(description="Accounts in the green band.")
    yellow: int = strawberry.field(description="Accounts in the yellow band.")
    red: int = strawberry.field(description="Accounts in the red band.")
    unknown: int = strawberry.field(description="Accounts too little is known of; not in the mean.")

    @classmethod
    def of(cls, value: StoredValue) -> Self:
        """The typed form of a stored value of ``health_score.portfolio_quality``."""
        return result(cls, value, **{band.lower(): value.details[band.lower()] for band in Band})


@strawberry.type(description="An account in the order of health.")
class HealthScoreRank:
    account: str = strawberry.field(description="The account's label.")
    health_score: HealthScore


@strawberry.type
class HealthScoreQuery:
    @strawberry.field(description="Portfolio quality on a day; the newest where none is given.")
    def portfolio_health(self, info: strawberry.Info, on: date | None = None) -> HealthScorePortfolio | None:
        value = stored(info, PORTFOLIO, on=on)
        return None if value is None else HealthScorePortfolio.of(value)

    @strawberry.field(
        description=f"Accounts by health, at most {LONGEST_QUEUE}, worst first: the queue to work off. "
        "Accounts of the configured stages (default: customers, so nobody who left); without those whose health is "
        "unknown."
    )
    def accounts_by_health(
        self, info: strawberry.Info, first: int, worst_first: bool = True, on: date | None = None
    ) -> list[HealthScoreRank]:
        if not 1 <= first <= LONGEST_QUEUE:
            raise UserInputError(f"first must lie between 1 and {LONGEST_QUEUE}, not be {first}.")
        known = [value for value in stored_by_subject(info, SCORE, "account", on) if value.value is not None]
        ranked = sorted(known, key=lambda value: (value.value, value.label), reverse=not worst_first)
        return [HealthScoreRank(account=v.label, health_score=HealthScore.of(v)) for v in ranked[:first]]


@strawberry.type
class HealthScoreAccountFields:
    @strawberry.field(description="The account's health on a day; the newest where none is given.")
    def health_score(self: AccountNode, info: strawberry.Info, on: date | None = None) -> HealthScore | None:
        value = stored(info, SCORE, account(self.pk), on)
        return None if value is None else HealthScore.of(value)
