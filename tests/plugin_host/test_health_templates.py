"""The templates of the health score ask for metrics that installed plugins measure for accounts."""

import pytest
from engage_health_score.templates import STANDARD, TEMPLATES

from engage_server.plugin_host.registry import registry


@pytest.mark.parametrize("components", [STANDARD, *TEMPLATES.values()])
def test_every_component_is_a_metric_of_accounts_of_an_installed_plugin(components):
    measured = {
        f"{plugin.id}.{metric.id}"
        for plugin in registry().plugins.values()
        for metric in plugin.manifest.metrics
        if "account" in metric.subjects
    }
    assert [one.metric for one in components if one.metric not in measured] == []
