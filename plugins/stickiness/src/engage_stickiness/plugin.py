"""Stickiness of the tenant and its accounts, how active days are spread over persons, and stickiness of features."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final

import polars as pl

from engage_server.sdk import (
    TENANT,
    ActiveDays,
    Answer,
    Computation,
    Features,
    FeatureUse,
    InputSpec,
    Plugin,
    Subject,
    account,
    catalogues_beside,
    feature,
)
from engage_server.sdk.intervals import wilson
from engage_server.sdk.rolling import rolling_ratios
from engage_stickiness import card
from engage_stickiness.config import WINDOWS, StickinessConfig

plugin = Plugin(
    "stickiness",
    sdk=">=2,<3",
    config=StickinessConfig,
    title={"en": "Stickiness", "ko": "고착도"},
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_stickiness"),
)
Rows = Computation[StickinessConfig]
Answers = Iterator[tuple[Subject, Answer]]
Row = Mapping[str, Any]
MONTH: Final = 30
WORKING: Final = 5 / 7
"""The share of weekdays in a week."""
IS_WEEKDAY: Final = pl.col("day").dt.weekday() < 6


@dataclass(frozen=True, slots=True)
class Stickiness:
    """The two counts of the last day, and what the ratio means."""

    numerator: Annotated[int, "Persons of the short window on the last day measured."]
    denominator: Annotated[int, "Persons of the long window on that day."]
    numerator_days: Annotated[int, "Days of the short window."]
    denominator_days: Annotated[int, "Days of the long window."]
    measured_days: Annotated[int, "Days whose ratios make the value."]
    implied_days_per_month: Annotated[
        float | None, "Days of a month on which a person comes; null where no days are counted."
    ]
    method: Annotated[str, "mean_of_days or point."]


@dataclass(frozen=True, slots=True)
class DaysBar:
    """One bar of a histogram."""

    active_days: Annotated[int, "Number of active days."]
    persons: Annotated[int, "Persons with exactly so many."]


@dataclass(frozen=True, slots=True)
class ActiveDaysSpread:
    """How active days are spread over persons."""

    histogram: Annotated[
        tuple[DaysBar, ...], "Persons by number of active days, fewest first; bars of nobody left out."
    ]


@dataclass(frozen=True, slots=True)
class FeatureStickiness:
    """How often a feature's users come back to it."""

    users: Annotated[int, "Persons who used it in the window."]
    days_per_user: Annotated[float, "Mean of the days on which they did."]
    implied_days_per_month: Annotated[float, "The value x 30."]


@plugin.metric(
    "ratio",
    title={"en": "Stickiness", "ko": "고착도"},
    unit="%",
    card=card.RATIO,
    details=Stickiness,
    inputs=lambda config: {"active": ActiveDays(days=config.history_days)},
    of_all=True,
    no_interval="The mean over days has none, for they hang together; a point ratio has Wilson's.",
)
def ratio(rows: Rows) -> Answers:
    """The ratio of the tenant, then of each account with activity, by id."""
    persons = _persons(rows)
    for row in _ratios(rows, by=()).iter_rows(named=True):
        yield TENANT, _answer(row, persons[None], rows.config)
    for row in _ratios(rows, by=("account",)).iter_rows(named=True):
        yield account(row["account"]), _answer(row, persons.get(row["account"], 0), rows.config)


def _ratios(rows: Rows, by: tuple[str, ...]) -> pl.DataFrame:
    """By group: the mean of the days' ratios, how many they are, and the counts of the last day."""
    config = rows.config
    length = 1 if config.method == "point" else config.window_days
    # The last weekday may lie two days back.
    first = rows.day - timedelta(days=length - 1 + (0 if config.weekends else 2))
    short, long = WINDOWS[config.chosen]
    daily = rolling_ratios(rows["active"], first=first, last=rows.day, short=short, long=long, by=by)
    measured = daily if config.weekends else daily.filter(IS_WEEKDAY)
    kept = _kept(measured, rows, length, by)
    aggregates = [
        (pl.col("numerator") / pl.col("denominator")).mean().alias("ratio"),
        pl.len().alias("measured_days"),
        pl.col("numerator", "denominator").last(),
    ]
    if by:
        return kept.group_by(by, maintain_order=True).agg(aggregates)
    return kept.select(aggregates).filter(pl.col("measured_days") > 0)


