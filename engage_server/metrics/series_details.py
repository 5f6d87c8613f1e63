"""What a series shows beside its values: how sure they are, by which configuration, and on which days they were restated."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import connection

from engage_server.metrics.layouts import unpack
from engage_server.metrics.stored_details import as_said
from engage_server.sdk import Interval

# Restated: another value of the day was taken for it before, not only one of the day as it ran.
DETAILS: Final = """
    SELECT stored.subject_id, stored.day, layout.body::text, measured.figures,
           stored.revision > 1 AND EXISTS (
               SELECT FROM metrics_dayvalue AS former
               JOIN metrics_measuredvalue AS was ON was.id = former.measured_id AND was.status <> 'PARTIAL'
               WHERE former.series_id = stored.series_id AND former.day = stored.day
                 AND former.subject_id = stored.subject_id AND former.revision < stored.revision
                 AND former.superseded_at IS NOT NULL),
           computation.configuration_version
    FROM metrics_wording AS series
    CROSS JOIN unnest(%(days)s::date[]) AS wanted (day)
    JOIN metrics_dayvalue AS stored ON stored.series_id = series.id AND stored.day = wanted.day
        AND stored.subject_id = ANY(%(subjects)s) AND stored.superseded_at IS NULL
    JOIN metrics_measuredvalue AS measured ON measured.id = stored.measured_id
    JOIN metrics_computation AS computation ON computation.id = stored.computation_id
    JOIN metrics_wording AS layout ON layout.id = measured.layout_id
    WHERE series.metric = %(metric)s AND series.subject_kind = %(kind)s
"""


@dataclass(frozen=True, slots=True)
class PointDetails:
    """Of one value: its interval, if it has one, whether another value stood in its place before, and by which
    version of the plugin's configuration it was computed.
    """

    interval: Interval | None
    is_restated: bool
    configuration_version: int


def details_of(
    metric: str, kind: str, ids: Collection[int], days: Collection[date]
) -> Mapping[tuple[int, date], PointDetails]:
    """The details of these subjects' values in force of these days, in one statement; inside the tenant's scope."""
    with connection.cursor() as cursor:
        cursor.execute(
            DETAILS, {"metric": metric, "kind": kind, "subjects": list(ids), "days": sorted(set(days))}
        )
        return {
            (id, day): PointDetails(as_said(unpack(layout, figures)[1]).interval, is_restated, configured)
            for id, day, layout, figures, is_restated, configured in cursor.fetchall()
        }
