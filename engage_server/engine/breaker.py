"""Circuit breakers: a plugin that keeps failing for a tenant rests, then one run tries whether it recovered.

One breaker per tenant and plugin, in the shared schema; what opens one tenant's touches no other's.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from engage_server.engine.exceptions import BreakerOpenError
from engage_server.engine.ledger import Claim
from engage_server.engine.models import Breaker, Run
from engage_server.tenancy.clock import ClockTimestamp, in_seconds
from engage_server.tenancy.scope import shared_scope

IN_A_ROW: Final = 5
REMEMBERED: Final = 20
FAILING_SHARE: Final = 0.5
log = logging.getLogger("engage.engine")


class State(StrEnum):
    """CLOSED: runs go through. OPEN: they wait. HALF_OPEN: the next run, or the one that runs now, is the trial."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a breaker stands. ``until`` is null while it is closed; ``reason`` is the plugin's last failure."""

    tenant: str
    plugin: str
    state: State
    until: datetime | None
    reason: str


def admit(claimed: Claim) -> None:
    """Return where the run may compute; after the rest this lets one run through, the trial.

    Raises:
        BreakerOpenError: it has to wait; says until when.
    """
    with shared_scope():
        until = _of(claimed).values_list("open_until", flat=True).first()
        if until is None:
            return
        trial = _of(claimed).filter(open_until__lte=ClockTimestamp())
        if trial.update(on_trial=True, open_until=in_seconds(settings.ENGAGE_BREAKER_OPEN_S)):
            return
    raise BreakerOpenError(claimed.plugin, until)


def postpone(claimed: Claim, error: BreakerOpenError) -> None:
    """Give a claimed run back until the breaker's rest is over; the attempt does not count."""
    with shared_scope():
        Run.objects.filter(pk=claimed.run_id, token=claimed.token, state=Run.State.RUNNING).update(
            state=Run.State.PENDING,
            attempt=F("attempt") - 1,
            lease_until=None,
            not_before=error.until,
            error=str(error),
        )
    log.warning(
        "%s", error, extra={"action": "run_postponed", "run": claimed.run_id, "plugin": claimed.plugin}
    )


def succeeded(claimed: Claim) -> None:
    """Note a run that went well: it closes the breaker. Call it in the transaction that stores the values."""
    with shared_scope(), transaction.atomic(savepoint=False):
        breaker = _of(claimed).select_for_update().first()
        if breaker is None:
            return
        breaker.outcomes = f"{'' if breaker.on_trial else breaker.outcomes}+"[-REMEMBERED:]
        if breaker.on_trial or "-" not in breaker.outcomes:
            breaker.delete()
            return
        breaker.save(update_fields=["outcomes"])


def failed(claimed: Claim, reason: str) -> None:
    """Note a run that failed by the plugin's fault; open the breaker where that was one too many."""
    with shared_scope(), transaction.atomic():
        Breaker.objects.get_or_create(tenant_id=claimed.tenant_id, plugin=claimed.plugin)
        breaker = _of(claimed).select_for_update().get()
        breaker.outcomes = f"{breaker.outcomes}-"[-REMEMBERED:]
        breaker.reason = reason[:4000]
        opens = breaker.on_trial or _too_many(breaker.outcomes)
        breaker.on_trial = False
        breaker.save()
        if opens:
            _of(claimed).update(open_until=in_seconds(settings.ENGAGE_BREAKER_OPEN_S))
    if opens:
        log.error(
            "The plugin %s rests for %g s, because it keeps failing: %s",
            claimed.plugin,
            settings.ENGAGE_BREAKER_OPEN_S,
            reason,
            extra={"action": "breaker_opened", "plugin": claimed.plugin, "tenant": claimed.tenant_id},
        )


def standings(tenant_id: int | None = None) -> list[Standing]:
    """All breakers of plugins that failed recently, of one tenant or (None) of all; for lists, health and metrics."""
    with shared_scope():
        rows = Breaker.objects.select_related("tenant").annotate(now=ClockTimestamp())
        if tenant_id is not None:
            rows = rows.filter(tenant_id=tenant_id)
        return [
            Standing(
                tenant=row.tenant.slug,
                plugin=row.plugin,
                state=_state(row, row.now),
                until=row.open_until,
                reason=row.reason,
            )
            for row in rows.order_by("tenant__slug", "plugin")
        ]


def standings_by_plugin(tenant_id: int) -> Mapping[str, Standing]:
    """A tenant's breakers by plugin; a plugin that is missing has not failed recently."""
    return {standing.plugin: standing for standing in standings(tenant_id)}


def reset(tenant_id: int, plugin: str) -> int:
    """Close a breaker, forget the failures and let the runs that waited for it start; return their number."""
    with shared_scope(), transaction.atomic():
        found = Breaker.objects.filter(tenant_id=tenant_id, plugin=plugin).select_for_update().first()
        if found is None:
            return 0
        waiting = Run.objects.filter(
            tenant_id=tenant_id, plugin=plugin, state=Run.State.PENDING, not_before__gt=ClockTimestamp()
        ).update(not_before=ClockTimestamp())
        found.delete()
    return waiting


def _of(claimed: Claim) -> QuerySet[Breaker]:
    return Breaker.objects.filter(tenant_id=claimed.tenant_id, plugin=claimed.plugin)


def _too_many(outcomes: str) -> bool:
    in_a_row = outcomes.endswith("-" * IN_A_ROW)
    return in_a_row or (len(outcomes) == REMEMBERED and outcomes.count("-") / REMEMBERED > FAILING_SHARE)


def _state(breaker: Breaker, now: datetime) -> State:
    if breaker.open_until is None:
        return State.CLOSED
    return State.HALF_OPEN if breaker.on_trial or breaker.open_until <= now else State.OPEN
