"""A process whose clock is far from the database's does no work; one whose clock is a little off is told."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client

from engage_server.engine import clock_checks, processes
from engage_server.engine.clock_checks import Comparison, with_right_clock
from engage_server.engine.exceptions import ClockError
from engage_server.engine.models import Process

THREE_DAYS = 3 * 86_400.0


@pytest.fixture
def clock(monkeypatch):
    """Sets this process's clock to so many seconds off."""
    real = clock_checks.process_time
    monkeypatch.setattr(clock_checks, "comparison", Comparison())

    def put(offset: float) -> None:
        monkeypatch.setattr(clock_checks, "process_time", lambda: real() + offset)

    return put


def answered(path: str = "/v1/batch") -> tuple[str, dict[str, str], bytes]:
    """Status, headers and body of a request."""
    seen: list = []

    def application(environ, start_response):
        start_response("200 OK", [])
        return [b"stored"]

    body = b"".join(with_right_clock(application)({"PATH_INFO": path}, lambda *given: seen.extend(given)))
    return seen[0], dict(seen[1]), body


@pytest.mark.parametrize("offset", [THREE_DAYS, -THREE_DAYS, 45.0, -45.0])
def test_the_difference_is_measured_and_never_exaggerated(db, clock, offset):
    clock(offset)
    measured = clock_checks.measure()
    assert measured == pytest.approx(offset, abs=2)
    assert abs(measured) <= abs(offset) + 0.1


def test_a_right_clock_is_not_off(db, clock):
    clock(0)
    assert abs(clock_checks.measure()) < 0.1
    assert answered()[0] == "200 OK"


@pytest.mark.parametrize("offset", [THREE_DAYS, -THREE_DAYS, 301.0])
def test_with_a_clock_far_off_nothing_is_taken_in_and_clients_are_asked_to_come_back(db, clock, offset):
    clock(offset)
    status, headers, body = answered()
    assert status.startswith("503")
    assert int(headers["Retry-After"]) > 0
    assert json.loads(body)["code"] == "clock_wrong"
    for path in ("/healthz", "/readyz", "/metrics"):
        assert answered(path)[0] == "200 OK"
    ready = Client().get("/readyz")
    assert (ready.status_code, ready.json()["clock"]) == (503, "wrong")


def test_a_clock_that_is_set_under_a_running_process_shows_at_once_and_once_mended_too(db, clock):
    clock(0)
    assert answered()[0] == "200 OK"
    clock(THREE_DAYS)
    assert answered()[0].startswith("503")
    clock(0)
    assert answered()[0] == "200 OK"


def test_without_a_database_what_was_known_holds(db, clock, monkeypatch):
    clock(0)
    assert answered()[0] == "200 OK"

    def gone() -> float:
        raise OperationalError("connection refused")

    monkeypatch.setattr(clock_checks, "measure", gone)
    monkeypatch.setattr(clock_checks.connection, "close", lambda: None)
    clock(THREE_DAYS)
    assert answered()[0] == "200 OK", "the database is away, so nothing is stored anyway"


def test_a_little_off_is_told_and_served(db, clock, caplog):
    clock(45)
    assert answered()[0] == "200 OK"
    assert "45 s ahead of the database's" in caplog.text


def test_neither_server_nor_worker_starts_with_a_clock_far_off(db, clock, monkeypatch):
    monkeypatch.setattr("engage_server.engine.management.commands.serve.call_command", lambda *_, **__: None)
    clock(THREE_DAYS)
    for command in ("serve", "worker"):
        with pytest.raises(CommandError, match=r"ahead of the database's\. Remedy: have both machines"):
            call_command(command, stdout=StringIO())


def test_a_worker_whose_clock_goes_far_off_ends(db, clock):
    clock(-THREE_DAYS)
    with pytest.raises(ClockError):
        processes._report(Process(kind=Process.Kind.WORKER), None)
