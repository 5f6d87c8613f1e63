"""Keeps a process alive beside this one: whenever it ends, it is started again."""

import logging
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Final

from engage_server.tenancy.background import in_background

FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
LATELY_S: Final = 600.0
LOOK_EVERY_S: Final = 0.2
# To end the jobs that it is at.
GRACE_S: Final = 60.0
log = logging.getLogger("engage.supervision")

# A start ends when the pipe by which it hears of a failure is closed. A process that is forked meanwhile (granian's are)
# holds that pipe for as long as it lives: the start would never end, and nobody would see the worker die.
_starting: Final = threading.Lock()
os.register_at_fork(
    before=_starting.acquire, after_in_parent=_starting.release, after_in_child=_starting.release
)


class Supervisor:
    """Starts a command and starts it again: soon at first, ever later where it keeps ending."""

    def __init__(self, command: Sequence[str], *, name: str) -> None:
        self._command = list(command)
        self._name = name
        self._ends: deque[float] = deque(maxlen=1_000)
        self.last_end = ""

    def keeping(self) -> AbstractContextManager[None]:
        """Keep it alive while the block runs; afterwards it is told to end, and waited for."""
        return in_background(self.keep, name=f"keeper of the {self._name}")

    def keep(self, stop: threading.Event) -> None:
        """Until told to stop."""
        while not stop.is_set():
            with _starting:
                process = subprocess.Popen(self._command)  # noqa: S603  # our own command
            try:
                while process.poll() is None and not stop.wait(LOOK_EVERY_S):
                    pass
            finally:
                _end(process)
            if not stop.is_set():
                stop.wait(self._note_end(process.returncode))

    def restarts(self) -> int:
        """How often it was restarted recently."""
        first = time.monotonic() - LATELY_S
        return sum(end >= first for end in tuple(self._ends))

    def _note_end(self, code: int) -> float:
        """Say that it ended; return the seconds to wait before the next start."""
        self.last_end = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        pause: float = min(FIRST_PAUSE_S * 2 ** self.restarts(), LONGEST_PAUSE_S)
        self._ends.append(time.monotonic())
        log.error(
            "The %s ended %s; it is started again in %g s (the %d. time within %d minutes).",
            self._name, self.last_end, pause, self.restarts(), LATELY_S / 60,
            extra={"action": "process_ended", "restarts": self.restarts()},
        )  # fmt: skip
        return pause


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
