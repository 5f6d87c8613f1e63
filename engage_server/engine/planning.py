"""Says which runs a schedule owes at a given time, and when it is next due. Pure; nothing is read or written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from engage_server.engine.cron import last_full_day, next_fire
from engage_server.engine.models import Schedule

OWED_AT_MOST: Final = 1_000
GOLDEN_RATIO: Final = 2_654_435_761
"""2^32 divided by the golden ratio: multiples of it, modulo 2^32, spread evenly (Knuth, TAOCP 3, 6.4)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Times owed with the day that each computes, the last time that fired, and the one to come."""

    owed: tuple[tuple[datetime, date], ...]
    dropped: int
    planned_after: datetime
    next_run_at: datetime


# Tenants of one zone share their plans: at three in the morning thousands ask for the same.
@lru_cache(maxsize=4096)
def plan(*, cron: str, timezone: str, misfire: str, since: datetime, now: datetime, grace_s: int) -> Plan:
    """What a schedule owes that was next due at ``since`` (not after ``now``).

    A time is missed where it lies more than ``grace_s`` back: RUN_ALL runs the missed times too (at most the
    last 1,000; ``dropped`` counts the rest), RUN_ONCE one run for the newest time of all, SKIP none of them.

    Raises:
        InvalidCronError: the expression cannot be read any more.
    """
    times = [since]
    while (following := next_fire(cron, times[-1], timezone)) <= now:
        times.append(following)
    chosen = _chosen(times, misfire, now - timedelta(seconds=grace_s))
    kept = chosen[-OWED_AT_MOST:]
    return Plan(
        owed=tuple((moment, last_full_day(moment, timezone)) for moment in kept),
        dropped=len(chosen) - len(kept),
        planned_after=times[-1],
        next_run_at=following,
    )


def _chosen(times: Sequence[datetime], misfire: str, missed_before: datetime) -> Sequence[datetime]:
    if misfire == Schedule.Misfire.RUN_ONCE:
        return times[-1:]
    if misfire == Schedule.Misfire.SKIP:
        return [moment for moment in times if moment >= missed_before]
    return times


def jitter(tenant_id: int, *, spread_s: int) -> timedelta:
    """How long after its time a tenant's run starts: always the same, evenly spread over the tenants."""
    return timedelta(seconds=(tenant_id * GOLDEN_RATIO % 2**32) / 2**32 * spread_s)
