"""Money of three real files: subscriptions by contract, one-off revenue by month, and recurring revenue at month ends."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from engage_server.engine.questions import Question, answers
from engage_server.plugin_host import activation
from engage_server.sdk import TENANT
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.real_data.conftest import DATA, compute, import_file

# Without it the whole module would work on the database of the settings and not on the tests'.
pytestmark = pytest.mark.django_db

BEGAN, LEFT, MONTH_END = "2025-12-01", "2026-01-15", date(2026, 1, 31)
"""The file has no dates: all are customers from December on, and who churned left in January."""


@pytest.fixture(scope="module")
def telco(new_tenant: Callable[[str, str], TenantRef], tmp_path_factory: pytest.TempPathFactory) -> TenantRef:
    tmp = tmp_path_factory.mktemp("telco")
    rows = pl.read_csv(DATA / "ibm_telco_churn.csv.gz", infer_schema=False)
    rows.with_columns(
        starts_on=pl.lit(BEGAN), ends_on=pl.when(pl.col("Churn") == "Yes").then(pl.lit(LEFT))
    ).write_csv(tmp / "telco.csv")
    tenant = new_tenant("telco", "UTC")
    for kind, mapping in (
        ("accounts", "external_id=customerID,plan=Contract,started_at=starts_on"),
        ("subscriptions", "external_id=customerID,account=customerID,plan=Contract,amount=MonthlyCharges"),
    ):
        stored = import_file(tenant, kind, tmp / "telco.csv", mapping, rejects=tmp / f"{kind}.ndjson")[
            "stored"
        ]
        assert stored == rows.height
    with tenant_scope(tenant):
        activation.enable("revenue")
        activation.enable("churn")
    return tenant


def test_the_revenue_and_who_left_with_how_much_of_it(telco, expected):
    wanted = expected["ibm_telco_churn"]
    of_churn = {v.measurement.metric: v.measurement for v in compute(telco, "churn", MONTH_END)}
    logo, gross = of_churn["logo"].details, of_churn["gross_revenue"].details
    assert (logo.start, logo.lost) == (wanted["rows"], wanted["churned"])
    assert of_churn["logo"].value == pytest.approx(100 * wanted["churned"] / wanted["rows"])
    assert (float(gross.start), float(gross.churned)) == (wanted["mrr_all"], wanted["mrr_churned"])
    values = compute(telco, "revenue", MONTH_END)
    mrr = next(
        v.measurement for v in values if (v.measurement.metric, v.measurement.subject) == ("mrr", TENANT)
    )
    assert mrr.value == wanted["mrr_stayed"]
    assert mrr.details.opening + mrr.details.churn == mrr.details.closing


def test_the_same_by_contract_is_a_slice(telco, expected):
    with tenant_scope(telco):
        found = {}
        for metric in ("churn.logo", "churn.gross_revenue"):
            question = Question(metric=metric, first=MONTH_END, last=MONTH_END, group_by="plan")
            ((*groups,),) = answers(question)
            found[metric] = {one.group: one.value for one in groups}
    wanted = expected["ibm_telco_churn"]["by_contract"]
    assert found["churn.logo"].keys() == wanted.keys()
    for contract, figures in wanted.items():
        logo = found["churn.logo"][contract].details
        assert (logo["start"], logo["lost"]) == (figures["n"], figures["churned"])
        assert float(found["churn.gross_revenue"][contract].details["start"]) == figures["mrr"]


@pytest.fixture(scope="module")
def retail(
    new_tenant: Callable[[str, str], TenantRef], tmp_path_factory: pytest.TempPathFactory
) -> TenantRef:
    tmp = tmp_path_factory.mktemp("retail")
    rows = pl.read_parquet(DATA / "uci_online_retail.parquet")
    thousandths = (pl.col("UnitPrice") * 1000).round().cast(pl.Int64) * pl.col("Quantity")
    invoices = rows.group_by(pl.col("InvoiceNo").cast(pl.String)).agg(
        pl.col("CustomerID").first(),
        pl.col("InvoiceDate").first().dt.date().alias("day"),
        (thousandths.sum().cast(pl.Decimal(20, 4)) / 1000).alias("amount"),
    )
    invoices.write_csv(tmp / "invoices.csv")
    tenant = new_tenant("retail", "UTC")
    stored = import_file(
        tenant,
        "ledger",
        tmp / "invoices.csv",
        "external_id=InvoiceNo,account=CustomerID,occurred_on=day",
        rejects=tmp / "invoices.ndjson",
        set=["kind=REVENUE,currency=GBP"],
    )["stored"]
    assert stored == invoices.height
    with tenant_scope(tenant):
        activation.enable("revenue")
    return tenant


MONTHS = ["2010-12", *(f"2011-{month:02}" for month in range(1, 13))]


@pytest.mark.parametrize("month", MONTHS)
def test_revenue_and_active_customers_of_a_month(retail, expected, month):
    wanted = expected["uci_online_retail"]
    year, number = map(int, month.split("-"))
    values = compute(retail, "revenue", date(year, number, monthrange(year, number)[1]))
    one = next(
        v.measurement for v in values if (v.measurement.metric, v.measurement.subject) == ("one_off", TENANT)
    )
    assert round(Decimal(str(one.value)), 2) == Decimal(str(wanted["net_amount_by_month"][month]))
    assert one.details.customers == wanted["active_customers_by_month"][month]
    assert one.details.currency == "GBP"
    assert wanted["net_amount_by_month"].keys() == set(MONTHS)
