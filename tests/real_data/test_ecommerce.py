"""A shop's log of 3,605 sessions that a pause of half an hour cuts apart."""

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest

from engage_server.sdk import TENANT, Measurement
from engage_server.tenancy.scope import TenantRef
from tests.real_data.conftest import DATA, compute, import_file

# Without it the whole module would work on the database of the settings and not on the tests'.
pytestmark = pytest.mark.django_db

LOG = DATA / "retentioneering_ecom.csv.gz"


@pytest.fixture(scope="module")
def shop(
    new_tenant: Callable[[str, str], TenantRef], tmp_path_factory: pytest.TempPathFactory
) -> tuple[TenantRef, date]:
    """The tenant, and the last day of its log."""
    tmp = tmp_path_factory.mktemp("shop")
    tenant = new_tenant("shop", "UTC")
    log = pl.read_csv(LOG).with_row_index("id")
    log.select("id", "user_id", "event", "timestamp").write_csv(tmp / "log.csv")
    imported = import_file(
        tenant,
        "events",
        tmp / "log.csv",
        "message_id=id,person=user_id,name=event,occurred_at=timestamp",
        rejects=tmp / "rejects.ndjson",
    )
    assert (imported["stored"], imported["rejected"]) == (log.height, 0)
    return tenant, date.fromisoformat(log["timestamp"].max()[:10])


def of_tenant(tenant: TenantRef, plugin: str, day: date, **config: object) -> dict[str, Measurement]:
    found = (value for value in compute(tenant, plugin, day, **config) if value.measurement.subject == TENANT)
    return {value.metric: value.measurement for value in found}


def test_the_actives_of_a_day_are_the_references(shop, expected):
    tenant, _ = shop
    found = of_tenant(tenant, "active_users", date(2024, 3, 13))
    assert found["active_users.dau"].value == expected["retentioneering_ecom"]["dau_2024-03-13"]


def test_sessions_and_their_mean_are_the_references_over_the_whole_log(shop, expected):
    tenant, last = shop
    days = (last - date.fromisoformat(pl.read_csv(LOG)["timestamp"].min()[:10])).days + 1
    found = of_tenant(tenant, "time_spent", last, window_days=days)
    wanted = expected["retentioneering_ecom"]
    assert found["time_spent.sessions"].value == wanted["sessions_in_file"]
    duration = found["time_spent.session_duration"]
    assert round(float(duration.value), 6) == wanted["mean_session_seconds_in_file"]
    assert duration.details.counted_sessions == wanted["sessions_by_30m_rule"]
