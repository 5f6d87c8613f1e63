"""Those who watch are told of live events, of whom a timeline would tell, and in their own tenant alone."""

from datetime import UTC, datetime, timedelta

from engage_server.activity.models import Source
from engage_server.activity.recent_events import recent_events
from engage_server.customers.models import Person
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.tenancy.scope import tenant_scope


def event(user: str | None, *, ago_s: int = 5) -> EventItem:
    at = datetime.now(UTC) - timedelta(seconds=ago_s)
    return EventItem(f"of {user}", "Opened", PersonKey(user_id=user), occurred_at=at, received_at=at)


def test_events_of_the_hidden_of_the_excluded_and_of_trials_are_not_told(acme, globex):
    with tenant_scope(acme):
        Source.objects.create(name="try", environment="TEST")
        store_items([event("ada"), event("bot"), event("gone"), event("phone"), event(None)], source="web")
        store_items([event("tester")], source="try")
        store_items([event("late", ago_s=600)], source="web")
        Person.objects.filter(external_id="bot").update(is_excluded=True)
        Person.objects.filter(external_id="gone").update(is_suppressed=True)
        # Who was merged into somebody hidden is hidden, too.
        gone = Person.objects.get(external_id="gone")
        Person.objects.filter(external_id="phone").update(merged_into=gone)
        assert sorted(one.message_id for one in recent_events()) == ["of None", "of ada"]
    with tenant_scope(globex):
        assert recent_events() == []
