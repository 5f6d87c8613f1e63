"""Notes which past days a stored batch changed, so that their computed values are restated."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, tzinfo

from engage_server.engine.restatement import Cause, note_changes, note_of_events
from engage_server.ingest.gathering import name_of
from engage_server.ingest.items import AccountItem, EventItem, Item, ResponseItem, SubscriptionItem
from engage_server.ingest.sent_events import SentEvents
from engage_server.tenancy.scope import current_tenant


def note_late(items: Sequence[Item], *, unchanged: Collection[int]) -> None:
    """Mark the days of items that belong to the past; call it last in the storing transaction.

    Args:
        items: the batch.
        unchanged: indexes of items that were there already and changed nothing.
    """
    tenant = current_tenant()
    days: defaultdict[Cause, set[date]] = defaultdict(set)
    moments: list[datetime] = []
    for index, item in enumerate(items):
        if index in unchanged:
            continue
        if isinstance(item, EventItem):
            if name_of(item.person) is None:
                continue  # in no roll-up
            moments.append(item.occurred_at)
        elif isinstance(item, ResponseItem):
            days[Cause.RESPONSES].add(item.occurred_at.astimezone(tenant.zone).date())
        elif isinstance(item, SubscriptionItem):
            days[Cause.SUBSCRIPTIONS].add(item.starts_on)
        elif isinstance(item, AccountItem) and (item.parent is not None or item.started_at is not None):
            days[Cause.ACCOUNTS].add(
                item.started_at.astimezone(tenant.zone).date() if item.started_at else date.min
            )
    if moments:
        days[Cause.EVENTS] = _days(moments, tenant.zone)
    for cause, changed in sorted(days.items()):
        note_changes(tenant, cause, changed)


def late_events(events: SentEvents) -> list[str]:
    """The statements that mark the days of events, for a message that stores them all."""
    moments = events.occurred
    if not all(events.users):
        named = zip(events.users, events.devices, events.occurred, strict=True)
        moments = [at for user, device, at in named if user or device]
    tenant = current_tenant()
    return note_of_events(tenant, _days(moments, tenant.zone)) if moments else []


def _days(moments: Sequence[datetime], zone: tzinfo) -> set[date]:
    """The calendar days of the moments. Those of a batch mostly share one, which its two ends tell."""
    ends = {moment.astimezone(zone).date() for moment in (min(moments), max(moments))}
    return ends if len(ends) == 1 else {moment.astimezone(zone).date() for moment in moments}
