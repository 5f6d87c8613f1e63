"""A process that is kept alive is started again whenever it ends: soon, and ever later where it keeps ending."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engage_server.engine import supervision
from engage_server.engine.supervision import Supervisor


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def noting(starts: Path, then: str) -> list[str]:
    """A command that notes its number in a file, then does this."""
    return ["/bin/sh", "-c", f"echo $$ >> {starts}; {then}"]


def numbers(starts: Path) -> list[int]:
    return [int(line) for line in starts.read_text().split()] if starts.exists() else []


def test_one_that_is_killed_is_started_again_and_told_how_it_ended(tmp_path, caplog):
    starts = tmp_path / "starts"
    supervisor = Supervisor(noting(starts, "exec sleep 60"), name="worker")
    with supervisor.keeping():
        wait_until(lambda: len(numbers(starts)) == 1)
        os.kill(numbers(starts)[0], signal.SIGKILL)
        wait_until(lambda: len(numbers(starts)) == 2)
    assert (supervisor.restarts(), supervisor.last_end) == (1, "by SIGKILL")
    assert "The worker ended by SIGKILL; it is started again" in caplog.text
    for number in numbers(starts):
        with pytest.raises(ProcessLookupError):
            os.kill(number, 0)


def test_one_that_ends_by_itself_without_being_told_is_started_again_too(tmp_path):
    starts = tmp_path / "starts"
    supervisor = Supervisor(noting(starts, "exit 0"), name="worker")
    with supervisor.keeping():
        wait_until(lambda: len(numbers(starts)) >= 2)
    assert supervisor.last_end == "with exit code 0"


def test_one_that_keeps_ending_is_started_ever_later(tmp_path, monkeypatch):
    monkeypatch.setattr(supervision, "FIRST_PAUSE_S", 1.0)
    supervisor = Supervisor([sys.executable], name="worker")
    assert [supervisor._note_end(1) for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    assert (supervisor.restarts(), supervisor.last_end) == (7, "with exit code 1")
    monkeypatch.setattr(supervision, "LATELY_S", 0.0)
    assert supervisor.restarts() == 0, "long ago"


def test_one_that_does_not_end_when_told_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(supervision, "GRACE_S", 0.2)
    starts = tmp_path / "starts"
    stubborn = "import os, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    stubborn += "open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); time.sleep(60)"
    with Supervisor([sys.executable, "-c", stubborn, str(starts)], name="worker").keeping():
        wait_until(lambda: len(numbers(starts)) == 1)
    with pytest.raises(ProcessLookupError):
        os.kill(numbers(starts)[0], 0)


@pytest.mark.filterwarnings(
    "ignore:This process"
)  # newer Pythons warn of forks beside threads, which granian's are
def test_nothing_is_forked_while_it_is_being_started(tmp_path, monkeypatch):
    """A fork would hold the pipe whose end the start waits for."""
    begun, order = threading.Event(), []

    def slow(command: list[str]) -> "subprocess.Popen[bytes]":
        begun.set()
        time.sleep(0.3)
        order.append("started")
        return real(command)

    real = subprocess.Popen
    monkeypatch.setattr(supervision.subprocess, "Popen", slow)
    with Supervisor(noting(tmp_path / "starts", "exec sleep 60"), name="worker").keeping():
        assert begun.wait(30)
        forked = os.fork()
        if not forked:
            os._exit(0)
        order.append("forked")
        os.waitpid(forked, 0)
    assert order == ["started", "forked"]
