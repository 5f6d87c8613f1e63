"""Keeps the roll-ups of all tenants up to date from a thread beside the dispatcher."""

import logging
import threading
from contextlib import AbstractContextManager
from typing import Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from engage_server.activity.rollups.compaction import compact, has_work
from engage_server.activity.rollups.lookout import Lookout
from engage_server.tenancy.background import in_background
from engage_server.tenancy.scope import TenantRef, tenant_scope

STATEMENT_TIMEOUT_MS: Final = 600_000
log = logging.getLogger("engage.activity")


def compact_forever(stop: threading.Event) -> None:
    """Go round the tenants until told to stop. A database that is away is waited for, not died of."""
    lookout = Lookout()
    while not stop.wait(settings.ENGAGE_COMPACT_INTERVAL_S):
        close_old_connections()
        try:
            for tenant in lookout.tenants():
                _compact(tenant, stop)
                close_old_connections()
        except (DatabaseError, InterfaceError) as error:
            log.warning("The compactor waits for the database: %s", error, extra={"action": "compact_failed"})
            connection.close()
    connection.close()


def compacting() -> AbstractContextManager[None]:
    """Compact in the background while the block runs."""
    return in_background(compact_forever, name="compactor")


def _compact(tenant: TenantRef, stop: threading.Event) -> None:
    """Take in what the tenant's log holds; one tenant's trouble is not another's."""
    try:
        with tenant_scope(tenant, timeout_ms=STATEMENT_TIMEOUT_MS):
            while has_work() and not stop.is_set() and compact(wait=False):
                pass
    except DatabaseError as error:
        log.warning(
            "The roll-ups of %s stay behind: %s",
            tenant.slug,
            error,
            extra={"action": "compact_failed", "tenant": tenant.slug},
        )
        connection.close()
