"""Values of other metrics as an input: those in force of the metric's newest day, and no older ones."""

from datetime import timedelta

import pytest

from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.windows import day_window
from engage_server.metrics.value_ranges import ValuesOfRange
from engage_server.plugin_host.loading import required_plugins
from engage_server.sdk import MetricBands, MetricValues
from engage_server.tenancy.scope import tenant_scope
from tests.metrics.values import DAY, store


def of(subject, value, *, age=0, **changes):
    store("mood.score", value, kind="account", subject=subject, day=DAY - timedelta(days=age), **changes)


def found(tenant, *, max_age_days=7):
    spec = MetricValues(metrics=("mood.score", "rest.score"), max_age_days=max_age_days)
    frame = RESOLVERS[MetricValues](spec, day_window(DAY, tenant.timezone))
    assert frame.schema == MetricValues.columns
    return frame.sort("metric", "subject").select("metric", "subject", "value", "status", "day").rows()


def test_a_subject_without_a_value_on_the_metrics_newest_day_has_no_row_whatever_it_had_before(acme):
    with tenant_scope(acme):
        of(1, 1)
        of(1, 9, age=1)
        of(2, 9, age=1)
        of(3, 9, superseded_at="2026-04-01T00:00Z")
        of(3, 9, age=1)
        of(4, None)
        of(4, 9, age=1)
        of(5, 9, age=-1)
        store("mood.score", 9)
        assert found(acme) == [("mood.score", 1, 1.0, "OK", DAY), ("mood.score", 4, None, "NO_DATA", DAY)]


def test_a_metric_that_was_not_computed_on_the_day_answers_with_its_last_one_if_it_is_young_enough(acme):
    before = DAY - timedelta(days=7)
    with tenant_scope(acme):
        of(1, 1)
        store("rest.score", 5, kind="account", subject=1, day=before)
        store("rest.score", 6, kind="account", subject=2, day=before - timedelta(days=1))
        assert found(acme)[1:] == [("rest.score", 1, 5.0, "OK", before)]
        assert found(acme, max_age_days=6) == [("mood.score", 1, 1.0, "OK", DAY)]


def test_that_nobody_has_a_value_any_more_is_seen_by_the_tenants_own(acme):
    with tenant_scope(acme):
        of(1, 9, age=1)
        store("mood.score", None)
        assert found(acme) == []


def test_what_a_plugin_says_of_0_to_100_comes_along_and_nothing_else_does(acme):
    with tenant_scope(acme):
        of(1, 4.08, details={"normalised": 51.33})
        of(2, 4.08, details={"normalised": "51.33"})
        of(3, 4.08, details={})
        spec = MetricValues(metrics=("mood.score",))
        frame = RESOLVERS[MetricValues](spec, day_window(DAY, acme.timezone))
    assert dict(frame.select("subject", "normalised").rows()) == {1: 51.33, 2: None, 3: None}


def test_many_days_at_once_are_answered_as_one_by_one(acme, globex):
    metrics = ("mood.score", "rest.score")
    newest, earlier = MetricValues(metrics, max_age_days=3), MetricValues(metrics, ago=(9, 2, 2))
    with tenant_scope(globex):
        of(1, 77)
    with tenant_scope(acme):
        for age in (0, 2, 3, 9, 12):
            of(1, age, age=age)
            of(2, age, age=age, details={"normalised": 12.5})
        of(3, 9, age=2, superseded_at="2026-04-01T00:00Z")
        store("mood.score", None, day=DAY - timedelta(days=1))
        store("rest.score", 5, kind="account", subject=1, day=DAY - timedelta(days=6))
        first = DAY - timedelta(days=14)
        sizes: dict[MetricValues, set[int]] = {newest: set(), earlier: set()}
        for spec, of_spec in sizes.items():
            ranged = ValuesOfRange(spec, first=first, last=DAY)
            for offset in range(15):
                window = day_window(first + timedelta(days=offset), acme.timezone)
                answered = ranged.on(window.day)
                assert answered.schema == MetricValues.columns
                assert sorted(answered.rows()) == sorted(RESOLVERS[MetricValues](spec, window).rows())
                of_spec.add(answered.height)
    assert sizes[newest] == {0, 1, 2, 3}
    assert sizes[earlier] >= {0, 2}


def test_earlier_values_are_those_in_force_of_the_days_before_and_order_nobody(acme, globex):
    spec = MetricValues(metrics=("mood.score",), days=2)
    with tenant_scope(acme):
        for age in range(4):
            of(1, 10 + age, age=age)
        of(2, 8, age=1)
        frame = RESOLVERS[MetricValues](spec, day_window(DAY, acme.timezone))
    days = [DAY - timedelta(days=age) for age in (2, 1)]
    assert frame.sort("day", "subject").select("subject", "day", "value").rows() == [
        (1, days[0], 12.0),
        (1, days[1], 11.0),
        (2, days[1], 8.0),
    ]
    assert required_plugins("other", {"before": spec}) == frozenset()
    assert required_plugins("other", {"now": MetricValues(metrics=("mood.score",))}) == {"mood"}
    with tenant_scope(globex):
        assert RESOLVERS[MetricValues](spec, day_window(DAY, globex.timezone)).is_empty()


def test_values_of_single_days_are_those_in_force_on_just_these(acme, globex):
    spec = MetricValues(metrics=("mood.score",), ago=(1, 3))
    with tenant_scope(acme):
        for age in range(5):
            of(1, 10 + age, age=age)
        of(2, 8, age=2)
        frame = RESOLVERS[MetricValues](spec, day_window(DAY, acme.timezone))
    assert frame.sort("day").select("subject", "day", "value").rows() == [
        (1, DAY - timedelta(days=3), 13.0),
        (1, DAY - timedelta(days=1), 11.0),
    ]
    assert required_plugins("mood", {"before": spec}) == frozenset()
    with tenant_scope(globex):
        assert RESOLVERS[MetricValues](spec, day_window(DAY, globex.timezone)).is_empty()


@pytest.mark.parametrize("fields", [{"ago": (0,)}, {"ago": (-1, 2)}, {"ago": (3,), "days": 2}])
def test_days_that_are_not_before_the_computed_one_are_refused(fields):
    with pytest.raises(ValueError, match="names no days before"):
        MetricValues(metrics=("mood.score",), **fields)


def test_bands_are_those_of_the_metrics_newest_day_wherever_they_stand_among_the_details(acme, globex):
    spec = MetricBands("mood.score", max_age_days=3)
    with tenant_scope(acme):
        of(1, 10, details={"band": "RED", "share": 0.5})
        of(2, 90, details={"share": 0.5, "band": "GREEN"})
        of(3, None, details={"share": 0.5, "band": None})
        of(4, 40, details={"share": 0.5})
        of(5, 20, age=1, details={"band": "RED"})
        frame = RESOLVERS[MetricBands](spec, day_window(DAY, acme.timezone))
        assert frame.schema == MetricBands.columns
        assert dict(frame.select("subject", "band").rows()) == {1: "RED", 2: "GREEN"}
        assert RESOLVERS[MetricBands](spec, day_window(DAY + timedelta(days=4), acme.timezone)).is_empty()
    with tenant_scope(globex):
        assert RESOLVERS[MetricBands](spec, day_window(DAY, globex.timezone)).is_empty()
