"""Answers the inputs about features: which there are, and who used which how much.

Uses are read as text and counted in columns: PostgreSQL would unnest each person-day's names, join and group them
one by one, which takes four times as long.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl
from django.db import connection

from engage_server.activity.inputs.person_activity import PERSON_DAYS, window_days
from engage_server.activity.inputs.registration import resolves
from engage_server.activity.inputs.sliced_statements import restricted
from engage_server.activity.models import DayBitmap
from engage_server.customers.frames import query_frame
from engage_server.customers.slicers import Frames, rows_of, slice_nothing, slices
from engage_server.customers.slices import Slice, hull, sliced_by
from engage_server.sdk import FeatureReach, Features, FeatureUse, Window

# A line for each event. The names of a person-day come joined by what begins a line, so that none is unnested;
# a text for each day, since one for all could grow beyond what PostgreSQL takes for a value.
LINES: Final = f"""
    SELECT string_agg(head || array_to_string(names, E'\\n' || head), E'\\n')
    FROM (
        SELECT names, day, person || ',' || account || ',' || day - %(first)s || ',' AS head FROM ({PERSON_DAYS}) day
    ) line GROUP BY day
"""
LINE: Final = {"person": pl.Int64, "account": pl.Int64, "day": pl.Int32, "name": pl.Int64}
FEATURES: Final = """
    SELECT name.id, feature.id, feature.name
    FROM activity_eventname name JOIN activity_feature feature ON feature.id = name.feature_id
"""
LISTED: Final = f"""
    SELECT feature.id, feature.name, feature.released_on, known.since
    FROM activity_feature feature JOIN (
        SELECT name.feature_id,
               LEAST(min((name.created_at AT TIME ZONE %(zone)s)::date), min(name.first_day), min(oldest.day)) AS since
        FROM activity_eventname name LEFT JOIN LATERAL (
            SELECT day FROM activity_daybitmap
            WHERE kind = {DayBitmap.Kind.ROOT.value} AND event = name.id AND bit_count(bits) > 0
            ORDER BY day LIMIT 1
        ) oldest ON true
        GROUP BY name.feature_id
    ) known ON known.feature_id = feature.id
    WHERE COALESCE(feature.released_on, known.since) <= %(day)s
"""
FEATURE: Final = {"name": pl.Int64, "feature": pl.Int64, "feature_name": pl.String}


@resolves(FeatureUse)
def _feature_use(spec: FeatureUse, window: Window) -> pl.DataFrame:
    return _summed(_uses(spec, window)).select(list(spec.columns))


@slices(FeatureUse)
def _feature_use_of_slices(spec: FeatureUse, window: Window, parts: Sequence[Slice]) -> Frames:
    # A person's days of all accounts are those of the slice: each is summed up for itself, from one read.
    with sliced_by(hull(parts)):
        uses = _uses(spec, window)
    return [
        _summed(rows_of(uses, part, account="account", person="person")).select(list(spec.columns))
        for part in parts
    ]


@slices(FeatureReach)
def _feature_reach_of_slices(spec: FeatureReach, window: Window, parts: Sequence[Slice]) -> Frames:
    return [
        used.group_by("feature", "feature_name")
        .agg(
            persons=pl.col("person").n_unique().cast(pl.Int64),
            accounts=pl.col("account").drop_nulls().n_unique().cast(pl.Int64),
        )
        .select(list(spec.columns))
        for used in _feature_use_of_slices(FeatureUse(days=spec.days, period=spec.period), window, parts)
    ]


def _uses(spec: FeatureUse, window: Window) -> pl.DataFrame:
    """A row for each use of a feature, with its day as a number; account 0 is none."""
    with connection.cursor() as cursor:
        cursor.execute(*restricted(LINES, window_days(spec, window)))
        texts = [text for (text,) in cursor.fetchall()]
        cursor.execute(FEATURES)
        features = pl.DataFrame(cursor.fetchall(), schema=FEATURE, orient="row")
    events = pl.read_csv("\n".join(texts).encode(), has_header=False, schema=LINE, raise_if_empty=False)
    return events.join(features, on="name")


def _summed(uses: pl.DataFrame) -> pl.DataFrame:
    used = uses.group_by("person", "account", "feature", "feature_name").agg(
        uses=pl.len().cast(pl.Int64), active_days=pl.col("day").n_unique().cast(pl.Int64)
    )
    together = uses.group_by("person", "feature").agg(person_days=pl.col("day").n_unique().cast(pl.Int64))
    known = pl.when(pl.col("account") != 0).then("account").alias("account")
    return used.join(together, on=["person", "feature"]).with_columns(known)


@resolves(Features)
def _features(spec: Features, window: Window) -> pl.DataFrame:
    return query_frame(spec, LISTED, {"day": window.day, "zone": window.timezone})


slice_nothing(Features)
