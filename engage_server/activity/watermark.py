"""How far a tenant's roll-ups have got."""

from datetime import datetime
from typing import Final

from django.db import connection

from engage_server.activity.rollups.compaction import ensure_current
from engage_server.tenancy.scope import current_tenant

STATE: Final = "SELECT received_at, zone, (SELECT max(id) FROM activity_eventdelta) FROM activity_rollupstate"


def watermark() -> datetime | None:
    """When the newest of the tenant's events was received; null where there is none.

    What is asked afterwards is answered from these events at least.
    """
    state = _state()
    if state is None or state[1:] != (current_tenant().timezone, None):
        ensure_current()
        state = _state()
    newest: datetime | None = None if state is None else state[0]
    return newest


def _state() -> tuple[datetime | None, str, int | None] | None:
    """Newest receipt in the roll-ups, their calendar's zone and the newest batch that waits for them."""
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        row: tuple[datetime | None, str, int | None] | None = cursor.fetchone()
    return row
