"""Whatever a compute hook does wrong is its own failure, with its name on it."""

from dataclasses import replace

import pytest

from engage_server.plugin_host import guard
from engage_server.plugin_host.registry import registry
from engage_server.sdk import TENANT, Measurement
from engage_server.sdk.testing import request_for


def computing(function):
    plugin = registry().plugins["nps"]
    changed = guard.Plugin(plugin.manifest, plugin.distribution, plugin.version, function, None)
    return guard.compute(changed, request_for(plugin.manifest))


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda request: 1 / 0, "ZeroDivisionError"),
        (lambda request: None, "returned None"),
        (lambda request: [42], "int instead of a Measurement"),
        (lambda request: [Measurement("score", TENANT, float("nan"), 1)], "nan is no number"),
        (lambda request: [Measurement("other", TENANT, 1, 1)], "declares no such metric"),
        (lambda request: [Measurement("score", TENANT, 1, 1)] * 2, "twice"),
        (lambda request: [Measurement("score", TENANT, None, 0)], "does not go with the status"),
    ],
)
def test_a_broken_answer_names_the_plugin_and_the_fault(function, says):
    with pytest.raises(guard.PluginFailedError, match=says) as caught:
        computing(function)
    assert "'nps'" in str(caught.value)


def test_an_empty_answer_is_legal():
    assert computing(lambda request: iter(())).measurements == ()


def test_an_input_that_is_none_of_the_sdks_is_the_plugins_failure_and_named():
    plugin = registry().plugins["nps"]
    manifest = replace(plugin.manifest, inputs=lambda config: {"answers": "SurveyResponses"})
    with pytest.raises(guard.PluginFailedError, match="'answers' of the plugin 'nps' is str"):
        guard.inputs(replace(plugin, manifest=manifest), manifest.config())
