"""What an account is, does and pays in one request; and metrics by stage of the journey."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command

from engage_server.access.models import ApiKey
from engage_server.ingest.items import AccountItem, EventItem, Item, PersonKey, SubscriptionItem
from engage_server.ingest.store import store_items
from engage_server.operations.keys import create_key
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.api.conftest import Caller

DAY = date(2026, 6, 30)
NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
PLUGINS = ("revenue", "usage_frequency")
OVERVIEW = """query ($on: Date) { account(externalId: "a") {
    name plan stage
    usageFrequency(on: $on) { activeDays { value frequency } }
    revenue(on: $on) { mrr { value } }
} }"""
BY_STAGE = """query ($of: ComputeInput!) {
    metric(id: "usage_frequency.regular_accounts") { compute(of: $of) { group value { value n } } }
}"""


def account(name: str, stage: str, *, amount: int, days: int) -> list[Item]:
    """An account that pays so much, with a person who came on each of the last days."""
    visits = [NOON - timedelta(days=ago) for ago in range(days)]
    return [
        AccountItem(
            name, name=name.upper(), plan="pro", stage=stage, started_at=LONG_AGO, occurred_at=LONG_AGO
        ),
        *([SubscriptionItem(name, name, date(2026, 1, 1), amount=Decimal(amount))] if amount else []),
        *(EventItem(f"{name}{at:%d}", "saved", PersonKey(name), at, at, account=name) for at in visits),
    ]


@pytest.fixture
def callers(acme: TenantRef, globex: TenantRef) -> tuple[Caller, Caller]:
    """Acme has two customers and two trials; Globex an account of the same name that is idle and pays another price."""
    of_acme = [
        *account("a", "CUSTOMER", amount=100, days=12),
        *account("b", "CUSTOMER", amount=50, days=5),
        *account("c", "TRIAL", amount=0, days=1),
        *account("d", "TRIAL", amount=0, days=3),
    ]
    for tenant, items in ((acme, of_acme), (globex, account("a", "CUSTOMER", amount=7, days=0))):
        with tenant_scope(tenant):
            store_items(items, source="test")
            for plugin in PLUGINS:
                activation.enable(plugin)
        call_command("compute", tenant=tenant.slug, plugin=list(PLUGINS), first=DAY, last=DAY, verbosity=0)
    return (
        Caller(acme, create_key(acme, ApiKey.Kind.QUERY), "acme.localhost"),
        Caller(globex, create_key(globex, ApiKey.Kind.QUERY), "globex.localhost"),
    )


def test_usage_and_revenue_of_an_account_stand_side_by_side(callers: tuple[Caller, Caller]) -> None:
    ours, theirs = (caller.data(OVERVIEW, on=str(DAY))["account"] for caller in callers)
    assert ours["usageFrequency"]["activeDays"] == {"value": 12, "frequency": "DAILY"}
    assert ours["revenue"]["mrr"] == {"value": 100}
    assert (ours["name"], ours["plan"], ours["stage"]) == ("A", "pro", "CUSTOMER")
    assert theirs["usageFrequency"]["activeDays"] == {"value": 0, "frequency": "NONE"}
    assert theirs["revenue"]["mrr"] == {"value": 7}


def test_a_metric_is_told_by_stage_of_the_journey(callers: tuple[Caller, Caller]) -> None:
    found = [
        {one["group"]: one["value"] for one in caller.data(BY_STAGE, of=of)["metric"]["compute"]}
        for caller in callers
        for of in [{"on": str(DAY), "groupBy": "stage"}]
    ]
    assert found == [
        {"CUSTOMER": {"value": 100, "n": 2}, "TRIAL": {"value": 50, "n": 2}},
        {"CUSTOMER": {"value": 0, "n": 1}},
    ]
