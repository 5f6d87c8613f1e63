"""Executes runs: claims one, computes it in its tenant's scope, writes values and the run's end together."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from engage_server.engine import ledger
from engage_server.engine.compute import compute_day, day_window
from engage_server.engine.exceptions import EngineError, LostLeaseError
from engage_server.engine.observation import observed
from engage_server.metrics.writer import write_values
from engage_server.plugin_host.activation import active_plugin, active_plugins
from engage_server.plugin_host.exceptions import PluginDisabledError, PluginHostError, UnknownPluginError
from engage_server.plugin_host.registry import computing_order, dependencies
from engage_server.tenancy.scope import TenantRef, tenant_scope

COMPUTE_TIMEOUT_MS: Final = 300_000
log = logging.getLogger("engage.engine")


@observed
def execute(tenant: TenantRef, claimed: ledger.Claim) -> int | None:
    """Compute a claimed run; return the number of values written, or None where it failed or lost its lease."""
    try:
        with _lease_kept(claimed), tenant_scope(tenant, timeout_ms=COMPUTE_TIMEOUT_MS):
            active = active_plugin(claimed.plugin)
            computed = compute_day(active, day_window(claimed.day, tenant.timezone), run_id=claimed.run_id)
            with transaction.atomic():
                written = write_values(computed.values, computed.lineage, metrics=computed.metrics)
                ledger.finish(claimed, values_written=written)
    except LostLeaseError as error:
        log.warning("%s", error, extra={"action": "lease_lost", "tenant": tenant.slug, "run": claimed.run_id})
        return None
    except (PluginDisabledError, UnknownPluginError) as error:
        ledger.fail(claimed, str(error), final=True)
        return None
    except (PluginHostError, EngineError, DatabaseError) as error:
        ledger.fail(claimed, str(error))
        return None
    return written


def execute_due(tenant: TenantRef) -> int:
    """Execute all runs of a tenant that are due, each after those whose metrics it needs; return how many."""
    executed = 0
    order = _order(tenant)
    runs = sorted(ledger.due_runs(tenant.id), key=lambda run: (run.day, order.get(run.plugin, 0)))
    for run in runs:
        if _must_wait(tenant, run.plugin, run.day):
            continue
        claimed = ledger.claim(run.pk)
        if claimed is not None:
            execute(tenant, claimed)
            executed += 1
    return executed


def backfill(
    tenant: TenantRef,
    *,
    plugins: Sequence[str],
    first: date,
    last: date,
    progress: Callable[[str, date, int | None], None],
) -> None:
    """Compute the days from ``first`` to ``last`` (both included) of some plugins, in the order of their needs.

    ``progress`` is told plugin, day and the number of values written (None = failed) after each run.

    Raises:
        UnknownPluginError, PluginDisabledError: before anything is computed.
    """
    with tenant_scope(tenant):
        for plugin in plugins:
            active_plugin(plugin)
    order = _order(tenant)
    day = first
    while day <= last:
        window = day_window(day, tenant.timezone)
        for plugin in sorted(plugins, key=lambda p: order[p]):
            run_id = ledger.open_run(tenant_id=tenant.id, plugin=plugin, scheduled_for=window.end, day=day)
            claimed = ledger.claim(run_id, again=True)
            progress(plugin, day, None if claimed is None else execute(tenant, claimed))
        day += timedelta(days=1)


def _order(tenant: TenantRef) -> dict[str, int]:
    with tenant_scope(tenant):
        needs = {p: dependencies(a.plugin.manifest, a.config) for p, a in active_plugins().items()}
    return {plugin: place for place, plugin in enumerate(computing_order(needs))}


def _must_wait(tenant: TenantRef, plugin: str, day: date) -> bool:
    """Whether a plugin that this one needs still has an open run of the day."""
    with tenant_scope(tenant):
        active = active_plugins().get(plugin)
        needed = frozenset() if active is None else dependencies(active.plugin.manifest, active.config)
    return bool(needed & ledger.open_plugins(tenant.id, day))


@contextmanager
def _lease_kept(claimed: ledger.Claim) -> Iterator[None]:
    """Renew the lease from a second thread, so that a slow run is not taken for a dead one."""
    done = threading.Event()

    def keep() -> None:
        try:
            while not done.wait(settings.ENGAGE_RUN_LEASE_S / 3):
                if not ledger.renew(claimed):
                    return
        finally:
            connection.close()

    keeper = threading.Thread(target=keep, name=f"lease-{claimed.run_id}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()
