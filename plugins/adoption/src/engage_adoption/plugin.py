"""Feature adoption, how many of the features in use an account uses, and the adoption of the product by sign-ups."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Annotated, Final

import polars as pl

from engage_adoption import analysis_card, breadth, card, first_uses, releases, signups
from engage_adoption.config import AdoptionConfig
from engage_adoption.eligibility import Eligibility, depth_of, eligible_persons, narrower
from engage_adoption.rows import Answers, Row, Rows, account_ids, percent
from engage_server.sdk import (
    Accounts,
    ActiveDays,
    Answer,
    Contribution,
    Features,
    FeatureUse,
    InputSpec,
    PersonDays,
    Plugin,
    Sample,
    account,
    catalogues_beside,
    feature,
)
from engage_server.sdk.intervals import wilson

plugin = Plugin(
    "adoption",
    sdk=">=2,<3",
    config=AdoptionConfig,
    title={"en": "Product and feature adoption", "ko": "제품 및 기능 채택"},
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_adoption"),
)
UNUSED: Final = "unused."
"""How the keys of the parts begin that name a feature the account does not use."""


class Hint(StrEnum):
    """What a low feature adoption suggests to look at."""

    CHECK_VISIBILITY = "CHECK_VISIBILITY"
    CONSIDER_REMOVAL = "CONSIDER_REMOVAL"
    TOO_YOUNG = "TOO_YOUNG"


@dataclass(frozen=True, slots=True)
class Depth:
    """How deeply a feature is used."""

    users: Annotated[int, "Active persons who used it."]
    active_users: Annotated[int, "Active persons who could use it, whatever they used."]
    adopters: Annotated[int, "Users who came back to it often enough."]
    trial_users: Annotated[int, "Users who did not."]
    adopted_share: Annotated[float | None, "Adopters among the users, in per cent."]
    uses_per_adopter: Annotated[float | None, "Mean over the adopters; null where there is none."]
    accounts: Annotated[int, "Accounts in which somebody used it."]
    collaborating_accounts: Annotated[int, "Accounts in which two persons or more did."]
    is_entitled: Annotated[bool, "Whether only persons of accounts whose plan has it are counted."]
    feature_age_days: Annotated[int | None, "Days since its release, or since it was first known."]
    hint: Annotated[Hint | None, "CONSIDER_REMOVAL marks the candidates for removal."]


@dataclass(frozen=True, slots=True)
class FeaturesUsed:
    """How many of the features in use an account uses."""

    used_features: Annotated[int, "Features that the account used."]
    unused_features: Annotated[int, "The widest used of them stand among the contributions."]
    active_users: Annotated[int, "Active persons of the account."]


def used_and_active(config: AdoptionConfig) -> dict[str, InputSpec]:
    """Who was active, and what they used."""
    return {"uses": FeatureUse(days=config.window_days), "active": active_persons(config)}


def active_persons(config: AdoptionConfig) -> InputSpec:
    """Who was active, on which days."""
    if config.eligible == "regular":
        return PersonDays(days=config.window_days)
    return ActiveDays(days=config.window_days, event_class=config.eligible)


def with_features(config: AdoptionConfig) -> dict[str, InputSpec]:
    """Also all features, and the accounts where plans decide who may use them."""
    plans: dict[str, InputSpec] = {"plans": Accounts()} if config.entitlements else {}
    return {**used_and_active(config), "features": Features(), **plans}


@plugin.metric(
    "feature_adoption",
    title={"en": "Feature adoption rate", "ko": "기능 채택률"},
    unit="%",
    subjects=("feature",),
    card=card.FEATURE_ADOPTION,
    details=Depth,
    inputs=with_features,
    of_all=True,
    category="adoption",
    definition_version=4,
)
def feature_adoption(rows: Rows) -> Answers:
    """Per feature of the dictionary, used or not: eligible persons who used it / eligible persons."""
    eligible = eligible_persons(rows)
    # What is used before its release has no age yet.
    listed = pl.concat([rows["features"].select("feature"), rows["uses"].select("feature")]).unique()
    age = (rows.day - pl.coalesce("released_on", "known_since")).dt.total_days()
    table = (
        listed.join(depth_of(rows["uses"], eligible, rows.config), on="feature", how="left")
        .join(rows["features"].select("feature", age=age), on="feature", how="left")
        .join(accounts_by_feature(rows["uses"]), on="feature", how="left")
        .fill_null(0)
    )
    narrowed = {one.feature: one for one in narrower(rows, eligible)}
    for row in table.sort("feature").iter_rows(named=True):
        own = narrowed.get(row["feature"], Eligibility(row["feature"], {}, eligible.height))
        yield (
            feature(row["feature"]),
            _of_feature({**row, **own.depth}, own.persons, rows.config, is_entitled=own.is_entitled),
        )


def accounts_by_feature(uses: pl.DataFrame) -> pl.DataFrame:
    """Columns feature, accounts and collaborating_accounts, those with two users or more."""
    users = uses.drop_nulls("account").group_by("feature", "account").agg(pl.col("person").n_unique())
    return users.group_by("feature").agg(
        accounts=pl.len(), collaborating_accounts=(pl.col("person") > 1).sum()
    )


def _of_feature(row: Row, active: int, config: AdoptionConfig, *, is_entitled: bool) -> Answer:
    users, adopters = row["users"], row["adopters"]
    parts = (("adopters", "Adopted it", adopters), ("trial_users", "Tried it", users - adopters))
    details = Depth(
        users=users,
        active_users=active,
        adopters=adopters,
        trial_users=users - adopters,
        adopted_share=percent(adopters, users),
        uses_per_adopter=row["adopter_uses"] / adopters if adopters else None,
        accounts=row["accounts"],
        collaborating_accounts=row["collaborating_accounts"],
        is_entitled=is_entitled,
        feature_age_days=row["age"],
        hint=_hint(users=users, active=active, age=row["age"], config=config),
    )
    return Answer(
        percent(users, active),
        n=active,
        details=details,
        parts=tuple(
            Contribution(key, label, number, points=percent(number, active), n=number)
            for key, label, number in parts
            if active
        ),
        interval=wilson(users, active),
    )


def _hint(*, users: int, active: int, age: int, config: AdoptionConfig) -> Hint | None:
    if 100 * users < config.removal_below * active:
        return Hint.CONSIDER_REMOVAL if age >= config.removal_after_days else Hint.TOO_YOUNG
    return Hint.CHECK_VISIBILITY if 100 * users < config.core_target * active else None


@plugin.metric(
    "features_used",
    title={"en": "Share of features used", "ko": "사용 기능 비율"},
    unit="%",
    subjects=("account",),
    card=card.FEATURES_USED,
    details=FeaturesUsed,
    inputs=used_and_active,
    of_all=True,
    category="adoption",
    sample=Sample.THINGS,
    no_interval="All features are counted; there is no sample.",
)
def features_used(rows: Rows) -> Answers:
    """Per account, whether it used anything or not: features it used / features used anywhere in the window."""
    uses, active = rows["uses"], rows["active"]
    in_use = (
        uses.group_by("feature")
        .agg(pl.col("feature_name").min(), users=pl.col("person").n_unique())
        .sort("users", "feature", descending=[True, False])
        .rows()
    )
    table = (
        account_ids(rows["accounts"], active, uses)
        .join(uses.group_by("account").agg(pl.col("feature").unique()), on="account", how="left")
        .join(active.group_by("account").agg(pl.col("person").n_unique()), on="account", how="left")
    )
    for id, used, persons in table.sort("account").iter_rows():
        yield account(id), _of_account(set(used or ()), persons or 0, in_use, rows.config)


def _of_account(
    used: set[int], persons: int, in_use: list[tuple[int, str, int]], config: AdoptionConfig
) -> Answer:
    value = percent(len(used), len(in_use))
    unused = islice(((name, users) for id, name, users in in_use if id not in used), config.suggestions)
    note = "Unused by this account"
    return Answer(
        value,
        n=len(in_use),
        details=FeaturesUsed(len(used), len(in_use) - len(used), persons),
        parts=(
            *(
                [Contribution("used", "Features used", len(used), points=value, n=len(used))]
                if in_use
                else ()
            ),
            *(
                Contribution(f"{UNUSED}{rank}", name, 0, points=0, n=users, note=note)
                for rank, (name, users) in enumerate(unused, start=1)
            ),
        ),
    )


plugin.metric(
    "product_adoption",
    title={"en": "Product adoption rate", "ko": "제품 채택률"},
    unit="%",
    card=card.PRODUCT_ADOPTION,
    details=signups.Cohort,
    inputs=signups.inputs,
    of_all=True,
    category="adoption",
    definition_version=3,
)(signups.product_adoption)

plugin.metric(
    "breadth",
    title={"en": "Breadth of adoption", "ko": "채택 폭"},
    unit="%",
    subjects=("tenant",),
    card=analysis_card.BREADTH,
    details=breadth.Breadth,
    inputs=used_and_active,
    category="adoption",
    no_interval="The features of a person hang together; each listed one has an interval.",
)(breadth.breadth)

plugin.metric(
    "release_effect",
    title={"en": "Use after a release", "ko": "출시 전후 사용 변화"},
    unit={"en": "points", "ko": "포인트"},
    subjects=("feature",),
    card=analysis_card.RELEASE,
    details=releases.Sides,
    inputs=releases.inputs,
    of_all=True,
    category="adoption",
)(releases.release_effect)

plugin.metric(
    "time_to_adopt",
    title={"en": "Time to first use", "ko": "첫 사용까지 걸린 시간"},
    unit={"en": "days", "ko": "일"},
    direction="DOWN",
    subjects=("feature",),
    card=analysis_card.TIME_TO_ADOPT,
    details=first_uses.Waiting,
    inputs=first_uses.inputs,
    of_all=True,
    category="adoption",
)(first_uses.time_to_adopt)
