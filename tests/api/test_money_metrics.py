"""From imported subscriptions and ledger to what is read of money: as a whole, by plan and segment, of one tenant alone."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.management import call_command

from engage_server.access.models import ApiKey
from engage_server.customers.models import Account
from engage_server.customers.windows import day_window
from engage_server.ingest.items import AccountItem, Item, LedgerItem, SubscriptionItem
from engage_server.ingest.store import store_items
from engage_server.operations.keys import create_key
from engage_server.operations.segments import create_segment
from engage_server.plugin_host import activation
from engage_server.segments.evaluation import Evaluation
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.api.conftest import Caller

DAY = date(2026, 6, 30)
PLUGINS = ("revenue", "churn", "customer_value", "unit_economics")
BEGAN = date(2026, 1, 1)


def customer(name: str, plan: str, amount: int, **subscription: object) -> list[Item]:
    began = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        AccountItem(name, plan=plan, stage="CUSTOMER", started_at=began, occurred_at=began),
        SubscriptionItem(
            name, name, **{"starts_on": BEGAN, "plan": plan, "amount": Decimal(amount), **subscription}
        ),
    ]


# In June one of two basic customers leaves, a pro customer doubles, and one comes through a campaign.
ITEMS: tuple[Item, ...] = (
    *customer("a", "pro", 100),
    SubscriptionItem("a", "a", BEGAN, plan="pro", amount=Decimal(200), changed_on=date(2026, 6, 10)),
    *customer("b", "basic", 30, ends_on=date(2026, 6, 20), cancel_reason="price"),
    *customer("c", "basic", 30),
    *customer("d", "pro", 50, starts_on=date(2026, 6, 5), channel="paid"),
    LedgerItem("COST", "ads", Decimal(120), date(2026, 6, 1), category="advertising"),
    LedgerItem("COST", "calls", Decimal(60), date(2026, 6, 1), account="a", category="cs_wages"),
)
QUERY = """query ($on: Date) {
    revenue(on: $on) {
        mrr { value opening new expansion churn channels { channel closing } }
        nrr { value variants { variant months net } }
        quickRatio { value }
    }
    churn(on: $on) { logo { value lost reasons { reason accounts } } grossRevenue { value } }
    customerValue(on: $on) { historical { n highValueFrom } predictive { value isCapped } }
    unitEconomics(on: $on) { cac { value paid } payback { value never } profitability { segments { segment accounts } } }
    account(externalId: "a") { revenue(on: $on) { mrr { value movements { day kind amount } } } }
}"""
GROUPED = """query ($metric: ID!, $of: ComputeInput!) {
    metric(id: $metric) { compute(of: $of) { group value { value n } } }
}"""


def at(tenant: TenantRef, host: str, items: tuple[Item, ...]) -> Caller:
    with tenant_scope(tenant):
        store_items(items, source="test")
        for plugin in PLUGINS:
            activation.enable(plugin)
    return Caller(tenant, create_key(tenant, ApiKey.Kind.QUERY), host)


def read(caller: Caller) -> dict:
    call_command("compute", tenant=caller.tenant.slug, plugin=list(PLUGINS), first=DAY, last=DAY, verbosity=0)
    return caller.data(QUERY, on=str(DAY))


@pytest.fixture
def caller(acme: TenantRef, globex: TenantRef) -> Caller:
    """Acme with four customers; globex has another one."""
    at(globex, "globex.localhost", tuple(customer("a", "pro", 7)))
    return at(acme, "acme.localhost", ITEMS)


def test_money_is_read_as_it_was_sold_and_spent(caller):
    seen = read(caller)
    mrr = seen["revenue"]["mrr"]
    assert (mrr["value"], Decimal(mrr["opening"]), Decimal(mrr["new"])) == (280, 160, 50)
    assert (Decimal(mrr["expansion"]), Decimal(mrr["churn"])) == (100, -30)
    assert {one["channel"]: Decimal(one["closing"]) for one in mrr["channels"]} == {"": 230, "paid": 50}
    assert seen["revenue"]["nrr"]["value"] == pytest.approx(100 * 230 / 160)
    assert seen["revenue"]["quickRatio"]["value"] == 5
    logo = seen["churn"]["logo"]
    assert (logo["value"], logo["lost"]) == (pytest.approx(100 / 3), 1)
    assert logo["reasons"] == [{"reason": "price", "accounts": 1}]
    assert seen["churn"]["grossRevenue"]["value"] == pytest.approx(100 * 30 / 160)
    assert seen["customerValue"]["historical"]["n"] == 4
    economics = seen["unitEconomics"]
    assert economics["cac"] == {"value": 120, "paid": 120}
    assert economics["payback"] == {"value": pytest.approx(120 / (280 / 3)), "never": False}
    assert economics["profitability"]["segments"] == [
        {"segment": "basic", "accounts": 2},
        {"segment": "pro", "accounts": 2},
    ]
    own = seen["account"]["revenue"]["mrr"]
    assert (own["value"], own["movements"][0]["kind"], own["movements"][0]["day"]) == (
        200,
        "EXPANSION",
        "2026-06-10",
    )


def test_the_money_of_one_tenant_is_no_other_ones(acme, globex):
    callers = [at(acme, "acme.localhost", ITEMS), at(globex, "globex.localhost", ITEMS)]
    before = [read(one) for one in callers]
    assert before[0] == before[1]
    with tenant_scope(acme):
        store_items(customer("e", "pro", 1000), source="test")
    changed, other = (read(one) for one in callers)
    assert changed["revenue"]["mrr"]["value"] == 1280
    assert other == before[1]


@pytest.mark.parametrize(
    ("metric", "basic", "pro"),
    [
        ("churn.logo", 50, 0),
        ("revenue.mrr", 30, 250),
        ("revenue.arppu", 30, 125),
        ("customer_value.predictive", 30 * 10, 125 * 60),
    ],
)
def test_every_money_metric_is_told_by_plan(caller, metric, basic, pro):
    found = caller.data(GROUPED, metric=metric, of={"on": str(DAY), "groupBy": "plan"})["metric"]["compute"]
    values = {one["group"]: one["value"]["value"] for one in found}
    assert values == {"basic": pytest.approx(basic), "pro": pytest.approx(pro)}


def test_customers_of_high_value_are_a_segment_of_the_tenants_own_definition(caller):
    threshold = read(caller)["customerValue"]["historical"]["highValueFrom"]
    with tenant_scope(caller.tenant):
        condition = {"type": "metric", "metric": "customer_value.historical", "at_least": threshold}
        segment = create_segment("High value", {"subject": "account", "condition": condition})
        members = Evaluation(day_window(DAY, caller.tenant.timezone)).members(segment.number)
        assert list(Account.objects.filter(pk__in=members).values_list("external_id", flat=True)) == ["a"]
