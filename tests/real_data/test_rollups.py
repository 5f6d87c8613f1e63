"""Real events fed in a random order: actives, account variants and sessions are those of the references."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from engage_server.activity.rollups.compaction import ensure_current
from engage_server.sdk import ActivePersons, ActiveSeries, FeatureReach, Sessions
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.real_data.conftest import DATA, import_file, resolve

ALL_DAYS = 6_000
LAST = date(2026, 8, 31)
EVENTS = "message_id=event_id,person=who,name=event,account=account"


@pytest.fixture(scope="module")
def shuffled(
    new_tenant: Callable[[str, str], TenantRef], tmp_path_factory: pytest.TempPathFactory
) -> TenantRef:
    """Nine years of commits in three files of rows at random, rolled up after each; robots are other persons."""
    tmp = tmp_path_factory.mktemp("shuffled")
    tenant = new_tenant("shuffled", "UTC")
    who = pl.when(pl.col("is_bot")).then(pl.lit("robot ") + pl.col("user").cast(pl.String)).otherwise("user")
    frame = pl.read_parquet(DATA / "openstack_events.parquet").with_columns(who=who.cast(pl.String))
    frame = frame.sample(fraction=1, shuffle=True, seed=7)
    third = frame.height // 3 + 1
    for number in range(3):
        path = tmp / f"part{number}.parquet"
        frame.slice(number * third, third).write_parquet(path)
        import_file(tenant, "events", path, EVENTS, rejects=tmp / "rejects.ndjson")
        if number == 1:
            # In the middle, so that what is rolled up already has to be taken back.
            people = frame.group_by("who").agg(pl.col("is_bot").any())
            people.write_parquet(tmp / "people.parquet")
            mapping = "external_id=who,is_excluded=is_bot"
            import_file(tenant, "persons", tmp / "people.parquet", mapping, rejects=tmp / "rejects.ndjson")
        with tenant_scope(tenant):
            ensure_current()
    return tenant


@pytest.fixture(scope="module")
def shop(new_tenant: Callable[[str, str], TenantRef], tmp_path_factory: pytest.TempPathFactory) -> TenantRef:
    """A shop's visits, rows at random, each under a number of its own."""
    tmp: Path = tmp_path_factory.mktemp("shop")
    tenant = new_tenant("shop", "UTC")
    frame = pl.read_csv(DATA / "retentioneering_ecom.csv.gz", infer_schema=False).with_row_index("row")
    frame.sample(fraction=1, shuffle=True, seed=7).write_csv(tmp / "visits.csv")
    mapping = "message_id=row,person=user_id,name=event,occurred_at=timestamp"
    import_file(tenant, "events", tmp / "visits.csv", mapping, rejects=tmp / "rejects.ndjson")
    return tenant


@pytest.mark.parametrize("day", ["2012-02-29", "2013-04-15", "2014-03-30", "2016-01-01", "2020-06-10"])
def test_daily_weekly_and_monthly_actives(shuffled, expected, day):
    wanted = expected["openstack"]["active"][day]
    for name, trailing in (("dau", 1), ("wau", 7), ("mau", 30)):
        frame = resolve(shuffled, ActiveSeries(days=1, trailing=trailing), date.fromisoformat(day))
        assert frame.rows() == [(date.fromisoformat(day), wanted[name], wanted[f"{name}_accounts"])]
        named = resolve(shuffled, ActivePersons(days=trailing), date.fromisoformat(day))
        assert named["person"].n_unique() == wanted[name]


def test_sessions_by_the_rule_of_30_minutes(shuffled, expected):
    frame = resolve(shuffled, Sessions(days=ALL_DAYS, max_hours=1_000_000), LAST)
    assert frame.height == expected["openstack"]["sessions_30m"]
    assert frame["events"].sum() == expected["openstack"]["events_no_bots"]


def test_a_pause_of_exactly_30_minutes_does_not_end_a_session(shuffled, expected):
    shorter = resolve(shuffled, Sessions(days=ALL_DAYS, idle_minutes=29, max_hours=1_000_000), LAST)
    longer = resolve(shuffled, Sessions(days=ALL_DAYS, idle_minutes=31, max_hours=1_000_000), LAST)
    whole = expected["openstack"]["sessions_30m"]
    assert longer.height < whole < shorter.height - expected["openstack"]["sessions_gap_exactly_30m"]


def test_sessions_and_reach_of_a_shop(shop, expected):
    wanted = expected["retentioneering_ecom"]
    sessions = resolve(shop, Sessions(days=ALL_DAYS), LAST)
    assert sessions.height == wanted["sessions_by_30m_rule"]
    assert sessions["seconds"].mean() == pytest.approx(wanted["mean_session_seconds_in_file"], abs=1e-6)
    reach = resolve(shop, FeatureReach(days=ALL_DAYS), LAST)
    assert dict(reach.select("feature_name", "persons").iter_rows()) == wanted["users_with_event"]
    day = resolve(shop, ActiveSeries(days=1, trailing=1), date(2024, 3, 13))
    assert day["persons"].item() == wanted["dau_2024-03-13"]
