"""How good a plugin is, is shown where plugins are; a package is begun and checked by commands."""

import json
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

import pytest
from django.core.management import CommandError, call_command

from engage_server.plugin_host import quality, trials
from engage_server.plugin_host.registry import registry
from engage_server.sdk.testing import Level
from engage_server.sdk.testing.reports import as_json
from engage_server.sdk.testing.scaffold import ScaffoldError, write_package

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"


def test_a_new_package_is_gold_and_its_own_tests_pass(tmp_path, capsys):
    call_command("plugin", "new", "weekly_reach", parent=str(tmp_path))
    folder = tmp_path / "engage-weekly-reach"
    call_command("plugin", "check", str(folder), json=True)
    said = json.loads(capsys.readouterr().out.partition("\n")[2])
    assert (said["plugin"], said["level"]) == ("weekly_reach", "GOLD")
    assert {finding["severity"] for finding in said["findings"]} == {"ADVICE"}
    tests = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-c",
        "/dev/null",
        "-p",
        "no:django",
        "-p",
        "no:cacheprovider",
    ]
    ran = subprocess.run(
        [*tests, str(folder)],
        env={"PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 passed" in ran.stdout, ran.stdout


def test_a_package_that_breaks_a_rule_fails_the_command_and_says_which(tmp_path, capsys):
    folder = write_package("clocked", tmp_path)
    module = folder / "src" / "engage_clocked" / "__init__.py"
    module.write_text(module.read_text() + "\n\nimport random\n")
    with pytest.raises(CommandError, match="clocked breaks rules that it must keep"):
        call_command("plugin", "check", str(folder))
    out = capsys.readouterr().out
    assert "clocked: none" in out
    assert "clock-and-chance: __init__.py" in out
    assert "Remedy: a computation is a function of its rows alone" in out


@pytest.mark.parametrize(("name", "said"), [("Reach", "no plugin id"), ("taken", "is there already")])
def test_a_package_is_not_begun_over_another_one_or_under_no_name(tmp_path, name, said):
    (tmp_path / "engage-taken").mkdir()
    with pytest.raises(ScaffoldError, match=said):
        write_package(name, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["engage-taken"]


def test_the_quality_of_installed_plugins_is_listed_where_it_is_asked_for(acme, capsys):
    call_command("plugin", "list", tenant="acme", json=True)
    assert {"quality"} & json.loads(capsys.readouterr().out)["plugins"][0].keys() == set()
    call_command("plugin", "list", tenant="acme", json=True, quality=True)
    rows = json.loads(capsys.readouterr().out)["plugins"]
    assert {row["plugin"]: row["quality"] for row in rows} == {
        plugin.id: quality.quality_of(plugin).lower() for plugin in registry().plugins.values()
    }


@pytest.fixture
def untried(monkeypatch):
    """Nothing is known yet."""
    monkeypatch.setattr(quality, "_levels", {})
    monkeypatch.setattr(quality, "_untried", SimpleQueue())
    monkeypatch.setattr(quality, "TOGETHER_S", 0.05)


@pytest.mark.usefixtures("untried")
def test_who_asks_does_not_wait_for_a_trial_and_is_told_later(monkeypatch):
    plugins = [registry().plugins[id] for id in ("nps", "ces")]
    may_go_on = threading.Event()
    asked = []

    def levels_of(ids):
        asked.append(ids)
        may_go_on.wait(60)
        yield "nps", Level.GOLD.name  # the trial of the other one raised

    monkeypatch.setattr(quality, "levels_of", levels_of)
    assert [quality.known_quality(one) for one in (*plugins, *plugins)] == [""] * 4
    may_go_on.set()
    deadline = time.monotonic() + 60
    while not quality.known_quality(plugins[0]) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [quality.known_quality(one) for one in plugins] == [Level.GOLD.name, ""]
    assert quality.known_quality(replace(plugins[0], foreign=True)) == ""
    assert asked == [["nps", "ces"]]


def test_trials_are_made_in_a_process_of_their_own_and_one_that_raises_stops_no_other(capfd):
    found = dict(trials.levels_of(["unused_signups", "no_such_plugin", "nps"]))
    assert found == {"unused_signups": quality.quality_of(registry().get("unused_signups")), "nps": "GOLD"}
    assert "The trial of the plugin no_such_plugin raised" in capfd.readouterr().err


@pytest.mark.parametrize("plugin", registry().plugins.values(), ids=lambda one: one.id)
def test_a_plugin_of_the_house_is_gold_at_least(plugin):
    report = quality.report_on(plugin)
    assert report.level >= Level.GOLD, [*map(str, report.findings)]


def test_what_a_package_exempts_with_a_reason_is_exempt_where_it_is_installed_too():
    report = quality.report_on(registry().get("health_score"))
    assert [(finding.rule, "queue" in reason) for finding, reason in report.exempt] == [("duplicate", True)]
    assert report.stale == ()


def test_the_command_says_of_a_folder_what_is_known_of_the_installed_plugin(capsys):
    """So that what is said of each plugin above is what the command says of each folder."""
    assert {folder.name for folder in PLUGINS.iterdir()} == registry().plugins.keys()
    call_command("plugin", "check", str(PLUGINS / "unused_signups"), json=True)
    assert json.loads(capsys.readouterr().out) == json.loads(
        as_json(quality.report_on(registry().get("unused_signups")))
    )


def test_a_plugin_that_runs_in_its_own_process_is_not_tried_here():
    plugin = replace(next(iter(registry().plugins.values())), foreign=True)
    assert (quality.quality_of(plugin), quality.report_on(plugin)) == ("", None)
