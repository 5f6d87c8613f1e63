"""The run ledger: opens, claims, starts and ends runs. The truth about what was computed.

All functions work on the shared tables; each says what it needs of the caller's transaction.
"""

import logging
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.db import connection

from engage_server.engine.exceptions import LostLeaseError
from engage_server.engine.models import Run
from engage_server.tenancy.scope import shared_scope

FAILURES_AT_MOST: Final = 5
FIRST_RETRY_S: Final = 30
AFTER_OUTAGE_S: Final = 10
BLOCKED_S: Final = 60
AILING: Final = """EXISTS (
    SELECT FROM engine_breaker breaker WHERE breaker.tenant_id = run.tenant_id AND breaker.plugin = run.plugin)"""
log = logging.getLogger("engage.engine")


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to compute a run and write its results, until the lease ends or somebody else claims it.

    ``has_recent_failures``: its plugin failed for this tenant recently, so that the breaker has to be asked.
    """

    run_id: int
    tenant_id: int
    plugin: str
    day: date
    token: int
    priority: int
    reason: str
    has_recent_failures: bool


def open_run(
    *,
    tenant_id: int,
    plugin: str,
    scheduled_for: datetime,
    day: date,
    priority: Run.Priority = Run.Priority.SCHEDULED,
) -> int:
    """The id of the run of this plugin, time and day; opened if it is not yet in the ledger."""
    with shared_scope():
        run, _ = Run.objects.get_or_create(
            tenant_id=tenant_id,
            plugin=plugin,
            scheduled_for=scheduled_for,
            day=day,
            defaults={"priority": priority},
        )
    return int(run.pk)


def request(
    *,
    tenant_id: int,
    runs: Iterable[tuple[str, datetime, date]],
    priority: Run.Priority = Run.Priority.BACKFILL,
) -> int:
    """Ask the workers for runs (plugin, scheduled for, day), also once more; return how many were opened.

    Runs that are open already are left as they are, so that asking twice does no work twice.
    """
    columns = [list(column) for column in zip(*runs, strict=True)]
    if not columns:
        return 0
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO engine_run AS run
                (tenant_id, plugin, scheduled_for, day, priority, state, attempt, token, error)
            SELECT %s, plugin, scheduled_for, day, %s, 'PENDING', 0, 0, ''
            FROM unnest(%s::text[], %s::timestamptz[], %s::date[]) AS wanted(plugin, scheduled_for, day)
            ON CONFLICT ON CONSTRAINT run_once DO UPDATE SET
                state = 'PENDING', priority = excluded.priority, attempt = 0, deaths = 0, error = '',
                not_before = clock_timestamp(), started_at = NULL, finished_at = NULL, token = run.token + 1
            WHERE run.state NOT IN ('PENDING', 'RUNNING')
            """,
            [tenant_id, priority, *columns],
        )
        return int(cursor.rowcount)


def claim(run_id: int, *, again: bool = False) -> Claim | None:
    """Lease and start a run; None where somebody else has it, it is not yet due, or (unless ``again``) it ended."""
    states = list(Run.State.values) if again else [Run.State.PENDING, Run.State.RUNNING]
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE engine_run run SET state = 'RUNNING', token = token + 1, attempt = attempt + 1,
                started_at = clock_timestamp(), finished_at = NULL,
                lease_until = clock_timestamp() + make_interval(secs => %s)
            WHERE id = %s AND state = ANY(%s) AND (%s OR not_before <= clock_timestamp())
              AND (lease_until IS NULL OR lease_until < clock_timestamp() OR state <> 'RUNNING')
            RETURNING id, tenant_id, plugin, day, token, priority, reason, {AILING}
            """,  # noqa: S608  # AILING is a constant
            [settings.ENGAGE_RUN_LEASE_S, run_id, states, again],
        )
        row = cursor.fetchone()
    return None if row is None else Claim(*row)


def claim_due(
    tenant_id: int, *, lowest: Run.Priority, limit: int, needs: Mapping[str, Iterable[str]]
) -> list[Claim]:
    """Lease a tenant's due runs in one statement: most urgent first, then by day; none is started yet.

    A run waits while one of the plugins that it ``needs`` has an open run of the same day.
    """
    pairs = [(plugin, needed) for plugin, wanted in needs.items() for needed in wanted]
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH chosen AS (
                SELECT run.id FROM engine_run run
                WHERE run.tenant_id = %(tenant)s AND run.state = 'PENDING' AND run.priority >= %(lowest)s
                  AND run.not_before <= clock_timestamp()
                  AND NOT EXISTS (
                    SELECT 1 FROM unnest(%(plugins)s::text[], %(needed)s::text[]) AS need(plugin, needed)
                    JOIN engine_run other ON other.tenant_id = %(tenant)s AND other.plugin = need.needed
                    WHERE need.plugin = run.plugin AND other.day = run.day
                      AND other.state IN ('PENDING', 'RUNNING'))
                ORDER BY run.priority DESC, run.day, run.id LIMIT %(limit)s
                FOR UPDATE OF run SKIP LOCKED
            )
            UPDATE engine_run run SET state = 'RUNNING', token = token + 1, started_at = NULL, finished_at = NULL,
                lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
            FROM chosen WHERE run.id = chosen.id
            RETURNING run.id, run.tenant_id, run.plugin, run.day, run.token, run.priority, run.reason,
                {AILING}
            """,  # noqa: S608  # AILING is a constant
            {
                "tenant": tenant_id,
                "lowest": lowest,
                "plugins": [plugin for plugin, _ in pairs],
                "needed": [needed for _, needed in pairs],
                "limit": limit,
                "lease": settings.ENGAGE_RUN_LEASE_S,
            },
        )
        claims = [Claim(*row) for row in cursor.fetchall()]
    return sorted(claims, key=lambda claimed: (-claimed.priority, claimed.day, claimed.run_id))


