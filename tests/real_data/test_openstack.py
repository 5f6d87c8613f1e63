"""Nine years of public commits: persons who change company, bots, and a quarter of all events late."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engage_server.activity.models import Event, Feature
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.models import Account
from engage_server.customers.slicers import answer_slices
from engage_server.customers.slices import Slice
from engage_server.customers.windows import day_window
from engage_server.definitions.kinds import read_body
from engage_server.sdk import (
    Activation,
    ActivePersons,
    EventCounts,
    FeatureReach,
    FeatureUse,
    InputSpec,
    PersonDays,
)
from engage_server.segments.body import SegmentBody
from engage_server.segments.evaluation import Evaluation
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.real_data.conftest import DATA, compute, import_file, resolve

# Without it the whole module would work on the database of the settings and not on the tests'.
pytestmark = pytest.mark.django_db

FEBRUARY = date(2014, 2, 28)
EVENTS = "message_id=event_id,person=user,name=event"
ALL_DAYS = 6_000


@pytest.fixture(scope="module")
def openstack(
    new_tenant: Callable[[str, str], TenantRef], tmp_path_factory: pytest.TempPathFactory
) -> tuple[TenantRef, list[dict[str, Any]], Path]:
    """The tenant, the four imports' summaries, and the folder of the rejects."""
    tmp = tmp_path_factory.mktemp("openstack")
    tenant = new_tenant("openstack", "UTC")
    events = DATA / "openstack_events.parquet"
    people = pl.read_parquet(events, columns=["user", "is_bot"]).group_by("user").agg(pl.col("is_bot").any())
    people.write_parquet(tmp / "people.parquet")
    uses = pl.read_parquet(DATA / "openstack_feature_use.parquet").join(
        pl.read_parquet(events), on="event_id"
    )
    uses.write_parquet(tmp / "uses.parquet")
    rejects = tmp / "rejects.ndjson"
    summaries = [
        import_file(
            tenant, "persons", tmp / "people.parquet", "external_id=user,is_excluded=is_bot", rejects=rejects
        ),
        import_file(
            tenant,
            "memberships",
            DATA / "openstack_memberships.csv.gz",
            "person=user,starts_at=first_seen,ends_at=last_seen",
            rejects=rejects,
        ),
        import_file(tenant, "events", events, EVENTS, rejects=rejects),
        import_file(
            tenant,
            "events",
            tmp / "uses.parquet",
            "message_id=event_id+feature,person=user,name=feature",
            source="features",
            rejects=rejects,
        ),
    ]
    return tenant, summaries, tmp


def test_everything_is_stored_once_and_nothing_is_rejected(openstack, expected):
    _, (people, _, events, uses), _ = openstack
    assert people["read"] == people["stored"] == expected["openstack"]["users"]
    assert events["read"] == events["stored"] == expected["openstack"]["events"]
    assert uses["read"] == uses["stored"] == expected["openstack"]["feature_rows"]
    assert not events["rejected"] + uses["rejected"] + people["rejected"]


def test_importing_again_changes_nothing(openstack, expected):
    tenant, _, tmp = openstack
    again = import_file(
        tenant, "events", DATA / "openstack_events.parquet", EVENTS, rejects=tmp / "again.ndjson"
    )
    assert (again["stored"], again["duplicates"]) == (0, expected["openstack"]["events"])
    with tenant_scope(tenant):
        assert Event.objects.filter(source__name="import").count() == expected["openstack"]["events"]


def test_event_counts_are_the_references(openstack, expected):
    tenant, _, _ = openstack
    wanted = expected["openstack"]["event_counts"]
    with tenant_scope(tenant):
        stored = {
            name: Event.objects.filter(source__name="import", name__name=name).count() for name in wanted
        }
    assert stored == wanted
    # The robots' events are stored, and counted by no metric: their nine unflagged ones neither, since the
    # person is excluded and not the event.
    frame = resolve(tenant, EventCounts(days=ALL_DAYS, names=tuple(wanted)), date(2026, 8, 31))
    counted = dict(frame.group_by("event").agg(pl.col("count").sum()).iter_rows())
    assert sum(counted.values()) == expected["openstack"]["events_no_bots"] - 9


def test_active_persons_of_february_2014_without_bots(openstack, expected):
    tenant, _, _ = openstack
    frame = resolve(tenant, ActivePersons(days=28), FEBRUARY)
    assert frame["person"].n_unique() == expected["openstack"]["month_users"]


def test_active_persons_per_account_of_february_2014(openstack, expected):
    tenant, _, _ = openstack
    values = compute(tenant, "license_utilization", FEBRUARY, window_days=28, roll_up_children=False)
    users = {
        v.measurement.subject.id: v.measurement.details.active_users
        for v in values
        if v.measurement.subject.kind == "account"
    }
    names = account_names(tenant)
    wanted = expected["openstack"]["month_top_accounts_by_users"]
    assert {name: users[names[name]] for name in wanted} == wanted


def test_feature_adoption_of_february_2014(openstack, expected):
    tenant, _, _ = openstack
    values = compute(tenant, "adoption", FEBRUARY, window_days=28)
    names = feature_names(tenant)
    measured = {
        names[v.measurement.subject.id]: v.measurement
        for v in values
        if v.metric == "adoption.feature_adoption"
    }
    for feature, users in expected["openstack"]["month_top_features_users"].items():
        assert measured[feature].details.users == users
        assert float(measured[feature].value) == pytest.approx(
            100 * users / expected["openstack"]["month_users"]
        )


