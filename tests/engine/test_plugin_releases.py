"""A new release of a plugin upgrades configurations, restates what it defines anew, and asks before it reads more."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pydantic import Field, SecretStr

from engage_server.audit import log
from engage_server.engine import executor, ledger, restatement
from engage_server.engine.models import Run
from engage_server.operations.plugins import configure_plugin, enable_plugin
from engage_server.plugin_host import activation
from engage_server.plugin_host.exceptions import ConsentNeededError
from engage_server.plugin_host.models import PluginSetting
from engage_server.sdk import Accounts, PluginConfig, SurveyResponses
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.engine.test_runs import DAY, backfill, values
from tests.plugin_host.releases import installed, release


class Renamed(PluginConfig):
    """The second release's: ``days`` is called ``window_days``."""

    window_days: int = Field(7, description="Length of the window.")
    token: SecretStr = Field(SecretStr(""), description="Of the other system.")


def rename(stored: Mapping[str, Any]) -> Mapping[str, Any]:
    return {{"days": "window_days"}.get(name, name): value for name, value in stored.items()}


def fail(stored: Mapping[str, Any]) -> Mapping[str, Any]:
    raise KeyError("days")


@pytest.fixture
def configured(acme: TenantRef, globex: TenantRef) -> TenantRef:
    """Both have the first release, acme configured it."""
    with installed(release()):
        for tenant in (acme, globex):
            enable_plugin(tenant, "tracker", agree=True)
        configure_plugin(acme, "tracker", {"days": 3, "token": "abc"})
        backfill(acme, "tracker")
        restatement.open_runs(settle_s=0)
        executor.execute_due(acme)
    return acme


def run_due(tenant: TenantRef) -> Run:
    run_id = ledger.open_run(tenant_id=tenant.id, plugin="tracker", scheduled_for=timezone.now(), day=DAY)
    executor.execute_due(tenant)
    with shared_scope():
        return Run.objects.get(pk=run_id)


def settings_of(tenant: TenantRef) -> list[tuple[int, Mapping[str, Any]]]:
    with tenant_scope(tenant):
        return list(PluginSetting.objects.order_by("version").values_list("version", "config"))


def actions(tenant: TenantRef) -> list[str]:
    with tenant_scope(tenant):
        return [entry.action for entry in log.newest(50)]


def test_a_configuration_is_upgraded_by_the_plugins_function_and_the_former_version_stays(configured, globex):
    before = settings_of(configured)
    with installed(release(config=Renamed, upgrade_config=rename), "2.0"):
        with tenant_scope(configured):
            assert activation.active_plugin("tracker").config.window_days == 3, "before anybody stored it"
        assert run_due(configured).state == "SUCCEEDED"
        after = settings_of(configured)
        assert after[:-1] == before
        assert after[-1][1]["window_days"] == 3
        with tenant_scope(configured):
            active = activation.active_plugin("tracker")
            assert active.config.token.get_secret_value() == "abc", "the secret went along, sealed"
        assert "abc" not in str(after)
        run_due(configured)
        assert settings_of(configured) == after, "once"
    assert actions(configured).count("configuration.upgraded") == 1
    assert "configuration.upgraded" not in actions(globex)


def test_a_configuration_that_the_new_release_cannot_take_waits_with_the_reason(configured):
    with installed(release(config=Renamed, upgrade_config=fail), "2.0"):
        waiting = run_due(configured)
        assert waiting.state == "PENDING"
        assert "raised KeyError" in waiting.error
        assert "'days'" in waiting.error, "the field is named"
    with installed(release(config=Renamed), "2.0"):
        assert "Extra inputs" in run_due(configured).error