def has_due(tenant_id: int, *, lowest: Run.Priority) -> bool:
    """Whether runs of the tenant are due that nobody has claimed, be it that they wait for others of their day."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (
                SELECT FROM engine_run WHERE tenant_id = %s AND state = 'PENDING' AND priority >= %s
                AND not_before <= clock_timestamp())
            """,
            [tenant_id, lowest],
        )
        return bool(cursor.fetchone()[0])


def start(claimed: Claim) -> None:
    """Note that a leased run's turn has come: from here on a death of the worker is held against it."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE engine_run SET started_at = clock_timestamp(), attempt = attempt + 1"
            " WHERE id = %s AND token = %s AND state = 'RUNNING'",
            [claimed.run_id, claimed.token],
        )


def release(claims: Sequence[Claim]) -> None:
    """Give leased runs back that were not started."""
    if not claims:
        return
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE engine_run run SET state = 'PENDING', lease_until = NULL
            FROM unnest(%s::bigint[], %s::int[]) AS mine(id, token)
            WHERE run.id = mine.id AND run.token = mine.token AND run.state = 'RUNNING' AND run.started_at IS NULL
            """,
            _columns(claims),
        )


def renew(claims: Sequence[Claim]) -> bool:
    """Extend the leases; False where none of the runs is ours any more (all ended, or all were lost)."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE engine_run run SET lease_until = clock_timestamp() + make_interval(secs => %s)
            FROM unnest(%s::bigint[], %s::int[]) AS mine(id, token)
            WHERE run.id = mine.id AND run.token = mine.token AND run.state = 'RUNNING'
            """,
            [settings.ENGAGE_RUN_LEASE_S, *_columns(claims)],
        )
        return bool(cursor.rowcount)


def finish(
    claimed: Claim, *, values_written: int, following: Claim | None = None, timezone: str | None = None
) -> bool:
    """Record success; call it in the transaction that writes the values, so that both happen or neither.

    Returns whether the plugin has failed lately, so that its breaker has to be told; almost never, and then it costs no
    question. ``following`` is started by the same statement: one round trip less for each run of a batch.
    ``timezone`` is the one that the day was computed in: a tenant that moved meanwhile has other days.

    Raises:
        LostLeaseError: the run was claimed again meanwhile, or the tenant moved; the transaction must be rolled back.
    """
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH started AS (
                UPDATE engine_run SET started_at = clock_timestamp(), attempt = attempt + 1
                WHERE id = %(next)s AND token = %(next_token)s AND state = 'RUNNING')
            UPDATE engine_run run SET state = 'SUCCEEDED', finished_at = clock_timestamp(), lease_until = NULL,
                values_written = %(written)s, error = ''
            WHERE id = %(run)s AND token = %(token)s AND state = 'RUNNING' AND (%(zone)s::text IS NULL OR EXISTS (
                SELECT FROM tenancy_tenant tenant WHERE tenant.id = run.tenant_id AND tenant.timezone = %(zone)s))
            RETURNING {AILING}
            """,  # noqa: S608  # AILING is a constant
            {
                "zone": timezone,
                "run": claimed.run_id,
                "token": claimed.token,
                "written": values_written,
                "next": following.run_id if following else None,
                "next_token": following.token if following else None,
            },
        )
        done = cursor.fetchone()
    if done is None:
        raise LostLeaseError(
            f"The run {claimed.run_id} was taken over by a later attempt; this one writes nothing."
        )
    return bool(done[0])


def fail(claimed: Claim, error: str, *, final: bool = False) -> None:
    """Record a failed attempt: to be retried after a growing, jittered pause, or given up as a dead letter.

    Attempts in which the worker died are counted apart (see the reaper) and do not use up the five failures.
    """
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE engine_run SET lease_until = NULL, error = %(error)s,
                state = CASE WHEN %(final)s OR attempt - deaths >= %(failures)s THEN 'FAILED' ELSE 'PENDING' END,
                finished_at = CASE WHEN %(final)s OR attempt - deaths >= %(failures)s THEN clock_timestamp() END,
                not_before = clock_timestamp() + make_interval(
                    secs => %(pause)s * power(2, greatest(attempt - deaths, 1) - 1))
            WHERE id = %(run)s AND token = %(token)s AND state = 'RUNNING'
            """,
            {
                "error": error[:4000],
                "final": final,
                "failures": FAILURES_AT_MOST,
                "pause": FIRST_RETRY_S * random.uniform(0.75, 1.25),
                "run": claimed.run_id,
                "token": claimed.token,
            },
        )
    log.warning(
        "Run %s of %s failed: %s",
        claimed.run_id,
        claimed.plugin,
        error,
        extra={"action": "run_failed", "plugin": claimed.plugin, "run": claimed.run_id},
    )


