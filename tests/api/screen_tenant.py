"""A tenant with all that the screens of a front end show: values of 91 days, customers, what they pay and say."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from engage_server.customers.models import Account, Membership, Person, Subscription, SurveyResponse
from engage_server.ingest.items import EventItem, PersonItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.metrics import bulk_copy
from engage_server.metrics.layouts import pack_stored
from engage_server.plugin_host import activation
from engage_server.sdk import Subject
from engage_server.tenancy.scope import TenantRef, tenant_scope

ACCOUNTS: Final = 60
DAYS: Final = 91
PLUGINS: Final = ("health_score", "nps", "usage_frequency", "license_utilization", "revenue", "adoption")
PART: Final = {"points": None, "weight": None, "n": None, "note": ""}


def fill(tenant: TenantRef, *, accounts: int = ACCOUNTS, metrics: Collection[str] | None = None) -> date:
    """Fill the tenant; its newest day, which is yesterday of its calendar.

    ``metrics``: those of accounts that have values; None: all of ``PLUGINS``.
    """
    today = datetime.now(tenant.zone).date()
    with tenant_scope(tenant):
        for plugin in PLUGINS:
            activation.enable(plugin)
        rows = _customers(accounts, today)
        _events(rows)
        last = today - timedelta(days=1)
        for ago in range(DAYS):
            _values(tenant, rows, last - timedelta(days=ago), ago, metrics)
    return last


def _customers(count: int, today: date) -> list[Account]:
    rows = Account.objects.bulk_create(
        Account(
            external_id=f"a{n:02}",
            name=f"Account {n:02}",
            plan="pro" if n % 2 else "free",
            stage="CUSTOMER" if n % 3 else "TRIAL",
            owner=f"owner {n % 4}",
            traits={"region": "EU" if n % 5 else "US"},
            started_at=datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=n),
        )
        for n in range(count)
    )
    persons = Person.objects.bulk_create(
        Person(external_id=f"p{n:02}@example.test", traits={"email": f"p{n:02}@example.test"})
        for n in range(2 * count)
    )
    Membership.objects.bulk_create(
        Membership(person=person, account=rows[n // 2], starts_at=datetime(2025, 6, 1, tzinfo=UTC))
        for n, person in enumerate(persons)
    )
    Subscription.objects.bulk_create(
        Subscription(
            external_id=f"s{n:02}",
            account=row,
            plan=row.plan,
            seats=10,
            amount=Decimal(1200 + 12 * n),
            currency="EUR",
            interval_months=12,
            starts_on=today - timedelta(days=200),
            ends_on=today + timedelta(days=100 + n),
        )
        for n, row in enumerate(rows)
    )
    SurveyResponse.objects.bulk_create(
        SurveyResponse(
            external_id=f"r{n:02}",
            instrument="nps",
            person=person,
            account=rows[n // 2],
            scale_min=0,
            scale_max=10,
            score=n % 11,
            text=f"Answer {n}",
            occurred_at=datetime.now(UTC) - timedelta(days=n + 1),
        )
        for n, person in enumerate(persons)
    )
    return rows


def _events(rows: list[Account]) -> None:
    """Of the first three accounts on each of 20 days what a member does, and a call with one; a bot does the same."""
    now = datetime.now(UTC)
    items: list[Any] = [PersonItem(PersonKey("bot"), {}, is_excluded=True)]
    for place, row in enumerate(rows[:3]):
        for ago in range(20):
            at = now - timedelta(days=ago, minutes=place + 1)
            for name, user in (
                ("report_saved", f"p{2 * place:02}@example.test"),
                ("call", f"p{2 * place + 1:02}@example.test"),
            ):
                # The first name the account themselves; with the others the membership tells it.
                account = row.external_id if name == "call" else None
                items.append(
                    EventItem(f"{name}{place}.{ago}", name, PersonKey(user), at, at, account=account)
                )
            items.append(
                EventItem(f"bot{place}.{ago}", "crawl", PersonKey("bot"), at, at, account=row.external_id)
            )
    store_items(items, source="app")


def _values(
    tenant: TenantRef, rows: list[Account], day: date, ago: int, metrics: Collection[str] | None
) -> None:
    end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    lineage = bulk_copy.Lineage(
        run_id=1, day=day, timezone=tenant.timezone, window_end=end, plugin_version="1.0.0", configuration_version=1,
        input_digest="0" * 32, data_as_of=end,
    )  # fmt: skip
    values = []
    for place, row in enumerate(rows):
        of_it = Subject("account", row.pk)
        # Health falls by a point in three days, more in places behind.
        health = max(0.0, 90.0 - place % 90 - (DAYS - ago) // 3)
        figures = [
            _value("health_score.score", of_it, health, end, band="RED" if health < 50 else "GREEN"),
            _value("nps.score", of_it, float(place - 30), end),
            _value("usage_frequency.active_days", of_it, float(place % 28), end),
            _value("license_utilization.utilization", of_it, float(place % 100), end),
            _value("revenue.mrr", of_it, 100.0 + place, end),
        ]
        values += [one for one in figures if metrics is None or one.metric in metrics]
    tenants = {
        "health_score.portfolio_quality": 60.0,
        "nps.score": 10.0 - ago % 7,
        "revenue.mrr": 6_000.0 + ago,
    }
    values += [_value(metric, Subject("tenant", 0), value, end) for metric, value in tenants.items()]
    bulk_copy.copy_values(values, lineage)


def _value(metric: str, subject: Subject, value: float, end: datetime, **details: Any) -> bulk_copy.Row:
    parts = [
        {**PART, "key": "use", "label": "Use", "value": value, "points": value / 2, "n": 40},
        {**PART, "key": "voice", "label": "Voice", "value": value, "points": value / 2, "n": 40},
    ]
    packed = pack_stored(parts, details)
    return bulk_copy.Row(
        metric=metric, subject_kind=subject.kind, subject_id=subject.id, value=Decimal(str(value)), status="OK", n=40,
        layout=packed.layout, figures=packed.figures, window_days=1, window_start=end - timedelta(days=1),
        definition_version=1,
    )  # fmt: skip
