"""Answers inputs that are made of events for a range of days: what the days' windows share is read once."""

from collections.abc import Sequence
from datetime import date

import polars as pl
from django.db import connection

from engage_server.activity.inputs.features import (
    FEATURE,
    FEATURES,
    LINE,
    LINES,
    LISTED,
)
from engage_server.activity.inputs.person_activity import (
    PERSON_DAY_ROWS,
    read_active_days,
)
from engage_server.activity.inputs.raw_events import read_events
from engage_server.activity.inputs.registration import resolves_range
from engage_server.customers.frames import query_frame
from engage_server.customers.input_resolvers import Cut
from engage_server.customers.inputs import in_utc, window_start
from engage_server.sdk import (
    ActiveDays,
    ActivePersons,
    Events,
    Features,
    FeatureUse,
    InputSpec,
    PersonDays,
    Window,
)


def _span(spec: InputSpec, windows: Sequence[Window]) -> dict[str, date]:
    return {
        "first": min(spec.first_day(window.day) for window in windows),
        "last": max(window.day for window in windows),
    }


@resolves_range(ActivePersons)
def _active_persons(spec: ActivePersons, windows: Sequence[Window]) -> Cut:
    rows = read_active_days(spec.event_class, _span(spec, windows), query_frame)

    def cut(window: Window) -> pl.DataFrame:
        inside = rows.filter(pl.col("day").is_between(spec.first_day(window.day), window.day))
        return inside.select("person", "account").unique()

    return cut


@resolves_range(ActiveDays)
def _active_days(spec: ActiveDays, windows: Sequence[Window]) -> Cut:
    rows = read_active_days(spec.event_class, _span(spec, windows), query_frame)

    def cut(window: Window) -> pl.DataFrame:
        return rows.filter(pl.col("day").is_between(spec.first_day(window.day), window.day))

    return cut


@resolves_range(PersonDays)
def _person_days(spec: PersonDays, windows: Sequence[Window]) -> Cut:
    rows = query_frame(spec, PERSON_DAY_ROWS, _span(spec, windows))

    def cut(window: Window) -> pl.DataFrame:
        return rows.filter(pl.col("day").is_between(spec.first_day(window.day), window.day))

    return cut


@resolves_range(FeatureUse)
def _feature_use(spec: FeatureUse, windows: Sequence[Window]) -> Cut:
    span = _span(spec, windows)
    with connection.cursor() as cursor:
        cursor.execute(LINES, span)
        texts = [text for (text,) in cursor.fetchall()]
        cursor.execute(FEATURES)
        features = pl.DataFrame(cursor.fetchall(), schema=FEATURE, orient="row")
    events = pl.read_csv("\n".join(texts).encode(), has_header=False, schema=LINE, raise_if_empty=False)
    # What is added up within a day once need not be in each of the windows that hold it.
    daily = (
        events.join(features.select("name", "feature"), on="name")
        .group_by("day", "person", "account", "feature")
        .agg(uses=pl.len().cast(pl.Int64))
    )
    together = daily.select("day", "person", "feature").unique()
    named = features.select("feature", "feature_name").unique()

    def cut(window: Window) -> pl.DataFrame:
        first = (spec.first_day(window.day) - span["first"]).days
        inside = pl.col("day").is_between(first, (window.day - span["first"]).days)
        used = (
            daily.filter(inside)
            .group_by("person", "account", "feature")
            .agg(uses=pl.col("uses").sum(), active_days=pl.len().cast(pl.Int64))
        )
        days = together.filter(inside).group_by("person", "feature").agg(person_days=pl.len().cast(pl.Int64))
        known = pl.when(pl.col("account") != 0).then("account").alias("account")
        joined = used.join(days, on=["person", "feature"]).join(named, on="feature")
        return joined.with_columns(known).select(list(spec.columns))

    return cut


@resolves_range(Features)
def _features(spec: Features, windows: Sequence[Window]) -> Cut:
    last = max(window.day for window in windows)
    rows = query_frame(spec, LISTED, {"day": last, "zone": windows[0].timezone})

    def cut(window: Window) -> pl.DataFrame:
        return rows.filter(pl.coalesce("released_on", "known_since") <= window.day)

    return cut


@resolves_range(Events)
def _events(spec: Events, windows: Sequence[Window]) -> Cut:
    rows = read_events(
        spec,
        start=min(window_start(spec, window) for window in windows),
        end=max(window.end for window in windows),
    )

    def cut(window: Window) -> pl.DataFrame:
        return rows.filter(pl.col("at").is_between(*in_utc(spec, window), closed="left"))

    return cut
