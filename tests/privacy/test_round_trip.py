"""What a tenant exports as Parquet goes into another one by `manage.py import`, with equal rows and equal values."""

import csv
import gzip
import json
import stat
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from engage_server.activity.models import Feature
from engage_server.customers.models import Account
from engage_server.ingest.items import (
    AccountItem,
    AliasItem,
    MembershipItem,
    PersonItem,
    PersonKey,
    ResponseItem,
    SubscriptionItem,
)
from engage_server.metrics.models import MetricValue
from engage_server.operations.tenants import onboard
from engage_server.plugin_host import activation
from engage_server.privacy import requests
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.privacy.scenario import FIRST, compute, noon, send, store, use
from tests.privacy.test_erasure import plant
from tests.privacy.test_exports import hash_of

ROWS = """
    WITH named AS (
        SELECT person.*, COALESCE(person.external_id, (
            SELECT min(alias) FROM customers_personalias WHERE person_id = person.id)) AS name
        FROM customers_person person
    )
    SELECT 'account', (external_id, name, plan, stage, started_at, traits,
        (SELECT external_id FROM customers_account WHERE id = account.parent_id))::text
    FROM customers_account account
    UNION ALL
    SELECT 'person', (name, external_id, traits, is_excluded, consents,
        (SELECT name FROM named root WHERE root.id = named.merged_into_id))::text FROM named
    UNION ALL
    SELECT 'name', (alias, is_firm, tied_at, (SELECT name FROM named WHERE id = one.person_id),
        (SELECT name FROM named WHERE id = one.tied_to_id))::text FROM customers_personalias one
    UNION ALL
    SELECT 'membership', (named.name, account.external_id, starts_at, ends_at)::text
    FROM customers_membership membership JOIN named ON named.id = person_id
    JOIN customers_account account ON account.id = account_id
    UNION ALL
    SELECT 'response', (response.external_id, instrument, named.name, account.external_id, scale_min, scale_max,
        direction, score, text, occurred_at)::text
    FROM customers_surveyresponse response LEFT JOIN named ON named.id = person_id
    LEFT JOIN customers_account account ON account.id = account_id
    UNION ALL
    SELECT 'subscription', (one.external_id, account.external_id, one.plan, seats, amount, currency, interval_months,
        is_trial, status, starts_on, ends_on)::text
    FROM customers_subscription one JOIN customers_account account ON account.id = account_id
    UNION ALL
    SELECT 'event name', (name.name, event_class, feature.name)::text
    FROM activity_eventname name LEFT JOIN activity_feature feature ON feature.id = feature_id
    ORDER BY 1, 2
"""


def rows_of(tenant: TenantRef) -> list[tuple[str, str]]:
    with tenant_scope(tenant), connection.cursor() as cursor:
        cursor.execute(ROWS)
        return cursor.fetchall()


def values_of(tenant: TenantRef) -> dict[tuple, tuple]:
    """The values in force, by metric, day and subject's name."""
    with tenant_scope(tenant):
        names = {
            "account": dict(Account.objects.values_list("id", "external_id")),
            "feature": dict(Feature.objects.values_list("id", "name")),
            "tenant": {0: ""},
        }
        return {
            (one.metric, one.day, one.subject_kind, names[one.subject_kind][one.subject_id]): (
                one.value,
                one.status,
                one.n,
            )
            for one in MetricValue.objects.filter(superseded_at=None)
        }


def furnish(tenant: TenantRef) -> None:
    """A bit of everything, and names that are not as they should be."""
    plant(tenant)
    berlin = datetime(2026, 5, 31, 22, tzinfo=UTC)
    store(
        tenant,
        AccountItem("group", name=' "Group", Ltd', plan="pro", traits={"tier": 1, "n": 12345678901234567890}),
        AccountItem("acct", parent="group", stage="TRIAL", started_at=berlin),
        AccountItem("NULL", name="NULL"),
        AccountItem("4711.0", name="'=1+1"),
        SubscriptionItem("s1", "acct", date(2026, 1, 1), seats=10, amount=Decimal("99.9"), plan="pro"),
        SubscriptionItem("s2", "group", date(2026, 2, 1), date(2026, 6, 3), currency="EUR", is_trial=True),
        PersonItem(PersonKey("robot"), is_excluded=True),
        PersonItem(PersonKey(anonymous_id="visitor"), {"utm": " spaced "}),
        PersonItem(PersonKey(" spaced "), {"name": "x"}),
        MembershipItem(PersonKey(anonymous_id="visitor"), "group", noon(FIRST)),
        MembershipItem(PersonKey("bob"), "acct", noon(FIRST), noon(FIRST + timedelta(days=1))),
        MembershipItem(PersonKey("bob"), "group", noon(FIRST + timedelta(days=1))),
        ResponseItem("r3", "nps", Decimal(0), Decimal(10), noon(FIRST),
                     person=PersonKey(anonymous_id="visitor"), account="4711.0", text="  =1+1\n",
                     tags=("a, b; c", "ui"), metric="nps.score"),
        ResponseItem("f1", "feedback", None, None, noon(FIRST), person=PersonKey("bob"), account="acct", text=" Slow. ",
                     given_by="STAFF", tags=("speed",)),
        use("e9", "bob", FIRST, account="4711.0"),
        use("e10", "robot", FIRST),
        use("e11", " spaced ", FIRST),
        AliasItem("old-bob", "bob"),
    )  # fmt: skip
    send(
        tenant,
        {"type": "page", "anonymousId": "visitor", "name": "Home", "timestamp": noon(FIRST).isoformat()},
        {"type": "track", "anonymousId": "phone", "event": "Opened", "timestamp": noon(FIRST).isoformat()},
        {
            "type": "identify",
            "userId": "carl",
            "anonymousId": "phone",
            "timestamp": noon(FIRST + timedelta(days=1)).isoformat(),
        },
        {"type": "track", "userId": "carl", "event": "Opened", "timestamp": noon(FIRST).isoformat()},
    )
    with tenant_scope(tenant):
        requests.set_consent("carl", consents=False)


