"""Keys and exports of the tests' own; the data directory, where the embedded database lives, stays as it is."""

import pytest

from engage_server.privacy import local_exports


@pytest.fixture(autouse=True)
def exports(settings, tmp_path, monkeypatch):
    """The directory of exports."""
    settings.ENGAGE_PRIVACY_KEYS = ["a key of the tests"]
    directory = tmp_path / "exports"
    monkeypatch.setattr(local_exports, "exports_directory", lambda: directory)
    return directory
