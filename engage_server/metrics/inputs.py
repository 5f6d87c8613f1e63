"""Answers the inputs that ask for other metrics' values, and for what people set in place of one's own."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from engage_server.customers.frames import query_frame
from engage_server.customers.input_resolvers import resolves
from engage_server.customers.slicers import Frames, require_sliceable, rows_of, slice_rows, slices
from engage_server.customers.slices import WHOLE, Slice
from engage_server.metrics.bands import BAND
from engage_server.metrics.overrides import OVERRIDE
from engage_server.sdk import TENANT, MetricBands, MetricValues, Overrides, Window

# All values of a metric are of one day: who has none on the metric's newest day has none, whatever was there before.
# What a value says of its place between 0 and 100 is the first of its figures (see ``metrics.layouts``).
VALUES: Final = """
    WITH series AS MATERIALIZED (
        SELECT id, metric, subject_kind FROM metrics_wording WHERE metric = ANY(%(metrics)s::text[])
    ), asked AS MATERIALIZED (
        SELECT series.metric, max(newest.day) AS day
        FROM series CROSS JOIN LATERAL (
            SELECT day FROM metrics_dayvalue
            WHERE series_id = series.id AND day BETWEEN %(day)s::date - %(max_age)s AND %(day)s::date
              AND superseded_at IS NULL
            ORDER BY day DESC LIMIT 1) AS newest
        GROUP BY series.metric
    )
    SELECT series.metric, series.subject_kind, stored.subject_id, stored.day, measured.value::float8, measured.status,
           measured.n, CASE WHEN layout.body -> 'details' ->> 0 = 'normalised'
               AND json_typeof(measured.figures::json -> 0) = 'number'
               THEN (measured.figures::json ->> 0)::float8 END
    FROM asked JOIN series ON series.metric = asked.metric AND series.subject_kind = %(kind)s
    JOIN metrics_dayvalue AS stored ON stored.series_id = series.id AND stored.day = asked.day
        AND stored.superseded_at IS NULL
    JOIN metrics_measuredvalue AS measured ON measured.id = stored.measured_id
    JOIN metrics_wording AS layout ON layout.id = measured.layout_id
"""


EARLIER: Final = """
    SELECT series.metric, series.subject_kind, stored.subject_id, stored.day, measured.value::float8, measured.status,
           measured.n, CASE WHEN layout.body -> 'details' ->> 0 = 'normalised'
               AND json_typeof(measured.figures::json -> 0) = 'number'
               THEN (measured.figures::json ->> 0)::float8 END
    FROM metrics_wording AS series
    JOIN metrics_dayvalue AS stored ON stored.series_id = series.id AND stored.superseded_at IS NULL
        AND stored.day BETWEEN %(day)s::date - %(days)s AND %(day)s::date - 1
        AND (%(ago)s::int[] IS NULL OR %(day)s::date - stored.day = ANY(%(ago)s::int[]))
    JOIN metrics_measuredvalue AS measured ON measured.id = stored.measured_id
    JOIN metrics_wording AS layout ON layout.id = measured.layout_id
    WHERE series.metric = ANY(%(metrics)s::text[]) AND series.subject_kind = %(kind)s
