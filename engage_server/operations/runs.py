"""Has days computed again, and runs tried again that were given up, on record. Works inside the tenant's scope."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Final

from django.db import transaction
from pydantic import JsonValue

from engage_server.audit.log import record
from engage_server.engine import executor, ledger
from engage_server.operations.exceptions import RefusedWriteError
from engage_server.plugin_host.activation import active_ids
from engage_server.tenancy.scope import TenantRef

MOST_DAYS: Final = 400
MOST_RUNS: Final = 5_000


def start_backfill(tenant: TenantRef, *, plugins: Sequence[str], first: date, last: date) -> int:
    """Leave past days of plugins (none named: all that are enabled) to the workers, at low priority; return how many runs.

    Runs that wait already are left as they are.

    Raises:
        RefusedWriteError: the days are none, not over yet, or too many.
        UnknownPluginError, PluginDisabledError: one of the plugins cannot compute for the tenant.
        BeyondRetentionError: events that a day needs are no longer kept.
    """
    chosen = sorted(set(plugins)) or sorted(active_ids())
    days = (last - first).days + 1
    if not 1 <= days <= MOST_DAYS or days * len(chosen) > MOST_RUNS:
        raise RefusedWriteError(
            f"From {first} to {last} are {days} days of {len(chosen)} plugins; at once there can be 1 to {MOST_DAYS} days "
            f"and {MOST_RUNS:,} runs. Remedy: put the earlier day first, and ask in parts.",
            field="to",
        )
    if last >= datetime.now(tenant.zone).date():
        raise RefusedWriteError(
            f"{last} is not over yet in {tenant.timezone}. Remedy: days up to yesterday.", field="to"
        )
    with transaction.atomic():
        opened = executor.request_backfill(tenant, plugins=chosen, first=first, last=last)
        details: dict[str, JsonValue] = {
            "plugins": [*chosen],
            "from": first.isoformat(),
            "to": last.isoformat(),
            "runs": opened,
        }
        record("backfill.requested", details=details)
    return opened


def retry_runs(tenant: TenantRef, ids: Collection[int] | None = None) -> int:
    """Open runs again that failed for good or are in quarantine: these, or (None) all; return how many."""
    with transaction.atomic():
        reopened = ledger.retry(None if ids is None else sorted(ids), tenant_id=tenant.id)
        record("runs.retried", details={"runs": reopened})
    return reopened
