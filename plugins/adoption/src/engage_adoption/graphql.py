"""The typed fields: ``Query.adoption`` and ``Account.adoption``."""

from collections.abc import Sequence
from datetime import date
from typing import Self

import strawberry

from engage_adoption.calculation import UNUSED, Hint
from engage_server.sdk import account
from engage_server.sdk.graphql import (
    AccountNode,
    MetricResult,
    StoredValue,
    UserInputError,
    expose_enum,
    result,
    stored,
    stored_by_subject,
)

MOST_FEATURES = 500

expose_enum(Hint, name="AdoptionHint", description="What low adoption suggests to look at.")


@strawberry.type(description="Which share of the active persons use a feature, and how deeply.")
class AdoptionFeature(MetricResult):
    feature: str
    users: int
    active_users: int
    adopters: int
    trial_users: int
    adopted_share: float | None
    uses_per_adopter: float | None
    feature_age_days: int | None = strawberry.field(
        description="Days since its release, or since it was first known."
    )
    hint: Hint | None

    @classmethod
    def of(cls, value: StoredValue) -> Self:
        """The typed form of a stored value of ``adoption.feature_adoption``."""
        details = value.details
        return result(
            cls,
            value,
            feature=value.label,
            users=details["users"],
            active_users=details["active_users"],
            adopters=details["adopters"],
            trial_users=details["trial_users"],
            adopted_share=details["adopted_share"],
            uses_per_adopter=details["uses_per_adopter"],
            feature_age_days=details.get("feature_age_days"),  # null in values of before it was known
            hint=details["hint"] and Hint(details["hint"]),
        )


@strawberry.type(description="How many of the features in use an account uses.")
class AdoptionFeaturesUsed(MetricResult):
    used_features: int
    unused_features: int
    active_users: int
    suggestions: list[str] = strawberry.field(description="Unused features, the widest used first.")

    @classmethod
    def of(cls, value: StoredValue | None) -> Self | None:
        """The typed form of a stored value of ``adoption.features_used``."""
        if value is None:
            return None
        return result(
            cls,
            value,
            used_features=value.details["used_features"],
            unused_features=value.details["unused_features"],
            active_users=value.details["active_users"],
            suggestions=[part["label"] for part in value.contributions if part["key"].startswith(UNUSED)],
        )


@strawberry.type(description="Which share of a cohort of sign-ups was activated in time.")
class AdoptionProduct(MetricResult):
    signups: int
    activated: int
    open: int = strawberry.field(description="Not activated yet, but still in time.")

    @classmethod
    def of(cls, value: StoredValue | None) -> Self | None:
        """The typed form of a stored value of ``adoption.product_adoption``."""
        if value is None:
            return None
        counts = {name: value.details[name] for name in ("signups", "activated", "open")}
        return result(cls, value, **counts)


@strawberry.type(description="Adoption over the whole tenant.")
class Adoption:
    on: strawberry.Private[date | None]

    @strawberry.field(
        description="Features by adoption, the highest first. With `below` (per cent) only those under it, "
        "the lowest first; with `hint` only those that have it: CONSIDER_REMOVAL gives the candidates for removal. "
        "At most 500."
    )
    def features(
        self,
        info: strawberry.Info,
        first: int = 20,
        below: float | None = None,
        hint: Hint | None = None,
    ) -> list[AdoptionFeature]:
        values = stored_by_subject(info, "adoption.feature_adoption", "feature", self.on)
        hinted = [value for value in values if hint is None or value.details["hint"] == hint.value]
        return [AdoptionFeature.of(value) for value in chosen(hinted, first=first, below=below)]

    @strawberry.field(description="Null where no activation event is configured.")
    def product(self, info: strawberry.Info) -> AdoptionProduct | None:
        return AdoptionProduct.of(stored(info, "adoption.product_adoption", on=self.on))


@strawberry.type(description="Adoption by one account.")
class AdoptionAccount:
    pk: strawberry.Private[int]
    on: strawberry.Private[date | None]

    @strawberry.field
    def features_used(self, info: strawberry.Info) -> AdoptionFeaturesUsed | None:
        return AdoptionFeaturesUsed.of(stored(info, "adoption.features_used", account(self.pk), self.on))

    @strawberry.field(description="Null where no activation event is configured.")
    def product(self, info: strawberry.Info) -> AdoptionProduct | None:
        return AdoptionProduct.of(stored(info, "adoption.product_adoption", account(self.pk), self.on))


def chosen(values: Sequence[StoredValue], *, first: int, below: float | None) -> list[StoredValue]:
    """At most ``first`` of the values: the highest, or with ``below`` the lowest under that mark.

    Raises:
        UserInputError: ``first`` is out of range.
    """
    if not 1 <= first <= MOST_FEATURES:
        raise UserInputError(f"first is {first}. Remedy: ask for 1 to {MOST_FEATURES} features.")
    if below is None:
        return list(values[:first])
    return sorted(
        (value for value in values if value.value is not None and value.value < below),
        key=lambda value: (value.value, value.label),
    )[:first]


@strawberry.type
class AdoptionQuery:
    @strawberry.field(description="Adoption of features and of the product on a day (default: the newest).")
    def adoption(self, on: date | None = None) -> Adoption:
        return Adoption(on=on)


@strawberry.type
class AdoptionAccountFields:
    @strawberry.field(description="Adoption by this account on a day (default: the newest).")
    def adoption(self: AccountNode, on: date | None = None) -> AdoptionAccount:
        return AdoptionAccount(pk=self.pk, on=on)
