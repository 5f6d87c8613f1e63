"""The statements that tell what triggers say, one for a rule and any range of days.

Each gives rows of (day, subject, state, value, n, former): ``state`` is 1 where the trigger speaks, -1 where it is over
and 0 in between; ``former`` is what a change is measured from.
"""

from typing import Final

DAYS: Final = "generate_series(0, %(last)s::date - %(first)s::date) AS past (days)"
# Day by day along the index, which has the day before the subject.
STORED: Final = f"""
    FROM (SELECT id FROM metrics_wording WHERE metric = %(metric)s AND subject_kind = %(kind)s) AS series
    CROSS JOIN {DAYS}
    JOIN metrics_dayvalue AS stored ON stored.series_id = series.id AND stored.superseded_at IS NULL
        AND stored.day = %(first)s::date + past.days
    JOIN metrics_measuredvalue AS measured ON measured.id = stored.measured_id
        AND measured.status = 'OK' AND measured.value IS NOT NULL AND measured.n >= %(minimum_n)s
"""
VALUE: Final = f"""
    SELECT stored.day, stored.subject_id AS subject,
           CASE WHEN %(sign)s * (measured.value - %(edge)s::numeric) > 0 THEN 1
                WHEN %(sign)s * (measured.value - %(clears_at)s::numeric) <= 0 THEN -1 ELSE 0 END AS state,
           measured.value::float8 AS value, measured.n, NULL::float8 AS former
    {STORED}
"""
CHANGE: Final = f"""
    SELECT stored.day, stored.subject_id AS subject,
           CASE WHEN %(sign)s * (measured.value - before.value) >= %(size)s::numeric
                     * CASE WHEN %(relative)s THEN abs(before.value) ELSE 1 END
                     AND measured.value <> before.value THEN 1 ELSE -1 END AS state,
           measured.value::float8 AS value, measured.n, before.value::float8 AS former
    {STORED}
    JOIN metrics_dayvalue AS earlier ON earlier.series_id = series.id AND earlier.superseded_at IS NULL
        AND earlier.day = stored.day - %(days)s::int AND earlier.subject_id = stored.subject_id
    JOIN metrics_measuredvalue AS before ON before.id = earlier.measured_id
        AND before.status = 'OK' AND before.value IS NOT NULL AND before.n >= %(minimum_n)s
        AND before.definition_version = measured.definition_version
"""
# Who is in a segment when it begins to be followed came into nothing. It began empty where the first came in later than
# on the day from which it was followed: that one is news.
MEMBERS: Final = """
    WITH followed AS (
        SELECT min(created_at AT TIME ZONE %(zone)s)::date AS day FROM definitions_definition
        WHERE kind = 'segment' AND number = %(segment)s AND (body -> 'tracked')::boolean),
    began AS (
        SELECT CASE WHEN %(is_static)s OR first.day > followed.day THEN '-infinity'::date ELSE first.day END AS day
        FROM followed
        CROSS JOIN (SELECT min(starts_on) AS day FROM segments_segmentmember WHERE segment = %(segment)s) AS first)
"""
ENTERED: Final = f"""{MEMBERS}
    SELECT member.starts_on AS day, subject, CASE WHEN member.starts_on > began.day THEN 1 ELSE 0 END AS state,
           NULL::float8 AS value, NULL::bigint AS n, NULL::float8 AS former
    FROM segments_segmentmember AS member CROSS JOIN began
    WHERE segment = %(segment)s AND starts_on BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT ends_on, subject, -1, NULL, NULL, NULL FROM segments_segmentmember
    WHERE segment = %(segment)s AND ends_on BETWEEN %(first)s AND %(last)s
"""
LEFT: Final = """
    SELECT ends_on AS day, subject, 1 AS state, NULL::float8 AS value, NULL::bigint AS n, NULL::float8 AS former
    FROM segments_segmentmember WHERE segment = %(segment)s AND ends_on BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT starts_on, subject, -1, NULL, NULL, NULL FROM segments_segmentmember
    WHERE segment = %(segment)s AND starts_on BETWEEN %(first)s AND %(last)s
"""
SUBJECTS: Final = {"account": "NULLIF(found.account, 0)", "person": "state.root"}


def _done(name: str, event: str, back: str, subject: str) -> str:
    """How often who did an event on which day, from ``back`` days before the range on."""
    return f"""
    {name} AS MATERIALIZED (
        SELECT found.day, {SUBJECTS[subject]} AS subject, sum(cardinality(array_positions(found.names, event.id))) AS times
        FROM activity_eventname AS event
        JOIN activity_personday AS found ON found.day BETWEEN %(first)s::date - {back} AND %(last)s::date
            AND found.names @> ARRAY[event.id]
        JOIN activity_personstate AS state ON state.person = found.person AND state.is_counted
        WHERE event.name = %({event})s AND {SUBJECTS[subject]} IS NOT NULL GROUP BY 1, 2)
    """


