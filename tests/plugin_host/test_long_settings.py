"""A configuration is no longer than one needs to be: it is read in every run and shown on every page of settings."""

import pytest

from engage_server.plugin_host import activation
from engage_server.plugin_host.exceptions import InvalidConfigurationError
from engage_server.plugin_host.models import PluginSetting
from engage_server.tenancy.scope import tenant_scope


def test_a_long_text_is_refused_by_its_field(acme):
    with tenant_scope(acme):
        before = activation.current_settings()["nps"].version
        with pytest.raises(InvalidConfigurationError) as refused:
            activation.configure("nps", {"instrument": "@" + "a" * 1_000, "window_days": 30})
        assert "1000 characters" in refused.value.problems["instrument"]
        assert "Remedy" in refused.value.problems["instrument"]
        assert activation.current_settings()["nps"].version == before
        activation.configure("nps", {"instrument": "a" * 60})


def test_a_long_configuration_is_refused_as_a_whole(acme):
    line = {"kind": "linear", "low": 0, "high": 1}
    component = {
        "label": "L" * 80,
        "metric": "nps.score",
        "group": "advocacy",
        "weight": 1,
        "normalisation": line,
    }
    many = [{**component, "key": f"part_{n}"} for n in range(300)]
    with tenant_scope(acme), pytest.raises(InvalidConfigurationError) as refused:
        activation.configure("health_score", {"components": many})
    assert list(refused.value.problems) == ["(whole)"]


def test_an_older_longer_one_stays_in_force_and_can_be_switched_off_and_on(acme):
    with tenant_scope(acme):
        PluginSetting.objects.filter(plugin="nps").update(config={"instrument": "a" * 5_000})
        activation.disable("nps")
        assert activation.enable("nps").config == {"instrument": "a" * 5_000}
        assert activation.active_plugin("nps").config.instrument == "a" * 5_000
