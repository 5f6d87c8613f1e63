"""How far a tenant's roll-ups have got."""

from datetime import datetime
from typing import Final

from django.db import connection

from engage_server.activity.rollups.freshness import require_current

STATE: Final = "SELECT received_at FROM activity_rollupstate"


def watermark() -> datetime | None:
    """When the newest of the tenant's events was received; null where there is none. Inside ``current_rollups()``.

    What is asked afterwards in the same block is answered from these events at least.
    """
    require_current()
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        row: tuple[datetime | None] | None = cursor.fetchone()
    return None if row is None else row[0]
