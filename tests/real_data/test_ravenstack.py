"""Subscriptions with overlaps, trials and gaps, and a usage file with ids that stand in it twice."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from engage_server.customers.models import Account
from engage_server.plugin_host import activation
from engage_server.sdk import TENANT, Seats
from engage_server.sdk.recurring import KINDS
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.real_data.conftest import DATA, compute, import_file, resolve

# Without it the whole module would work on the database of the settings and not on the tests'.
pytestmark = pytest.mark.django_db

SUBSCRIPTIONS = (
    "external_id=subscription_id,account=account_id,starts_on=start_date,ends_on=end_date,plan=plan_tier,"
    "amount=mrr_amount"
)


@pytest.fixture(scope="module")
def ravenstack(
    new_tenant: Callable[[str, str], TenantRef], tmp_path_factory: pytest.TempPathFactory
) -> tuple[TenantRef, Path]:
    tmp = tmp_path_factory.mktemp("ravenstack")
    tenant = new_tenant("ravenstack", "UTC")
    accounts = import_file(
        tenant,
        "accounts",
        DATA / "ravenstack_accounts.csv.gz",
        "external_id=account_id,name=account_name,plan=plan_tier,started_at=signup_date",
        rejects=tmp / "accounts.ndjson",
        traits="industry,country",
    )
    assert accounts["stored"] == 500
    subscriptions = import_file(
        tenant,
        "subscriptions",
        DATA / "ravenstack_subscriptions.csv.gz",
        SUBSCRIPTIONS,
        rejects=tmp / "subscriptions.ndjson",
        set=["interval_months=1"],
    )
    assert subscriptions["stored"] == 5_000
    return tenant, tmp


@pytest.mark.parametrize("month_end", ["2023-06-30", "2023-12-31", "2024-06-30", "2024-12-31"])
def test_seats_and_subscriptions_at_the_month_end(ravenstack, expected, month_end):
    tenant, _ = ravenstack
    wanted = expected["ravenstack"]["month_ends"][month_end]
    frame = resolve(tenant, Seats(), date.fromisoformat(month_end))
    measured = {
        "subs": frame.height,
        "accounts": frame["account"].n_unique(),
        "mrr": int(frame["mrr"].cast(pl.Decimal(20, 4)).sum()),
        "seats": frame["seats"].sum(),
        "trial_subs": frame["is_trial"].sum(),
    }
    assert measured == {name: wanted[name] for name in measured}


@pytest.mark.parametrize("month_end", ["2023-06-30", "2023-12-31", "2024-06-30", "2024-12-31"])
def test_the_revenue_plugin_says_the_same_revenue_and_how_it_came_to_be(ravenstack, expected, month_end):
    tenant, _ = ravenstack
    wanted = expected["ravenstack"]["month_ends"][month_end]
    with tenant_scope(tenant):
        activation.enable("revenue")
    values = {
        one.measurement.metric: one.measurement
        for one in compute(tenant, "revenue", date.fromisoformat(month_end))
        if one.measurement.subject == TENANT
    }
    mrr = values["mrr"]
    assert mrr.value == wanted["mrr_no_trial"] == wanted["mrr"]
    assert mrr.details.subscriptions == wanted["subs"] - wanted["trial_subs"]
    moved = (getattr(mrr.details, kind) for kind in KINDS)
    assert mrr.details.opening + sum(moved) == mrr.details.closing
    assert values["arr"].value == 12 * wanted["mrr"]
    check = values["arppu"].details.cross_check
    assert check.agrees
    assert check.subscribers == mrr.details.subscribers


def test_the_seats_of_half_a_year_before(ravenstack, expected):
    tenant, _ = ravenstack
    before = resolve(tenant, Seats(ends_before=184), date(2024, 12, 31))
    assert before["seats"].sum() == expected["ravenstack"]["month_ends"]["2024-06-30"]["seats"]
    values = compute(tenant, "license_utilization", date(2024, 12, 31), change_days=184)
    change = next(
        v.measurement
        for v in values
        if v.measurement.subject.kind == "tenant" and v.measurement.metric == "seat_change"
    )
    paid = before.filter(~pl.col("is_trial"))["seats"].sum()
    assert change.details.previous_seats == paid
    assert change.value == change.details.seats - paid


def test_the_license_plugin_counts_the_same_seats(ravenstack, expected):
    tenant, _ = ravenstack
    seats = {}
    for include_trials in (True, False):
        values = compute(tenant, "license_utilization", date(2024, 12, 31), include_trials=include_trials)
        total = next(v.measurement for v in values if v.measurement.subject.kind == "tenant")
        seats[include_trials] = total.details.seats
    assert seats[True] == expected["ravenstack"]["month_ends"]["2024-12-31"]["seats"]
    assert seats[False] + total.details.trial_seats == seats[True]


def test_satisfaction_with_support_tickets(ravenstack, expected):
    tenant, tmp = ravenstack
    summary = import_file(
        tenant,
        "responses",
        DATA / "ravenstack_support_tickets.csv.gz",
        "external_id=ticket_id,account=account_id,occurred_at=submitted_at,score=satisfaction_score",
        rejects=tmp / "tickets.ndjson",
        set=["instrument=csat_support", "direction=UP", "scale=1-5"],
    )
    assert summary["read"] == summary["stored"]
    years = [
        next(
            v.measurement
            for v in values
            if v.measurement.subject.kind == "tenant" and v.measurement.metric == "score"
        )
        for day in (date(2023, 12, 31), date(2024, 12, 31))
        for values in [compute(tenant, "csat", day, window_days=366 if day.year == 2024 else 365)]
    ]
    n = sum(year.n for year in years)
    assert n == expected["ravenstack"]["csat_n"]
    assert n + sum(year.details.dismissed for year in years) == summary["stored"]
    satisfied = sum(year.details.satisfied for year in years)
    assert satisfied / n == pytest.approx(expected["ravenstack"]["csat_top2"], abs=1e-6)


def test_ids_that_stand_twice_are_reported_and_the_first_wins(ravenstack, expected):
    tenant, tmp = ravenstack
    usage = pl.read_csv(DATA / "ravenstack_feature_usage.csv.gz", infer_schema=False)
    owners = pl.read_csv(DATA / "ravenstack_subscriptions.csv.gz", infer_schema=False)
    joined = usage.join(
        owners.select("subscription_id", "account_id"), on="subscription_id", maintain_order="left"
    )
    joined.write_csv(tmp / "usage.csv")
    summary = import_file(
        tenant,
        "events",
        tmp / "usage.csv",
        "message_id=usage_id,account=account_id,name=feature_name,occurred_at=usage_date",
        rejects=tmp / "usage.ndjson",
    )
    assert summary["read"] == 25_000
    assert summary["rejected"] + summary["duplicates"] == expected["ravenstack"]["usage_duplicate_ids"]
    assert summary["stored"] == 25_000 - expected["ravenstack"]["usage_duplicate_ids"]


def test_accounts_keep_their_names_and_traits(ravenstack):
    tenant, _ = ravenstack
    with tenant_scope(tenant):
        account = Account.objects.get(external_id="A-2e4581")
    assert (account.name, account.plan, account.traits["industry"]) == ("Company_0", "Basic", "EdTech")
