"""Reads the values in force of a range of days with the band that they lie in, each measurement once."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

import polars as pl
from django.db import connection

from engage_server.customers.frames import query_columns

# The field of the details that names a band: one and the same for every plugin that has bands.
BAND: Final = "band"
RANGE: Final = """
    WITH layout AS MATERIALIZED (
        SELECT wording.id, entry.place - 1 AS place
        FROM metrics_wording AS wording
        CROSS JOIN LATERAL jsonb_array_elements(wording.body -> 'details') WITH ORDINALITY AS entry (name, place)
        WHERE jsonb_typeof(wording.body) = 'object' AND entry.name = '"band"'
    ), stored AS MATERIALIZED (
        SELECT series.metric, series.subject_kind, stored.subject_id, stored.day, stored.measured_id
        FROM metrics_wording AS series JOIN metrics_dayvalue AS stored ON stored.series_id = series.id
        WHERE series.metric = ANY(%(metrics)s) AND stored.day BETWEEN %(first)s AND %(last)s
          AND stored.superseded_at IS NULL
          AND (%(accounts)s::int[] IS NULL
               OR series.subject_kind = 'account' AND stored.subject_id = ANY(%(accounts)s::int[]))
    ), measured AS MATERIALIZED (
        SELECT measured.id, measured.value::float8 AS value,
            measured.figures::json ->> layout.place::int AS band
        FROM metrics_measuredvalue AS measured LEFT JOIN layout ON layout.id = measured.layout_id
        WHERE measured.id IN (SELECT measured_id FROM stored)
    )
    SELECT stored.metric, stored.subject_kind, stored.subject_id, stored.day, measured.value, measured.band
    FROM stored JOIN measured ON measured.id = stored.measured_id
"""
COLUMNS: Final[Mapping[str, pl.DataType | type[pl.DataType]]] = {
    "metric": pl.String,
    "kind": pl.String,
    "subject": pl.Int64,
    "on": pl.Date,
    "value": pl.Float64,
    "band": pl.String,
}
"""What such values are as columns: full id, kind and id of the subject, the day, and the value with its band."""
Key = tuple[str, str, int, date]
Subject = tuple[str, int]


class Banded(NamedTuple):
    """A value and its band, each null where there is none."""

    value: float | None
    band: str | None


def banded(
    metrics: Collection[str], *, first: date, last: date, accounts: Collection[int] | None = None
) -> dict[Key, Banded]:
    """The values in force from ``first`` to ``last`` by metric, kind, subject and day, in one statement.

    ``accounts``: of these alone; None: of all subjects.
    """
    asked = {
        "metrics": list(metrics),
        "first": first,
        "last": last,
        "accounts": None if accounts is None else list(accounts),
    }
    return dict(_read(asked))


def banded_frame(metrics: Collection[str], *, first: date, last: date) -> pl.DataFrame:
    """The same of all subjects, as ``COLUMNS``."""
    asked = {"metrics": list(metrics), "first": first, "last": last, "accounts": None}
    return query_columns(COLUMNS, RANGE, asked)


def _read(asked: Mapping[str, Any]) -> Iterator[tuple[Key, Banded]]:
    with connection.cursor() as cursor:
        cursor.execute(RANGE, asked)
        for metric, kind, subject, day, value, band in cursor.fetchall():
            yield (metric, kind, subject, day), Banded(value, band)
