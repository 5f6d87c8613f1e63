"""Every number of the plugins that come with the server explains itself: its parts add up to it."""

from math import fsum

import pytest

from engage_server.metrics.models import MetricValue
from engage_server.plugin_host import activation
from engage_server.plugin_host.registry import registry
from engage_server.tenancy.scope import tenant_scope
from tests.engine.test_runs import backfill, populate


def test_every_metric_has_parts_that_add_up_to_its_value(acme):
    populate(acme, promoters=3, detractors=1)
    with tenant_scope(acme):
        cohort = {"activation_event": "Report exported", "cohort": "trailing", "existing_users_days": 0}
        activation.configure("adoption", cohort)
        activation.configure("ces", {"instrument": "nps"})
        activation.configure("health_score", {"min_coverage": 0})
    backfill(acme)
    with tenant_scope(acme):
        values = list(MetricValue.objects.exclude(value=None))
    # Some metrics say nothing of one account and one day; the kit holds of each that its parts add up.
    starters = {plugin.id for plugin in registry().plugins.values() if plugin.manifest.starter}
    assert {value.metric.partition(".")[0] for value in values} >= starters
    for value in values:
        points = [part["points"] for part in value.contributions]
        assert points, f"{value} has no parts"
        assert None not in points, f"{value} has a part without points"
        assert fsum(points) == pytest.approx(float(value.value)), f"the parts of {value} do not add up"
