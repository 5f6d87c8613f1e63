"""How the engine stands: one statement for each question, on the shared tables alone, so that neither a probe nor a
scraper visits tenants.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.db import Error, connection

from engage_server.engine.models import Schedule
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import shared_scope

ALIVE_S: Final = 60
# A compactor that has not come on for longer hangs: its longest statements are ended after ten minutes.
COMPACTOR_SILENT_S: Final = 660
TIMEOUT_MS: Final = 2_000
# What these functions raise where the database is away, or was never migrated.
UNAVAILABLE: Final = (Error,)


@dataclass(frozen=True, slots=True)
class Workers:
    """Workers that reported within ALIVE_S, and the seconds since the last report of any (None: there never was)."""

    alive: int
    silent_s: float | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What could run now and does not: open runs, and schedules whose run nobody has opened yet.

    ``oldest_s`` counts from when the oldest was due; 0 where nothing is. Suspended tenants do not count.
    """

    due: int
    oldest_s: float


@dataclass(frozen=True, slots=True)
class Work:
    """What there is for workers: whether anything is scheduled at all, and how many runs of backfills wait."""

    scheduled: bool
    backfills: int


@dataclass(frozen=True, slots=True)
class Processes:
    """What the processes say that reported within ALIVE_S (see ``models.Process``): sums and the worst of each.

    ``worst_clock_s`` is the offset that is farthest from 0.
    """

    servers: int
    compactors: int
    rollup_lag_s: float
    restarts: int
    last_end: str
    worst_clock_s: float
    connections: int


@dataclass(frozen=True, slots=True)
class RunCount:
    """How many runs of a plugin are in a state; ``tenant`` is empty where they were not told apart."""

    plugin: str
    state: str
    tenant: str
    runs: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A run that was given up."""

    tenant: str
    plugin: str
    day: str
    error: str


@dataclass(frozen=True, slots=True)
class NextRun:
    """A schedule's next time, ISO 8601 in UTC."""

    tenant: str
    plugin: str
    at: str


def workers() -> Workers:
    """The workers that are known to the queue."""
    (row,) = _rows(
        """
        SELECT count(*) FILTER (WHERE last_heartbeat > clock_timestamp() - make_interval(secs => %s)),
            EXTRACT(EPOCH FROM clock_timestamp() - max(last_heartbeat))::float8
        FROM procrastinate_workers
        """,
        ALIVE_S,
    )
    return Workers(*row)


def backlog() -> Backlog:
    """Due and not yet started; a backfill is nobody's lag."""
    (row,) = _rows(
        """
        SELECT count(*), COALESCE(EXTRACT(EPOCH FROM clock_timestamp() - min(due.at)), 0)::float8 FROM (
            SELECT tenant_id, not_before AS at FROM engine_run
            WHERE state = 'PENDING' AND priority >= 0 AND not_before <= clock_timestamp()
            UNION ALL
            SELECT tenant_id, next_run_at FROM engine_schedule
            WHERE enabled AND NOT is_paused AND next_run_at <= clock_timestamp()
        ) AS due JOIN tenancy_tenant tenant ON tenant.id = due.tenant_id WHERE tenant.status = %s
        """,
        Tenant.Status.ACTIVE,
    )
    return Backlog(*row)


def work() -> Work:
    """What workers are needed for; of suspended tenants nothing."""
    (row,) = _rows(
        """
        SELECT EXISTS (SELECT FROM engine_schedule schedule JOIN tenancy_tenant tenant ON tenant.id = schedule.tenant_id
                WHERE schedule.enabled AND NOT schedule.is_paused AND tenant.status = %(active)s),
            (SELECT count(*) FROM engine_run run JOIN tenancy_tenant tenant ON tenant.id = run.tenant_id
                WHERE run.state = 'PENDING' AND run.priority < 0 AND tenant.status = %(active)s)
        """,
        {"active": Tenant.Status.ACTIVE},
    )
    return Work(*row)


def processes() -> Processes:
    """The processes of this installation."""
    (row,) = _rows(
        """
        SELECT count(*) FILTER (WHERE kind = 'SERVER'),
            count(*) FILTER (WHERE compactor_silent_s < %(silent)s),
            COALESCE(max(rollup_lag_s), 0), COALESCE(max(restarts), 0),
            COALESCE((array_agg(last_end ORDER BY restarts DESC))[1], ''),
            COALESCE((array_agg(clock_offset_s ORDER BY abs(clock_offset_s) DESC))[1], 0),
            COALESCE(sum(connections), 0)
        FROM engine_process WHERE seen_at > clock_timestamp() - make_interval(secs => %(alive)s)
        """,
        {"silent": COMPACTOR_SILENT_S, "alive": ALIVE_S},
    )
    return Processes(*row)


def run_counts(*, hours: float, by_tenant: bool = False) -> list[RunCount]:
    """Open runs, and those that ended within these hours."""
    rows = _rows(
        """
        SELECT run.plugin, run.state, CASE WHEN %s THEN tenant.slug ELSE '' END AS shown, count(*)
        FROM engine_run run JOIN tenancy_tenant tenant ON tenant.id = run.tenant_id
        WHERE run.finished_at IS NULL OR run.finished_at > clock_timestamp() - make_interval(secs => %s)
        GROUP BY run.plugin, run.state, shown ORDER BY run.plugin, run.state, shown
        """,
        by_tenant,
        hours * 3600,
    )
    return [RunCount(*row) for row in rows]


def queue_depth() -> dict[str, int]:
    """Jobs in the queue by status; done ones are removed at once."""
    return dict(
        _rows("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status ORDER BY status")
    )


def tenants_by_status() -> dict[str, int]:
    """How many tenants there are."""
    return dict(_rows("SELECT status, count(*) FROM tenancy_tenant GROUP BY status ORDER BY status"))


def failures(*, hours: float) -> list[Failure]:
    """Runs given up within these hours, latest first."""
    rows = _rows(
        """
        SELECT tenant.slug, run.plugin, run.day::text, split_part(run.error, chr(10), 1)
        FROM engine_run run JOIN tenancy_tenant tenant ON tenant.id = run.tenant_id
        WHERE run.finished_at > clock_timestamp() - make_interval(secs => %s) AND run.state <> 'SUCCEEDED'
        ORDER BY run.finished_at DESC, run.id DESC
        """,
        hours * 3600,
    )
    return [Failure(*row) for row in rows]


def next_runs(limit: int) -> list[NextRun]:
    """The schedules that come next."""
    with shared_scope(timeout_ms=TIMEOUT_MS):
        coming = Schedule.objects.filter(enabled=True, is_paused=False, tenant__status=Tenant.Status.ACTIVE)
        rows = coming.order_by("next_run_at", "id").values_list("tenant__slug", "plugin", "next_run_at")
        return [NextRun(slug, plugin, at.isoformat(timespec="minutes")) for slug, plugin, at in rows[:limit]]


def database() -> dict[str, Any]:
    """Version, and size in bytes as of the last vacuum of each table."""
    # pg_database_size() looks at every file: thousands of tenants have so many that a busy disk does not tell in time.
    (row,) = _rows(
        "SELECT current_setting('server_version'),"
        " sum(relpages::bigint)::bigint * current_setting('block_size')::bigint"
        " FROM pg_class WHERE relkind IN ('r', 'i', 't')"
    )
    return {"version": row[0], "bytes": row[1]}


def _rows(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with shared_scope(timeout_ms=TIMEOUT_MS), connection.cursor() as cursor:
        named = parameters[0] if parameters and isinstance(parameters[0], dict) else None
        cursor.execute(statement, named or parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
