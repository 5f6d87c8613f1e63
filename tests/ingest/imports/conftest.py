"""What reading a value depends on, held still."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engage_server.ingest.imports.columns import Context


@pytest.fixture(scope="session")
def context() -> Context:
    """A tenant in Berlin, at noon of the first of June 2024."""
    return Context(
        zone=ZoneInfo("Europe/Berlin"),
        now=datetime(2024, 6, 1, 12, tzinfo=UTC),
        future_tolerance=timedelta(hours=24),
    )


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are written to, and rejects found in, a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