"""

BANDS: Final = """
    WITH series AS MATERIALIZED (
        SELECT id, subject_kind FROM metrics_wording WHERE metric = %(metric)s
    ), newest AS MATERIALIZED (
        SELECT max(of_series.day) AS day FROM series CROSS JOIN LATERAL (
            SELECT day FROM metrics_dayvalue
            WHERE series_id = series.id AND day BETWEEN %(day)s::date - %(max_age)s AND %(day)s::date
              AND superseded_at IS NULL
            ORDER BY day DESC LIMIT 1) AS of_series
    ), layout AS MATERIALIZED (
        SELECT wording.id, (entry.place - 1)::int AS place
        FROM metrics_wording AS wording
        CROSS JOIN LATERAL jsonb_array_elements(wording.body -> 'details') WITH ORDINALITY AS entry (name, place)
        WHERE jsonb_typeof(wording.body) = 'object' AND entry.name = to_jsonb(%(band)s::text)
    )
    SELECT series.subject_kind, stored.subject_id, stored.day, measured.figures::json ->> layout.place
    FROM newest JOIN series ON series.subject_kind = %(kind)s
    JOIN metrics_dayvalue AS stored ON stored.series_id = series.id AND stored.day = newest.day
        AND stored.superseded_at IS NULL
    JOIN metrics_measuredvalue AS measured ON measured.id = stored.measured_id
    JOIN layout ON layout.id = measured.layout_id
    WHERE measured.figures::json ->> layout.place IS NOT NULL
"""
OVERRIDES: Final = """
    SELECT DISTINCT ON (account.id) account.id, (body ->> 'value')::float8,
           COALESCE((body ->> 'only_lower')::boolean, false), body ->> 'reason', author,
           (body ->> 'starts_on')::date, (body ->> 'ends_on')::date
    FROM definitions_definition AS definition JOIN customers_account AS account ON account.external_id = body ->> 'account'
    WHERE kind = %(kind)s AND superseded_at IS NULL AND NOT is_retired AND body ->> 'metric' = %(metric)s
      AND (body ->> 'starts_on')::date <= %(day)s AND (body ->> 'ends_on')::date > %(day)s
    ORDER BY account.id, body ->> 'starts_on' DESC, number DESC
"""


@resolves(MetricValues)
def _metric_values(spec: MetricValues, window: Window) -> pl.DataFrame:
    params = {
        "metrics": list(spec.metrics),
        "kind": spec.subject_kind,
        "day": window.day,
        "max_age": spec.max_age_days,
        "days": max((spec.days, *spec.ago)),
        "ago": list(spec.ago) or None,
    }
    return query_frame(spec, EARLIER if spec.days or spec.ago else VALUES, params)


@slices(MetricValues)
def _metric_values_of_slices(spec: MetricValues, window: Window, parts: Sequence[Slice]) -> Frames:
    # A value is of the subject as a whole: those of accounts are in slices of accounts, those of persons in theirs,
    # and the tenant's in none, as if it had none. So its plugin measures in slices what does not depend on it.
    columns = {kind: "subject" if kind == spec.subject_kind else None for kind in ("account", "person")}
    if spec.subject_kind == TENANT.kind:
        whole = _metric_values(spec, window)
        return [whole if part == WHOLE else whole.clear() for part in parts]
    for part in parts:
        require_sliceable(spec, part, account=columns["account"], person=columns["person"])
    frame = _metric_values(spec, window)
    return [rows_of(frame, part, account=columns["account"], person=columns["person"]) for part in parts]


@resolves(MetricBands)
def _metric_bands(spec: MetricBands, window: Window) -> pl.DataFrame:
    params = {"metric": spec.metric, "kind": spec.subject_kind, "day": window.day}
    return query_frame(spec, BANDS, {**params, "max_age": spec.max_age_days, "band": BAND})


@slices(MetricBands)
def _metric_bands_of_slices(spec: MetricBands, window: Window, parts: Sequence[Slice]) -> Frames:
    columns = {kind: "subject" if kind == spec.subject_kind else None for kind in ("account", "person")}
    for part in parts:
        require_sliceable(spec, part, account=columns["account"], person=columns["person"])
    frame = _metric_bands(spec, window)
    return [rows_of(frame, part, account=columns["account"], person=columns["person"]) for part in parts]


@resolves(Overrides)
def _overrides(spec: Overrides, window: Window) -> pl.DataFrame:
    return query_frame(spec, OVERRIDES, {"kind": OVERRIDE, "metric": spec.metric, "day": window.day})


# What was set is of an account, and no person's.
slice_rows(Overrides, account="account", person=None)