def done(subject: str) -> str:
    """Who did an event often enough within the trailing days."""
    return f"""
    WITH {_done("done", "event", "%(days)s::int", subject)}
    SELECT on_day.day, done.subject,
           CASE WHEN sum(done.times) FILTER (WHERE done.day > on_day.day - %(days)s::int) >= %(times)s
                THEN 1 ELSE -1 END AS state,
           (COALESCE(sum(done.times) FILTER (WHERE done.day > on_day.day - %(days)s::int), 0))::float8 AS value,
           NULL::bigint AS n, NULL::float8 AS former
    FROM (SELECT %(first)s::date + past.days AS day FROM {DAYS}) AS on_day
    JOIN done ON done.day BETWEEN on_day.day - %(days)s::int AND on_day.day
    GROUP BY on_day.day, done.subject
    """


def not_done(subject: str) -> str:
    """Who began so many days before and has not gone on since; of one event: has not done it again, on a later day."""
    back = "%(within)s::int"
    return f"""
    WITH {_done("began", "after", back, subject)}, {_done("did", "event", back, subject)}
    SELECT began.day + {back} AS day, began.subject, 1 AS state,
           NULL::float8 AS value, NULL::bigint AS n, NULL::float8 AS former
    FROM began
    WHERE began.day + {back} BETWEEN %(first)s AND %(last)s AND NOT EXISTS (
        SELECT FROM did WHERE did.subject = began.subject
            AND did.day BETWEEN began.day + %(again)s::int AND began.day + {back})
    UNION ALL
    SELECT did.day, did.subject, -1, NULL, NULL, NULL FROM did WHERE did.day BETWEEN %(first)s AND %(last)s
    """


# Of each day the terms that held on it; an end is the same in all of them. A year and longer is renewed, not just billed.
RENEWAL: Final = f"""
    WITH terms AS (
        SELECT DISTINCT ON (on_day.day, term.external_id) on_day.day, term.account_id, term.starts_on, term.ends_on,
               term.interval_months, term.is_trial OR term.status = ANY(%(unpaid)s) AS is_unpaid
        FROM (SELECT %(first)s::date + past.days AS day FROM {DAYS}) AS on_day
        JOIN customers_subscription AS term ON term.valid_from IS NULL OR term.valid_from <= on_day.day
        ORDER BY on_day.day, term.external_id, term.valid_from DESC NULLS LAST
    ), ahead AS (
        SELECT day, account_id AS subject, min(CASE
            WHEN is_unpaid OR starts_on > day OR ends_on <= day THEN NULL
            WHEN ends_on IS NOT NULL THEN ends_on
            WHEN interval_months >= 12 THEN (starts_on + make_interval(months => interval_months * (1 + (
                (EXTRACT(year FROM age(day, starts_on)) * 12 + EXTRACT(month FROM age(day, starts_on)))::int
                / interval_months))))::date END) - day AS days
        FROM terms GROUP BY day, account_id)
    SELECT day, subject, CASE WHEN days <= %(ahead)s THEN 1 ELSE -1 END AS state,
           days::float8 AS value, NULL::bigint AS n, NULL::float8 AS former
    FROM ahead
"""
# What is over is told of who was spoken of: before in this range, or among ``open``.
TELLING: Final = """
    SELECT day, subject, state, value, n, former FROM (
        SELECT *, lag(state) OVER (PARTITION BY subject ORDER BY day, state DESC) AS before
        FROM ({statement}) AS observed WHERE state <> 0 AND day BETWEEN %(first)s AND %(last)s) AS one
    WHERE CASE WHEN state > 0 THEN true {speaking} ELSE before > 0 OR subject = ANY(%(open)s::int[]) END
    ORDER BY day, subject, state DESC
"""
IN_SEGMENT: Final = """
    AND EXISTS (SELECT FROM segments_segmentmember AS member
        WHERE member.segment = %(only)s AND member.subject = one.subject AND member.starts_on <= one.day
          AND (member.ends_on IS NULL OR member.ends_on > one.day))
"""
COUNTED: Final = """
    AND EXISTS (SELECT FROM customers_person AS person WHERE person.id = one.subject
        AND person.merged_into_id IS NULL AND NOT person.is_excluded AND NOT person.is_suppressed)
"""
# Every value of the weeks before, for what is judged by them.
HISTORIES: Final = """
    SELECT stored.subject_id, stored.day, measured.value::float8, measured.status, measured.n, measured.definition_version
    FROM (SELECT id FROM metrics_wording WHERE metric = %(metric)s AND subject_kind = %(kind)s) AS series
    CROSS JOIN generate_series(0, %(last)s::date - %(first)s::date) AS past (days)
    JOIN metrics_dayvalue AS stored ON stored.series_id = series.id AND stored.superseded_at IS NULL
        AND stored.day = %(first)s::date + past.days
    JOIN metrics_measuredvalue AS measured ON measured.id = stored.measured_id
    WHERE %(only)s::int IS NULL OR EXISTS (SELECT FROM segments_segmentmember AS member
        WHERE member.segment = %(only)s AND member.subject = stored.subject_id AND member.starts_on <= %(last)s
          AND (member.ends_on IS NULL OR member.ends_on > %(last)s))
    ORDER BY stored.subject_id, stored.day
"""
