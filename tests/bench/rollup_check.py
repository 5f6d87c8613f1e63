"""Compares the roll-ups with the stored events, for a tenant where nobody is merged and every event names its account."""

from typing import Final

from django.db import connection

from engage_server.activity.models import DayBitmap
from engage_server.activity.rollups.bitmaps import ANY_EVENT
from engage_server.tenancy.scope import TenantRef, tenant_scope

# Events by person, account, day, name and time, each as often as it is there, in one table and not in the other.
DAYS_DIFFER: Final = """
    WITH stored AS (
        SELECT (occurred_at AT TIME ZONE %(zone)s)::date AS day, person_id AS person, account_id AS account,
               count(*) AS events, sum(hashtextextended(name_id || ' ' || occurred_at, 0)) AS content,
               count(DISTINCT date_trunc('minute', occurred_at)) AS minutes
        FROM activity_event WHERE person_id IS NOT NULL GROUP BY 1, 2, 3
    ),
    rolled_up AS (
        SELECT day.day, day.person, day.account, sum(cardinality(day.times)) AS events, sum(event.content) AS content,
               sum(day.active_minutes)::bigint AS minutes
        FROM activity_personday day CROSS JOIN LATERAL (
            SELECT sum(hashtextextended(name || ' ' || at, 0)) AS content
            FROM unnest(day.names, day.times) AS one (name, at)) event
        GROUP BY day.day, day.person, day.account, day.is_named
    )
    SELECT count(*) FROM (
        (SELECT * FROM stored EXCEPT ALL SELECT * FROM rolled_up)
        UNION ALL (SELECT * FROM rolled_up EXCEPT ALL SELECT * FROM stored)) difference
"""
BITS_DIFFER: Final = """
    WITH use AS (
        SELECT DISTINCT (occurred_at AT TIME ZONE %(zone)s)::date AS day, name_id AS name, person_id AS person,
               account_id AS account
        FROM activity_event WHERE person_id IS NOT NULL
    ),
    stored AS (
        SELECT %(root)s AS kind, name AS event, day, count(DISTINCT person) AS number FROM use
        GROUP BY name, day
        UNION ALL
        SELECT %(of_account)s, name, day, count(DISTINCT account) FROM use GROUP BY name, day
        UNION ALL
        SELECT %(root)s, %(any)s, day, count(DISTINCT person) FROM use GROUP BY day
        UNION ALL
        SELECT %(of_account)s, %(any)s, day, count(DISTINCT account) FROM use GROUP BY day
    ),
    rolled_up AS (
        SELECT kind::int, event, day, sum(bit_count(bits))::bigint FROM activity_daybitmap WHERE event >= %(any)s
        GROUP BY kind, event, day
    )
    SELECT count(*) FROM (
        (SELECT * FROM stored EXCEPT ALL SELECT * FROM rolled_up)
        UNION ALL (SELECT * FROM rolled_up EXCEPT ALL SELECT * FROM stored)) difference
"""


def require_equal_rollups(tenant: TenantRef) -> None:
    """Fail where person-days or bitmaps differ from the events; needs an empty log.

    Raises:
        AssertionError: says how many rows do.
    """
    with tenant_scope(tenant, timeout_ms=0), connection.cursor() as cursor:
        params = {
            "zone": tenant.timezone,
            "root": DayBitmap.Kind.ROOT.value,
            "of_account": DayBitmap.Kind.ACCOUNT.value,
            "any": ANY_EVENT,
        }
        for what, statement in (("person-days", DAYS_DIFFER), ("bitmaps", BITS_DIFFER)):
            cursor.execute(statement, params)
            (differing,) = cursor.fetchone()
            if differing:
                raise AssertionError(f"{differing} {what} are not what the stored events say.")
