"""Refuses to compute days whose raw events are no longer kept: what is stored for them stands."""

from collections.abc import Iterable
from datetime import date, timedelta

from engage_server.engine.exceptions import BeyondRetentionError
from engage_server.sdk import Dataset, InputSpec
from engage_server.tenancy.data_retention import kept_from
from engage_server.tenancy.scope import TenantRef


def days_of_events(specs: Iterable[InputSpec]) -> int:
    """How many days of events the inputs need, the computed one with them; 0: none.

    The other data are kept as long as the tenant.
    """
    return max(
        (read.days for spec in specs for read in spec.reads if read.dataset is Dataset.EVENTS), default=0
    )


def first_computable(tenant: TenantRef, specs: Iterable[InputSpec]) -> date | None:
    """The first day all of whose events are kept; None where every day's are."""
    first_kept = kept_from(tenant)
    longest = days_of_events(specs)
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
