"""Every plugin that is installed computes from stored rows: two tenants, a day and the next, and verification agrees."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from engage_server.activity.models import EventName
from engage_server.customers.models import Account, LedgerEntry, Subscription, SurveyResponse
from engage_server.engine import executor
from engage_server.engine.verification import Verdict, verify
from engage_server.ingest.items import AccountItem, EventItem, MembershipItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.metrics.models import MetricValue
from engage_server.operations.feedback import record_feedback
from engage_server.operations.plugins import configure_plugin, enable_plugin
from engage_server.plugin_host.registry import registry
from engage_server.tenancy.scope import TenantRef, tenant_scope

LAST = date(2026, 6, 30)
ACCOUNTS = ("a", "b")
NAMES = ("Signed Up", "saved", "shared", "opened")
DAYS, LONG_AGO = 40, 90
# What a plugin cannot know by itself.
CONFIGURED = {
    "funnel": {"steps": ["Signed Up", "shared"]},
    "task_completion": {"start_event": "saved", "completion_event": "shared"},
}
# What goes with what is said of no fewer than twenty persons or accounts, a cause only where figures suggest one, and
# contacts only of events that stand for some.
NEED_MORE = {"aha", "correlation", "diagnosis", "vendor_effort"}


def noon(days_ago: int, **later: int) -> datetime:
    return datetime(LAST.year, LAST.month, LAST.day, 12, tzinfo=UTC) - timedelta(days=days_ago, **later)


def fill(tenant: TenantRef, *, persons: int) -> None:
    """Rows of every kind: persons of two accounts who sign up and come back, money, seats, answers, words, costs."""
    with tenant_scope(tenant):
        EventName.objects.create(name="Signed Up")
        store_items(
            [
                AccountItem(name, name=name.upper(), plan="pro", stage="CUSTOMER", occurred_at=noon(DAYS))
                for name in ACCOUNTS
            ],
            source="web",
        )
        for number in range(persons):
            key, account = PersonKey(user_id=f"p{number}"), ACCOUNTS[number % 2]
            # The first was there long before the others, who are sign-ups therefore.
            born = LONG_AGO if number == 0 else DAYS - 3 * number
            items = [MembershipItem(key, account, noon(born, hours=1))]
            for day in range(born, -1, -1 - number % 4):
                for place, name in enumerate(NAMES[day != born :]):
                    at = noon(day) + timedelta(minutes=20 * place + number)
                    items.append(EventItem(f"{number}-{day}-{place}", name, key, at, at))
            store_items(items, source="web")
        for account in Account.objects.all():
            Subscription.objects.create(
                external_id=f"s{account.external_id}", account=account, seats=3, amount=50, plan="pro",
                starts_on=LAST - timedelta(days=DAYS),
                ends_on=LAST - timedelta(days=2) if account.external_id == "b" else None,
            )  # fmt: skip
            for instrument, lowest, highest in (("nps", 0, 10), ("ces", 1, 7), ("csat", 1, 5)):
                SurveyResponse.objects.create(
                    external_id=f"{instrument}{account.external_id}", instrument=instrument, account=account,
                    scale_min=lowest, scale_max=highest, score=highest, occurred_at=noon(2),
                )  # fmt: skip
            record_feedback(
                "Slow today.", given_by=SurveyResponse.GivenBy.CUSTOMER, account=account.external_id,
                tags=("speed", "web"), occurred_at=noon(1),
            )  # fmt: skip
        LedgerEntry.objects.create(
            kind="COST", external_id="c", category="sales", amount=100, occurred_on=LAST - timedelta(days=5)
        )


def enable_all(tenant: TenantRef) -> None:
    for plugin in sorted(registry().plugins):
        enable_plugin(tenant, plugin, agree=True)
        if plugin in CONFIGURED:
            configure_plugin(tenant, plugin, CONFIGURED[plugin])


def values(tenant: TenantRef) -> Counter[str]:
    """How many values with a number each plugin has, of both days."""
    with tenant_scope(tenant):
        found = MetricValue.objects.filter(value__isnull=False).values_list("metric", flat=True)
        return Counter(metric.partition(".")[0] for metric in found)


@pytest.fixture
def computed(acme: TenantRef, globex: TenantRef) -> tuple[TenantRef, TenantRef]:
    """Both tenants with every plugin enabled; only the first has data."""
    fill(acme, persons=12)
    for tenant in (acme, globex):
        enable_all(tenant)
        executor.backfill(
            tenant, plugins=sorted(registry().plugins), first=LAST - timedelta(days=1), last=LAST,
            progress=lambda *told: None,
        )  # fmt: skip
    return acme, globex


def test_every_plugin_computes_from_stored_rows_and_verification_agrees(computed: tuple) -> None:
    acme, globex = computed
    found = verify(acme)
    assert {finding.verdict for finding in found} == {Verdict.EQUAL}
    told = values(acme)
    silent = {plugin for plugin in registry().plugins if not told[plugin]}
    assert silent == NEED_MORE
    # The other tenant has no row of anything: whatever has a number there counts none of acme's.
    with tenant_scope(globex):
        numbers = MetricValue.objects.filter(value__isnull=False).exclude(value=0)
        assert list(numbers.values_list("metric", "value")) == []


def test_no_plugin_asks_more_for_more_accounts(acme: TenantRef, globex: TenantRef) -> None:
    asked: list[Counter[str]] = []
    for tenant, more in ((acme, 0), (globex, 30)):
        fill(tenant, persons=6)
        with tenant_scope(tenant):
            store_items([AccountItem(f"x{n}", occurred_at=noon(DAYS)) for n in range(more)], source="web")
        counted: Counter[str] = Counter()
        enable_all(tenant)

        def count(run, statement, *rest, into=counted):
            into[str(statement)] += 1
            return run(statement, *rest)

        with connection.execute_wrapper(count):
            executor.backfill(
                tenant, plugins=sorted(registry().plugins), first=LAST, last=LAST,
                progress=lambda *told: None,
            )  # fmt: skip
        asked.append(counted)
    few, many = (sum(counted.values()) for counted in asked)
    assert many <= few + 5
