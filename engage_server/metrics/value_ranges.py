"""Answers the input that asks for other metrics' values for many days, from one statement."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final

import polars as pl

from engage_server.customers.frames import query_frame
from engage_server.metrics.beginnings import days_of
from engage_server.sdk import MetricValues

# What is measured is read once for all days that point at it, and of layouts only which of them begin with the place.
RANGE: Final = """
    WITH placed AS MATERIALIZED (
        SELECT id FROM metrics_wording WHERE jsonb_typeof(body) = 'object' AND body -> 'details' ->> 0 = 'normalised'
    ), stored AS MATERIALIZED (
        SELECT series.metric, series.subject_kind, stored.subject_id, stored.day, stored.measured_id
        FROM metrics_wording AS series
        JOIN metrics_dayvalue AS stored ON stored.series_id = series.id AND stored.superseded_at IS NULL
            AND stored.day BETWEEN %(first)s::date AND %(last)s::date
        WHERE series.metric = ANY(%(metrics)s) AND series.subject_kind = %(kind)s
    ), measured AS MATERIALIZED (
        SELECT measured.id, measured.value::float8 AS value, measured.status, measured.n,
            CASE WHEN placed.id IS NOT NULL AND json_typeof(measured.figures::json -> 0) = 'number'
                THEN (measured.figures::json ->> 0)::float8 END AS place
        FROM metrics_measuredvalue AS measured LEFT JOIN placed ON placed.id = measured.layout_id
        WHERE measured.id IN (SELECT measured_id FROM stored)
    )
    SELECT stored.metric, stored.subject_kind, stored.subject_id, stored.day, measured.value, measured.status,
        measured.n, measured.place
    FROM stored JOIN measured ON measured.id = stored.measured_id
"""


class ValuesOfRange:
    """What the input's resolver answers on each day from ``first`` to ``last``, read once.

    Not of ``days``: those are the same rows over and over, and read day by day.
    """

    def __init__(self, spec: MetricValues, *, first: date, last: date) -> None:
        self._ago = tuple(timedelta(days=number) for number in dict.fromkeys(spec.ago))
        self._max_age = timedelta(days=spec.max_age_days)
        asked: dict[str, Any] = {
            "metrics": list(spec.metrics), "kind": spec.subject_kind,
            "first": first - max(self._ago or (self._max_age,)),
            "last": last - min(self._ago, default=timedelta()),
        }  # fmt: skip
        self._frame = query_frame(spec, RANGE, asked)
        # Of each metric the days with values of any kind: who has none on the newest of them has none.
        self._days: Mapping[str, list[date]] = {
            metric: [] if self._ago else days_of([metric], first=first - self._max_age)
            for metric in dict.fromkeys(spec.metrics)
        }

    def on(self, day: date) -> pl.DataFrame:
        """The rows that a computation of one day reads."""
        parts = [self._parts[key] for key in self._read_on(day) if key in self._parts]
        return pl.concat(parts) if parts else self._frame.clear()

    def of(self, days: Sequence[date]) -> pl.DataFrame:
        """The rows that computations of these days read, each with its day in the column ``on``, the first one."""
        asked = [(*key, day) for day in days for key in self._read_on(day)]
        read = pl.DataFrame(asked, schema={"metric": pl.String, "day": pl.Date, "on": pl.Date}, orient="row")
        return self._frame.join(read, on=["metric", "day"]).select("on", *self._frame.columns)

    @cached_property
    def _parts(self) -> Mapping[Any, pl.DataFrame]:
        return self._frame.partition_by("metric", "day", as_dict=True)

    def _read_on(self, day: date) -> Iterator[tuple[str, date]]:
        """The metrics and their days that a computation of one day reads."""
        for metric, days in self._days.items():
            for of_day in [day - ago for ago in self._ago] if self._ago else self._newest(days, day):
                yield metric, of_day

    def _newest(self, days: list[date], day: date) -> list[date]:
        """The last of the days up to this one, unless it is too old."""
        return [one for one in days[: bisect_right(days, day)][-1:] if day - one <= self._max_age]
