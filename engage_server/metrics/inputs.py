"""Answers the input that asks for other metrics' values."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from engage_server.customers.frames import query_frame
from engage_server.customers.input_resolvers import resolves
from engage_server.customers.slicers import Frames, require_sliceable, rows_of, slices
from engage_server.customers.slices import Slice
from engage_server.sdk import MetricValues, Window

# All values of a metric are of one day: who has none on the metric's newest day has none, whatever was there before.
VALUES: Final = """
    WITH asked AS MATERIALIZED (
        SELECT named.metric, newest.day
        FROM unnest(%(metrics)s::text[]) AS named(metric)
        CROSS JOIN LATERAL (
            SELECT computed.day FROM generate_series(0, %(max_age)s) AS age(days)
            CROSS JOIN LATERAL (
                SELECT stored.day FROM metrics_metricvalue AS stored
                WHERE stored.day = %(day)s::date - age.days AND stored.metric = named.metric
                  AND stored.superseded_at IS NULL
                LIMIT 1) AS computed
            ORDER BY age.days LIMIT 1) AS newest
    )
    SELECT stored.metric, stored.subject_kind, stored.subject_id, stored.day, stored.value::float8, stored.status,
           stored.n, CASE jsonb_typeof(details -> 'normalised') WHEN 'number'
               THEN (details ->> 'normalised')::float8 END
    FROM asked JOIN metrics_metricvalue AS stored ON stored.metric = asked.metric AND stored.day = asked.day
    WHERE stored.subject_kind = %(kind)s AND stored.superseded_at IS NULL
"""


@resolves(MetricValues)
def _metric_values(spec: MetricValues, window: Window) -> pl.DataFrame:
    params = {
        "metrics": list(spec.metrics),
        "kind": spec.subject_kind,
        "day": window.day,
        "max_age": spec.max_age_days,
    }
    return query_frame(spec, VALUES, params)


@slices(MetricValues)
def _metric_values_of_slices(spec: MetricValues, window: Window, parts: Sequence[Slice]) -> Frames:
    # A value is of the subject as a whole: those of accounts are in slices of accounts, those of persons in theirs.
    columns = {kind: "subject" if kind == spec.subject_kind else None for kind in ("account", "person")}
    for part in parts:
        require_sliceable(spec, part, account=columns["account"], person=columns["person"])
    frame = _metric_values(spec, window)
    return [rows_of(frame, part, account=columns["account"], person=columns["person"]) for part in parts]
