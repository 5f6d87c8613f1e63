"""The kit catches each planted mistake by the rule that it breaks, and finds nothing in a good plugin."""

from pathlib import Path
from typing import Any

import pytest

from engage_server import sdk
from engage_server.sdk import (
    TENANT,
    Plugin,
)
from engage_server.sdk.testing import RULES, Level, check
from engage_server.sdk.testing.kit import NoPluginError, check_package, exemptions_of
from engage_server.sdk.testing.pytest_plugin import RuleOfKit
from tests.sdk.planted import PLANTED, Config, Wrong, card, first_row, made, manifest, nan


def test_a_good_plugin_is_platinum() -> None:
    report = check(made())
    assert report.findings == ()
    assert report.level is Level.PLATINUM


@pytest.mark.parametrize(
    ("rule", "plugin", "said"), PLANTED, ids=[f"{number}-{rule}" for number, (rule, *_) in enumerate(PLANTED)]
)
def test_a_planted_mistake_is_found_by_its_rule(rule: str, plugin: Plugin[Any], said: str) -> None:
    found = check(plugin, only=[rule]).findings
    assert said in " ".join(finding.problem for finding in found)
    assert all(finding.rule == rule and finding.remedy for finding in found)


def test_a_default_of_the_wrong_type_is_found() -> None:
    found = check(manifest(config=Wrong)).findings
    assert {finding.rule for finding in found} & {"configuration", "manifest", "hooks"}


def test_a_subject_that_comes_and_goes_is_found() -> None:
    def only_with_rows(request: sdk.ComputeRequest[Config]) -> list[sdk.Measurement]:
        return [sdk.Measurement("good", TENANT, 1, n=1)] if request.inputs["answers"].height else []

    class Sparse(Plugin[Config]):
        @sdk.hookimpl
        def engage_compute(self, request: sdk.ComputeRequest[Config]) -> Any:
            return only_with_rows(request)

    sparse = made()
    sparse.__class__ = Sparse
    assert [finding.rule for finding in check(sparse, only=["absent"]).findings] == ["absent"]


def test_a_plugin_without_hooks_or_whose_hook_raises_is_found() -> None:
    class Raising:
        @sdk.hookimpl
        def engage_manifest(self) -> Any:
            raise RuntimeError("not today")

    assert "not today" in check(Raising()).findings[0].problem
    assert check(object()).findings[0].rule == "hooks"
    assert check(object()).level is Level.NONE


# Sources, exemptions and levels


PACKAGE = """
[project]
name = "engage-share"
dependencies = ["engage-server", "numpy>=1"]

[project.entry-points."engage.plugins"]
share = "planted_share:plugin"
"""


def package(folder: Path, source: str = "") -> Path:
    (folder / "src" / "planted_share").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PACKAGE)
    (folder / "src" / "planted_share" / "__init__.py").write_text(
        f"from tests.sdk.planted import made\nplugin = made()\nif 0:\n    pass\n{source}\n"
    )
    return folder


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(__import__("sys").modules, "planted_share", raising=False)


@pytest.mark.parametrize(
    ("source", "rule", "said"),
    [
        ("    import engage_server.tenancy", "imports", "which is the server's"),
        ("    from engage_server import metrics", "imports", "imports engage_server.metrics"),
        ("    import scipy.stats", "imports", "imports scipy.stats, which it does not declare"),
        ("    import random", "clock-and-chance", "imports random"),
        ("    import datetime; datetime.datetime.now()", "clock-and-chance", "uses datetime.datetime.now"),
        ("    import os; os.environ['HOME']", "clock-and-chance", "uses os.environ"),
        ("    open('/etc/passwd')", "clock-and-chance", "uses open"),
    ],
)
def test_what_sources_must_not_do_is_found(tmp_path: Path, source: str, rule: str, said: str) -> None:
    found = [finding for finding in check_package(package(tmp_path, source)).findings if finding.rule == rule]
    assert said in " ".join(finding.problem for finding in found)


def test_declared_dependencies_may_be_imported(tmp_path: Path) -> None:
    source = "    import numpy, polars, json\n    from engage_server.sdk import Plugin"
    report = check_package(package(tmp_path, source))
    # The test's own module imports chance; nothing of the package does.
    assert [finding.problem for finding in report.findings if finding.rule != "imports"] == []
    assert {finding.problem for finding in report.findings} == {
        "__init__.py, line 1: imports tests.sdk.planted, which it does not declare."
    }


def test_an_exemption_with_a_reason_lifts_the_level_and_stays_in_sight(tmp_path: Path) -> None:
    folder = package(tmp_path)
    exemptions = folder / "src" / "planted_share" / "quality.toml"
    exemptions.write_text('[exempt]\nimports = "A test borrows it."\nzero = "Never so."\n')
    report = check_package(folder)
    assert (report.level, report.findings, report.stale) == (Level.PLATINUM, (), ("zero",))
    assert [(finding.rule, reason) for finding, reason in report.exempt] == [
        ("imports", "A test borrows it.")
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [("[exempt]\nspeed = 'x'", "exempts 'speed'"), ("[exempt]\nzero = ' '", "without a reason"), ("[", "cannot be read")],
)  # fmt: skip
def test_an_exemption_names_a_rule_and_a_reason(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "quality.toml").write_text(text)
    with pytest.raises(NoPluginError, match=said):
        exemptions_of(tmp_path)


@pytest.mark.parametrize(
    ("level", "plugin"),
    [
        (Level.GOLD, manifest(homepage="")),
        (Level.SILVER, manifest(owner="", homepage="")),
        (Level.BRONZE, made(first_row, **card(vectors=()))),
        (Level.NONE, made(nan)),
    ],
    ids=lambda value: value.name if isinstance(value, Level) else "",
)
def test_the_level_is_the_highest_below_which_nothing_is_broken(level: Level, plugin: Plugin[Any]) -> None:
    assert check(plugin).level is level


def test_a_folder_without_a_plugin_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoPluginError, match=r"has no pyproject\.toml"):
        check_package(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    with pytest.raises(NoPluginError, match="names 0 entry points"):
        check_package(tmp_path)


def test_each_rule_has_a_planted_mistake() -> None:
    elsewhere = {"hooks", "imports", "clock-and-chance", "absent"}
    assert {rule for rule, *_ in PLANTED} | elsewhere == set(RULES)


def test_a_plugins_own_suite_has_one_test_for_each_rule() -> None:
    RuleOfKit("owner").require(made())
    with pytest.raises(pytest.fail.Exception, match="names no owner"):
        RuleOfKit("owner").require(manifest(owner=""))
