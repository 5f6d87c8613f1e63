"""Answers the input that asks for other metrics' values."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import polars as pl

from engage_server.customers.frames import query_frame
from engage_server.customers.inputs import Resolver
from engage_server.sdk import InputSpec, MetricValues, Window


def _metric_values(spec: MetricValues, window: Window) -> pl.DataFrame:
    statement = """
        SELECT DISTINCT ON (metric, subject_id)
               metric, subject_kind, subject_id, day, value::float8, status, n
        FROM metrics_metricvalue
        WHERE metric = ANY(%(metrics)s) AND subject_kind = %(kind)s AND superseded_at IS NULL
          AND day <= %(day)s AND day >= %(oldest)s
        ORDER BY metric, subject_id, day DESC
    """
    params = {
        "metrics": list(spec.metrics),
        "kind": spec.subject_kind,
        "day": window.day,
        "oldest": window.day - timedelta(days=spec.max_age_days),
    }
    return query_frame(spec, statement, params)


RESOLVERS: Final[Mapping[type[InputSpec], Resolver]] = {MetricValues: _metric_values}
