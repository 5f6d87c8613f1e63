"""Secrets of a machine: kept where nobody set one, or read from the environment or a file."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from engage_server.settings.secret_files import ensure_secret, read_secret


def test_the_ensure_secret_is_one_for_all_processes_and_its_owners_alone(tmp_path):
    path = tmp_path / "data" / "secret-key"
    first = ensure_secret(path)
    assert len(first) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: ensure_secret(path), range(8))) == {first}
    assert [found.name for found in path.parent.iterdir()] == ["secret-key"]


def test_a_secret_that_cannot_be_kept_names_the_remedy(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RuntimeError, match="set ENGAGE_SECRET_KEY"):
        ensure_secret(tmp_path / "file" / "secret-key")


def test_a_secret_comes_from_the_environment_or_a_file(tmp_path, monkeypatch):
    monkeypatch.setenv("ENGAGE_X", "plain")
    assert read_secret("ENGAGE_X") == "plain"
    (tmp_path / "x").write_text("from a file\n")
    monkeypatch.delenv("ENGAGE_X")
    monkeypatch.setenv("ENGAGE_X_FILE", str(tmp_path / "x"))
    assert read_secret("ENGAGE_X") == "from a file"
