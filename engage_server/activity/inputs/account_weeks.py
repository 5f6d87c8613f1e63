"""Answers the input about accounts by week, from person-days in one statement."""

from typing import Final

import polars as pl

from engage_server.activity.inputs.person_activity import NO_MERE_NOTICE, OF_CLASS, PERSON_DAYS, window_days
from engage_server.activity.inputs.registration import resolves
from engage_server.activity.inputs.sliced_statements import restricted_frame
from engage_server.customers.slicers import slice_statements
from engage_server.sdk import AccountWeeks, Window

NOTICES: Final = OF_CLASS.format("NOTICE")
# The days of a week on which a person came are bits, since the same day may stand twice, of merged persons.
WEEKS: Final = f"""
    WITH person_week AS (
        SELECT day.account, (%(last)s::date - day.day) / 7 AS weeks_ago, day.person,
               bit_or(1 << (%(last)s::date - day.day) %% 7) AS days,
               sum(CASE WHEN day.names && {NOTICES}
                   THEN (SELECT count(*) FROM unnest(day.names) name WHERE name <> ALL({NOTICES}))
                   ELSE cardinality(day.names) END) AS events
        FROM ({PERSON_DAYS} AND {NO_MERE_NOTICE.replace("names", "day.names")}) day
        WHERE day.account <> 0 GROUP BY day.account, weeks_ago, day.person
    )
    SELECT account, weeks_ago, count(*), sum(bit_count(days::bit(7)))::bigint, sum(events)::bigint
    FROM person_week GROUP BY account, weeks_ago
"""


@resolves(AccountWeeks)
def _account_weeks(spec: AccountWeeks, window: Window) -> pl.DataFrame:
    return restricted_frame(spec, WEEKS, window_days(spec, window))


# Of each slice by itself: rows name no persons, of whom some may be in it and others not.
slice_statements(AccountWeeks)
