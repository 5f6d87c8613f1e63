"""Tells the compactor which tenants to visit: looking into the log of each would cost more than the compacting."""

import time
from typing import Final

from django.db import connection

from engage_server.tenancy import citus
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, shared_scope

EVERYBODY_EVERY_S: Final = 300.0
# PostgreSQL counts the rows of each table as it goes, and tells of thousands of tables in one short statement.
LOG: Final = "activity_eventdelta"
NOT_EMPTY: Final = f"""
    SELECT namespace.nspname FROM pg_class log JOIN pg_namespace namespace ON namespace.oid = log.relnamespace
    WHERE log.relname = '{LOG}' AND log.relkind IN ('r', 'p') AND pg_stat_get_live_tuples(log.oid) > 0
"""


class TenantScan:
    """The tenants whose log may hold something, as one compactor sees them.

    The counts lag behind the tables by up to ten seconds, and a crash loses them; so every five minutes, and at first,
    everybody is visited. Readers of roll-ups bring them up to date anyway.
    """

    def __init__(self) -> None:
        self._next = 0.0

    def tenants(self) -> list[TenantRef]:
        """The tenants to visit in this round."""
        active = Tenant.objects.filter(status=Tenant.Status.ACTIVE)
        with shared_scope():
            if time.monotonic() >= self._next:
                self._next = time.monotonic() + EVERYBODY_EVERY_S
            else:
                active = active.filter(schema_name__in=_with_batches())
            return [tenant.ref for tenant in active]


def _with_batches() -> list[str]:
    if citus.in_use():
        return citus.schemas_with_rows(LOG)
    with connection.cursor() as cursor:
        cursor.execute(NOT_EMPTY)
        return [schema for (schema,) in cursor.fetchall()]
