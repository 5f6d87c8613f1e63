"""What sign-ups did in their first days, and whether they came back: by whom, in which tenant, and never too early."""

from datetime import UTC, date, datetime, timedelta

import pytest

from engage_server.activity.models import EventName
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.windows import day_window
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.sdk import AccountWeeks, InputSpec, SignupActions
from engage_server.tenancy.scope import TenantRef, current_tenant, tenant_scope

BORN = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)  # 23:30 in Berlin
DAY = date(2026, 3, 31)
SPEC = SignupActions(length=3, back_from=7, back_to=9, days=60)


def use(name: str, person: str, at: datetime, *, account: str | None = "firm") -> EventItem:
    return EventItem(f"{name} {person} {at}", name, PersonKey(user_id=person), at, at, account=account)


def rows(spec: InputSpec, day: date = DAY) -> list[dict]:
    with current_rollups():
        frame = RESOLVERS[type(spec)](spec, day_window(day, current_tenant().timezone))
    return frame.sort(frame.columns).to_dicts()


@pytest.fixture
def used(acme: TenantRef, globex: TenantRef) -> tuple[TenantRef, TenantRef]:
    """Ada signs up, publishes twice over midnight and comes back after a week; globex's Ada only signs up."""
    with tenant_scope(acme):
        store_items(
            [
                use("Signed Up", "ada", BORN),
                use("Published", "ada", BORN + timedelta(minutes=10)),
                use("Published", "ada", BORN + timedelta(hours=1)),
                use("Published", "ada", BORN + timedelta(days=4)),
                use("Looked", "ada", BORN + timedelta(days=7)),
                use("Looked", "ada", BORN + timedelta(days=9)),
                use("Looked", "ada", BORN + timedelta(days=12)),
            ],
            source="web",
        )
    with tenant_scope(globex):
        store_items([use("Signed Up", "ada", BORN)], source="web")
    return acme, globex


def test_actions_are_counted_by_day_of_the_tenants_calendar_and_coming_back_by_days(used):
    acme, globex = used
    with tenant_scope(acme):
        found = rows(SPEC)
    assert {(row["event"], row["offset"], row["count"], row["back_days"]) for row in found} == {
        ("Signed Up", 0, 1, 2), ("Published", 0, 1, 2), ("Published", 1, 1, 2),
    }  # fmt: skip
    with tenant_scope(globex):
        assert [(row["event"], row["offset"], row["back_days"]) for row in rows(SPEC)] == [
            ("Signed Up", 0, 0)
        ]


@pytest.mark.parametrize(("day", "back_days"), [(date(2026, 3, 10), None), (date(2026, 3, 11), 2)])
def test_nobody_is_judged_before_the_last_day_of_coming_back_is_over(used, day, back_days):
    with tenant_scope(used[0]):
        assert {row["back_days"] for row in rows(SPEC, day)} == {back_days}


def test_a_notice_is_neither_done_nor_coming_back(used):
    with tenant_scope(used[0]):
        EventName.objects.filter(name__in=["Looked", "Published"]).update(event_class="NOTICE")
        assert [(row["event"], row["back_days"]) for row in rows(SPEC)] == [("Signed Up", 0)]


def test_weeks_of_an_account_count_persons_their_days_and_their_events(used):
    acme, globex = used
    with tenant_scope(acme):
        store_items(
            [use("Looked", "bob", BORN + timedelta(days=28)), use("Looked", "cy", BORN, account=None)],
            source="web",
        )
        found = rows(AccountWeeks(days=30))
    assert [(row["weeks_ago"], row["persons"], row["person_days"], row["events"]) for row in found] == [
        (0, 1, 1, 1), (2, 1, 2, 2), (3, 1, 2, 2), (4, 1, 2, 3),
    ]  # fmt: skip
    with tenant_scope(globex):
        assert [(row["weeks_ago"], row["events"]) for row in rows(AccountWeeks(days=30))] == [(4, 1)]
