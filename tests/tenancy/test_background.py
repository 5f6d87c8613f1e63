"""Threads beside the main one: they end with the block, and the process with them where they fail."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, InterfaceError, OperationalError
from psycopg import errors
from psycopg_pool import PoolTimeout

from engage_server.tenancy import database_errors
from engage_server.tenancy.background import Outage, in_background, keep_doing, silent_s
from engage_server.tenancy.exceptions import EmbeddedPostgresError


def test_it_works_while_the_block_runs_and_is_waited_for() -> None:
    log: list[str] = []
    begun = threading.Event()

    def forever(stop: threading.Event) -> None:
        begun.set()
        assert stop.wait(10)
        log.append("ended")

    with in_background(forever, name="work"):
        assert begun.wait(10)
        assert not log
    assert log == ["ended"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_one_that_fails_takes_its_process_along(monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    killed = threading.Event()
    calls: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *call: (calls.append(call), killed.set()))

    def fail(stop: threading.Event) -> None:
        raise LookupError("a fault of ours")

    with pytest.raises(SystemExit) as ended, in_background(fail, name="work"):
        assert killed.wait(10)
    assert ended.value.code == 1, "so that nobody takes it for a success"
    assert calls == [(os.getpid(), signal.SIGTERM)]
    assert "The work failed" in caplog.text


class OneRound(threading.Event):
    """Is set by the first wait, whose seconds it keeps."""

    waited: float | None = None

    def wait(self, timeout: float | None = None) -> bool:
        self.waited = timeout
        self.set()
        return True


@pytest.mark.parametrize(
    ("from_begin", "every_s", "rests"),
    [(False, 10.0, (10.0, 10.0)), (True, 10.0, (1.0, 9.97)), (True, 0.01, (0.0, 0.0))],
)
def test_the_rest_is_counted_from_the_begin_of_a_round_where_that_is_asked(
    from_begin: bool, every_s: float, rests: tuple[float, float]
) -> None:
    stop = OneRound()
    # In a thread of its own, as in production: the test's own has no access to the database, which is closed at the end.
    work = threading.Thread(
        target=keep_doing,
        args=(lambda: time.sleep(0.03), stop),
        kwargs={"name": "work", "every_s": every_s, "from_begin": from_begin},
    )
    work.start()
    work.join()
    assert stop.waited is not None
    assert rests[0] <= stop.waited <= rests[1]


@contextmanager
def keeping_on(act: Callable[[], object], **options: Any) -> Iterator[None]:
    """``act`` done again and again, every millisecond, while the block runs."""
    with in_background(
        lambda stop: keep_doing(act, stop, name="work", every_s=0.001, **options), name="work"
    ):
        yield


def without_state() -> Exception:
    """What Django makes of a connection that cannot be made."""
    return OperationalError("connection refused")


def with_state(kind: type[psycopg.Error]) -> Exception:
    """What Django makes of an error that the server sent."""
    error = DatabaseError("x")
    error.__cause__ = kind("x")
    return error


@pytest.mark.parametrize(
    "error",
    [
        without_state(),
        InterfaceError("the connection is closed"),
        PoolTimeout("no connection within 30 s"),
        EmbeddedPostgresError("it is being started"),
        with_state(errors.DiskFull),
        with_state(errors.AdminShutdown),
        with_state(errors.CannotConnectNow),
        with_state(errors.TooManyConnections),
        with_state(errors.ReadOnlySqlTransaction),
        with_state(errors.DeadlockDetected),
        with_state(errors.QueryCanceled),
        with_state(errors.IoError),
    ],
    ids=repr,
)
def test_what_passes_by_itself_is_waited_for(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_errors, "FIRST_PAUSE_S", 0.001)
    rounds = iter([error, error, error])
    done, back = threading.Event(), []

    def act() -> None:
        for failure in rounds:
            raise failure
        done.set()

    with keeping_on(act, after_outage=lambda: back.append(1)):
        assert done.wait(10)
    assert back, "those who look after others are told"
    assert silent_s("work") is not None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    "error",
    [with_state(errors.UndefinedTable), with_state(errors.UniqueViolation), LookupError("a fault of ours")],
    ids=repr,
)
def test_what_does_not_pass_is_not_waited_for(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    killed = threading.Event()
    monkeypatch.setattr(os, "kill", lambda *call: killed.set())

    def act() -> None:
        raise error

    with pytest.raises(SystemExit), keeping_on(act):
        assert killed.wait(10)


def test_pauses_grow_and_stay_short_enough_to_notice_the_end_of_an_outage() -> None:
    assert list(islice(database_errors.pauses(), 6)) == [0.5, 1, 2, 4, 5, 5]


def test_a_long_outage_is_logged_when_it_begins_and_when_it_ends(caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage("work")
    for _ in range(50):
        outage.meet(without_state())
    outage.end()
    assert [record.action for record in caplog.records] == ["database_awaited", "database_back"]
