"""Activation and configuration are rows, read through one place, a tenant's own."""

from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command

from engage_server.engine.models import Schedule
from engage_server.plugin_host import activation
from engage_server.plugin_host.exceptions import (
    InvalidConfigurationError,
    PluginDisabledError,
    UnknownPluginError,
)
from engage_server.plugin_host.registry import registry
from engage_server.sdk import MetricValues
from engage_server.tenancy.scope import shared_scope, tenant_scope


def test_a_plugin_disabled_in_one_tenant_stays_enabled_in_the_other(acme, globex):
    with tenant_scope(acme):
        activation.disable("nps")
        assert "nps" not in activation.active_ids()
        with pytest.raises(PluginDisabledError, match="plugin enable nps"):
            activation.active_plugin("nps")
    with tenant_scope(globex):
        assert "nps" in activation.active_ids()


def test_each_change_is_a_new_version_and_no_change_is_none(acme):
    with tenant_scope(acme):
        assert activation.configure("nps", {"window_days": 30}).version == 2
        assert activation.configure("nps", {"window_days": 30}).version == 2
        assert activation.disable("nps").version == 3
        assert activation.enable("nps").version == 4
        assert activation.active_plugin("nps").config.window_days == 30
        assert activation.configure("nps", {"window_days": None}).config == {}


def test_an_invalid_configuration_is_told_field_by_field_and_changes_nothing(acme):
    with tenant_scope(acme):
        with pytest.raises(InvalidConfigurationError) as caught:
            activation.configure("nps", {"window_days": 0, "colour": "red"})
        assert set(caught.value.problems) == {"window_days", "colour"}
        assert activation.active_plugin("nps").version == 1


def test_what_a_plugin_says_of_a_configuration_is_told_in_its_own_words(acme):
    with tenant_scope(acme):
        activation.enable("funnel")
        with pytest.raises(InvalidConfigurationError) as caught:
            activation.configure("funnel", {"steps": ["Signed Up"]})
    assert caught.value.problems == {
        "(whole)": "steps has one alone, or one without a name. Remedy: name two or more, or none."
    }


def test_an_unknown_plugin_is_answered_with_the_installed_ones(acme):
    with tenant_scope(acme), pytest.raises(UnknownPluginError, match="nps"):
        activation.enable("npss")


def test_disabling_by_command_takes_the_plugin_off_the_schedule(acme, globex):
    call_command("plugin", "disable", "nps", tenant="acme")
    with shared_scope():
        assert not Schedule.objects.get(tenant_id=acme.id, plugin="nps").enabled
        assert Schedule.objects.get(tenant_id=globex.id, plugin="nps").enabled
    call_command("plugin", "enable", "nps", tenant="acme")
    with shared_scope():
        assert Schedule.objects.get(tenant_id=acme.id, plugin="nps").enabled


def test_the_configure_command_names_every_wrong_field(acme):
    with pytest.raises(CommandError, match=r"(?s)Nothing was changed.*window_days: .*colour: "):
        call_command("plugin", "configure", "nps", "window_days=0", "colour=red", tenant="acme")


def test_a_malformed_cron_is_refused_by_command(acme):
    with pytest.raises(CommandError, match="five fields"):
        call_command("plugin", "schedule", "nps", "every day", tenant="acme")


def test_the_list_names_state_version_and_next_run(acme, capsys):
    call_command("plugin", "list", tenant="acme", json=True)
    assert '"plugin": "nps"' in capsys.readouterr().out


def test_the_list_shows_every_id_whole_on_a_terminal_of_80_columns(acme, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    call_command("plugin", "list", tenant="acme")
    shown = capsys.readouterr().out
    assert all(plugin_id in shown for plugin_id in registry().plugins)


def test_a_configuration_under_which_plugins_would_wait_for_each_other_is_refused(acme):
    with tenant_scope(acme):
        plugin = registry().get("nps")
        needing = replace(plugin.manifest, inputs={"health": MetricValues(metrics=("health_score.score",))})
        changed = replace(plugin, manifest=needing)
        with pytest.raises(InvalidConfigurationError, match="health_score, nps"):
            activation._require_no_circle(changed, plugin.manifest.config())
