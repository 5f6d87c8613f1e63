"""Whether a playbook moves a metric: by who has both values, against those held out, and never by another tenant's."""

from datetime import timedelta

import pytest
from django.utils import timezone

from engage_server.automation.models import Journey, Signal
from engage_server.automation.uplift import metric_uplift
from engage_server.tenancy.scope import tenant_scope
from tests.automation.days import FIRST, METRIC, day
from tests.metrics.values import store

PLAYBOOK = 9
# Darwin's fifteen pairs of maize, which Fisher (1935) took up: plants that were crossed, and that fertilised themselves.
CROSSED = [
    23.5,
    12.0,
    21.0,
    22.0,
    19.125,
    21.5,
    22.125,
    20.375,
    18.25,
    21.625,
    23.25,
    21.0,
    22.125,
    23.0,
    12.0,
]
SELFED = [
    17.375,
    20.375,
    20.0,
    20.0,
    18.375,
    18.625,
    18.625,
    15.25,
    16.5,
    18.0,
    16.25,
    18.0,
    12.75,
    15.5,
    18.0,
]


def journey(subject: int, state: str, before: float | None, after: float | None, **values) -> None:
    signal = Signal.objects.create(
        rule=1, rule_version=1, is_risk=True, subject_kind="account", subject=subject, raised_on=FIRST
    )
    Journey.objects.create(
        playbook=PLAYBOOK, version=1, signal=signal.pk, subject_kind="account", subject=subject, state=state,
        due_at=timezone.now(), begun_at=timezone.now() - timedelta(days=20),
    )  # fmt: skip
    for on, value in ((FIRST, before), (day(14), after)):
        if value is not None:
            store(METRIC, value, kind="account", subject=subject, day=on, **(values if on != FIRST else {}))


def darwin() -> None:
    for state, heights in (("DONE", CROSSED), ("HELD_OUT", SELFED)):
        for n, height in enumerate(heights):
            journey(n + (100 if state == "DONE" else 200), state, 50, 50 + height)


def test_a_worked_example(acme, globex):
    """By hand: means 20.19167 and 17.575, variances 13.08780 and 4.20982; 22.16 degrees of freedom, t = 2.0730."""
    with tenant_scope(acme):
        darwin()
        found = metric_uplift(PLAYBOOK, METRIC)
    with tenant_scope(globex):
        theirs = metric_uplift(PLAYBOOK, METRIC)
    assert (found.treated.subjects, found.held_out.subjects) == (15, 15)
    assert (found.treated.mean, found.held_out.mean) == pytest.approx((20.19167, 17.575), abs=1e-5)
    assert found.difference == pytest.approx(2.61667, abs=1e-5)
    assert found.interval is not None
    assert (float(found.interval.low), float(found.interval.high)) == pytest.approx(
        (0.3909, 4.8424), abs=1e-2
    )
    assert (theirs.treated.subjects, theirs.difference, theirs.interval) == (0, None, None)


def test_who_lacks_a_value_or_has_it_under_another_definition_is_left_out_and_counted(acme):
    with tenant_scope(acme):
        journey(1, "DONE", 10, 30)
        journey(2, "DONE", 10, None)
        journey(3, "DONE", None, 90)
        journey(4, "DONE", 10, 90, definition_version=2)
        journey(5, "DONE", 10, 90, status="PARTIAL")
        journey(6, "HELD_OUT", 10, 11)
        found = metric_uplift(PLAYBOOK, METRIC)
    assert (found.treated.subjects, found.treated.left_out, found.treated.mean) == (1, 4, 20)
    assert (found.difference, found.interval) == (19, None)


def test_who_may_not_see_few_sees_neither_values_that_rest_on_few_nor_groups_of_few(acme):
    with tenant_scope(acme):
        for subject in range(1, 7):
            journey(subject, "DONE", 10, 20 + subject)  # each rests on four
            journey(subject + 10, "HELD_OUT", 10, 10)
        of_few = metric_uplift(PLAYBOOK, METRIC, minimum_n=5)
        in_few = metric_uplift(PLAYBOOK, METRIC, minimum_subjects=7)
        shown = metric_uplift(PLAYBOOK, METRIC, minimum_n=4, minimum_subjects=6)
    assert (of_few.treated.subjects, of_few.treated.left_out, of_few.difference) == (0, 6, None)
    assert (in_few.treated.subjects, in_few.treated.mean, in_few.difference) == (6, None, None)
    assert shown.difference == 13.5


def test_it_takes_one_statement(acme, django_assert_num_queries):
    with tenant_scope(acme):
        darwin()
        with django_assert_num_queries(1):
            metric_uplift(PLAYBOOK, METRIC)
