"""What reading a value depends on, held still."""

from datetime import UTC, datetime, timedelta
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