def test_a_raised_definition_restates_all_stored_days_with_that_reason(configured, globex):
    assert values(configured)["tracker.score", "tenant"] == 4
    with installed(release(definition=2), "2.0"):
        executor.execute_due(configured)
        assert restatement.open_runs(settle_s=0) == 1
        with shared_scope():
            again = Run.objects.get(tenant_id=configured.id, state="PENDING")
        assert (again.day, again.reason) == (DAY, "definition 2 of score")
        executor.execute_due(configured)
        assert values(configured)["tracker.score", "tenant"] == 5
        executor.execute_due(configured)
        assert restatement.open_runs(settle_s=0) == 0, "once"
    assert "definition.raised" in actions(configured)


def test_an_older_release_beside_a_newer_one_changes_nothing(configured):
    with installed(release(definition=2), "2.0"):
        executor.execute_due(configured)
    before = settings_of(configured)
    with installed(release(), "1.0"):
        executor.execute_due(configured)
    with installed(release(definition=2), "2.0"):
        executor.execute_due(configured)
    assert settings_of(configured) == before
    assert actions(configured).count("definition.raised") == 1


def test_a_release_that_reads_more_waits_until_that_is_agreed_to(configured, globex):
    more = release(inputs={"accounts": Accounts(), "answers": SurveyResponses(instrument="nps")})
    with installed(more, "2.0"):
        waiting = run_due(configured)
        assert waiting.state == "PENDING"
        assert "answers to surveys, of 90 days" in waiting.error
        assert "accounts with" not in waiting.error, "that was agreed to"
        with pytest.raises(CommandError, match=r"answers to surveys.*--agree"):
            call_command("plugin", "enable", "tracker", tenant="acme")
        call_command("plugin", "enable", "tracker", "--agree", tenant="acme")
        with tenant_scope(configured):
            assert "tracker" in activation.standing().active
        with tenant_scope(globex):
            assert "tracker" in activation.standing().waiting, "each tenant for itself"
    (agreed,) = [entry for entry in newest(configured) if entry.action == "plugin.enabled"][:1]
    assert agreed.details["reads"] == ["ACCOUNTS", "SURVEY_RESPONSES"]


def newest(tenant: TenantRef) -> list[Any]:
    with tenant_scope(tenant):
        return list(log.newest(50))


def test_a_new_plugin_is_enabled_only_once_it_is_agreed_what_it_reads(acme, capsys):
    with installed(release()):
        with pytest.raises(ConsentNeededError, match="accounts with their plans and stages"):
            enable_plugin(acme, "tracker")
        with tenant_scope(acme):
            assert "tracker" not in activation.current_settings(), "nothing is half applied"
        with pytest.raises(CommandError):
            call_command("plugin", "enable", "tracker", tenant="acme")
        assert "accounts with their plans and stages" in capsys.readouterr().out
        call_command("plugin", "enable", "tracker", "--agree", tenant="acme")
        call_command("plugin", "disable", "tracker", tenant="acme")
        call_command("plugin", "enable", "tracker", tenant="acme")


def test_whoever_sits_at_the_terminal_is_asked(acme, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    with installed(release()):
        monkeypatch.setattr("builtins.input", lambda question: "n")
        with pytest.raises(CommandError):
            call_command("plugin", "enable", "tracker", tenant="acme")
        monkeypatch.setattr("builtins.input", lambda question: "y")
        call_command("plugin", "enable", "tracker", tenant="acme")
    with tenant_scope(acme):
        assert activation.current_settings()["tracker"].enabled


def test_settings_of_the_release_before_count_as_agreed_to_and_restate_nothing(configured):
    with tenant_scope(configured):
        PluginSetting.objects.update(adopted={})
    with installed(release()):
        assert run_due(configured).state == "SUCCEEDED"
        assert restatement.open_runs(settle_s=0) == 0
    with tenant_scope(configured):
        newest = activation.current_settings()["tracker"]
    words = newest.adopted.pop("reads")
    assert newest.adopted == {"release": "1.0", "definitions": {"score": 1}, "agreed": ["ACCOUNTS"]}
    assert words == {"ACCOUNTS": "accounts with their plans and stages, of the computed day"}
