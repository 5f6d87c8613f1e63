"""Costs, one-off revenues and opportunities come in by calls and files, each entry once, and restate their days."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.models import Account, LedgerEntry
from engage_server.customers.windows import day_window
from engage_server.engine.models import AffectedDay
from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.items import LedgerItem
from engage_server.ingest.protocols.segment.ledger import read_entry
from engage_server.ingest.store import store_items
from engage_server.sdk import Ledger
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope

DAY = date(2026, 6, 10)


def store(tenant: TenantRef, *items: LedgerItem) -> None:
    with tenant_scope(tenant):
        store_items(items, source="test")


def ledger(tenant: TenantRef, spec: Ledger, on: date = DAY) -> list[tuple]:
    with tenant_scope(tenant):
        frame = RESOLVERS[Ledger](spec, day_window(on, tenant.timezone))
        names = dict(Account.objects.values_list("pk", "external_id"))
    return sorted((row[1], names.get(row[2]), *row[3:]) for row in frame.rows())


COST = LedgerItem("COST", "c", Decimal("12.5"), DAY, category="support", included_in_crc=False)
WON = LedgerItem("OPPORTUNITY", "o", Decimal(900), date(2026, 3, 1), account="a", stage="won", closes_on=DAY)


def test_entries_of_the_window_are_those_of_the_tenant_and_exact(acme, globex):
    store(acme, COST, WON, LedgerItem("REVENUE", "r", Decimal("0.1"), DAY, account="a", currency="EUR"))
    cost = ("c", None, "support", Decimal("12.5000"), "USD", DAY, "", None, False)
    revenue = ("r", "a", "", Decimal("0.1000"), "EUR", DAY, "", None, True)
    won = ("o", "a", "", Decimal("900.0000"), "USD", date(2026, 3, 1), "won", DAY, True)
    assert ledger(acme, Ledger(days=1)) == [cost, revenue]
    assert ledger(acme, Ledger(kinds=("COST",))) == [cost]
    assert ledger(acme, Ledger(ever=True)) == [cost, won, revenue]
    assert ledger(acme, Ledger(period="month"), date(2026, 6, 9)) == []
    assert ledger(acme, Ledger(period="year"), date(2026, 6, 9)) == [won]
    assert ledger(globex, Ledger(ever=True)) == []


def test_an_entry_told_again_replaces_itself_and_marks_both_of_its_days(acme):
    store(acme, COST, COST)
    with shared_scope():
        assert set(AffectedDay.objects.values_list("cause", "day")) == {("LEDGER", DAY)}
        AffectedDay.objects.all().delete()
    store(acme, COST)
    with shared_scope():
        assert not AffectedDay.objects.exists()
    moved = LedgerItem("COST", "c", Decimal(1), date(2026, 6, 2))
    store(acme, moved, WON, LedgerItem("OPPORTUNITY", "o", Decimal(5), DAY, account="a", stage="lost"))
    with tenant_scope(acme):
        stored = sorted(LedgerEntry.objects.values_list("kind", "stage", "amount"))
    assert stored == [("COST", "", 1), ("OPPORTUNITY", "lost", 5), ("OPPORTUNITY", "won", 900)]
    with shared_scope():
        days = set(AffectedDay.objects.values_list("day", flat=True))
    assert days == {DAY, date(2026, 6, 2), date(2026, 3, 1)}


def test_calls_become_entries_and_wrong_ones_are_refused_by_property():
    def read(name: str, account: str | None = None, **properties: object) -> LedgerItem:
        return read_entry(name, {"id": 7, **properties}, account=account, today=DAY, zone=UTC)

    assert read("Cost Recorded", amount="12.5", category="support", included_in_crc=False) == LedgerItem(
        "COST", "7", Decimal("12.5"), DAY, category="support", included_in_crc=False
    )
    won = read(
        "Opportunity Updated", "a", stage="won", amount=900, on="2026-03-01", closes_on=DAY.isoformat()
    )
    assert won == LedgerItem(**{**{f: getattr(WON, f) for f in WON.__dataclass_fields__}, "external_id": "7"})
    for name, account, properties, named in (
        ("Cost Recorded", None, {}, "amount"),
        ("Revenue Recorded", None, {"amount": "much"}, "amount"),
        ("Opportunity Updated", "a", {"amount": 1}, "stage"),
        ("Opportunity Updated", None, {"stage": "won"}, "account"),
        ("Cost Recorded", None, {"amount": 1, "included_in_crc": "no"}, "included_in_crc"),
    ):
        with pytest.raises(ItemError, match=named):
            read(name, account, **properties)


def test_a_file_of_costs_is_imported_and_rows_that_make_no_sense_are_rejected(acme, globex, tmp_path):
    file = tmp_path / "costs.csv"
    file.write_text(
        "id,kind,date,amount,stage,account\n1,cost,2026-06-10,5,,\n2,opportunity,2026-06-10,5,,a\n"
    )
    with pytest.raises(CommandError):
        call_command(
            "import", "ledger", str(file), "--map", "external_id=id,occurred_on=date", tenant="acme", stdout=StringIO()
        )  # fmt: skip
    assert [row[0] for row in ledger(acme, Ledger())] == ["1"]
    assert ledger(globex, Ledger()) == []


def test_a_call_from_a_server_enters_the_ledger_and_one_from_a_client_does_not(acme):
    from engage_server.ingest.source_rules import _restrict_client

    with pytest.raises(ItemError, match="Remedy: send it from a server"):
        _restrict_client(COST, datetime.now(UTC))
