"""Stored values are read in force only, a page at a time, and never from another tenant."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engage_server.activity.models import Feature
from engage_server.customers.models import Account
from engage_server.metrics.exceptions import InvalidRangeError
from engage_server.metrics.reader import StoredMetricReader
from engage_server.metrics.series import MOST_DAYS, Grain, series
from engage_server.sdk import TENANT, Status, account, feature
from engage_server.tenancy.scope import tenant_scope
from tests.metrics.values import DAY, store


@pytest.fixture
def inside(acme):
    with tenant_scope(acme):
        yield acme


def test_the_newest_value_in_force_is_the_latest(inside):
    store("mood.score", 1, day=DAY - timedelta(days=1))
    store("mood.score", 2, superseded_at="2026-04-01T00:00Z")
    store("mood.score", 3, revision=2)
    found = StoredMetricReader().latest("mood.score", TENANT)
    assert (found.value, found.revision, found.day, found.status) == (3.0, 2, DAY, Status.OK)
    assert found.contributions[0]["label"] == "All"
    assert found.details == {"share": 0.5}


def test_a_day_without_a_value_is_not_answered_with_an_older_one(inside):
    store("mood.score", 1, day=DAY - timedelta(days=1))
    reader = StoredMetricReader()
    assert reader.latest("mood.score", TENANT, on=DAY) is None
    assert reader.latest("mood.score", TENANT, on=DAY - timedelta(days=1)).value == 1.0


def test_a_page_of_accounts_takes_one_statement_for_each_metric(inside, django_assert_num_queries):
    pks = [Account.objects.create(external_id=f"a{n}", name=f"A{n}").pk for n in range(50)]
    for pk in pks[:49]:
        store("mood.score", pk, kind="account", subject=pk)
    reader = StoredMetricReader()
    reader.expect("account", pks)
    with django_assert_num_queries(1):
        values = [reader.latest("mood.score", account(pk)) for pk in pks]
    assert [value and (value.value, value.label) for value in values] == [
        *((float(pk), f"A{n}") for n, pk in enumerate(pks[:49])),
        None,
    ]


def test_subjects_announced_later_are_loaded_without_asking_for_the_earlier_ones_again(inside):
    first, second = (Account.objects.create(external_id=name).pk for name in "ab")
    store("mood.score", 1, kind="account", subject=first)
    store("mood.score", 2, kind="account", subject=second)
    reader = StoredMetricReader()
    reader.expect("account", [first])
    kept = reader.latest("mood.score", account(first))
    reader.expect("account", [second])
    with CaptureQueriesContext(connection) as queries:
        assert reader.latest("mood.score", account(second)).label == "b"
    assert len(queries) == 1
    assert reader.latest("mood.score", account(first)) is kept


def test_several_metrics_of_a_subject_take_one_statement(inside, django_assert_num_queries):
    store("mood.score", 1)
    store("mood.swing", None)
    with django_assert_num_queries(1):
        found = StoredMetricReader().latest_of(["mood.score", "mood.swing", "mood.range"], TENANT)
    assert {name: value.value for name, value in found.items()} == {"mood.score": 1.0, "mood.swing": None}


def test_features_come_by_value_with_their_names_and_nulls_last(inside):
    old, new, void = (Feature.objects.create(name=name).pk for name in ("Old", "New", "Void"))
    store("mood.score", 10, kind="feature", subject=old)
    store("mood.score", 20, kind="feature", subject=new)
    store("mood.score", None, kind="feature", subject=void)
    store("mood.score", 99, kind="feature", subject=old, day=DAY - timedelta(days=1))
    found = StoredMetricReader().by_subject("mood.score", "feature")
    assert [value.label for value in found] == ["New", "Old", "Void"]
    assert found[0].subject == feature(new)
    older = StoredMetricReader().by_subject("mood.score", "feature", DAY - timedelta(days=1))
    assert [value.value for value in older] == [99.0]


def test_a_reader_sees_its_own_tenant_alone(acme, globex):
    with tenant_scope(acme):
        store("mood.score", 1)
    with tenant_scope(globex):
        assert StoredMetricReader().latest("mood.score", TENANT) is None
        store("mood.score", 2)
    with tenant_scope(acme):
        assert StoredMetricReader().latest("mood.score", TENANT).value == 1.0


MONDAY = date(2026, 3, 30)


def days_of(grain: Grain, *days: date) -> list[date]:
    return [point.day for point in series("mood.score", TENANT, first=days[0], last=days[-1], grain=grain)]


def test_a_series_has_the_days_of_the_range_and_no_others(inside):
    for offset in range(-1, 4):
        store("mood.score", offset, day=MONDAY + timedelta(days=offset))
    points = series("mood.score", TENANT, first=MONDAY, last=MONDAY + timedelta(days=2))
    assert [point.value for point in points] == [0.0, 1.0, 2.0]


def test_weeks_begin_on_monday_and_keep_their_last_value(inside):
    kept = [MONDAY - timedelta(days=1), MONDAY + timedelta(days=4)]
    for day in (MONDAY - timedelta(days=2), kept[0], MONDAY, kept[1]):
        store("mood.score", 1, day=day)
    assert days_of(Grain.WEEK, MONDAY - timedelta(days=30), MONDAY + timedelta(days=30)) == kept


def test_months_keep_their_last_value(inside):
    for day in (date(2026, 2, 27), date(2026, 3, 1), date(2026, 3, 30), date(2026, 4, 1)):
        store("mood.score", 1, day=day)
    assert days_of(Grain.MONTH, date(2026, 1, 1), date(2026, 4, 30)) == [
        date(2026, 2, 27),
        date(2026, 3, 30),
        date(2026, 4, 1),
    ]


@pytest.mark.parametrize("length", [-1, MOST_DAYS])
def test_an_empty_or_endless_range_is_refused(inside, length):
    with pytest.raises(InvalidRangeError, match="Remedy"):
        series("mood.score", TENANT, first=MONDAY, last=MONDAY + timedelta(days=length))


# Absence


def test_an_account_that_the_metrics_newest_day_does_not_know_has_no_value_and_not_its_last_one(inside):
    left, stays = (Account.objects.create(external_id=name).pk for name in ("left", "stays"))
    for pk in (left, stays):
        store("mood.score", 40, kind="account", subject=pk, day=DAY - timedelta(days=1))
    store("mood.score", 50, kind="account", subject=stays)
    for announced in ([], [left, stays]):
        reader = StoredMetricReader()
        reader.expect("account", announced)
        assert reader.latest("mood.score", account(left)) is None
        assert reader.latest("mood.score", account(stays)).value == 50.0
    assert StoredMetricReader().latest("mood.score", account(left), DAY - timedelta(days=1)).value == 40.0


def test_a_newer_value_of_the_tenant_alone_shows_that_the_accounts_have_none_any_more(inside):
    pk = Account.objects.create(external_id="left").pk
    store("mood.score", 40, kind="account", subject=pk, day=DAY - timedelta(days=30))
    assert StoredMetricReader().latest("mood.score", account(pk)).value == 40.0
    assert len(StoredMetricReader().by_subject("mood.score", "account")) == 1
    store("mood.score", None)
    assert StoredMetricReader().latest("mood.score", account(pk)) is None
    assert StoredMetricReader().by_subject("mood.score", "account") == []


def test_newer_values_of_another_metric_or_no_longer_in_force_make_nothing_old(inside):
    pk = Account.objects.create(external_id="a").pk
    store("mood.score", 40, kind="account", subject=pk, day=DAY - timedelta(days=2))
    store("mood.swing", 1)
    store("mood.score", 1, superseded_at="2026-04-01T00:00Z")
    assert StoredMetricReader().latest("mood.score", account(pk)).value == 40.0
    assert len(StoredMetricReader().by_subject("mood.score", "account")) == 1


def test_the_row_that_only_tells_that_a_day_was_computed_is_no_value(inside):
    pk = Account.objects.create(external_id="a").pk
    store("mood.score", 40, kind="account", subject=pk, day=DAY - timedelta(days=1))
    store("mood.score", None, kind="account", subject=pk, n=0, contributions=[], details={})
    assert StoredMetricReader().latest("mood.score", account(pk)) is None
    assert StoredMetricReader().by_subject("mood.score", "account") == []
    store("mood.swing", None, n=0, contributions=[], details={})
    assert StoredMetricReader().latest("mood.swing", TENANT).status is Status.NO_DATA
