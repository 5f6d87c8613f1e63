"""The typed fields: ``Query.adoption`` and ``Account.adoption``."""

from collections.abc import Sequence
from datetime import date

import strawberry

from engage_adoption.calculation import Hint
from engage_server.sdk import account
from engage_server.sdk.graphql import (
    AccountNode,
    MetricResult,
    StoredValue,
    result,
    stored,
    stored_by_subject,
)

MOST_FEATURES = 500

AdoptionHint = strawberry.enum(
    Hint, name="AdoptionHint", description="What low adoption suggests to look at."
)


@strawberry.type(description="Which share of the active persons use a feature, and how deeply.")
class AdoptionFeature(MetricResult):
    feature: str
    users: int
    active_users: int
    adopters: int
    trial_users: int
    adopted_share: float | None
    uses_per_adopter: float | None
    hint: AdoptionHint | None  # type: ignore[valid-type]


@strawberry.type(description="How many of the features in use an account uses.")
class AdoptionFeaturesUsed(MetricResult):
    used_features: int
    unused_features: int
    active_users: int
    suggestions: list[str] = strawberry.field(description="Unused features, the widest used first.")


@strawberry.type(description="Which share of a cohort of sign-ups was activated in time.")
class AdoptionProduct(MetricResult):
    signups: int
    activated: int
    open: int = strawberry.field(description="Not activated yet, but still in time.")


@strawberry.type(description="Adoption over the whole tenant.")
class Adoption:
    on: strawberry.Private[date | None]

    @strawberry.field(
        description="Features by adoption, the highest first. With `below` (per cent) only those under it, "
        "the lowest first: the candidates for removal. At most 500."
    )
    def features(
        self, info: strawberry.Info, first: int = 20, below: float | None = None
    ) -> list[AdoptionFeature]:
        values = stored_by_subject(info, "adoption.feature_adoption", "feature", self.on)
        return [feature_node(value) for value in chosen(values, first=first, below=below)]

    @strawberry.field(description="Null where no activation event is configured.")
    def product(self, info: strawberry.Info) -> AdoptionProduct | None:
        return product_node(stored(info, "adoption.product_adoption", on=self.on))


@strawberry.type(description="Adoption by one account.")
class AdoptionAccount:
    pk: strawberry.Private[int]
    on: strawberry.Private[date | None]

    @strawberry.field
    def features_used(self, info: strawberry.Info) -> AdoptionFeaturesUsed | None:
        return features_used_node(stored(info, "adoption.features_used", account(self.pk), self.on))

    @strawberry.field(description="Null where no activation event is configured.")
    def product(self, info: strawberry.Info) -> AdoptionProduct | None:
        return product_node(stored(info, "adoption.product_adoption", account(self.pk), self.on))


def chosen(values: Sequence[StoredValue], *, first: int, below: float | None) -> list[StoredValue]:
    """At most ``first`` of the values: the highest, or with ``below`` the lowest under that mark.

    Raises:
        ValueError: ``first`` is out of range.
    """
    if not 1 <= first <= MOST_FEATURES:
        raise ValueError(f"first is {first}. Remedy: ask for 1 to {MOST_FEATURES} features.")
    if below is None:
        return list(values[:first])
    return sorted(
        (value for value in values if value.value is not None and value.value < below),
        key=lambda value: (value.value, value.label),
    )[:first]


def feature_node(value: StoredValue) -> AdoptionFeature:
    """The typed form of a feature's stored value."""
    details = dict(value.details)
    hint = details.pop("hint")
    return result(AdoptionFeature, value, feature=value.label, hint=hint and Hint(hint), **details)


def features_used_node(value: StoredValue | None) -> AdoptionFeaturesUsed | None:
    """The typed form of an account's stored value; null stays null."""
    if value is None:
        return None
    suggestions = [part["label"] for part in value.contributions]
    return result(AdoptionFeaturesUsed, value, suggestions=suggestions, **value.details)


def product_node(value: StoredValue | None) -> AdoptionProduct | None:
    """The typed form of a cohort's stored value; null stays null."""
    return None if value is None else result(AdoptionProduct, value, **value.details)


@strawberry.type
class AdoptionQuery:
    @strawberry.field(description="Adoption of features and of the product on a day (default: the newest).")
    def adoption(self, on: date | None = None) -> Adoption:
        return Adoption(on=on)


def _account_adoption(parent: strawberry.Parent[AccountNode], on: date | None = None) -> AdoptionAccount:
    return AdoptionAccount(pk=parent.pk, on=on)


@strawberry.type
class AdoptionAccountFields:
    adoption: AdoptionAccount = strawberry.field(
        resolver=_account_adoption, description="Adoption by this account on a day (default: the newest)."
    )
