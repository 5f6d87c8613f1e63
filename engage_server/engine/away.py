"""Runs of plugins that cannot run here and now: they wait, in the ledger, until they can or another worker does it."""

from collections.abc import Mapping
from typing import Final

from django.db import connection

from engage_server.engine.ledger import Claim
from engage_server.tenancy.scope import shared_scope

AWAY_S: Final = 60
AWAY: Final = "computed later: its plugin was away"
HELD: Final = f"""error = %(error)s, not_before = clock_timestamp() + make_interval(secs => %(away)s),
    reason = CASE WHEN reason = '' THEN '{AWAY}' ELSE reason END"""


def hold(claimed: Claim, reason: str) -> None:
    """Give a run back whose plugin cannot run here and now; it looks again every AWAY_S, and the attempt does not count."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE engine_run SET state = 'PENDING', attempt = greatest(attempt - 1, 0), lease_until = NULL,
                started_at = NULL, {HELD}
            WHERE id = %(run)s AND token = %(token)s AND state = 'RUNNING'
            """,  # noqa: S608  # HELD is a constant
            {"error": reason[:4000], "away": AWAY_S, "run": claimed.run_id, "token": claimed.token},
        )


def held_runs() -> Mapping[str, int]:
    """How many runs wait for each plugin that is away, over all tenants."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT plugin, count(*) FROM engine_run WHERE state = 'PENDING' AND reason = %s GROUP BY 1 ORDER BY 1",
            [AWAY],
        )
        return dict(cursor.fetchall())


def hold_all(tenant_id: int, reasons: Mapping[str, str]) -> int:
    """The same for all due runs of the plugins that ``reasons`` names, unclaimed as they are; return how many."""
    held = 0
    with shared_scope(), connection.cursor() as cursor:
        for plugin, reason in reasons.items():
            cursor.execute(
                f"""
                UPDATE engine_run SET {HELD} WHERE tenant_id = %(tenant)s AND plugin = %(plugin)s
                    AND state = 'PENDING' AND not_before <= clock_timestamp()
                """,  # noqa: S608  # HELD is a constant
                {"error": reason[:4000], "away": AWAY_S, "tenant": tenant_id, "plugin": plugin},
            )
            held += int(cursor.rowcount)
    return held
