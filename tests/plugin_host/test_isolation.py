"""A foreign plugin runs in a process of its own: whatever it does there is contained and reported by its name."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import psutil
import pytest
from django.core.exceptions import ImproperlyConfigured

from engage_server.plugin_host import guard
from engage_server.plugin_host.activation import validate_config
from engage_server.plugin_host.exceptions import InvalidConfigurationError, PluginFailedError
from engage_server.plugin_host.isolation import pool
from engage_server.plugin_host.isolation.process import PluginProcess
from engage_server.plugin_host.limits import limits
from engage_server.plugin_host.registry import Plugin, Registry, build_registry, installed_candidates
from engage_server.sdk import ComputeRequest
from engage_server.sdk.testing import request_for
from engage_server.tenancy.scope import tenant_scope
from tests.plugin_host.installing import MISBEHAVING_PLUGIN, distribution, on_path

ROOT = Path(__file__).resolve().parents[2]
SERVER = """
from engage_server.plugin_host.isolation.process import PluginProcess
from engage_server.plugin_host.limits import Limits
limits = Limits(load_s=60, time_s=60, memory_bytes=1 << 30, measurements=1, answer_bytes=1, input_rows=1)
process = PluginProcess(plugin="nps", limits=limits)
print("loaded:", type(process.load(entry="nps", distribution="engage-nps", version="0")).__name__, flush=True)
input()
"""


@contextmanager
def installed(folder: Path, source: str, *, name: str = "foreign-misbehaving") -> Iterator[Registry]:
    """The registry with a foreign plugin of this source, announced as ``misbehaving``."""
    distribution(folder, name=name, entry="misbehaving", source=source)
    with on_path(folder):
        yield build_registry(installed_candidates())
    sys.modules.pop(name.replace("-", "_"), None)


@pytest.fixture(scope="module")
def misbehaving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plugin]:
    with installed(tmp_path_factory.mktemp("misbehaving"), MISBEHAVING_PLUGIN) as found:
        yield found.get("misbehaving")


def asked(plugin: Plugin, way: str, **changes: str) -> ComputeRequest:
    config = plugin.manifest.config(way=way, **changes)
    rows = [{"account": number} for number in range(3)]
    return request_for(plugin.manifest, {"accounts": rows}, config=config)


@pytest.fixture
def inline(misbehaving, settings) -> Plugin:
    """The same plugin, loaded into this process."""
    settings.ENGAGE_TRUSTED_PLUGINS = ["foreign-*"]
    return build_registry(installed_candidates()).get("misbehaving")


def test_what_a_foreign_plugin_computes_equals_what_it_computes_inline(misbehaving, inline):
    there = guard.compute(misbehaving, asked(misbehaving, "answer"))
    here = guard.compute(inline, asked(inline, "answer"))
    assert there == here
    assert there.measurements[0].value == 3
    assert repr(there) == repr(here), "not even a type may differ"


def test_what_the_server_knows_of_a_foreign_plugin_is_what_the_plugin_declares(misbehaving, inline):
    declared = inline.manifest
    assert replace(misbehaving.manifest, config=declared.config, inputs=declared.inputs) == declared
    assert misbehaving.manifest.config.model_json_schema() == declared.config.model_json_schema()
    defaults = misbehaving.manifest.config()
    assert defaults.model_dump() == declared.config().model_dump(mode="json")
    assert misbehaving.manifest.inputs_for(defaults) == declared.inputs_for(declared.config())


def test_nothing_of_a_foreign_plugin_is_imported_into_the_server(misbehaving):
    sys.modules.pop("foreign_misbehaving", None)
    assert build_registry(installed_candidates()).get("misbehaving").foreign
    guard.compute(misbehaving, asked(misbehaving, "answer"))
    guard.inputs(misbehaving, misbehaving.manifest.config(way="loop"))
    assert "foreign_misbehaving" not in sys.modules


def test_a_trusted_distribution_runs_inline(inline):
    assert not inline.foreign
    assert guard.compute(inline, asked(inline, "loaded")).measurements[0].details == {"django": True}


def test_by_setting_trusted_plugins_run_in_processes_too(misbehaving, settings):
    settings.ENGAGE_TRUSTED_PLUGINS = ["foreign-*"]
    settings.ENGAGE_PLUGIN_ISOLATION = "subprocess"
    found = build_registry(one for one in installed_candidates() if one.name == "misbehaving")
    plugin = found.get("misbehaving")
    assert guard.compute(plugin, asked(plugin, "loaded")).measurements[0].details == {"django": False}


def test_an_unknown_word_for_isolation_is_refused(settings):
    settings.ENGAGE_PLUGIN_ISOLATION = "sometimes"
    with pytest.raises(ImproperlyConfigured, match="inline, subprocess, foreign"):
        list(installed_candidates())


def test_a_foreign_configuration_is_held_against_its_schema_and_no_value_is_said(misbehaving):
    with pytest.raises(InvalidConfigurationError) as refused:
        validate_config(misbehaving, {"way": ["a secret"], "colour": "red"})
    assert set(refused.value.problems) == {"way", "(whole)"}
    assert "a secret" not in str(refused.value)
    assert validate_config(misbehaving, {"way": "loop"}).model_dump()["way"] == "loop"


def test_a_process_serves_one_tenant_so_that_nothing_is_remembered_for_the_next(misbehaving, acme, globex):
    seen = []
    for tenant in (acme, acme, globex, acme):
        with tenant_scope(tenant):
            seen += [m.value for m in guard.compute(misbehaving, asked(misbehaving, "remember")).measurements]
    assert seen == [1, 2, 1, 3]


def test_the_failure_is_kept_with_its_place_and_without_the_tenants_data(misbehaving):
    with pytest.raises(PluginFailedError) as caught:
        guard.compute(misbehaving, asked(misbehaving, "say_who"))
    kept = caught.value.with_trace
    assert "foreign_misbehaving.py:" in kept
    assert "in say_who" in kept
    assert "'account'" in kept, "a column's name"
    assert "Jane" not in str(caught.value)
    assert "acme.com" not in str(caught.value)
    assert len(kept) < 2_000


def test_configuration_and_a_day_of_25_hours_arrive_whole(misbehaving):
    request = request_for(
        misbehaving.manifest,
        config=misbehaving.manifest.config(way="window", since="P3D"),
        day=date(2026, 10, 25),
        timezone="Europe/Berlin",
    )
    (measurement,) = guard.compute(misbehaving, request).measurements
    assert measurement.value == 3
    assert measurement.details == {"hours": 25.0, "start": "2026-10-25T00:00:00+02:00"}


def test_the_process_knows_nothing_of_the_servers_environment(misbehaving, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    monkeypatch.setenv("ENGAGE_SECRET_KEY", "secret")
    (measurement,) = guard.compute(misbehaving, asked(misbehaving, "surroundings")).measurements
    assert not {name for name in measurement.details if name.startswith(("ENGAGE", "DATABASE", "PG"))}
    assert "secret" not in str(measurement.details)


def test_a_sound_process_is_used_again_until_its_calls_are_used_up(misbehaving, settings):
    # Asking for the inputs is a call as well.
    request = asked(misbehaving, "surroundings")
    pool.close()
    settings.ENGAGE_PLUGIN_CALLS = 2
    pids = [guard.compute(misbehaving, request).measurements[0].value for _ in range(3)]
    assert pids[0] == pids[1]
    assert pids[2] != pids[0]
    assert not psutil.pid_exists(pids[0])


def test_an_idle_process_that_died_is_replaced(misbehaving):
    (before,) = guard.compute(misbehaving, asked(misbehaving, "surroundings")).measurements
    psutil.Process(before.value).kill()
    psutil.Process(before.value).wait()
    assert guard.compute(misbehaving, asked(misbehaving, "answer")).measurements


def test_no_more_idle_processes_are_kept_than_allowed(misbehaving, settings):
    settings.ENGAGE_PLUGIN_PROCESSES = 0
    (measurement,) = guard.compute(misbehaving, asked(misbehaving, "surroundings")).measurements
    assert not psutil.pid_exists(measurement.value)


@pytest.mark.parametrize(
    ("way", "says"),
    [
        ("allocate", "MemoryError"),
        ("endless", "more than 1000 measurements"),
        ("verbose", "2 MiB where 1 are allowed"),
        ("divide", "ZeroDivisionError"),
        ("leave", "ended its process with exit status 7"),
        ("ask_to_leave", "SystemExit: enough"),
        ("crash", "by the signal SIGSEGV"),
        ("forge", "what is no answer"),
        ("not_json", "Remedy: give a JSON scalar"),
        ("too_big", "OverflowError"),
    ],
)
def test_each_way_of_misbehaving_is_contained_and_named(misbehaving, settings, way, says):
    settings.ENGAGE_PLUGIN_MEASUREMENTS = 1000
    settings.ENGAGE_PLUGIN_ANSWER_MB = 1
    with pytest.raises(PluginFailedError, match=says) as caught:
        guard.compute(misbehaving, asked(misbehaving, way))
    assert "'misbehaving'" in str(caught.value)


@pytest.mark.parametrize("way", ["sleep", "loop", "sleep_in_c"])
def test_a_plugin_that_takes_too_long_is_killed_at_the_limit(misbehaving, settings, way):
    settings.ENGAGE_PLUGIN_TIME_S = 1.0
    with pytest.raises(PluginFailedError, match="'misbehaving' was killed after 1 s"):
        guard.compute(misbehaving, asked(misbehaving, way))


def test_the_call_after_a_crash_runs_as_ever(misbehaving):
    with pytest.raises(PluginFailedError):
        guard.compute(misbehaving, asked(misbehaving, "leave"))
    assert guard.compute(misbehaving, asked(misbehaving, "answer")).measurements


def test_a_million_measurements_pass_neither_the_limit_of_rows_nor_that_of_memory(misbehaving, settings):
    settings.ENGAGE_PLUGIN_MEMORY_MB = 64
    with pytest.raises(PluginFailedError, match=r"MemoryError|SIGABRT|more than 1000000"):
        guard.compute(misbehaving, asked(misbehaving, "endless"))


@pytest.mark.parametrize("way", ["babble", "leave_a_thread"])
def test_noise_and_forgotten_threads_do_not_hurt(misbehaving, way):
    assert guard.compute(misbehaving, asked(misbehaving, way)).measurements[0].value == 3


@pytest.fixture(scope="module")
def walls() -> tuple[str, ...]:
    """The kernel's walls around a plugin's process here."""
    process = PluginProcess(plugin="nps", limits=limits())
    try:
        loaded = process.load(entry="nps", distribution="engage-nps", version="0")
    finally:
        process.kill()
    return loaded.walls


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("DATABASE_URL=postgresql://secret")
    return path


REFUSED = {
    "forks": ("multiply", "", "seccomp"),
    "starts a program": ("execute", "", "seccomp"),
    "connects to a server": ("connect", "9", "seccomp"),
    "kills the server": ("kill_parent", "", "seccomp"),
    "leaves its session": ("leave_the_session", "", "seccomp"),
    "takes off its limits": ("unbound", "", ""),
    "reads a file of the system": ("read", "/etc/passwd", "landlock"),
    "reads the server's environment": ("read", "/proc/{parent}/environ", "landlock"),
    "reads the server's memory": ("read", "/proc/{parent}/mem", "landlock"),
    "reads a file of the server": ("read", "{secret}", "landlock"),
    "removes a file of the server": ("remove", "{secret}", "landlock"),
    "writes a file": ("write", "{written}", ""),
    "writes over a file of the server": ("write", "{secret}", "landlock"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_a_plugin_does_not_need_to_compute_is_refused(misbehaving, walls, secret, tmp_path, what):
    way, path, wall = REFUSED[what]
    if wall and wall not in walls:
        pytest.skip(f"this kernel has no {wall}")
    path = path.replace("{secret}", str(secret)).replace("{written}", str(tmp_path / "written"))
    with pytest.raises(PluginFailedError, match=r"PermissionError|OSError|ValueError|SIGXFSZ"):
        guard.compute(misbehaving, asked(misbehaving, way, path=path))
    assert secret.read_text() == "DATABASE_URL=postgresql://secret"
    assert not (tmp_path / "written").exists() or (tmp_path / "written").read_text() == ""
    assert guard.compute(misbehaving, asked(misbehaving, "answer")).measurements, "the next call is untouched"


def test_this_kernel_has_the_walls_that_the_guide_promises(walls):
    if sys.platform != "linux" or os.uname().release < "5.13":
        pytest.skip("the guide promises them from Linux 5.13 on")
    assert walls == ("landlock", "seccomp")


def test_an_idle_process_ends_when_its_server_is_killed():
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert server.stdout.readline() == "loaded: Loaded\n"
    (process,) = psutil.Process(server.pid).children()
    server.kill()
    server.communicate()
    wait_until_gone([process.pid])


def wait_until_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + 30
    while any(running(pid) for pid in pids):
        assert time.monotonic() < deadline, "a plugin's process outlived those that it belongs to"
        time.sleep(0.01)


def running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_more_input_rows_than_allowed_are_refused_before_the_call(misbehaving, settings):
    settings.ENGAGE_PLUGIN_INPUT_ROWS = 2
    with pytest.raises(PluginFailedError, match="3 rows and 2 are allowed"):
        guard.compute(misbehaving, asked(misbehaving, "answer"))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import os; os._exit(3)", "ended its process with exit status 3"),
        ("import sys; sys.exit(0)", "SystemExit"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
        ("import time; time.sleep(600)", "killed after 8 s"),
        ("x = bytearray(10 << 30)", "MemoryError"),
    ],
)
def test_a_plugin_that_misbehaves_at_import_is_reported_and_the_others_start(tmp_path, settings, line, says):
    settings.ENGAGE_PLUGIN_LOAD_S = 8.0 if "sleep" in line else 60.0
    with installed(tmp_path, line, name="foreign-newcomer") as found:
        assert says in found.broken["misbehaving"]
        assert "foreign-newcomer 1.0" in found.broken["misbehaving"]
        assert "nps" in found.plugins
        assert "foreign_newcomer" not in sys.modules
