"""Keeps the roll-ups of all tenants up to date from a thread beside the dispatcher."""

import logging
import threading
import time
from contextlib import AbstractContextManager
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection

from engage_server.activity.rollups.compaction import compact, has_work
from engage_server.activity.rollups.tenant_scan import TenantScan
from engage_server.tenancy.background import in_background, keep_doing, note_round
from engage_server.tenancy.database_errors import is_outage
from engage_server.tenancy.scope import TenantRef, tenant_scope

NAME: Final = "compactor"
STATEMENT_TIMEOUT_MS: Final = 600_000
log = logging.getLogger("engage.activity")

# Tenants that this process found behind and has not got up to date, and since when.
_behind: Final[dict[int, float]] = {}


def run_compactor(stop: threading.Event) -> None:
    """Go round the tenants until told to stop."""
    scan = TenantScan()

    def go_round() -> None:
        tenants = scan.tenants()
        _note_behind(tenants)
        for tenant in tenants:
            catch_up(tenant, stop)
            note_round(NAME)

    # From begin to begin: what waits meanwhile makes one large claim, and its lag is the interval and one claim's time.
    keep_doing(go_round, stop, name=NAME, every_s=settings.ENGAGE_COMPACT_INTERVAL_S, from_begin=True)


def compacting() -> AbstractContextManager[None]:
    """Compact in the background while the block runs."""
    return in_background(run_compactor, name=NAME)


def lag_s() -> float:
    """For how long the tenant that waits longest has been behind, as this process knows; 0 where none is."""
    since = min(_behind.values(), default=None)
    return 0.0 if since is None else time.monotonic() - since


def _note_behind(tenants: list[TenantRef]) -> None:
    known = {tenant.id for tenant in tenants}
    for gone in _behind.keys() - known:
        del _behind[gone]
    for tenant in tenants:
        _behind.setdefault(tenant.id, time.monotonic())


def catch_up(tenant: TenantRef, stop: threading.Event) -> None:
    """Take in what the tenant's log holds; one tenant's trouble is not another's.

    What comes meanwhile waits for the next round: a claim costs some 65 ms besides 2 µs an event, so that a tenant which
    is written to all the time would cost several times as much if its log were emptied again and again.
    """
    try:
        with tenant_scope(tenant, timeout_ms=STATEMENT_TIMEOUT_MS):
            is_behind = has_work()
            while is_behind and not stop.is_set():
                claim = compact(wait=False)
                is_behind = claim is not None and claim.is_full
                note_round(NAME)
    except DatabaseError as error:
        # The kind alone: the database quotes the rows that it stumbles over.
        log.warning(
            "The roll-ups of %s stay behind: %s.", tenant.slug, type(error).__name__,
            extra={"action": "compact_failed", "tenant": tenant.slug},
        )  # fmt: skip
        connection.close()
        if is_outage(error):
            raise
    else:
        _behind.pop(tenant.id, None)
