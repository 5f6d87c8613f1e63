"""Refuses to compute days whose raw events are no longer kept: what is stored for them stands."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from engage_server.engine.exceptions import BeyondRetentionError
from engage_server.sdk import (
    Activation,
    ActiveMinutes,
    ActivePersons,
    ActiveSeries,
    ActivityBy,
    EventCounts,
    FeatureReach,
    Features,
    FeatureUse,
    FirstSeen,
    InputSpec,
    PersonDays,
    Retention,
    Sessions,
)
from engage_server.tenancy.data_retention import kept_from
from engage_server.tenancy.scope import TenantRef

# Inputs made of raw events or of their roll-ups. The others' data are kept as long as the tenant.
OF_EVENTS: Final = (
    Activation, ActiveMinutes, ActivePersons, ActiveSeries, ActivityBy, EventCounts, FeatureReach, Features, FeatureUse,
    FirstSeen, PersonDays, Retention, Sessions,
)  # fmt: skip


def days_seen(spec: InputSpec) -> int:
    """How many days back from the computed one (1: that day alone) the input needs events of; 0: none."""
    if not isinstance(spec, OF_EVENTS):
        return 0
    if isinstance(spec, ActiveSeries):
        return spec.days + spec.trailing - 1
    if isinstance(spec, Features):
        return 1  # older ones tell only since when a feature is known, which is kept
    # A session of the first day may have begun on the day before.
    return spec.days + 1 if isinstance(spec, Sessions) else spec.days


def first_computable(tenant: TenantRef, specs: Iterable[InputSpec]) -> date | None:
    """The first day all of whose events are kept; None where every day's are."""
    first_kept = kept_from(tenant)
    longest = max((days_seen(spec) for spec in specs), default=0)
    if first_kept is None or longest == 0:
        return None
    return first_kept + timedelta(days=longest - 1)


def require_kept(tenant: TenantRef, specs: Iterable[InputSpec], day: date) -> None:
    """Go on only if all that the day's value needs is kept.

    Raises:
        BeyondRetentionError: events of its window are deleted, or are about to be.
    """
    first = first_computable(tenant, specs)
    if first is not None and day < first:
        raise BeyondRetentionError(
            f"{day} cannot be computed: {tenant.slug} keeps raw events for {tenant.events_keep_days} days, and this "
            f"value needs older ones; the first day that can be is {first}. What is stored for it stands. "
            "Remedy: none for days gone by; for later ones a longer period (`manage.py tenant retention`)."
        )
