"""Cohorts of real customers and committers by calendar months, to the numbers of the references."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engage_server.sdk.details import encoded
from engage_server.tenancy.scope import TenantRef
from tests.real_data.conftest import DATA, compute, import_file

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def retail(
    new_tenant: Callable[[str, str], TenantRef], tmp_path_factory: pytest.TempPathFactory
) -> TenantRef:
    """A year of invoices, one event each; those without a customer are nobody's."""
    tmp: Path = tmp_path_factory.mktemp("retail")
    tenant = new_tenant("retail", "UTC")
    lines = pl.read_parquet(
        DATA / "uci_online_retail.parquet", columns=["InvoiceNo", "CustomerID", "InvoiceDate"]
    )
    invoices = (
        lines.drop_nulls("CustomerID").group_by("InvoiceNo", "CustomerID").agg(pl.col("InvoiceDate").min())
    )
    invoices.with_columns(pl.col("InvoiceNo").cast(pl.String), event=pl.lit("invoice")).write_parquet(
        tmp / "invoices.parquet"
    )
    mapping = "message_id=InvoiceNo,person=CustomerID,name=event,occurred_at=InvoiceDate"
    import_file(tenant, "events", tmp / "invoices.parquet", mapping, rejects=tmp / "rejects.ndjson")
    return tenant


@pytest.fixture(scope="module")
def commits(
    new_tenant: Callable[[str, str], TenantRef], tmp_path_factory: pytest.TempPathFactory
) -> TenantRef:
    """Nine years of commits without those of robots."""
    tmp: Path = tmp_path_factory.mktemp("commits")
    tenant = new_tenant("commits", "UTC")
    frame = pl.read_parquet(DATA / "openstack_events.parquet").filter(~pl.col("is_bot"))
    frame.write_parquet(tmp / "commits.parquet")
    mapping = "message_id=event_id,person=user,name=event,account=account"
    import_file(tenant, "events", tmp / "commits.parquet", mapping, rejects=tmp / "rejects.ndjson")
    return tenant


def cohort(tenant: TenantRef, day: date, first: date) -> dict[int, dict[str, Any]]:
    """The cells of one cohort of the table by months, by period."""
    (table,) = [value for value in compute(tenant, "retention", day) if value.metric == "retention.cohorts"]
    cells = encoded(table.measurement.details)["cells"]
    return {cell["offset"]: cell for cell in cells if cell["cohort"] == first.isoformat()}


def test_committers_first_seen_in_february_2014_by_calendar_months(commits, expected):
    wanted = expected["openstack"]["cohort_retention_calendar_months"]
    cells = cohort(commits, date(2015, 2, 28), date(2014, 2, 1))
    assert {str(offset): cell["retained"] for offset, cell in cells.items()} == wanted
    assert all(cell["complete"] and cell["size"] == wanted["0"] for cell in cells.values())


def test_customers_of_december_2010_by_calendar_months(retail, expected):
    wanted = expected["uci_online_retail"]["cohort_2010_12_active_by_month"]
    cells = cohort(retail, date(2011, 12, 31), date(2010, 12, 1))
    months = [cells[offset]["retained"] for offset in sorted(cells)]
    assert months == list(wanted.values())
