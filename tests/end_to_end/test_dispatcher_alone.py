"""A dispatcher without a worker rings for what is due and ends when it is told to."""

import time

import pytest
from django.db import connection

from engage_server.tenancy.scope import shared_scope
from tests.end_to_end.processes import running
from tests.end_to_end.recomputation import fill, open_runs

pytestmark = pytest.mark.usefixtures("queue_emptied_afterwards")


def queued_jobs() -> int:
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
        return int(cursor.fetchone()[0])


def test_it_rings_once_and_ends_by_itself_on_sigterm(committed_tenants):
    for tenant in committed_tenants:
        fill(tenant, score=9, days=2)
        open_runs(tenant, plugins=["nps"], days=2)
    with running("dispatcher", ENGAGE_DISPATCH_INTERVAL_S="0.1", ENGAGE_LOG_LEVEL="ERROR") as dispatcher:
        deadline = time.monotonic() + 60
        while not queued_jobs():
            assert time.monotonic() < deadline, "nothing was queued"
            time.sleep(0.05)
        time.sleep(0.5)  # several more rounds
        assert queued_jobs() == len(committed_tenants)
        dispatcher.terminate()
        assert dispatcher.wait(timeout=60) == 0
