"""Threads beside the main one: they end with the block, and the process with them where they fail."""

import os
import signal
import threading

import pytest

from engage_server.tenancy.background import in_background


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

    with in_background(fail, name="work"):
        assert killed.wait(10)
    assert calls == [(os.getpid(), signal.SIGTERM)]
    assert "The work failed" in caplog.text
