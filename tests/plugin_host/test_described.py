"""A manifest arrives in the server as the plugin declares it: as data, without a class of the plugin's."""

from dataclasses import replace

import msgspec
import pytest

from engage_server.plugin_host.isolation.described import Described, described, inputs_of, manifest_of
from engage_server.plugin_host.registry import Plugin, registry
from engage_server.sdk import InputSpec, PluginConfig
from engage_server.sdk.contract import manifest_problems


def manifests() -> list[Plugin]:
    return list(registry().plugins.values())


@pytest.mark.parametrize("plugin", manifests(), ids=lambda plugin: plugin.id)
def test_a_manifest_arrives_as_it_was_declared(plugin):
    declared = plugin.manifest
    sent = msgspec.msgpack.decode(msgspec.msgpack.encode(described(declared)), type=Described)
    inputs = inputs_of(sent.inputs)
    arrived = manifest_of(sent, config=PluginConfig, inputs=lambda config: inputs, upgrade=dict)
    assert inputs == dict(declared.inputs_for(declared.config()))
    assert list(manifest_problems(arrived)) == []
    without_code = [replace(metric, inputs=None) for metric in declared.metrics]
    assert [replace(metric, inputs=None) for metric in arrived.metrics] == without_code
    same = replace(declared, config=PluginConfig, inputs={}, metrics=(), upgrade_config=None)
    assert replace(arrived, inputs={}, metrics=(), upgrade_config=None) == same


def test_an_input_that_the_sdk_does_not_have_is_refused_by_its_name():
    class Everything(InputSpec):
        pass

    sent = described(replace(manifests()[0].manifest, inputs={"all": Everything()}))
    with pytest.raises(ValueError, match="'all' is Everything, which is no input of the SDK"):
        inputs_of(sent.inputs)