@pytest.mark.parametrize("day", ["2012-02-29", "2013-04-15", "2014-03-30", "2016-01-01", "2020-06-10"])
def test_daily_weekly_and_monthly_actives(openstack, expected, day):
    tenant, _, _ = openstack
    wanted = expected["openstack"]["active"][day]
    for name, days in (("dau", 1), ("wau", 7), ("mau", 30)):
        frame = resolve(tenant, ActivePersons(days=days), date.fromisoformat(day))
        assert frame["person"].n_unique() == wanted[name]
        assert frame["account"].n_unique() == wanted[f"{name}_accounts"]


@pytest.mark.parametrize("day", ["2012-02-29", "2013-04-15", "2014-03-30", "2016-01-01", "2020-06-10"])
def test_the_active_users_plugin_counts_persons_and_accounts_alike(openstack, expected, day):
    tenant, _, _ = openstack
    wanted = expected["openstack"]["active"][day]
    whole = of_tenant(compute(tenant, "active_users", date.fromisoformat(day)))
    found = {name: whole[f"active_users.{name}"] for name in ("dau", "wau", "mau")}
    assert {name: one.value for name, one in found.items()} == {name: wanted[name] for name in found}
    accounts = {f"{name}_accounts": one.details.accounts for name, one in found.items()}
    assert accounts == {name: wanted[name] for name in accounts}
    gap = whole["active_users.dau_mau_gap"]
    assert (gap.details.dau, gap.details.mau) == (wanted["dau"], wanted["mau"])


@pytest.mark.parametrize("day", ["2012-02-29", "2013-04-15", "2014-03-30", "2016-01-01", "2020-06-10"])
def test_stickiness_of_a_day_is_the_references(openstack, expected, day):
    tenant, _, _ = openstack
    values = compute(tenant, "stickiness", date.fromisoformat(day), method="point")
    ratio = of_tenant(values)["stickiness.ratio"].value
    wanted = expected["openstack"]["active"][day]["stickiness_dau_mau_same_day"]
    assert round(float(ratio) / 100, 6) == wanted


def of_tenant(values):
    """The tenant's measurements by metric."""
    return {v.metric: v.measurement for v in values if v.measurement.subject.kind == "tenant"}


def test_first_seen_is_first_ever(openstack, expected):
    tenant, _, _ = openstack
    spec = Activation(activation_event="change_merged", days=28)
    frame = resolve(tenant, spec, FEBRUARY)
    assert frame.height == expected["openstack"]["cohort_retention_calendar_months"]["0"]
    assert frame["signed_up_at"].dt.date().min() >= FEBRUARY - timedelta(days=27)


def account_names(tenant: TenantRef) -> dict[str, int]:
    with tenant_scope(tenant):
        return dict(Account.objects.values_list("external_id", "id"))


def feature_names(tenant: TenantRef) -> dict[int, str]:
    with tenant_scope(tenant):
        return dict(Feature.objects.values_list("id", "name"))


VENDORS = {"IBM", "Red Hat", "HP", "Rackspace"}


def february() -> pl.DataFrame:
    """Events of 28 days of persons who are no bots."""
    events = pl.read_parquet(
        DATA / "openstack_events.parquet", columns=["event_id", "user", "is_bot", "account", "occurred_at"]
    )
    bots = events.filter("is_bot")["user"].unique()
    day = pl.col("occurred_at").dt.date()
    kept = events.filter(
        day.is_between(FEBRUARY - timedelta(days=27), FEBRUARY) & ~pl.col("user").is_in(bots.implode())
    )
    return kept.select("event_id", pl.col("user").cast(pl.String), pl.col("account").cast(pl.String))


@pytest.mark.parametrize("chosen", [VENDORS, {"*independent"}, {"Mirantis", "Intel"}])
def test_active_persons_of_a_group_of_accounts_are_those_of_the_same_filter(openstack, chosen):
    tenant, _, _ = openstack
    wanted = february().filter(pl.col("account").is_in(list(chosen)))
    for spec in (ActivePersons(days=28), PersonDays(days=28)):
        assert sliced(tenant, spec, chosen)["person"].n_unique() == wanted["user"].n_unique() >= 20


def test_adoption_by_segment_is_that_of_the_same_filter(openstack):
    tenant, _, _ = openstack
    uses = pl.read_parquet(DATA / "openstack_feature_use.parquet").with_columns(
        pl.col("feature").cast(pl.String)
    )
    found = uses.join(february().filter(pl.col("account").is_in(list(VENDORS))), on="event_id")
    wanted = dict(found.group_by("feature").agg(pl.col("user").n_unique()).iter_rows())
    assert len(wanted) > 50
    reach = sliced(tenant, FeatureReach(days=28), VENDORS)
    assert {
        name: number for name, number in reach.select("feature_name", "persons").iter_rows() if name in wanted
    } == wanted
    used = (
        sliced(tenant, FeatureUse(days=28), VENDORS).group_by("feature_name").agg(pl.col("person").n_unique())
    )
    assert {name: number for name, number in used.iter_rows() if name in wanted} == wanted


def sliced(tenant: TenantRef, spec: InputSpec, chosen: set[str]) -> pl.DataFrame:
    """An input of a segment of accounts, as a plugin would get it."""
    window = day_window(FEBRUARY, tenant.timezone)
    with tenant_scope(tenant), current_rollups():
        condition = {"type": "accounts", "any_of": sorted(chosen)}
        body = read_body(SegmentBody, {"subject": "account", "condition": condition})
        members = Evaluation(window).members_by(0, body)
        (frame,) = answer_slices(spec, window, [Slice(accounts=members)])
    return frame
