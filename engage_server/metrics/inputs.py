"""Answers the input that asks for other metrics' values."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import polars as pl

from engage_server.customers.frames import query_frame
from engage_server.customers.inputs import Resolver
from engage_server.sdk import InputSpec, MetricValues, Window

# The day's own values are most of what there is; only who has none is looked up in the days before, one by one.
# EXCEPT, since an anti join of rows that the planner takes for few would compare each with each.
VALUES: Final = """
    WITH own AS MATERIALIZED (
        SELECT metric, subject_kind, subject_id, day, value, status, n FROM metrics_metricvalue
        WHERE metric = ANY(%(metrics)s) AND subject_kind = %(kind)s AND superseded_at IS NULL AND day = %(day)s
    ),
    without AS (
        SELECT metric, subject_id FROM metrics_metricvalue
        WHERE metric = ANY(%(metrics)s) AND subject_kind = %(kind)s AND day < %(day)s AND day >= %(oldest)s
        EXCEPT SELECT metric, subject_id FROM own
    ),
    found AS (
        SELECT * FROM own
        UNION ALL
        SELECT latest.* FROM without CROSS JOIN LATERAL (
            SELECT metric, subject_kind, subject_id, day, value, status, n FROM metrics_metricvalue AS stored
            WHERE stored.metric = without.metric AND stored.subject_kind = %(kind)s
              AND stored.subject_id = without.subject_id AND stored.superseded_at IS NULL
              AND stored.day < %(day)s AND stored.day >= %(oldest)s
            ORDER BY stored.day DESC LIMIT 1) AS latest
    )
    SELECT metric, subject_kind, subject_id, day, value::float8, status, n FROM found
"""


def _metric_values(spec: MetricValues, window: Window) -> pl.DataFrame:
    params = {
        "metrics": list(spec.metrics),
        "kind": spec.subject_kind,
        "day": window.day,
        "oldest": window.day - timedelta(days=spec.max_age_days),
    }
    return query_frame(spec, VALUES, params)


RESOLVERS: Final[Mapping[type[InputSpec], Resolver]] = {MetricValues: _metric_values}
