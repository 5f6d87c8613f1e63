"""A foreign plugin runs in a process of its own: whatever it does there is contained and reported by its name."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psutil
import pytest
from django.core.exceptions import ImproperlyConfigured

from engage_server.plugin_host import guard
from engage_server.plugin_host.exceptions import PluginFailedError
from engage_server.plugin_host.isolation import pool
from engage_server.plugin_host.registry import Plugin, Registry, build_registry, installed_candidates
from engage_server.sdk import ComputeRequest
from engage_server.sdk.testing import request_for
from tests.plugin_host.installing import MISBEHAVING_PLUGIN, distribution

ROOT = Path(__file__).resolve().parents[2]
SERVER = """
from engage_server.plugin_host.isolation.process import PluginProcess
from engage_server.plugin_host.limits import Limits
limits = Limits(load_s=60, time_s=60, memory_bytes=1 << 30, measurements=1, answer_bytes=1, input_rows=1)
process = PluginProcess(plugin="nps", limits=limits)
print("loaded:", process.load(entry="nps", distribution="engage-nps", version="0"), flush=True)
input()
"""


@contextmanager
def installed(folder: Path, source: str, *, name: str = "foreign-misbehaving") -> Iterator[Registry]:
    """The registry with a foreign plugin of this source, announced as ``misbehaving``."""
    distribution(folder, name=name, entry="misbehaving", source=source)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield build_registry(installed_candidates())
    sys.modules.pop(name.replace("-", "_"), None)


@pytest.fixture(scope="module")
def misbehaving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plugin]:
    with installed(tmp_path_factory.mktemp("misbehaving"), MISBEHAVING_PLUGIN) as found:
        yield found.get("misbehaving")
    pool.close()


def asked(plugin: Plugin, way: str, **changes: str) -> ComputeRequest:
    config = plugin.manifest.config(way=way, **changes)
    rows = [{"account": number} for number in range(3)]
    return request_for(plugin.manifest, {"accounts": rows}, config=config)


def test_what_a_foreign_plugin_computes_equals_what_it_computes_inline(misbehaving, settings):
    foreign = guard.compute(misbehaving, asked(misbehaving, "answer"))
    settings.ENGAGE_PLUGIN_ISOLATION = "inline"
    inline = guard.compute(misbehaving, asked(misbehaving, "answer"))
    assert foreign == inline
    assert foreign.measurements[0].value == 3
    assert repr(foreign) == repr(inline), "not even a type may differ"


def test_a_trusted_distribution_runs_inline(misbehaving, settings):
    settings.ENGAGE_TRUSTED_PLUGINS = ["foreign-*"]
    assert guard.compute(misbehaving, asked(misbehaving, "loaded")).measurements[0].details == {
        "django": True
    }


def test_by_setting_trusted_plugins_run_in_processes_too(misbehaving, settings):
    settings.ENGAGE_TRUSTED_PLUGINS = ["foreign-*"]
    settings.ENGAGE_PLUGIN_ISOLATION = "subprocess"
    assert guard.compute(misbehaving, asked(misbehaving, "loaded")).measurements[0].details == {
        "django": False
    }


def test_an_unknown_word_for_isolation_is_refused(misbehaving, settings):
    settings.ENGAGE_PLUGIN_ISOLATION = "sometimes"
    with pytest.raises(ImproperlyConfigured, match="inline, subprocess, foreign"):
        guard.compute(misbehaving, asked(misbehaving, "answer"))


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
    pool.close()
    settings.ENGAGE_PLUGIN_CALLS = 2
    pids = [
        guard.compute(misbehaving, asked(misbehaving, "surroundings")).measurements[0].value for _ in range(3)
    ]
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


def test_every_process_that_a_failing_plugin_forked_dies_with_it(misbehaving):
    with pytest.raises(PluginFailedError) as caught:
        guard.compute(misbehaving, asked(misbehaving, "multiply"))
    pids = [int(line) for line in str(caught.value).split("RuntimeError: ")[1].split()]
    assert len(pids) == 8
    wait_until_gone(pids)


def test_an_idle_process_ends_when_its_server_is_killed():
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert server.stdout.readline() == "loaded: None\n"
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


def test_a_plugins_process_writes_no_file(misbehaving, tmp_path):
    path = tmp_path / "written"
    with pytest.raises(PluginFailedError, match=r"OSError|SIGXFSZ"):
        guard.compute(misbehaving, asked(misbehaving, "write", path=str(path)))
    assert path.read_text() == ""


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
        assert "foreign_newcomer" not in sys.modules, "what fails its examination is never imported here"
