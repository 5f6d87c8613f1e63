"""Two tenants with the same names and different data, and a way to ask who fits a condition."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.models import Account, Person
from engage_server.customers.windows import day_window
from engage_server.definitions.kinds import read_body
from engage_server.ingest.items import (
    AccountItem,
    EventItem,
    MembershipItem,
    PersonItem,
    PersonKey,
    ResponseItem,
)
from engage_server.ingest.store import store_items
from engage_server.segments.body import SegmentBody
from engage_server.segments.evaluation import Evaluation
from engage_server.tenancy.scope import TenantRef, tenant_scope

DAY = date(2026, 3, 20)
NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)


def use(user: str, name: str = "saved", *, before: int = 0, account: str | None = None) -> EventItem:
    at = NOON - timedelta(days=before)
    return EventItem(
        f"{user} {name} {before} {account}", name, PersonKey(user_id=user), at, at, account=account
    )


def answer(user: str, score: int, *, before: int = 0) -> ResponseItem:
    at = NOON - timedelta(days=before)
    return ResponseItem(
        f"{user} {before}",
        "nps",
        Decimal(0),
        Decimal(10),
        at,
        score=Decimal(score),
        person=PersonKey(user_id=user),
    )


def member(user: str, account: str) -> MembershipItem:
    return MembershipItem(PersonKey(user_id=user), account, NOON - timedelta(days=300))


SEED = [
    AccountItem("group", plan="enterprise", traits={"industry": "bank", "size": 900}),
    AccountItem("north", parent="group", plan="pro", traits={"industry": "bank", "size": "40", "tags": ["vip", "eu"]}),
    AccountItem("pier", parent="north", plan="pro", stage="TRIAL", traits={"industry": "retail", "size": 5.5}),
    AccountItem("solo", traits={"industry": "retail", "active": True}),
    PersonItem(PersonKey(user_id="ada"), traits={"role": "admin"}),
    PersonItem(PersonKey(user_id="bob"), traits={"role": "user"}),
    PersonItem(PersonKey(user_id="cyd")),
    PersonItem(PersonKey(user_id="bot"), traits={"role": "admin"}, is_excluded=True),
    member("ada", "north"), member("bob", "north"), member("cyd", "solo"), member("bot", "solo"),
    use("ada"), use("ada", before=3), use("ada", before=29), use("bob", before=10), use("bot"),
    use("cyd", "looked", before=40), use("bob", "exported", before=2, account="pier"),
    answer("ada", 10), answer("bob", 9, before=50), answer("bob", 3, before=1),
]  # fmt: skip


@pytest.fixture
def filled(acme: TenantRef, globex: TenantRef) -> TenantRef:
    """Acme with all of it; globex has the same names, and nobody on a plan or active there."""
    for tenant, items in ((globex, [AccountItem("north"), use("ada", "other")]), (acme, SEED)):
        with tenant_scope(tenant):
            store_items(items, source="web")
            Account.objects.update(created_at=NOON - timedelta(days=400))
            Person.objects.update(created_at=NOON - timedelta(days=400))
    return acme


@pytest.fixture
def fitting(filled: TenantRef) -> Callable[..., set[str]]:
    """External ids of those of whom a condition holds in acme on a day."""

    def ask(subject: str, condition: Any, day: date = DAY) -> set[str]:
        with tenant_scope(filled), current_rollups():
            body = read_body(SegmentBody, {"subject": subject, "condition": condition})
            assert body.condition is not None
            found = Evaluation(day_window(day, filled.timezone)).fitting(body.condition, body.subject)
            rows = Account.objects if subject == "account" else Person.objects
            return set(rows.filter(pk__in=found).values_list("external_id", flat=True))

    return ask