def _kept(measured: pl.DataFrame, rows: Rows, length: int, by: tuple[str, ...]) -> pl.DataFrame:
    if rows.config.method == "mean_of_days":
        return measured.filter(pl.col("day") > rows.day - timedelta(days=length))
    return measured.group_by(by, maintain_order=True).tail(1) if by else measured.tail(1)


def _persons(rows: Rows) -> dict[int | None, int]:
    """Persons active in the window by account, and of all under None."""
    inside = rows["active"].filter(pl.col("day") > rows.day - timedelta(days=rows.config.window_days))
    known = inside.drop_nulls()
    by_account = dict(known.group_by("account").agg(pl.col("person").n_unique()).iter_rows())
    return {**by_account, None: inside["person"].drop_nulls().n_unique()}


def _answer(row: Row, persons: int, config: StickinessConfig) -> Answer:
    short, long = WINDOWS[config.chosen]
    implied = row["ratio"] * MONTH * (1 if config.weekends else WORKING) if short == 1 else None
    details = Stickiness(
        numerator=row["numerator"],
        denominator=row["denominator"],
        numerator_days=short,
        denominator_days=long,
        measured_days=row["measured_days"],
        implied_days_per_month=implied,
        method=config.method,
    )
    is_point = config.method == "point"
    return Answer(
        100 * row["ratio"],
        n=row["denominator"] if is_point else max(persons, row["denominator"]),
        details=details,
        interval=wilson(row["numerator"], row["denominator"]) if is_point else None,
        window_days=long if is_point else config.window_days + long - 1,
    )


@plugin.metric(
    "active_days",
    title={"en": "Active days per person", "ko": "1인당 활성 일수"},
    unit={"en": "days", "ko": "일"},
    card=card.ACTIVE_DAYS,
    details=ActiveDaysSpread,
    inputs=lambda config: {"active": ActiveDays(days=config.history_days)},
    of_all=True,
    no_interval="Everybody is counted; there is no sample.",
)
def active_days(rows: Rows) -> Answers:
    """Mean active days of the window, with the histogram."""
    since = rows.day - timedelta(days=rows.config.window_days)
    inside = rows["active"].filter(
        pl.col("day") > since, pl.lit(True) if rows.config.weekends else IS_WEEKDAY
    )
    known = inside.drop_nulls("person")
    days = pl.col("day").n_unique().alias("days")
    whole = known.group_by("person").agg(days).with_columns(account=pl.lit(None, pl.Int64))
    by_account = known.drop_nulls("account").group_by("account", "person").agg(days)
    bars = (
        pl.concat([whole, by_account.select(whole.columns)]).group_by("account", "days").agg(persons=pl.len())
    )
    spread = bars.sort("account", "days").group_by("account", maintain_order=True).agg("days", "persons")
    for id, numbers, persons in spread.iter_rows():
        total = sum(persons)
        mean = sum(n * of for n, of in zip(numbers, persons, strict=True)) / total
        histogram = tuple(map(DaysBar, numbers, persons))
        answer = Answer(
            mean, n=total, details=ActiveDaysSpread(histogram), window_days=rows.config.window_days
        )
        yield TENANT if id is None else account(id), answer


def used_features(config: StickinessConfig) -> dict[str, InputSpec]:
    """Uses of features, and which there are."""
    return {"uses": FeatureUse(days=config.window_days), "features": Features()}


@plugin.metric(
    "feature",
    title={"en": "Stickiness of a feature", "ko": "기능별 고착도"},
    unit="%",
    subjects=("feature",),
    card=card.FEATURE,
    details=FeatureStickiness,
    inputs=used_features,
    of_all=True,
    category="adoption",
    no_interval="Days of a person hang together; everybody who used it is counted.",
)
def feature_stickiness(rows: Rows) -> Answers:
    """Mean daily users over the window's users, of each feature in use."""
    persons = rows["uses"].drop_nulls("person").group_by("feature", "person").agg(pl.col("person_days").max())
    table = persons.group_by("feature").agg(users=pl.len(), days=pl.col("person_days").sum()).sort("feature")
    for id, users, days in table.iter_rows():
        share = days / (users * rows.config.window_days)
        details = FeatureStickiness(users, days / users, share * MONTH)
        yield feature(id), Answer(100 * share, n=users, details=details, window_days=rows.config.window_days)
