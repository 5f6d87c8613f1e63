"""What the processes may hold is compared with what the database takes before they start."""

import pytest
from django.core.management import CommandError, call_command

from engage_server.engine import connections
from engage_server.engine.background_tasks import lanes
from engage_server.engine.connections import OF_A_WORKER, Room, of_server, of_worker, threads_that_fit
from engage_server.engine.exceptions import TooFewConnectionsError


@pytest.fixture
def takes(monkeypatch):
    """Sets how many connections the database takes, and how many strangers hold."""

    def put(limit: int, strangers: int = 0) -> None:
        monkeypatch.setattr(
            connections, "read_room", lambda: Room(limit, used=strangers, strangers=strangers)
        )

    return put


def test_the_database_is_asked(db):
    room = connections.read_room()
    assert 10 < room.limit < 100_000
    assert room.used >= 1
    assert room.strangers < room.used, "our own connection is no stranger's"


def test_the_formula():
    assert of_server(processes=2, threads=16) == 1 + 2 * (16 + 4)
    assert of_worker(concurrency=1) == 6 + 5 + 2
    assert of_worker(concurrency=3) == 6 + 5 + 6


def test_each_lane_of_background_tasks_has_its_connection():
    dispatcher_compactor_and_report, queue = 3, 1 + 4
    assert len(lanes()) + dispatcher_compactor_and_report + queue == OF_A_WORKER


def test_what_fits_is_left_as_it_is(takes, caplog):
    takes(100)
    assert threads_that_fit(processes=2, threads=16, beside=of_worker(1)) == 16
    assert not caplog.records


@pytest.mark.parametrize(("limit", "strangers", "threads"), [(41, 0, 7), (98, 57, 7), (31, 0, 2)])
def test_too_few_connections_lower_the_threads_and_say_so(takes, caplog, limit, strangers, threads):
    takes(limit, strangers)
    fit = threads_that_fit(processes=2, threads=16, beside=of_worker(1))
    assert fit == threads
    assert of_server(processes=2, threads=fit) + of_worker(1) + connections.RESERVE <= limit - strangers
    assert f"the database takes {limit}" in caplog.text
    assert f"answers {threads} requests at once instead" in caplog.text
    assert ("other databases hold 57" in caplog.text) == bool(strangers)


def test_where_nothing_useful_fits_neither_server_nor_worker_starts(takes, db, monkeypatch):
    monkeypatch.setattr("engage_server.engine.management.commands.serve.call_command", lambda *_, **__: None)
    takes(15)
    with pytest.raises(TooFewConnectionsError, match=r"2 × \(16 \+ 4\).*Remedy: raise max_connections"):
        threads_that_fit(processes=2, threads=16, beside=of_worker(1))
    for command in ("serve", "worker"):
        with pytest.raises(CommandError, match="Remedy: raise max_connections"):
            call_command(command)
