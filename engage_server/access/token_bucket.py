"""Takes portions out of the buckets that all processes share: one statement a portion, none for a request inside it.

A bucket that is full gives large portions and one that is nearly empty small ones. So what processes hold unspent
when it runs dry is next to nothing, and a limit is never exceeded: what is spent was taken before.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from engage_server.tenancy.scope import shared_scope

# Portions, as shares of what is free. A process that falls silent keeps its portion: of a rate a moment's worth.
SHARE_OF_RATE: Final = 1 / 20
SHARE_OF_QUOTA: Final = 1 / 200
# The least portion, as shares of what a second or a day brings.
LEAST_OF_RATE: Final = 1 / 100
LEAST_OF_QUOTA: Final = 1 / 1000

# What was used drains at the rate, or falls to nothing when a day (UTC) begins. A request larger than the whole
# bucket is let in when that is full, and paid off afterwards; otherwise it could never be let in.
TAKE: Final = """
    UPDATE access_bucket AS bucket
    SET (used, granted, moved_at) = (
        SELECT drained.used + portion.granted, portion.granted, GREATEST(bucket.moved_at, moment.now)
        FROM (SELECT clock_timestamp() AS now) AS moment
        CROSS JOIN LATERAL (
            SELECT CASE
                WHEN %(per_second)s::float > 0 THEN GREATEST(0, bucket.used - %(per_second)s::float
                    * GREATEST(0, EXTRACT(epoch FROM moment.now - bucket.moved_at)))
                WHEN bucket.moved_at < date_trunc('day', moment.now, 'UTC') THEN 0
                ELSE bucket.used END AS used
        ) AS drained
        CROSS JOIN LATERAL (
            SELECT CASE WHEN %(capacity)s - drained.used >= %(enough)s
                THEN GREATEST(%(wanted)s, floor((%(capacity)s - drained.used) * %(share)s),
                              LEAST(floor(%(capacity)s - drained.used), %(least)s))
                ELSE 0 END AS granted
        ) AS portion
    )
    WHERE tenant_id = %(tenant)s AND holder = %(holder)s AND budget = %(budget)s
    RETURNING granted, %(capacity)s - used,
        EXTRACT(epoch FROM date_trunc('day', clock_timestamp(), 'UTC') + interval '1 day' - clock_timestamp())::float,
        -- A crash may forget the last half second; no request waits for the disk.
        set_config('synchronous_commit', 'off', true)
"""


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a holder may use of something.

    ``per_second`` refills ``capacity``; 0 makes it a quota, which is whole again when a day begins (UTC).
    """

    name: str
    holder: str
    capacity: int
    per_second: float = 0


@dataclass(frozen=True, slots=True)
class Lease:
    """A portion (0: refused), what is left in the bucket, and in how many seconds to ask again or give it up."""

    granted: float
    left: float
    seconds: float


def take(tenant_id: int, budget: Budget, *, wanted: float) -> Lease:
    """At least ``wanted`` out of the bucket, or nothing. Call it outside of transactions, which would hold the row."""
    enough = min(wanted, budget.capacity) if budget.per_second else wanted
    values: dict[str, str | int | float] = {
        "tenant": tenant_id,
        "holder": budget.holder,
        "budget": budget.name,
        "capacity": float(budget.capacity),
        "per_second": budget.per_second,
        "wanted": wanted,
        "enough": enough,
        "share": SHARE_OF_RATE if budget.per_second else SHARE_OF_QUOTA,
        "least": budget.per_second * LEAST_OF_RATE or budget.capacity * LEAST_OF_QUOTA,
    }
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        row = cursor.fetchone()
        if row is None:
            _fill(tenant_id, budget)
            cursor.execute(TAKE, values)
            row = cursor.fetchone()
    return _lease(row, budget, enough)


def _fill(tenant_id: int, budget: Budget) -> None:
    """Put the full bucket there, unless another process has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO access_bucket (tenant_id, holder, budget, used, granted, moved_at)"
            " VALUES (%s, %s, %s, 0, 0, clock_timestamp()) ON CONFLICT DO NOTHING",
            [tenant_id, budget.holder, budget.name],
        )


def _lease(row: tuple[Any, ...], budget: Budget, enough: float) -> Lease:
    granted, left, rest_of_day, _ = row
    if not budget.per_second:
        return Lease(granted, left, rest_of_day)
    return Lease(granted, left, max(0.0, enough - left) / budget.per_second)
