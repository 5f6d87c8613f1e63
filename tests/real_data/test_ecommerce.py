"""A shop's log of 3,605 sessions that a pause of half an hour cuts apart."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import polars as pl
import pytest
from scipy.stats import CensoredData, ecdf

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


def first_times(*events: str) -> pl.DataFrame:
    """Of each user of the log: when they were first seen, when they first did each event."""
    log = pl.read_csv(LOG).with_columns(at=pl.col("timestamp").str.to_datetime())
    firsts = {event: pl.col("at").filter(pl.col("event") == event).min() for event in events}
    return log.group_by("user_id").agg(signed_up=pl.col("at").min(), **firsts)


def days_of_log(last: date) -> int:
    return (last - date.fromisoformat(pl.read_csv(LOG)["timestamp"].min()[:10])).days + 1


def test_who_buys_after_the_catalogue_converts_and_nobody_else(shop, expected):
    tenant, last = shop
    found = of_tenant(
        tenant,
        "conversion",
        last,
        entry_event="catalog",
        conversion_event="purchase",
        within_hours=24 * days_of_log(last),
        cohort="trailing",
        cohort_days=days_of_log(last),
    )["conversion.rate"]
    log = pl.read_csv(LOG).select("user_id", "event", "timestamp")
    entered = log.filter(pl.col("event") == "catalog").group_by("user_id").agg(pl.col("timestamp").min())
    bought = log.filter(pl.col("event") == "purchase").join(entered, on="user_id", suffix="_of_entry")
    buyers = bought.filter(pl.col("timestamp") > pl.col("timestamp_of_entry"))["user_id"].n_unique()
    assert found.n == expected["retentioneering_ecom"]["users_with_event"]["catalog"]
    assert found.details.converted == buyers
    assert buyers <= expected["retentioneering_ecom"]["users_with_event"]["purchase"]


def test_time_to_the_first_purchase_is_scipys_with_those_who_never_buy(shop, expected):
    tenant, last = shop
    days = days_of_log(last)
    found = of_tenant(
        tenant,
        "time_to_value",
        last,
        value=[{"event": "purchase"}],
        cohort_days=days,
        within_days=days,
        existing_users_days=0,
    )["time_to_value.time"]
    table = first_times("purchase")
    end = datetime.fromisoformat(str(last + timedelta(days=1)))  # as the log: of UTC, which it does not say
    took = table.drop_nulls("purchase").select((pl.col("purchase") - pl.col("signed_up")) / timedelta(days=1))
    waited = table.filter(pl.col("purchase").is_null()).select(
        (end - pl.col("signed_up")) / timedelta(days=1)
    )
    curve = ecdf(CensoredData(uncensored=took.to_series().to_list(), right=waited.to_series().to_list())).sf
    steps = zip(curve.quantiles, curve.probabilities, strict=True)
    assert found.value == pytest.approx(next(time for time, left in steps if left <= 0.5))
    users = expected["retentioneering_ecom"]["users_with_event"]
    assert found.details.share_reached == users["purchase"] / expected["retentioneering_ecom"]["users"]


def test_activation_by_cart_and_wishlist_within_a_week_is_that_of_the_log(shop):
    tenant, last = shop
    found = of_tenant(
        tenant,
        "activation",
        last,
        milestones=[{"event": "cart"}, {"event": "wishlist_add"}],
        within_days=7,
        cohort="trailing",
        cohort_days=days_of_log(last),
        existing_users_days=0,
    )["activation.rate"]
    deadline = pl.col("signed_up") + timedelta(days=7)
    in_time = first_times("cart", "wishlist_add").filter(
        (pl.col("cart") < deadline) & (pl.col("wishlist_add") < deadline)
    )
    assert (found.n, found.details.activated) == (600, in_time.height)
