"""A plugin that keeps failing for a tenant rests; nobody else's plugin, and no other tenant's, notices."""

import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.utils import timezone

from engage_server.engine import breaker, executor, ledger
from engage_server.engine.breaker import State
from engage_server.engine.models import Breaker, Run
from engage_server.metrics.models import MetricValue
from engage_server.plugin_host import activation
from engage_server.plugin_host import registry as plugin_registry
from engage_server.tenancy.clock import database_now, in_seconds
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.plugin_host.installing import MISBEHAVING_PLUGIN, distribution, on_path

DAY = date(2026, 6, 30)


@pytest.fixture(scope="module", autouse=True)
def _misbehaving_installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("installed")
    distribution(folder, name="foreign-guest", entry="misbehaving", source=MISBEHAVING_PLUGIN)
    with on_path(folder):
        yield
    sys.modules.pop("foreign_guest", None)


@pytest.fixture(autouse=True)
def _inline(settings) -> None:
    """Breakers count failures wherever a plugin runs; most of these tests need no processes."""
    settings.ENGAGE_PLUGIN_ISOLATION = "inline"
    plugin_registry.registry.cache_clear()


def behave(tenant: TenantRef, way: str) -> None:
    with tenant_scope(tenant):
        activation.configure("misbehaving", {"way": way})


def claim(tenant: TenantRef, *, plugin: str = "misbehaving") -> ledger.Claim:
    run_id = ledger.open_run(tenant_id=tenant.id, plugin=plugin, scheduled_for=timezone.now(), day=DAY)
    claimed = ledger.claim(run_id)
    assert claimed is not None
    return claimed


def run(tenant: TenantRef, *, times: int = 1, plugin: str = "misbehaving") -> list[str]:
    """Open and execute this many runs of their own; the states they end in."""
    states = []
    for _ in range(times):
        claimed = claim(tenant, plugin=plugin)
        executor.execute(tenant, claimed)
        with shared_scope():
            states.append(Run.objects.get(pk=claimed.run_id).state)
    return states


def last_run() -> Run:
    with shared_scope():
        return Run.objects.latest("id")


def state(tenant: TenantRef) -> State:
    standing = breaker.standings_by_plugin(tenant.id).get("misbehaving")
    return State.CLOSED if standing is None else standing.state


def rest_is_over() -> None:
    with shared_scope():
        Breaker.objects.update(open_until=in_seconds(-1))


@pytest.mark.parametrize(
    ("way", "says"),
    [
        ("leave", "exit status 7"),
        ("crash", "SIGSEGV"),
        ("sleep_in_c", "killed after 1 s"),
        ("divide", "ZeroDiv"),
    ],
)
def test_a_misbehaving_plugin_costs_no_other_plugin_its_values(acme, settings, way, says):
    settings.ENGAGE_PLUGIN_ISOLATION = "foreign"
    plugin_registry.registry.cache_clear()
    settings.ENGAGE_PLUGIN_TIME_S = 1.0
    behave(acme, way)
    with tenant_scope(acme):
        chosen = sorted(activation.active_ids())
    failed = []
    executor.backfill(
        acme, plugins=chosen, first=DAY, last=DAY,
        progress=lambda plugin, day, written: failed.append(plugin) if written is None else None,
    )  # fmt: skip
    assert failed == ["misbehaving"]
    with tenant_scope(acme):
        stored = {metric.partition(".")[0] for metric in MetricValue.objects.values_list("metric", flat=True)}
    assert {"nps", "license_utilization"} <= stored
    assert "misbehaving" not in stored
    with shared_scope():
        assert says in Run.objects.get(plugin="misbehaving").error


def test_whatever_a_hostile_plugin_does_for_one_tenant_the_next_tenants_run_is_untouched(
    acme, globex, settings
):
    settings.ENGAGE_PLUGIN_ISOLATION = "foreign"
    settings.ENGAGE_PLUGIN_TIME_S = 20.0
    settings.ENGAGE_PLUGIN_ANSWER_MB = 1
    plugin_registry.registry.cache_clear()
    behave(globex, "answer")
    for way in ("kill_parent", "multiply", "allocate", "forge", "verbose"):
        behave(acme, way)
        assert run(acme) == ["PENDING"], way
        assert run(globex) == ["SUCCEEDED"], way
    assert state(acme) is State.OPEN
    assert state(globex) is State.CLOSED


def test_five_failures_in_a_row_open_the_breaker_and_runs_are_postponed_not_failed(acme):
    behave(acme, "divide")
    run(acme, times=4)
    assert state(acme) is State.CLOSED
    run(acme)
    assert state(acme) is State.OPEN
    assert run(acme) == ["PENDING"]
    postponed = last_run()
    assert postponed.attempt == 0
    with shared_scope():
        assert (postponed.not_before - database_now()).total_seconds() > 800
        assert "plugin reset misbehaving" in postponed.error


def test_a_breaker_that_opens_within_a_batch_postpones_the_rest_of_it(acme):
    behave(acme, "divide")
    days = [DAY - timedelta(days=n) for n in range(8)]
    ledger.request(tenant_id=acme.id, runs=[("misbehaving", timezone.now(), day) for day in days])
    executor.execute_due(acme)
    with shared_scope():
        attempts = Run.objects.filter(plugin="misbehaving").order_by("day").values_list("attempt", flat=True)
        assert list(attempts) == [1] * 5 + [0] * 3


