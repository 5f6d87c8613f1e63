"""Answers the input about accounts by week, from person-days in one statement."""

from typing import Final

import polars as pl

from engage_server.activity.inputs.person_activity import NO_MERE_NOTICE, OF_CLASS, PERSON_DAYS, window_days
from engage_server.activity.inputs.registration import resolves
from engage_server.activity.inputs.sliced_statements import restricted_frame
from engage_server.customers.slicers import slice_statements
from engage_server.sdk import AccountWeeks, Window

NOTICES: Final = OF_CLASS.format("NOTICE")
WEEKS: Final = f"""
    WITH person_day AS (
        SELECT day.account, day.day, day.person, sum(CASE WHEN day.names && {NOTICES}
            THEN (SELECT count(*) FROM unnest(day.names) name WHERE name <> ALL({NOTICES})) ELSE cardinality(day.names)
            END) AS events
        FROM ({PERSON_DAYS} AND {NO_MERE_NOTICE.replace("names", "day.names")}) day
        WHERE day.account <> 0 GROUP BY day.account, day.day, day.person
    )
    SELECT account, (%(last)s::date - day) / 7 AS weeks_ago, count(DISTINCT person), count(*), sum(events)::bigint
    FROM person_day GROUP BY account, weeks_ago
"""


@resolves(AccountWeeks)
def _account_weeks(spec: AccountWeeks, window: Window) -> pl.DataFrame:
    return restricted_frame(spec, WEEKS, window_days(spec, window))


# Of each slice by itself: rows name no persons, of whom some may be in it and others not.
slice_statements(AccountWeeks)
