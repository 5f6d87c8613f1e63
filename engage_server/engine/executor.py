"""Executes runs: claims them, computes each in its tenant's scope, writes values and the run's end together."""

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from typing import Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction

from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.windows import day_window
from engage_server.engine import away, breaker, ledger, plugin_releases
from engage_server.engine.compute import ComputedDay, compute_day
from engage_server.engine.data_retention import require_kept
from engage_server.engine.exceptions import (
    BeyondRetentionError,
    BreakerOpenError,
    EngineError,
    LostLeaseError,
)
from engage_server.engine.lease_renewal import renewing
from engage_server.engine.models import Run
from engage_server.engine.monitoring.instrumentation import observed
from engage_server.engine.restatement import Cause, note_changes
from engage_server.engine.shared_reads import SharedReads
from engage_server.engine.tracked_segments import follow_dimensions
from engage_server.metrics.exceptions import UnstorableValueError
from engage_server.metrics.writer import write_values
from engage_server.plugin_host import guard
from engage_server.plugin_host.activation import ActivePlugin, active_plugin, active_plugins, standing
from engage_server.plugin_host.exceptions import (
    InvalidConfigurationError,
    PluginDisabledError,
    PluginFailedError,
    PluginHostError,
    UnknownPluginError,
)
from engage_server.plugin_host.registry import computing_order
from engage_server.segments.membership import record_members
from engage_server.tenancy.database_errors import is_nobodys_fault, is_outage, pauses
from engage_server.tenancy.scope import TenantRef, tenant_scope

COMPUTE_TIMEOUT_MS: Final = 300_000
DAYS_OF_A_BLOCK: Final = 31  # as many as are read at once
NOTE_WITHIN_S: Final = 60.0
NONE: Final[Mapping[str, ActivePlugin]] = {}
log = logging.getLogger("engage.engine")


@dataclass(frozen=True, slots=True)
class JobQuota:
    """How much of a tenant's work one job does before it lets the others have their turn."""

    runs: int
    seconds: float

    @classmethod
    def from_settings(cls) -> "JobQuota":
        """ENGAGE_JOB_RUNS runs or ENGAGE_JOB_SECONDS, whichever is reached first."""
        return cls(runs=settings.ENGAGE_JOB_RUNS, seconds=settings.ENGAGE_JOB_SECONDS)


@dataclass(frozen=True, slots=True)
class Executed:
    """What a job got done. ``more``: the tenant has further runs that are due."""

    runs: int
    more: bool


@observed
def execute(
    tenant: TenantRef,
    claimed: ledger.Claim,
    *,
    plugins: Mapping[str, ActivePlugin] = NONE,
    following: ledger.Claim | None = None,
    shared: SharedReads | None = None,
) -> int | None:
    """Compute a started run; return the number of values written, or None where it failed or lost its lease.

    ``plugins`` are the tenant's active ones where the caller has read them; ``following`` is started afterwards;
    ``shared`` is for several days of one tenant, one after the other.
    """
    try:
        with tenant_scope(tenant, timeout_ms=COMPUTE_TIMEOUT_MS):
            active = plugins.get(claimed.plugin) or active_plugin(claimed.plugin)
            if claimed.has_recent_failures:
                breaker.admit(claimed)
            window = day_window(claimed.day, tenant.timezone)
            follow_dimensions(window)
            with current_rollups():
                computed = compute_day(active, window, run_id=claimed.run_id, shared=shared)
            with transaction.atomic():
                written = write_values(
                    computed.values, computed.lineage,
                    metrics=computed.metrics, reason=claimed.reason, packed=computed.packed,
                )  # fmt: skip
                if ledger.finish(
                    claimed, values_written=written.rows, following=following, timezone=tenant.timezone
                ):
                    breaker.succeeded(claimed)
                _record_members(computed)
                # What builds on a day that comes late was computed without it.
                if written.superseded or (written.rows and claimed.reason == away.AWAY):
                    note_changes(tenant, Cause.METRIC, [claimed.day], plugin=claimed.plugin)
    except LostLeaseError as error:
        ledger.reopen(claimed)
        log.warning("%s", error, extra={"action": "lease_lost", "tenant": tenant.slug, "run": claimed.run_id})
    except BreakerOpenError as error:
        breaker.postpone(claimed, error)
    except (PluginFailedError, UnstorableValueError) as error:
        ledger.fail(claimed, error.with_trace if isinstance(error, PluginFailedError) else str(error))
        breaker.failed(claimed, str(error))
    except (UnknownPluginError, InvalidConfigurationError) as error:
        away.hold(claimed, str(error))
    except (PluginDisabledError, BeyondRetentionError) as error:
        ledger.fail(claimed, str(error), final=True)
    except (PluginHostError, EngineError) as error:
        ledger.fail(claimed, str(error))
    except (DatabaseError, InterfaceError) as error:
        _note_database_error(claimed, error)
    else:
        return written.rows
    if following is not None:
        ledger.start(following)
    return None


def execute_due(
    tenant: TenantRef, *, lowest: Run.Priority = Run.Priority.BACKFILL, share: JobQuota | None = None
) -> Executed:
    """Execute a tenant's runs that are due, each after those whose metrics it needs, up to a fair share.

    Those of plugins that cannot run here wait, and none waits for them.
    """
    share = share or JobQuota.from_settings()
    deadline = time.monotonic() + share.seconds
    with tenant_scope(tenant):
        found = standing(plugin_releases.current_settings(tenant))
    plugins = found.active
    needs = {plugin: needed - found.waiting.keys() for plugin, needed in _needs(plugins).items()}
    away.hold_all(tenant.id, found.waiting)
    done = 0
    while done < share.runs and time.monotonic() < deadline:
        claims = ledger.claim_due(tenant.id, lowest=lowest, limit=share.runs - done, needs=needs)
        if not claims:
            # What is due all the same waits for others of its day; it need not be asked for in every round.
            ledger.postpone_blocked(tenant.id, needs=needs)
            return Executed(runs=done, more=False)
        done += _work_off(tenant, _in_blocks(claims, needs), plugins=plugins, deadline=deadline)
    # Asking costs less than a job that finds nothing to do.
    return Executed(runs=done, more=ledger.has_due(tenant.id, lowest=lowest))


