from collections.abc import Iterator
from typing import Any

import pytest

from engage_server.access.models import ApiKey
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import TenantRef
from tests.bench.serving import free_port, wait_until_it_answers
from tests.end_to_end.processes import running

THREADS = 8


@pytest.fixture(scope="module")
def port(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    """A server of one process with few threads, on the test database."""
    number = free_port()
    command = ["serve", "--port", str(number), "--workers", "1", "--threads", str(THREADS), "--no-worker"]
    with django_db_blocker.unblock(), running(*command) as process:
        wait_until_it_answers(number)
        yield number
        process.terminate()
        process.wait(timeout=60)


@pytest.fixture
def keys(committed_tenants: tuple[TenantRef, TenantRef]) -> tuple[str, str]:
    """An ingest key of each of the two tenants."""
    first, second = committed_tenants
    return create_key(first, ApiKey.Kind.INGEST), create_key(second, ApiKey.Kind.INGEST)
