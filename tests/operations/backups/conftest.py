"""Backups of the tests' own; the data directory, where the embedded database lives, stays as it is."""

from pathlib import Path

import pytest

from engage_server.privacy import local_exports


@pytest.fixture(autouse=True)
def backups(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that backups are made in."""
    settings.ENGAGE_PRIVACY_KEYS = ["a key of the tests"]
    monkeypatch.setattr(local_exports, "exports_directory", lambda: tmp_path / "exports")
    return tmp_path / "backups"