def give_back(claimed: Claim, error: str) -> None:
    """Let a run that met an outage be tried again soon; the attempt does not count."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE engine_run SET state = 'PENDING', attempt = greatest(attempt - 1, 0), lease_until = NULL,
                started_at = NULL, error = %s, not_before = clock_timestamp() + make_interval(secs => %s)
            WHERE id = %s AND token = %s AND state = 'RUNNING'
            """,
            [error[:4000], AFTER_OUTAGE_S, claimed.run_id, claimed.token],
        )
    log.warning(
        "Run %s of %s met an outage of the database; it is tried again.", claimed.run_id, claimed.plugin,
        extra={"action": "run_postponed", "plugin": claimed.plugin, "run": claimed.run_id},
    )  # fmt: skip


def postpone_blocked(tenant_id: int, *, needs: Mapping[str, Iterable[str]]) -> int:
    """Have runs that are due wait for those of their day that they need and that wait themselves; return how many.

    Such a one may rest for long, with its plugin's breaker. They look again every BLOCKED_S, should it rest no longer.
    """
    pairs = [(plugin, needed) for plugin, wanted in needs.items() for needed in wanted]
    if not pairs:
        return 0
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH blocked AS (
                SELECT run.id, max(other.not_before) AS until
                FROM unnest(%(plugins)s::text[], %(needed)s::text[]) AS need(plugin, needed)
                JOIN engine_run run ON run.tenant_id = %(tenant)s AND run.plugin = need.plugin
                JOIN engine_run other ON other.tenant_id = %(tenant)s AND other.plugin = need.needed
                    AND other.day = run.day
                WHERE run.state = 'PENDING' AND run.not_before <= clock_timestamp()
                    AND other.state = 'PENDING' AND other.not_before > clock_timestamp()
                GROUP BY run.id
            )
            UPDATE engine_run run
            SET not_before = LEAST(blocked.until, clock_timestamp() + make_interval(secs => %(most)s))
            FROM blocked WHERE run.id = blocked.id AND run.state = 'PENDING'
            """,
            {
                "tenant": tenant_id,
                "plugins": [plugin for plugin, _ in pairs],
                "needed": [needed for _, needed in pairs],
                "most": BLOCKED_S,
            },
        )
        return int(cursor.rowcount)


def retry(run_ids: Sequence[int] | None = None, *, tenant_id: int | None = None) -> int:
    """Reopen dead letters and quarantined runs, these or (None) all, of one tenant or (None) any; return how many."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE engine_run SET state = 'PENDING', attempt = 0, deaths = 0, finished_at = NULL,
                started_at = NULL, not_before = clock_timestamp()
            WHERE state IN ('FAILED', 'QUARANTINED')
              AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s))
              AND (%(tenant)s::bigint IS NULL OR tenant_id = %(tenant)s)
            """,
            {"ids": None if run_ids is None else list(run_ids), "tenant": tenant_id},
        )
        return int(cursor.rowcount)


def reopen(claimed: Claim) -> None:
    """Open a run once more that cannot be ended as it was begun; nothing where somebody else has it by now."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE engine_run SET state = 'PENDING', lease_until = NULL, started_at = NULL"
            " WHERE id = %s AND token = %s AND state = 'RUNNING'",
            [claimed.run_id, claimed.token],
        )


def take_back(tenant_id: int) -> int:
    """Open a tenant's running runs once more: whoever computes them now writes nothing; return how many."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE engine_run SET state = 'PENDING', token = token + 1, lease_until = NULL, started_at = NULL,
                not_before = clock_timestamp()
            WHERE tenant_id = %s AND state = 'RUNNING'
            """,
            [tenant_id],
        )
        return int(cursor.rowcount)


def _columns(claims: Sequence[Claim]) -> list[Any]:
    return [[claimed.run_id for claimed in claims], [claimed.token for claimed in claims]]