def backfill(
    tenant: TenantRef,
    *,
    plugins: Sequence[str],
    first: date,
    last: date,
    progress: Callable[[str, date, int | None], None],
) -> None:
    """Compute the days from ``first`` to ``last`` (both included) of some plugins, in the order of their needs.

    A plugin's days of a month follow one another, so that they share what is read for all of them.

    ``progress`` is told plugin, day and the number of values written (None = failed) after each run.

    Raises:
        UnknownPluginError, PluginDisabledError, BeyondRetentionError: before anything is computed.
    """
    with tenant_scope(tenant):
        plugin_releases.current_settings(tenant)
        for plugin in plugins:
            _require_kept(tenant, active_plugin(plugin), first)
        active = active_plugins()
    order = computing_order(_needs(active))
    days = [first + timedelta(days=later) for later in range((last - first).days + 1)]
    windows = [day_window(one, tenant.timezone) for one in days]
    shared = SharedReads(windows)
    for begin in range(0, len(windows), DAYS_OF_A_BLOCK):
        block = windows[begin : begin + DAYS_OF_A_BLOCK]
        for plugin, window in product(sorted(plugins, key=order.index), block):
            run_id = ledger.open_run(
                tenant_id=tenant.id, plugin=plugin, scheduled_for=window.end, day=window.day
            )
            claimed = ledger.claim(run_id, again=True)
            written = None
            if claimed is not None:
                with renewing([claimed]):
                    written = execute(tenant, claimed, plugins=active, shared=shared)
            progress(plugin, window.day, written)


def request_backfill(tenant: TenantRef, *, plugins: Sequence[str], first: date, last: date) -> int:
    """Leave a backfill to the workers, at low priority; return how many runs were opened.

    Raises:
        UnknownPluginError, PluginDisabledError, BeyondRetentionError: before anything is opened.
    """
    with tenant_scope(tenant):
        for plugin in plugins:
            _require_kept(tenant, active_plugin(plugin), first)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return ledger.request(
        tenant_id=tenant.id,
        runs=[(plugin, day_window(day, tenant.timezone).end, day) for day in days for plugin in plugins],
    )


def _record_members(computed: ComputedDay) -> None:
    for segment, members in computed.members.items():
        record_members(segment, members, computed.lineage.day)


def _require_kept(tenant: TenantRef, active: ActivePlugin, first: date) -> None:
    require_kept(tenant, guard.inputs(active.plugin, active.config).values(), first)


def _note_database_error(claimed: ledger.Claim, error: Exception) -> None:
    """Record it as soon as the database answers again; a run that met an outage is not to blame for it.

    Unrecorded it would look, after its lease, as if it had killed its worker.

    Raises:
        DatabaseError, InterfaceError: it does not answer for NOTE_WITHIN_S, or waiting would not help.
    """
    deadline = time.monotonic() + NOTE_WITHIN_S
    for pause in pauses():
        # A connection that broke is replaced.
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        try:
            if is_nobodys_fault(error):
                ledger.give_back(claimed, str(error))
            else:
                ledger.fail(claimed, str(error))
        except (DatabaseError, InterfaceError) as outage:
            if connection.in_atomic_block or not is_outage(outage) or time.monotonic() > deadline:
                raise
            time.sleep(pause)
        else:
            return


def _needs(plugins: Mapping[str, ActivePlugin]) -> dict[str, frozenset[str]]:
    return {plugin: guard.needs(a.plugin, a.config) for plugin, a in plugins.items()}


def _in_blocks(claims: Sequence[ledger.Claim], needs: Mapping[str, frozenset[str]]) -> list[ledger.Claim]:
    """Most urgent first; of a backfill a plugin's days one after the other, which share what is read for all of them.

    Of one day none waits for another of the same claims: what it needs is done.
    """
    place = {plugin: number for number, plugin in enumerate(computing_order(needs))}

    def turn(claimed: ledger.Claim) -> tuple[int, int]:
        is_backfilled = claimed.priority < Run.Priority.SCHEDULED
        return (-claimed.priority, place.get(claimed.plugin, len(place)) if is_backfilled else 0)

    return sorted(claims, key=turn)


def _work_off(
    tenant: TenantRef,
    claims: Sequence[ledger.Claim],
    *,
    plugins: Mapping[str, ActivePlugin],
    deadline: float,
) -> int:
    """Execute claimed runs in their order until the deadline; give back what is left. Returns how many were done."""
    waiting = deque(claims)
    days = sorted({claim.day for claim in claims})
    shared = SharedReads([day_window(day, tenant.timezone) for day in days])
    done, failed = 0, False
    try:
        with renewing(claims):
            ledger.start(claims[0])
            following: ledger.Claim | None = waiting.popleft()
            while following is not None:
                claimed = replace(following, has_recent_failures=following.has_recent_failures or failed)
                following = waiting.popleft() if waiting and time.monotonic() < deadline else None
                written = execute(tenant, claimed, plugins=plugins, following=following, shared=shared)
                failed = failed or written is None  # a breaker may have opened since the claim
                done += 1
    finally:
        ledger.release(waiting)
    return done
