"""Members as an input: who belongs to an account at the end of the day, and who acted in it."""

from datetime import UTC, date, datetime

import pytest

from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.models import Account, Person
from engage_server.customers.windows import day_window
from engage_server.ingest.items import AliasItem, EventItem, MembershipItem, PersonItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.sdk import Members
from engage_server.tenancy.scope import TenantRef, tenant_scope

DAY = date(2026, 1, 20)


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 1, day, hour, tzinfo=UTC)


def belongs(name: str, account: str, start: int, end: int | None = None) -> MembershipItem:
    return MembershipItem(PersonKey(user_id=name), account, at(start), None if end is None else at(end))


def members(tenant: TenantRef, day: date = DAY, days: int = 5) -> list[tuple[str | None, str]]:
    with tenant_scope(tenant), current_rollups():
        frame = RESOLVERS[Members](Members(days=days), day_window(day, tenant.timezone))
        persons = dict(Person.objects.values_list("pk", "external_id"))
        accounts = dict(Account.objects.values_list("pk", "external_id"))
    return sorted((persons[person], accounts[account]) for person, account in frame.rows())


@pytest.fixture
def firm(acme, globex) -> TenantRef:
    """In acme some belong to the firm, one merely acted in it; in globex somebody else does."""
    with tenant_scope(acme):
        store_items(
            [
                belongs("ada", "firm", 1),
                belongs("gone", "firm", 1, 20),
                belongs("later", "firm", 21),
                belongs("robot", "firm", 1),
                PersonItem(PersonKey(user_id="robot"), is_excluded=True),
                belongs("old ada", "firm", 2),
                AliasItem("old ada", "ada"),
                EventItem("e", "saved", PersonKey(user_id="guest"), at(16), at(16), account="firm"),
            ],
            source="test",
        )
    with tenant_scope(globex):
        store_items([belongs("bob", "firm", 1)], source="test")
    return acme


def test_members_are_those_of_the_end_of_the_day_and_who_acted_in_the_window(firm):
    assert members(firm) == [("ada", "firm"), ("guest", "firm")]
    assert members(firm, days=4) == [("ada", "firm")]
    assert members(firm, date(2026, 1, 19)) == [("ada", "firm"), ("gone", "firm"), ("guest", "firm")]
    assert members(firm, date(2026, 1, 21), days=1) == [("ada", "firm"), ("later", "firm")]


def test_each_tenant_has_its_own(firm, globex):
    assert members(globex) == [("bob", "firm")]
