"""Marks the past days that a stored batch changed, so that their computed values are restated."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from django.utils import timezone

from engage_server.customers.accounts import Described
from engage_server.engine.restatement import Cause, note_changes, note_of_events
from engage_server.ingest.event_batch import EventBatch
from engage_server.ingest.items import EventItem, Item, ResponseItem, name_of
from engage_server.ingest.outcomes import Outcome, OutcomeKind
from engage_server.metrics.beginnings import first_day_of
from engage_server.tenancy.scope import current_tenant

UNCHANGED: Final = (OutcomeKind.DUPLICATE, OutcomeKind.CONFLICT)


def mark_late_days(
    items: Sequence[Item],
    outcomes: Sequence[Outcome],
    *,
    described: Described,
    subscribed: Collection[date],
    entered: Collection[date],
) -> None:
    """Mark the days of items that belong to the past; call it last in the storing transaction.

    Args:
        items: the batch.
        outcomes: what became of each; what was stored before changes nothing.
        described: on which days accounts are no longer as they were.
        subscribed: the first days that its subscriptions changed.
        entered: the days of ledger entries that are not as they were.
    """
    tenant = current_tenant()
    days: defaultdict[Cause, set[date]] = defaultdict(set)
    moments: list[datetime] = []
    for item, outcome in zip(items, outcomes, strict=True):
        if outcome.kind in UNCHANGED:
            continue
        if isinstance(item, EventItem):
            if name_of(item.person) is None:
                continue  # in no roll-up
            moments.append(item.occurred_at)
        elif isinstance(item, ResponseItem):
            days[Cause.RESPONSES].add(item.occurred_at.astimezone(tenant.zone).date())
    days[Cause.SUBSCRIPTIONS].update(subscribed)
    days[Cause.LEDGER].update(entered)
    days[Cause.ACCOUNTS].update(_days_of(described, tenant.zone))
    if moments:
        days[Cause.EVENTS] = _days(moments, tenant.zone)
    for cause, changed in sorted(days.items()):
        note_changes(tenant, cause, changed)


def _days_of(described: Described, zone: tzinfo) -> set[date]:
    """The past days of the periods; what was so ever counts from the first day of which values tell of the accounts."""
    today = timezone.now().astimezone(zone).date()
    ever = {account for account, first, _ in described.periods if first is None}
    beginning = first_day_of(ever) if ever else None
    ends = {(beginning if first is None else first, until) for _, first, until in described.periods}
    return {
        first + timedelta(days=later)
        for first, until in ends
        if first is not None
        for later in range((min(until or today, today) - first).days)
    }


def late_day_statements(events: EventBatch) -> list[str]:
    """The statements that mark the days of events, for a message that stores them all."""
    moments = events.occurred
    if not all(events.users):
        named = zip(events.users, events.devices, events.occurred, strict=True)
        moments = [at for user, device, at in named if user or device]
    tenant = current_tenant()
    return note_of_events(tenant, _days(moments, tenant.zone)) if moments else []


def _days(moments: Sequence[datetime], zone: tzinfo) -> set[date]:
    """The calendar days of the moments. Mostly the earliest and the latest share one, and so do all between."""
    ends = {moment.astimezone(zone).date() for moment in (min(moments), max(moments))}
    return ends if len(ends) == 1 else {moment.astimezone(zone).date() for moment in moments}
