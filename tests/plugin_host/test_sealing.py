"""Secrets of configurations lie sealed in the database, reach the plugin, and are shown to nobody."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from engage_server.plugin_host import activation
from engage_server.plugin_host.exceptions import InvalidConfigurationError, SealingError
from engage_server.plugin_host.models import PluginSetting
from engage_server.plugin_host.sealing import opened, sealed
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.plugin_host.releases import installed, release

SECRET = "sesame-open-4711"


@pytest.fixture(autouse=True)
def _tracker():
    with installed(release()):
        yield


def lies_in_the_database(tenant: TenantRef) -> str:
    with tenant_scope(tenant), connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(config::text, ' ') FROM plugin_host_pluginsetting")
        return str(cursor.fetchone()[0])


def configure(tenant: TenantRef, **changes: object) -> PluginSetting:
    with tenant_scope(tenant):
        activation.enable("tracker")
        return activation.configure("tracker", changes)


def test_a_secret_lies_sealed_and_reaches_the_plugin(acme, globex):
    configure(acme, token=SECRET, days=3)
    configure(globex, days=3)
    assert SECRET not in lies_in_the_database(acme)
    assert '"days": 3' in lies_in_the_database(acme), "what is no secret lies open"
    with tenant_scope(acme):
        assert activation.active_plugin("tracker").config.token.get_secret_value() == SECRET
    with tenant_scope(globex):
        assert activation.active_plugin("tracker").config.token.get_secret_value() == ""


def test_the_same_configuration_again_is_no_new_version_and_another_field_keeps_the_secret(acme):
    first = configure(acme, token=SECRET)
    assert configure(acme, token=SECRET).version == first.version
    assert configure(acme, days=5).version == first.version + 1
    with tenant_scope(acme):
        assert activation.active_plugin("tracker").config.token.get_secret_value() == SECRET


def test_no_command_shows_it(acme, capsys):
    configure(acme, token=SECRET)
    call_command("plugin", "configure", "tracker", "--show", tenant="acme")
    call_command("plugin", "configure", "tracker", "days=4", tenant="acme")
    call_command("plugin", "list", tenant="acme", json=True)
    shown = capsys.readouterr()
    assert SECRET not in shown.out + shown.err
    assert "sealed" not in shown.out
    assert "**********" in shown.out


def test_what_looks_sealed_is_not_taken_from_a_client(acme):
    with pytest.raises(InvalidConfigurationError):
        configure(acme, token={"$sealed": "gAAAAA"})
    with pytest.raises(SealingError, match="keeps for itself"):
        sealed({}, {"anything": [{"$sealed": "gAAAAA"}]})


def test_without_a_key_a_secret_is_refused_and_all_else_taken(acme, settings):
    settings.ENGAGE_SEALING_KEYS = []
    configure(acme, days=3)
    with pytest.raises(InvalidConfigurationError, match="ENGAGE_SEALING_KEYS is not set"):
        configure(acme, token=SECRET)


def test_keys_can_be_changed_and_the_former_one_goes_after_resealing(acme, globex, settings, capsys):
    settings.ENGAGE_SEALING_KEYS = ["the first key"]
    configure(acme, token=SECRET)
    settings.ENGAGE_SEALING_KEYS = ["the second key", "the first key"]
    configure(globex, token=SECRET)
    call_command("reseal")
    assert "2 configurations of 2 tenants" in capsys.readouterr().out
    settings.ENGAGE_SEALING_KEYS = ["the second key"]
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            assert activation.active_plugin("tracker").config.token.get_secret_value() == SECRET


def test_under_a_lost_key_the_plugin_waits_and_the_secret_can_be_set_again(acme, settings):
    settings.ENGAGE_SEALING_KEYS = ["the first key"]
    configure(acme, token=SECRET)
    settings.ENGAGE_SEALING_KEYS = ["another key"]
    with tenant_scope(acme):
        assert "set the secret again" in activation.standing().waiting["tracker"]
    with pytest.raises(CommandError, match="none of ENGAGE_SEALING_KEYS"):
        call_command("reseal")


def test_resealing_seals_what_an_earlier_release_left_in_clear(acme):
    configure(acme, days=3)
    with tenant_scope(acme):
        PluginSetting.objects.update(config={"token": SECRET, "days": 3})
    assert SECRET in lies_in_the_database(acme)
    call_command("reseal")
    assert SECRET not in lies_in_the_database(acme)
    with tenant_scope(acme):
        (setting,) = {json.dumps(opened(s.config)) for s in PluginSetting.objects.all()}
        assert json.loads(setting) == {"token": SECRET, "days": 3}
        assert activation.active_plugin("tracker").config.token.get_secret_value() == SECRET
