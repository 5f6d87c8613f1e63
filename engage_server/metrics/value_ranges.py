"""Answers the input that asks for other metrics' values for many days, from one statement."""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from engage_server.customers.frames import query_frame
from engage_server.metrics.beginnings import days_of
from engage_server.sdk import MetricValues

RANGE: Final = """
    SELECT series.metric, series.subject_kind, stored.subject_id, stored.day, measured.value::float8, measured.status,
           measured.n, CASE WHEN layout.body -> 'details' ->> 0 = 'normalised'
               AND json_typeof(measured.figures::json -> 0) = 'number'
               THEN (measured.figures::json ->> 0)::float8 END
    FROM metrics_wording AS series
    JOIN metrics_dayvalue AS stored ON stored.series_id = series.id AND stored.superseded_at IS NULL
        AND stored.day BETWEEN %(first)s::date AND %(last)s::date
    JOIN metrics_measuredvalue AS measured ON measured.id = stored.measured_id
    JOIN metrics_wording AS layout ON layout.id = measured.layout_id
    WHERE series.metric = ANY(%(metrics)s) AND series.subject_kind = %(kind)s
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
        frame = query_frame(spec, RANGE, asked)
        self._nothing = frame.clear()
        self._parts: Mapping[Any, pl.DataFrame] = frame.partition_by("metric", "day", as_dict=True)
        # Of each metric the days with values of any kind: who has none on the newest of them has none.
        self._days: Mapping[str, list[date]] = {
            metric: [] if self._ago else days_of([metric], first=first - self._max_age)
            for metric in dict.fromkeys(spec.metrics)
        }

    def on(self, day: date) -> pl.DataFrame:
        """The rows that a computation of one day reads."""
        wanted = (
            (metric, of_day)
            for metric, days in self._days.items()
            for of_day in ([day - ago for ago in self._ago] if self._ago else self._newest(days, day))
        )
        parts = [self._parts[key] for key in wanted if key in self._parts]
        return pl.concat(parts) if parts else self._nothing

    def _newest(self, days: list[date], day: date) -> list[date]:
        """The last of the days up to this one, unless it is too old."""
        return [one for one in days[: bisect_right(days, day)][-1:] if day - one <= self._max_age]
