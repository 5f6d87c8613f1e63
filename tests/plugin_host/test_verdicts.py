"""An examination is remembered by the very code that it examined, and a refusal not for long."""

import os
import time
from pathlib import Path

import pytest

from engage_server.plugin_host.isolation import verdicts
from engage_server.plugin_host.isolation.verdicts import REFUSAL_STANDS_S, Verdict
from engage_server.plugin_host.registry import Candidate, installed_candidates
from tests.plugin_host.installing import distribution

SOUND, REFUSED = Verdict(described=b"manifest"), Verdict(refusal="The plugin is broken.")


@pytest.fixture
def newcomer(tmp_path: Path, monkeypatch, settings) -> Candidate:
    """A foreign plugin whose module lies in ``tmp_path``; verdicts are kept beside it."""
    settings.ENGAGE_PLUGIN_VERDICTS = str(tmp_path / "verdicts")
    folder = tmp_path / "installed"
    folder.mkdir()
    distribution(folder, name="foreign-newcomer", entry="newcomer", source="raise SystemExit")
    monkeypatch.syspath_prepend(str(folder))
    return next(one for one in installed_candidates() if one.name == "newcomer")


def test_a_verdict_is_remembered_and_another_plugin_has_none(newcomer):
    assert verdicts.remembered(newcomer) is None
    verdicts.remember(newcomer, SOUND)
    assert verdicts.remembered(newcomer) == SOUND
    others = [one for one in installed_candidates() if one.name != "newcomer"]
    assert [verdicts.remembered(other) for other in others] == [None] * len(others)


@pytest.mark.parametrize("change", ["code", "version", "limits"])
def test_a_changed_plugin_or_limit_is_examined_again(newcomer, tmp_path, settings, change):
    verdicts.remember(newcomer, SOUND)
    if change == "code":
        (tmp_path / "installed" / "foreign_newcomer.py").write_text("pass")
    if change == "limits":
        settings.ENGAGE_PLUGIN_LOAD_S = 77.0
    version = "1.1" if change == "version" else newcomer.version
    changed = Candidate(newcomer.name, newcomer.distribution, version, newcomer.load, foreign=True)
    assert verdicts.remembered(changed) is None


def test_a_refusal_is_believed_for_an_hour_and_soundness_for_good(newcomer, tmp_path):
    verdicts.remember(newcomer, REFUSED)
    (kept,) = (tmp_path / "verdicts").iterdir()
    assert verdicts.remembered(newcomer) == REFUSED
    long_ago = time.time() - REFUSAL_STANDS_S - 1
    os.utime(kept, (long_ago, long_ago))
    assert verdicts.remembered(newcomer) is None
    verdicts.remember(newcomer, SOUND)
    os.utime(kept, (long_ago, long_ago))
    assert verdicts.remembered(newcomer) == SOUND


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x81\xa1x\x01"])
def test_what_is_no_verdict_is_none(newcomer, tmp_path, content):
    verdicts.remember(newcomer, SOUND)
    (kept,) = (tmp_path / "verdicts").iterdir()
    kept.write_bytes(content)
    assert verdicts.remembered(newcomer) in (None, Verdict())


def test_a_folder_that_cannot_be_written_costs_the_memory_alone(newcomer, tmp_path, settings):
    (tmp_path / "file").write_text("")
    settings.ENGAGE_PLUGIN_VERDICTS = str(tmp_path / "file")
    assert verdicts.remember(newcomer, SOUND) == SOUND
    assert verdicts.remembered(newcomer) is None
