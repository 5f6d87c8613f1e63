"""Answers the inputs that only count persons and accounts for slices.

Bitmaps tell persons and accounts apart and not who was active where. So a slice of persons is cut from them by an AND
where persons alone are counted; everything else is counted from the person-days of the slice.
"""

from collections.abc import Sequence
from typing import Final

from engage_server.activity.inputs.distinct_counts import ACCOUNT, ROOT, WANTED_EVENT, rolling_frame
from engage_server.activity.inputs.person_activity import window_days
from engage_server.activity.inputs.sliced_statements import restricted
from engage_server.activity.models import CHUNK
from engage_server.activity.rollups.bitmaps import NO_BITS
from engage_server.activity.rollups.freshness import require_current
from engage_server.customers.slicers import Frames, slices
from engage_server.customers.slices import Slice, sliced_by
from engage_server.sdk import ActiveSeries, Window

# The rows of bitmaps that the person-days of a slice would make.
MAP: Final = f"""
    active AS (
        SELECT DISTINCT day.day, state.root, day.account
        FROM activity_personday day JOIN activity_personstate state ON state.person = day.person AND state.is_counted
        WHERE day.day BETWEEN %(first)s::date - %(before)s::int AND %(last)s
          AND (%(event)s::text IS NULL OR day.names @> ARRAY[{WANTED_EVENT}])
    ),
    mark AS (
        SELECT DISTINCT {ROOT} AS kind, day, root AS id FROM active
        UNION ALL SELECT DISTINCT {ACCOUNT}, day, account FROM active WHERE account <> 0
    ),
    map AS (
        SELECT kind, day, id / {CHUNK} AS chunk, bit_or(set_bit({NO_BITS}, id %% {CHUNK}, 1)) AS bits
        FROM mark GROUP BY kind, day, id / {CHUNK}
    )
"""
# The same sets as ``DAILY_SETS`` reads.
SETS_OF_DAYS: Final = f"""
    WITH {MAP}
    SELECT kind, array_agg(day - %(first)s::date + %(before)s::int ORDER BY day),
           string_agg(substr(bit_send(bits), 5), ''::bytea ORDER BY day)
    FROM map GROUP BY kind, chunk
"""


@slices(ActiveSeries)
def _active_series_of_slices(spec: ActiveSeries, window: Window, parts: Sequence[Slice]) -> Frames:
    require_current()
    params = {**window_days(spec, window), "before": spec.trailing - 1, "event": spec.event}
    frames = []
    for part in parts:
        with sliced_by(part):
            frames.append(rolling_frame(spec, window, *restricted(SETS_OF_DAYS, params)))
    return frames
