"""Plugins are switched and tuned over GraphQL by those who may, and the audit log says who did."""

import pytest

from engage_server.access.models import ApiKey
from engage_server.audit import log
from engage_server.engine.models import Breaker
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import shared_scope, tenant_scope
from tests.api.conftest import Caller

CONFIGURE = """
    mutation ($changes: JSON!, $version: Int, $dry: Boolean! = false) {
        configurePlugin(input: { plugin: "mood", changes: $changes, expectedVersion: $version, dryRun: $dry }) {
            dryRun plugin { config configurationVersion } restated { days metrics } } }
"""


@pytest.fixture
def admin(at_acme):
    return Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.ADMIN), at_acme.host)


def test_a_plugin_is_disabled_and_enabled_again(admin):
    assert admin.data('mutation { disablePlugin(input: {plugin: "mood"}) { plugin { enabled } } }') == {
        "disablePlugin": {"plugin": {"enabled": False}}
    }
    assert admin.data('mutation { enablePlugin(input: {plugin: "mood"}) { plugin { enabled } } }') == {
        "enablePlugin": {"plugin": {"enabled": True}}
    }
    with tenant_scope(admin.tenant):
        entries = log.newest(2)
    assert [entry.action for entry in entries] == ["plugin.enabled", "plugin.disabled"]
    assert entries[0].actor.startswith("key:")


def test_a_configuration_is_changed_and_the_change_recorded(admin):
    changed = admin.data(CONFIGURE, changes={"days": 9})["configurePlugin"]
    assert changed["plugin"]["config"]["days"] == 9
    with tenant_scope(admin.tenant):
        entry = log.newest(1)[0]
    assert (entry.action, entry.subject, entry.details["fields"]) == (
        "configuration.changed",
        "mood",
        ["days"],
    )


def test_an_invalid_configuration_changes_nothing_and_says_which_field(admin):
    (error,) = admin.ask(CONFIGURE, changes={"days": "many"})["errors"]
    assert error["extensions"]["code"] == "INVALID_CONFIGURATION"
    assert "days" in error["extensions"]["problems"]
    with tenant_scope(admin.tenant):
        assert log.newest(1, action="configuration.changed") == []


def test_a_query_key_changes_nothing(at_acme):
    assert (
        at_acme.code('mutation { disablePlugin(input: {plugin: "mood"}) { plugin { enabled } } }')
        == "FORBIDDEN"
    )
    with tenant_scope(at_acme.tenant):
        assert log.newest(1, action="plugin.") == []


def test_a_plugin_that_is_not_installed_is_not_found(admin):
    assert (
        admin.code('mutation { enablePlugin(input: {plugin: "nothing"}) { plugin { enabled } } }')
        == "NOT_FOUND"
    )


def test_a_tenants_change_leaves_the_other_as_it_was(admin, at_globex):
    before = at_globex.data("{ plugins { id enabled } }")
    admin.data('mutation { disablePlugin(input: {plugin: "pulse"}) { plugin { enabled } } }')
    assert {"id": "pulse", "enabled": True} in before["plugins"]
    assert at_globex.data("{ plugins { id enabled } }") == before


def test_a_plugin_that_rests_is_reset_and_the_other_tenants_rests_on(admin, at_globex):
    with shared_scope():
        for tenant in (admin.tenant, at_globex.tenant):
            Breaker.objects.create(tenant_id=tenant.id, plugin="mood", outcomes="-----", reason="why")
    reset = """mutation ($dry: Boolean!) {
        resetPlugin(input: {plugin: "mood", dryRun: $dry}) { released plugin { id } } }"""
    for dry, resting in ((True, 2), (False, 1)):
        assert admin.data(reset, dry=dry) == {"resetPlugin": {"released": 0, "plugin": {"id": "mood"}}}
        with shared_scope():
            assert Breaker.objects.filter(plugin="mood").count() == resting
    with tenant_scope(admin.tenant):
        assert [entry.subject for entry in log.newest(2, action="plugin.reset")] == ["mood"]
