"""An enabled plugin that cannot run here and now waits, and nothing of it is lost; nobody else waits for it."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command
from django.utils import timezone

from engage_server.customers.models import SurveyResponse
from engage_server.engine import executor, ledger, restatement
from engage_server.engine.models import AffectedDay, Run, Schedule
from engage_server.engine.restatement import Cause, note_changes
from engage_server.engine.status import read_status
from engage_server.metrics.models import MetricValue
from engage_server.plugin_host import activation
from engage_server.plugin_host import registry as plugin_registry
from engage_server.plugin_host.models import PluginSetting
from engage_server.tenancy.clock import in_seconds
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.engine.test_runs import DAY, backfill, populate, values

real = plugin_registry.installed_candidates


@pytest.fixture
def uninstall(monkeypatch) -> Iterator[Callable[..., None]]:
    """Leaves these plugins out of those installed, in this process."""

    def leave_out(*ids: str) -> None:
        monkeypatch.setattr(
            plugin_registry, "installed_candidates", lambda: [c for c in real() if c.name not in ids]
        )
        plugin_registry.registry.cache_clear()

    yield leave_out
    plugin_registry.registry.cache_clear()


@pytest.fixture(autouse=True)
def _a_job_may_take_its_time(settings) -> None:
    settings.ENGAGE_JOB_SECONDS = 600  # to load all plugins anew may take longer than a job's share


@pytest.fixture(autouse=True)
def _registry_is_built_anew() -> Iterator[None]:
    yield
    plugin_registry.registry.cache_clear()


def open_runs(tenant: TenantRef, *plugins: str) -> None:
    for plugin in plugins:
        ledger.open_run(tenant_id=tenant.id, plugin=plugin, scheduled_for=timezone.now(), day=DAY)


def runs(tenant: TenantRef) -> dict[str, Run]:
    with shared_scope():
        return {run.plugin: run for run in Run.objects.filter(tenant_id=tenant.id)}


def let_time_pass() -> None:
    with shared_scope():
        Run.objects.update(not_before=in_seconds(-1))
        AffectedDay.objects.update(noted_at=in_seconds(-60))


def make_invalid(tenant: TenantRef, plugin: str) -> None:
    with tenant_scope(tenant):
        PluginSetting.objects.filter(plugin=plugin).update(config={"of another release": 1})


def make_valid(tenant: TenantRef, plugin: str) -> None:
    with tenant_scope(tenant):
        PluginSetting.objects.filter(plugin=plugin).update(config={})


def test_runs_of_a_plugin_that_this_worker_does_not_know_wait_for_one_that_does(acme, globex, uninstall):
    populate(acme, promoters=3, detractors=1)
    open_runs(acme, "nps", "health_score")
    open_runs(globex, "nps")
    uninstall("nps")
    executor.execute_due(acme)
    found = runs(acme)
    assert found["health_score"].state == "SUCCEEDED", "what builds on it does not wait"
    assert (found["nps"].state, found["nps"].attempt) == ("PENDING", 0)
    assert "'nps' is installed" in found["nps"].error
    assert found["nps"].not_before > timezone.now()
    assert any("wait for plugins that cannot run: nps (1)" in problem for problem in read_status().problems)
    assert runs(globex)["nps"].error == "", "another tenant's worker may know it"
    uninstall()
    let_time_pass()
    executor.execute_due(acme)
    assert runs(acme)["nps"].state == "SUCCEEDED"
    assert values(acme)["nps.score", "tenant"] == 50


def test_what_was_computed_without_the_plugin_is_computed_again_once_it_is_back(acme, uninstall):
    populate(acme, promoters=3, detractors=1)
    open_runs(acme, "nps", "health_score")
    uninstall("nps")
    executor.execute_due(acme)
    uninstall()
    let_time_pass()
    executor.execute_due(acme)
    assert restatement.open_runs(settle_s=0) == 1
    with shared_scope():
        again = Run.objects.get(tenant_id=acme.id, state="PENDING")
    assert (again.plugin, again.day, again.reason) == ("health_score", DAY, f"restated inputs of {DAY}")


def test_a_run_that_is_claimed_meanwhile_is_given_back_and_no_failure_counted(acme, uninstall):
    open_runs(acme, "nps")
    claimed = ledger.claim(runs(acme)["nps"].pk)
    uninstall("nps")
    executor.execute(acme, claimed)
    assert (runs(acme)["nps"].state, runs(acme)["nps"].attempt) == ("PENDING", 0)


@pytest.mark.parametrize("way", ["uninstalled", "invalid"])
def test_restatements_that_are_noted_while_a_plugin_is_away_are_kept_for_it_alone(
    acme, globex, uninstall, way
):
    for tenant in (acme, globex):
        populate(tenant, promoters=3, detractors=1)
        backfill(tenant)
        with tenant_scope(tenant):
            SurveyResponse.objects.create(
                external_id="late", instrument="nps", scale_min=0, scale_max=10, score=0,
                occurred_at=datetime(2026, 6, 30, 13, tzinfo=UTC),
            )  # fmt: skip
            note_changes(tenant, Cause.RESPONSES, [DAY])
    if way == "invalid":
        make_invalid(acme, "nps")
    else:
        uninstall("nps")
    restatement.open_runs(settle_s=0)
    with shared_scope():
        Run.objects.filter(state="PENDING").exclude(plugin="nps").delete()
        (kept,) = AffectedDay.objects.filter(tenant_id=acme.id)
    assert (kept.kept_for, kept.cause, kept.day) == ("nps", "RESPONSES", DAY)
    for _ in range(2):
        let_time_pass()
        restatement.open_runs(settle_s=0)
    with shared_scope():
        assert AffectedDay.objects.filter(tenant_id=acme.id).count() == 1, "kept, and not once more each time"
    make_valid(acme, "nps")
    uninstall()
    let_time_pass()
    restatement.open_runs(settle_s=0)
    with shared_scope():
        waiting = Run.objects.filter(tenant_id=acme.id, state="PENDING").values_list("plugin", "day")
        assert list(waiting) == [("nps", DAY)]
    executor.execute_due(acme)
    assert values(acme)["nps.score", "tenant"] == 20
    with shared_scope():
        assert not AffectedDay.objects.filter(tenant_id=acme.id, kept_for="nps").exists()


def test_notes_for_a_plugin_that_is_disabled_meanwhile_are_dropped(acme, uninstall):
    populate(acme, promoters=3, detractors=1)
    backfill(acme)
    note_changes(acme, Cause.RESPONSES, [DAY])
    uninstall("nps")
    restatement.open_runs(settle_s=0)
    with tenant_scope(acme):
        activation.disable("nps")
    let_time_pass()
    restatement.open_runs(settle_s=0)
    with shared_scope():
        assert not AffectedDay.objects.exists()


def test_an_uninstalled_plugin_can_be_disabled_and_leaves_the_schedule(acme, globex, uninstall, capsys):
    uninstall("nps")
    call_command("plugin", "list", tenant="acme")
    assert "plugin disable nps" in capsys.readouterr().err
    call_command("plugin", "disable", "nps", tenant="acme")
    with tenant_scope(acme):
        assert "nps" not in activation.standing().waiting
    with tenant_scope(globex):
        assert "nps" in activation.standing().waiting
    with shared_scope():
        assert not Schedule.objects.get(tenant_id=acme.id, plugin="nps").enabled
        assert Schedule.objects.get(tenant_id=globex.id, plugin="nps").enabled
    call_command("plugin", "list", tenant="acme")
    assert "nps" not in capsys.readouterr().err


def test_one_that_waits_keeps_its_schedule_when_another_is_enabled(acme, uninstall):
    uninstall("nps")
    call_command("plugin", "disable", "ces", tenant="acme")
    call_command("plugin", "enable", "ces", tenant="acme")
    with shared_scope():
        assert Schedule.objects.get(tenant_id=acme.id, plugin="nps").enabled


def test_one_invalid_configuration_stops_its_plugin_alone(acme, globex, capsys):
    populate(acme, promoters=3, detractors=1)
    make_invalid(acme, "nps")
    call_command("compute", tenant="acme", first=DAY, last=DAY)
    assert "of another release" in capsys.readouterr().err
    stored = {metric for metric, _ in values(acme)}
    assert "license_utilization.utilization" in stored
    assert "nps.score" not in stored
    with tenant_scope(globex):
        assert not activation.standing().waiting


def test_an_invalid_configuration_is_shown_as_it_is_stored_and_can_be_mended(acme, capsys):
    make_invalid(acme, "nps")
    call_command("plugin", "configure", "nps", "--show", tenant="acme")
    shown = capsys.readouterr()
    assert "of another release" in shown.err
    assert '"window_days"' in shown.out, "the schema, by which to mend it"
    call_command("plugin", "configure", "nps", "of another release=null", tenant="acme")
    with tenant_scope(acme):
        assert activation.active_plugin("nps").config.window_days == 90


def test_a_stored_value_of_a_plugin_that_is_away_stays(acme, uninstall):
    populate(acme, promoters=3, detractors=1)
    backfill(acme)
    uninstall("nps")
    executor.execute_due(acme)
    with tenant_scope(acme):
        assert MetricValue.objects.filter(
            metric="nps.score", day=date(2026, 6, 30), superseded_at=None
        ).exists()
