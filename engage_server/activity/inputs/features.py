"""Answers the inputs about features: which there are, and who used which how much.

Uses are read as text and counted in columns: PostgreSQL would unnest each person-day's names, join and group them
one by one, which takes four times as long.
"""

from typing import Final

import polars as pl
from django.db import connection

from engage_server.activity.inputs.person_activity import PERSON_DAYS, window_days
from engage_server.activity.inputs.registration import resolves
from engage_server.activity.models import DayBitmap
from engage_server.customers.frames import query_frame
from engage_server.sdk import Features, FeatureUse, Window

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
    with connection.cursor() as cursor:
        cursor.execute(LINES, window_days(spec, window))
        texts = [text for (text,) in cursor.fetchall()]
        cursor.execute(FEATURES)
        features = pl.DataFrame(cursor.fetchall(), schema=FEATURE, orient="row")
    events = pl.read_csv("\n".join(texts).encode(), has_header=False, schema=LINE, raise_if_empty=False)
    uses = events.join(features.select("name", "feature"), on="name")
    used = uses.group_by("person", "account", "feature").agg(
        uses=pl.len().cast(pl.Int64), active_days=pl.col("day").n_unique().cast(pl.Int64)
    )
    together = uses.group_by("person", "feature").agg(person_days=pl.col("day").n_unique().cast(pl.Int64))
    named = used.join(together, on=["person", "feature"]).join(
        features.select("feature", "feature_name").unique(), on="feature"
    )
    known = pl.when(pl.col("account") != 0).then("account").alias("account")
    return named.with_columns(known).select(list(spec.columns))


@resolves(Features)
def _features(spec: Features, window: Window) -> pl.DataFrame:
    return query_frame(spec, LISTED, {"day": window.day, "zone": window.timezone})
