"""What real processes leave behind."""

from collections.abc import Iterator

import pytest
from django.db import connection

from engage_server.tenancy.scope import shared_scope


@pytest.fixture
def queue_emptied_afterwards(transactional_db: None) -> Iterator[None]:
    """The queue's tables are not Django's: its flush after a test leaves jobs and workers of killed processes."""
    yield
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
        cursor.execute("DELETE FROM procrastinate_workers")
