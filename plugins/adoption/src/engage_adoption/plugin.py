"""Feature adoption, how many of the features in use an account uses, and the adoption of the product by sign-ups."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from enum import StrEnum
from itertools import islice
from typing import Annotated, Any, Final

import polars as pl

from engage_adoption import card
from engage_adoption.config import AdoptionConfig
from engage_server.sdk import (
    TENANT,
    Activation,
    ActivePersons,
    Answer,
    Computation,
    Contribution,
    Features,
    FeatureUse,
    InputSpec,
    Plugin,
    Sample,
    Status,
    Subject,
    account,
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
)
Row = Mapping[str, Any]
Rows = Computation[AdoptionConfig]
Answers = Iterator[tuple[Subject, Answer]]
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
    active_users: Annotated[int, "Active persons, whatever they used."]
    adopters: Annotated[int, "Users who came back to it often enough."]
    trial_users: Annotated[int, "Users who did not."]
    adopted_share: Annotated[float | None, "Adopters among the users, in per cent."]
    uses_per_adopter: Annotated[float | None, "Mean over the adopters; null where there is none."]
    feature_age_days: Annotated[int | None, "Days since its release, or since it was first known."]
    hint: Annotated[Hint | None, "CONSIDER_REMOVAL marks the candidates for removal."]


@dataclass(frozen=True, slots=True)
class Breadth:
    """How many of the features in use an account uses."""

    used_features: Annotated[int, "Features that the account used."]
    unused_features: Annotated[int, "The widest used of them stand among the contributions."]
    active_users: Annotated[int, "Active persons of the account."]


@dataclass(frozen=True, slots=True)
class Cohort:
    """What became of a cohort of sign-ups."""

    signups: Annotated[int, "Sign-ups of the cohort."]
    activated: Annotated[int, "Activated in time."]
    open: Annotated[int, "Not activated yet, but still in time."]


def percent(part: int, whole: int) -> float | None:
    """``100 * part / whole``, rounded once; null where the whole is zero."""
    return 100 * part / whole if whole else None


def used_and_active(config: AdoptionConfig) -> dict[str, InputSpec]:
    """Who was active, and what they used."""
    active = ActivePersons(days=config.window_days, event_class=config.eligible)
    return {"uses": FeatureUse(days=config.window_days), "active": active}


def signups(config: AdoptionConfig) -> dict[str, InputSpec] | None:
    """Sign-ups, where it is defined what activates one; else product adoption is off."""
    if not config.activation_event:
        return None
    return {
        "signups": Activation(
            activation_event=config.activation_event,
            times=config.activation_times,
            within_days=config.activation_within_days,
            days=config.signup_days,
            signup_event=config.signup_event or None,
            settling_days=config.existing_users_days,
        )
    }


@plugin.metric(
    "feature_adoption",
    title={"en": "Feature adoption rate", "ko": "기능 채택률"},
    unit="%",
    subjects=("feature",),
    card=card.FEATURE_ADOPTION,
    details=Depth,
    inputs=lambda config: {**used_and_active(config), "features": Features()},
    of_all=True,
    category="adoption",
    definition_version=3,
)
def feature_adoption(rows: Rows) -> Answers:
    """Per feature of the dictionary, used or not: eligible persons who used it / eligible persons."""
    eligible = rows["active"].select("person").drop_nulls().unique()
    # What is used before its release has no age yet.
    listed = pl.concat([rows["features"].select("feature"), rows["uses"].select("feature")]).unique()
    age = (rows.day - pl.coalesce("released_on", "known_since")).dt.total_days()
    table = (
        listed.join(_depth(rows["uses"], eligible, rows.config), on="feature", how="left")
        .join(rows["features"].select("feature", age=age), on="feature", how="left")
        .fill_null(0)
    )
    for row in table.sort("feature").iter_rows(named=True):
        yield feature(row["feature"]), _of_feature(row, eligible.height, rows.config)


def _depth(uses: pl.DataFrame, eligible: pl.DataFrame, config: AdoptionConfig) -> pl.DataFrame:
    of_persons = uses.join(eligible, on="person", how="semi").group_by("feature", "person")
    enough_uses = pl.col("uses") >= config.adopted_min_uses
    adopted = enough_uses & (pl.col("person_days") >= config.adopted_min_days)
    persons = of_persons.agg(pl.col("uses").sum(), pl.col("person_days").max()).group_by("feature")
    return persons.agg(
        users=pl.len(), adopters=adopted.sum(), adopter_uses=pl.col("uses").filter(adopted).sum()
    )


def _of_feature(row: Row, active: int, config: AdoptionConfig) -> Answer:
    users, adopters = row["users"], row["adopters"]
    parts = (("adopters", "Adopted it", adopters), ("trial_users", "Tried it", users - adopters))
    details = Depth(
        users=users,
        active_users=active,
        adopters=adopters,
        trial_users=users - adopters,
        adopted_share=percent(adopters, users),
        uses_per_adopter=row["adopter_uses"] / adopters if adopters else None,
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
    details=Breadth,
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


def account_ids(*frames: pl.DataFrame) -> pl.DataFrame:
    """The distinct known accounts of several frames, in order: one column ``account``."""
    return pl.concat([frame.select("account") for frame in frames]).drop_nulls().unique().sort("account")


def _of_account(
    used: set[int], persons: int, in_use: list[tuple[int, str, int]], config: AdoptionConfig
) -> Answer:
    value = percent(len(used), len(in_use))
    unused = islice(((name, users) for id, name, users in in_use if id not in used), config.suggestions)
    note = "Unused by this account"
    return Answer(
        value,
        n=len(in_use),
        details=Breadth(len(used), len(in_use) - len(used), persons),
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


@plugin.metric(
    "product_adoption",
    title={"en": "Product adoption rate", "ko": "제품 채택률"},
    unit="%",
    card=card.PRODUCT_ADOPTION,
    details=Cohort,
    inputs=signups,
    of_all=True,
    category="adoption",
    definition_version=3,
)
def product_adoption(rows: Rows) -> Answers:
    """For the tenant and each account: activated sign-ups / sign-ups of the same cohort."""
    deadline = pl.col("signed_up_at") + timedelta(days=rows.config.activation_within_days)
    activated, over = pl.col("activated_at").is_not_null(), deadline <= rows.window.end.astimezone(UTC)
    cohort = rows["signups"].select("account", activated=activated, over=over)
    if rows.config.cohort == "matured":
        cohort = cohort.filter("over")
    still_open = (~pl.col("activated") & ~pl.col("over")).sum()
    counts = (pl.len().alias("signups"), pl.col("activated").sum(), still_open.alias("open"))
    yield TENANT, _of_cohort(Cohort(*cohort.select(*counts).row(0)))
    table = account_ids(rows["accounts"], cohort).join(
        cohort.group_by("account").agg(*counts), on="account", how="left"
    )
    for id, *counted in table.fill_null(0).sort("account").iter_rows():
        yield account(id), _of_cohort(Cohort(*counted))


def _of_cohort(cohort: Cohort) -> Answer:
    """What became of the sign-ups: those activated are the value, the others what it lacks to 100."""
    signed, activated, still_open = cohort.signups, cohort.activated, cohort.open
    others = (
        ("open", "Still in time", still_open),
        ("lapsed", "Not activated in time", signed - activated - still_open),
    )
    activated_part = Contribution(
        "activated", "Activated in time", activated, percent(activated, signed), n=activated
    )
    parts = [activated_part, *(Contribution(*other, points=0, n=other[2]) for other in others)]
    return Answer(
        percent(activated, signed),
        n=signed,
        details=cohort,
        parts=tuple(parts) if signed else (),
        interval=wilson(activated, signed),
        status=Status.IMMATURE if signed and still_open else None,
    )
