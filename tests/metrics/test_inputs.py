"""Values of other metrics as an input: the day's own, or the last one before it that is in force."""

from datetime import timedelta

from engage_server.engine.compute import day_window
from engage_server.metrics.inputs import RESOLVERS
from engage_server.sdk import MetricValues
from engage_server.tenancy.scope import tenant_scope
from tests.metrics.values import DAY, store


def test_each_subject_comes_with_its_newest_value_in_force_that_is_young_enough(acme):
    def of(subject, value, *, age=0, **changes):
        store("mood.score", value, kind="account", subject=subject, day=DAY - timedelta(days=age), **changes)

    spec = MetricValues(metrics=("mood.score",), max_age_days=7)
    with tenant_scope(acme):
        of(1, 1)
        of(1, 9, age=1)
        of(2, 2, age=2)
        of(2, 9, age=3)
        of(3, 9, age=1, superseded_at="2026-04-01T00:00Z")
        of(3, 3, age=7)
        of(4, 9, age=8)
        of(5, None)
        of(5, 9, age=1)
        of(6, 9, age=-1)
        store("mood.score", 9)
        store("rest.score", 9, kind="account", subject=7)
        frame = RESOLVERS[MetricValues](spec, day_window(DAY, acme.timezone))
    assert frame.schema == MetricValues.columns
    found = frame.sort("subject").select("subject", "value", "status", "day").rows()
    assert found == [
        (1, 1.0, "OK", DAY),
        (2, 2.0, "OK", DAY - timedelta(days=2)),
        (3, 3.0, "OK", DAY - timedelta(days=7)),
        (5, None, "NO_DATA", DAY),
    ]