def test_the_breaker_of_one_tenant_is_not_the_others(acme, globex):
    behave(acme, "divide")
    run(acme, times=5)
    assert state(acme) is State.OPEN
    assert state(globex) is State.CLOSED
    assert run(globex) == ["SUCCEEDED"]
    assert run(acme, plugin="nps") == ["SUCCEEDED"]


def test_after_the_rest_one_run_is_let_through_and_its_success_closes(acme):
    behave(acme, "divide")
    run(acme, times=5)
    behave(acme, "answer")
    rest_is_over()
    assert state(acme) is State.HALF_OPEN
    assert run(acme) == ["SUCCEEDED"]
    assert state(acme) is State.CLOSED
    with shared_scope():
        assert not Breaker.objects.exists()


def test_while_the_trial_runs_the_others_still_wait(acme):
    behave(acme, "divide")
    run(acme, times=5)
    rest_is_over()
    breaker.admit(claim(acme))
    assert state(acme) is State.HALF_OPEN
    assert run(acme) == ["PENDING"]
    assert last_run().attempt == 0


def test_a_failed_trial_opens_the_breaker_for_another_rest(acme):
    behave(acme, "divide")
    run(acme, times=5)
    rest_is_over()
    run(acme)
    assert last_run().attempt == 1
    assert state(acme) is State.OPEN


def test_more_than_half_of_twenty_runs_failed_opens_without_five_in_a_row(acme):
    claimed = claim(acme)
    for _ in range(6):
        for outcome in "--+":
            breaker.failed(claimed, "why") if outcome == "-" else breaker.succeeded(claimed)
    assert state(acme) is State.CLOSED
    breaker.failed(claimed, "why")
    assert state(acme) is State.CLOSED
    breaker.failed(claimed, "why")
    assert state(acme) is State.OPEN


def test_failures_long_ago_are_forgotten(acme):
    claimed = claim(acme)
    breaker.failed(claimed, "why")
    for _ in range(breaker.REMEMBERED):
        breaker.succeeded(claimed)
    assert breaker.standings(acme.id) == []


def test_the_list_shows_state_end_and_reason_of_an_open_breaker_and_reset_clears_it(acme, globex, capsys):
    for tenant in (acme, globex):
        behave(tenant, "divide")
        run(tenant, times=6)
    call_command("plugin", "list", tenant="acme", json=True)
    shown = {row["plugin"]: row["breaker"] for row in json.loads(capsys.readouterr().out)["plugins"]}
    assert shown["nps"] == "closed"
    assert re.match(
        r"open until \d{4}-.* CES?T: The plugin 'misbehaving' raised ZeroDivisionError", shown["misbehaving"]
    )
    call_command("plugin", "reset", "misbehaving", tenant="acme")
    assert state(acme) is State.CLOSED
    assert state(globex) is State.OPEN
    assert run(acme, plugin="misbehaving") == ["PENDING"]
    assert last_run().attempt == 1, "it was tried, not postponed"
    with shared_scope():
        waiting = Run.objects.filter(tenant_id=acme.id, attempt=0).get()
        assert waiting.not_before <= database_now()


def test_standings_of_all_tenants_are_there_for_health_and_metrics(acme, globex):
    behave(acme, "divide")
    run(acme, times=5)
    (standing,) = breaker.standings()
    assert (standing.tenant, standing.plugin, standing.state) == ("acme", "misbehaving", State.OPEN)
    assert standing.until > datetime.now(UTC)


def test_a_plugin_that_raises_when_asked_for_its_inputs_fails_alone(acme, monkeypatch):
    def raising(manifest, config):
        if manifest.id == "misbehaving":
            raise KeyError("window")
        return manifest.inputs(config) if callable(manifest.inputs) else manifest.inputs

    monkeypatch.setattr("engage_server.sdk.Manifest.inputs_for", raising)
    for plugin in ("nps", "misbehaving"):
        ledger.open_run(tenant_id=acme.id, plugin=plugin, scheduled_for=timezone.now(), day=DAY)
    executor.execute_due(acme)
    with shared_scope():
        assert Run.objects.get(plugin="nps").state == "SUCCEEDED"
        error = Run.objects.get(plugin="misbehaving").error
    assert "raised KeyError: " in error
    assert "when asked for its inputs" in error


def test_a_configuration_that_became_invalid_fails_its_own_plugin_only(acme, capsys):
    with tenant_scope(acme):
        setting = activation.configure("misbehaving", {"way": "answer"})
        setting.config = {"gone": 1}
        setting.save()
    for plugin in ("nps", "misbehaving"):
        ledger.open_run(tenant_id=acme.id, plugin=plugin, scheduled_for=timezone.now(), day=DAY)
    executor.execute_due(acme)
    with shared_scope():
        assert Run.objects.get(plugin="nps").state == "SUCCEEDED"
        assert "gone: Extra inputs" in Run.objects.get(plugin="misbehaving").error
    call_command("plugin", "list", tenant="acme", json=True)
    states = {row["plugin"]: row["state"] for row in json.loads(capsys.readouterr().out)["plugins"]}
    assert states["misbehaving"].startswith(
        "enabled, but it waits: The configuration of 'misbehaving' is not valid"
    )
    assert states["nps"] == "enabled"


def test_a_fault_that_is_not_the_plugins_does_not_count_against_it(acme, monkeypatch):
    def unavailable(*arguments, **keywords):
        raise DatabaseError("connection lost")

    monkeypatch.setattr(executor, "compute_day", unavailable)
    run(acme, times=6)
    assert state(acme) is State.CLOSED
