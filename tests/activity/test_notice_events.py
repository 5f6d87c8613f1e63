"""What was done to a person makes nobody active, whatever the way in; what somebody did does."""

from datetime import UTC, date, datetime, timedelta
from importlib import import_module

import pytest
from django.db import connection

from engage_server.activity.models import EventName
from engage_server.activity.notice_events import NOTICES
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.windows import day_window
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.sdk import Activation, ActivePersons, FeatureUse, InputSpec
from engage_server.tenancy.scope import TenantRef, tenant_scope

DAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def did(
    name: str, user: str, *, account: str | None = None, passive: bool = False, days_ago: int = 0, **more
) -> EventItem:
    at = NOON - timedelta(days=days_ago)
    message = f"{name}{user}{account}{days_ago}"
    return EventItem(message, name, PersonKey(user_id=user), at, at, account=account, passive=passive, **more)


def rows(tenant: TenantRef, spec: InputSpec) -> int:
    with tenant_scope(tenant), current_rollups():
        return RESOLVERS[type(spec)](spec, day_window(DAY, tenant.timezone)).height


def store(tenant: TenantRef, *items: EventItem) -> None:
    with tenant_scope(tenant):
        store_items(items, source="web")


@pytest.mark.parametrize("passive", [True, False])
@pytest.mark.parametrize("name", ["Survey Dismissed", "Account Removed User", "Email Delivered"])
def test_a_notice_makes_nobody_active_and_is_no_feature(acme, globex, name, passive):
    store(acme, did(name, "ada", passive=passive), did("Trial Ended", "ada", passive=passive))
    store(globex, did(name, "ada"), did("saved", "ada"))
    assert rows(acme, ActivePersons()) == 0
    assert rows(acme, FeatureUse()) == 0
    assert rows(globex, ActivePersons()) == 1
    with tenant_scope(acme):
        entry = EventName.objects.get(name=name)
    assert (entry.event_class, entry.feature_id) == ("NOTICE", None)


@pytest.mark.parametrize("name", ["saved", "Signed In", "Survey Answered", "Page Viewed"])
def test_what_somebody_did_beside_a_notice_makes_them_active(acme, name):
    store(acme, did("Survey Dismissed", "ada", passive=True), did(name, "ada", passive=True))
    assert rows(acme, ActivePersons()) == 1


def test_a_name_that_is_given_a_feature_is_a_use_of_that(acme):
    store(acme, did("Trial Started", "ada", feature="Trials"))
    assert rows(acme, ActivePersons()) == rows(acme, FeatureUse()) == 1


def test_what_the_tenant_says_of_a_name_stands(acme):
    store(acme, did("Email Opened", "ada"))
    with tenant_scope(acme):
        EventName.objects.filter(name="Email Opened").update(event_class="PASSIVE")
    assert rows(acme, ActivePersons()) == 1


def test_every_notice_fits_the_dictionary():
    assert max(map(len, NOTICES)) <= 200


def test_the_days_of_a_person_in_two_accounts_are_a_union(acme):
    store(
        acme,
        did("saved", "ada", account="a"), did("saved", "ada", account="b", days_ago=1),
        did("saved", "bob", account="a"), did("saved", "bob", account="b"),
    )  # fmt: skip
    with tenant_scope(acme), current_rollups():
        frame = RESOLVERS[FeatureUse](FeatureUse(days=3), day_window(DAY, acme.timezone))
    days = frame.sort("person").select("active_days", "person_days").rows()
    assert days == [(1, 2), (1, 2), (1, 1), (1, 1)]


@pytest.mark.parametrize(("settling", "signups"), [(0, 2), (10, 1), (40, 0)])
def test_users_of_long_standing_are_no_sign_ups_of_a_new_tenant(acme, globex, settling, signups):
    """The first of the tenant's events is 20 days old; bob comes 15 days later."""
    store(acme, did("saved", "ada", days_ago=20), did("saved", "bob", days_ago=5))
    store(globex, did("saved", "old", days_ago=300), did("saved", "bob", days_ago=5))
    spec = Activation("saved", days=30, settling_days=settling)
    assert rows(acme, spec) == signups
    assert rows(globex, spec) == 1
    assert rows(acme, Activation("saved", days=30, settling_days=settling, signup_event="saved")) == 2


def test_names_that_entered_before_there_were_notices_become_some_unless_the_tenant_spoke(acme):
    migration = import_module("engage_server.activity.migrations.0008_notices")
    with tenant_scope(acme):
        EventName.objects.create(name="Trial Ended", event_class="PASSIVE")
        EventName.objects.create(name="Trial Started", event_class="PASSIVE", own_fields=["event_class"])
        EventName.objects.create(name="Signed In", event_class="PASSIVE", own_fields=["weight"])
        with connection.cursor() as cursor:
            cursor.execute(migration.CLASSIFY, [list(migration.NAMES)])
        classes = dict(EventName.objects.values_list("name", "event_class"))
    assert classes == {"Trial Ended": "NOTICE", "Trial Started": "PASSIVE", "Signed In": "PASSIVE"}
    assert set(migration.NAMES) <= NOTICES
