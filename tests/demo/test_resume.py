"""A second demo does only what is missing."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage_server.access.exceptions import InvalidKeyError
from engage_server.access.keys import verify_key
from engage_server.access.models import ApiKey
from engage_server.demo.exceptions import NotOursError
from engage_server.demo.resume import (
    DAILY,
    SOURCE,
    MissingHistory,
    days_to_compute,
    ensure_tenant,
    find_missing,
    fresh_keys,
    weekly_days,
)
from engage_server.demo.simulator.companies import ACME, DAYS
from engage_server.engine.models import Run
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.plugin_host.activation import active_ids
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope

DATES = st.dates(date(2024, 1, 1), date(2030, 1, 1))


def event_on(day: date, tenant: TenantRef) -> EventItem:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=tenant.zone)
    return EventItem("one", "Card Created", PersonKey("ada"), occurred_at=at, received_at=at)


@given(last=DATES, length=st.integers(60, 400))
def test_every_day_of_the_last_fortnight_is_computed_and_every_week_has_a_day(last: date, length: int):
    first = last - timedelta(days=length)
    days = days_to_compute(first, last)
    assert days == sorted(set(days))
    assert {last - timedelta(days=back) for back in range(DAILY)} <= set(days)
    assert all(after - before <= timedelta(days=7) for before, after in pairwise(days))


@given(last=DATES, length=st.integers(DAYS - 1, 240), later=st.integers(1, 60))
def test_later_the_older_days_are_those_that_were_computed_before(last: date, length: int, later: int):
    first = last - timedelta(days=length)
    now = days_to_compute(first, last + timedelta(days=later))
    assert {day for day in now if day <= last} <= set(days_to_compute(first, last))


@given(first=DATES)
def test_the_first_demo_computes_the_days_that_lie_weeks_and_a_month_back(first: date):
    last = first + timedelta(days=DAYS - 1)
    days = set(days_to_compute(first, last))
    assert {last - timedelta(weeks=back) for back in range(20)} <= days
    assert last - timedelta(days=30) in days


@given(first=DATES, later=st.integers(0, 60))
def test_weekly_days_are_computed_and_of_a_week_each(first: date, later: int):
    last = first + timedelta(days=DAYS - 1 + later)
    days = weekly_days(MissingHistory(first, last, None, ()), weeks=19)
    assert days[-1] == last
    assert set(days) <= set(days_to_compute(first, last))
    assert len({day.isocalendar()[:2] for day in days}) == len(days) >= 19


@pytest.mark.django_db
def test_a_new_tenant_lacks_everything():
    tenant = ensure_tenant(ACME)
    now = datetime.now(UTC)
    yesterday = now.astimezone(tenant.zone).date() - timedelta(days=1)
    found = find_missing(tenant, now=now)
    assert found.send_from == found.first_day == yesterday - timedelta(days=DAYS - 1)
    assert found.last_day == yesterday
    assert list(found.days) == days_to_compute(found.first_day, yesterday)


def test_a_tenant_that_somebody_else_made_is_left_alone(acme: TenantRef):
    with pytest.raises(NotOursError, match="was not made by the demo"):
        ensure_tenant(ACME)


@pytest.mark.django_db
def test_the_tenant_of_an_earlier_run_is_found_again():
    assert ensure_tenant(ACME) == ensure_tenant(ACME)


def complete(tenant: TenantRef, now: datetime) -> None:
    """Give the tenant an event yesterday, and a finished run for everything."""
    wanted = find_missing(tenant, now=now)
    with tenant_scope(tenant):
        store_items([event_on(wanted.last_day, tenant)], source=SOURCE)
        plugins = active_ids()
    with shared_scope():
        Run.objects.bulk_create(
            Run(tenant_id=tenant.id, plugin=plugin, scheduled_for=now, day=day, state=Run.State.SUCCEEDED)
            for plugin in plugins
            for day in wanted.days
        )


def test_a_tenant_that_has_it_all_lacks_nothing(acme: TenantRef, globex: TenantRef):
    now = datetime.now(UTC)
    complete(acme, now)
    found = find_missing(acme, now=now)
    assert (found.send_from, found.days) == (None, ())
    assert find_missing(globex, now=now).send_from is not None


def test_an_unfinished_run_brings_its_day_back(acme: TenantRef):
    now = datetime.now(UTC)
    complete(acme, now)
    day = find_missing(acme, now=now).last_day - timedelta(days=3)
    with shared_scope():
        Run.objects.filter(tenant_id=acme.id, day=day, plugin=min(_plugins(acme))).update(
            state=Run.State.FAILED
        )
    assert find_missing(acme, now=now).days == (day,)


def test_three_days_later_the_last_week_is_sent_and_computed_again(acme: TenantRef):
    now = datetime.now(UTC)
    complete(acme, now)
    before = find_missing(acme, now=now)
    after = find_missing(acme, now=now + timedelta(days=3))
    assert after.first_day == before.first_day
    assert after.send_from == before.last_day - timedelta(days=6)
    assert after.days == tuple(after.send_from + timedelta(days=n) for n in range(10))


def test_fresh_keys_replace_those_of_the_run_before_and_no_others(acme: TenantRef):
    first, second = fresh_keys(acme), fresh_keys(acme)
    assert verify_key(second.query, ApiKey.Kind.QUERY).tenant == acme
    with pytest.raises(InvalidKeyError):
        verify_key(first.query, ApiKey.Kind.QUERY)
    with shared_scope():
        kept = ApiKey.objects.filter(tenant_id=acme.id, revoked_at=None).exclude(source=SOURCE)
        assert {key.kind for key in kept} == set(ApiKey.Kind)


def _plugins(tenant: TenantRef) -> frozenset[str]:
    with tenant_scope(tenant):
        return active_ids()