@pytest.fixture
def elsewhere(db: None) -> TenantRef:
    return onboard(
        slug="elsewhere", name="Acme", domain="elsewhere.localhost", timezone="Europe/Berlin"
    ).tenant


def export(directory: Path, *options: str) -> Path:
    call_command("tenant", "export", "acme", "--export-dir", str(directory), *options, stdout=StringIO())
    (folder,) = directory.glob("acme-*")
    return folder


def take_in(folder: Path, slug: str) -> None:
    for one in json.loads((folder / "manifest.json").read_text())["imports"]:
        source = {"source": one["source"]} if "source" in one else {}
        call_command(
            "import", one["kind"], str(folder / one["file"]), "--exact", tenant=slug, stdout=StringIO(), **source
        )  # fmt: skip


def test_an_export_goes_into_another_tenant_with_equal_rows_and_values(acme, globex, elsewhere, tmp_path):
    furnish(acme)
    folder = export(tmp_path, "--format", "parquet")
    take_in(folder, "elsewhere")
    assert rows_of(elsewhere) == rows_of(acme)
    assert hash_of(elsewhere) == hash_of(acme)
    with tenant_scope(acme):
        plugins = tuple(sorted(activation.active_ids()))
    compute(acme, days=4, plugins=plugins)
    compute(elsewhere, days=4, plugins=plugins)
    values = values_of(acme)
    assert values_of(elsewhere) == values
    assert {kind for _, _, kind, _ in values} == {"account", "feature", "tenant"}
    assert sum(1 for value, status, _ in values.values() if value and status == "OK") > 20
    assert [row for row in rows_of(globex) if row[0] != "event name"] == []
    take_in(folder, "elsewhere")
    assert rows_of(elsewhere) == rows_of(acme)


def test_who_is_suppressed_does_not_come_up_elsewhere(acme, elsewhere, tmp_path):
    furnish(acme)
    with tenant_scope(acme):
        requests.request_erasure("bob")
    take_in(export(tmp_path, "--format", "parquet"), "elsewhere")
    assert "bob" in str(rows_of(acme))
    assert "bob" not in str(rows_of(elsewhere))
    assert "carl" in str(rows_of(elsewhere))


@pytest.mark.parametrize("options", [(), ("--format", "parquet")])
def test_an_export_is_readable_for_its_owner_alone(acme, tmp_path, options):
    folder = export(tmp_path / "new" / "exports", *options)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder.parent, folder.parent.parent)} == {
        0o700
    }


def test_a_csv_export_holds_no_formula_and_is_read_as_it_was(acme, tmp_path):
    names = {"a": "=1+1", "b": "+49 30", "c": "'=1", "d": "'tHooft", "e": "-", "f": "@x", "g": "plain"}
    store(acme, *[AccountItem(key, name=name) for key, name in names.items()])
    folder = export(tmp_path)
    table = gzip.decompress((folder / "customers_account.csv.gz").read_bytes()).decode()
    told = {row["name"] for row in csv.DictReader(table.splitlines())}
    assert told == {"'=1+1", "'+49 30", "''=1", "'tHooft", "'-", "'@x", "plain"}
    Path(tmp_path / "a.csv").write_text(table.replace("parent_id", "above"))
    with tenant_scope(acme):
        Account.objects.all().delete()
    call_command("import", "accounts", str(tmp_path / "a.csv"), tenant="acme", stdout=StringIO())
    with tenant_scope(acme):
        assert dict(Account.objects.values_list("external_id", "name")) == names


def test_a_person_s_export_is_readable_for_its_owner_alone(acme, tmp_path):
    plant(acme)
    call_command("privacy", "export", "bob", "--tenant", "acme", "--out", str(tmp_path / "bob.json"))
    call_command("privacy", "tombstones", "export", str(tmp_path / "tombstones.ndjson"))
    for name in ("bob.json", "tombstones.ndjson"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
