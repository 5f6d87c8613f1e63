"""Activity by account, plan, stage, trait and feature is what the stored events say."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engage_server.activity.rollups.compaction import ensure_current
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.windows import day_window
from engage_server.ingest.items import AccountItem, EventItem, MembershipItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.sdk import ActivityBy
from engage_server.tenancy.scope import tenant_scope
from tests.activity.reference import reference

DAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def use(name: str, user: str, account: str | None = None, passive: bool = False) -> EventItem:
    return EventItem(
        f"{name}{user}{account}", name, PersonKey(user_id=user), NOON, NOON, account=account, passive=passive
    )


ITEMS = [
    AccountItem("a", plan="pro", stage="TRIAL", traits={"industry": "retail"}),
    AccountItem("b", plan="pro", traits={"industry": "bank"}),
    AccountItem("c"),
    MembershipItem(PersonKey(user_id="ada"), "a", NOON.replace(day=1)),
    use("saved", "ada"), use("saved", "ada", "b"), use("saved", "bob", "b"), use("saved", "cyd"),
    use("seen", "ada", passive=True), use("shared", "bob", "c"),
]  # fmt: skip


@pytest.fixture
def filled(acme, globex):
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            store_items(ITEMS if tenant == acme else ITEMS[:5], source="web")
    return acme


@pytest.mark.parametrize(
    ("spec", "groups"),
    [
        (ActivityBy(by="plan", days=1), {"pro", None}),
        (ActivityBy(by="stage", days=3), {"TRIAL", "CUSTOMER", None}),
        (ActivityBy(by="trait", trait="industry", days=1), {"retail", "bank", None}),
        (ActivityBy(by="feature", days=1), {"saved", "shared", None}),
        (ActivityBy(by="account", days=1), None),
    ],
)
def test_groups_add_up_what_the_events_say_in_one_statement(filled, spec, groups):
    window = day_window(DAY, filled.timezone)
    with tenant_scope(filled):
        ensure_current()
        with CaptureQueriesContext(connection) as captured, current_rollups():
            rows = RESOLVERS[ActivityBy](spec, window).rows()
        assert len(captured) == 2  # whether anything has to be taken in, and the answer
        assert sorted(rows, key=str) == sorted(reference(spec, window), key=str)
        assert len(rows) == 4 if groups is None else {row[0] for row in rows} == groups


def test_one_tenants_groups_are_not_the_others(filled, globex):
    with tenant_scope(globex), current_rollups():
        rows = RESOLVERS[ActivityBy](ActivityBy(by="plan", days=1), day_window(DAY, globex.timezone)).rows()
    assert rows == [("pro", 1, 1, 1)]


@pytest.mark.parametrize(
    "spec", [ActivityBy(by="trait"), ActivityBy(by="plan", trait="x"), ActivityBy(by="size")]
)
def test_what_is_no_group_is_refused(acme, spec):
    with tenant_scope(acme), current_rollups(), pytest.raises(ValueError, match="is no group"):
        RESOLVERS[ActivityBy](spec, day_window(DAY, acme.timezone))
