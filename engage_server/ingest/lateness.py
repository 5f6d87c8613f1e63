"""Notes which past days a stored batch changed, so that their computed values are restated."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from engage_server.engine.restatement import Cause, note_changes
from engage_server.ingest.gathering import name_of
from engage_server.ingest.items import AccountItem, EventItem, Item, ResponseItem, SubscriptionItem
from engage_server.tenancy.scope import current_tenant


def note_late(items: Sequence[Item], *, unchanged: Collection[int]) -> None:
    """Mark the days of items that belong to the past; call it last in the storing transaction.

    Args:
        items: the batch.
        unchanged: indexes of items that were there already and changed nothing.
    """
    tenant = current_tenant()
    days: defaultdict[Cause, set[date]] = defaultdict(set)
    for index, item in enumerate(items):
        if index in unchanged:
            continue
        if isinstance(item, EventItem):
            if name_of(item.person) is None:
                continue  # in no roll-up
            days[Cause.EVENTS].add(item.occurred_at.astimezone(tenant.zone).date())
        elif isinstance(item, ResponseItem):
            days[Cause.RESPONSES].add(item.occurred_at.astimezone(tenant.zone).date())
        elif isinstance(item, SubscriptionItem):
            days[Cause.SUBSCRIPTIONS].add(item.starts_on)
        elif isinstance(item, AccountItem) and (item.parent is not None or item.started_at is not None):
            days[Cause.ACCOUNTS].add(
                item.started_at.astimezone(tenant.zone).date() if item.started_at else date.min
            )
    for cause, changed in sorted(days.items()):
        note_changes(tenant, cause, changed)
