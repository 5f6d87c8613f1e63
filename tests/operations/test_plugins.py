"""A change of a plugin is made wholly, its record included, or not at all."""

import pytest
from django.core.management import CommandError, call_command

from engage_server.audit import log
from engage_server.engine.schedules import schedules_of
from engage_server.operations import plugins
from engage_server.plugin_host.activation import active_ids, current_settings
from engage_server.plugin_host.exceptions import PluginHostError
from engage_server.tenancy.scope import TenantRef, tenant_scope


class Interruption(Exception):
    """What a killed process looks like to the transaction."""


def state(tenant: TenantRef) -> tuple[object, ...]:
    """What a change of a plugin changes."""
    with tenant_scope(tenant):
        settings = {name: (row.version, row.enabled, row.config) for name, row in current_settings().items()}
        return settings, active_ids(), [entry.position for entry in log.newest(50)]


@pytest.mark.parametrize(
    ("last_step", "change"),
    [
        ("record", lambda tenant: plugins.disable_plugin(tenant, "nps")),
        ("sync_schedules", lambda tenant: plugins.disable_plugin(tenant, "nps")),
        ("restate_all", lambda tenant: plugins.configure_plugin(tenant, "nps", {"instrument": "nps2"})),
        ("record", lambda tenant: plugins.change_schedule(tenant, "nps", cron="0 4 * * *")),
    ],
)
def test_a_change_that_is_interrupted_leaves_nothing_behind(acme, monkeypatch, last_step, change):
    before, cron = state(acme), schedules_of(acme)["nps"].cron

    def interrupt(*_: object, **__: object) -> None:
        raise Interruption

    monkeypatch.setattr(plugins, last_step, interrupt)
    with pytest.raises(Interruption):
        change(acme)
    assert state(acme) == before
    assert (schedules_of(acme)["nps"].cron, schedules_of(acme)["nps"].enabled) == (cron, True)


def test_a_disabled_plugin_gets_no_new_schedule(acme, globex):
    plugins.disable_plugin(acme, "nps")
    with pytest.raises(PluginHostError, match="not enabled"):
        plugins.change_schedule(acme, "nps", cron="0 4 * * *")
    plugins.change_schedule(globex, "nps", cron="0 4 * * *")
    assert schedules_of(acme)["nps"].cron != "0 4 * * *"


def test_an_invalid_configuration_is_said_field_by_field(acme):
    with pytest.raises(CommandError, match=r"Nothing was changed.*\n  window_days: "):
        call_command("plugin", "configure", "nps", "window_days=soon", "--tenant", "acme")
