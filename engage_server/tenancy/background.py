"""Threads that work beside the main one of a process, for as long as it works."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from django.db import close_old_connections, connection

from engage_server.tenancy.database_errors import DATABASE_ERRORS, is_passing, pauses

REMIND_EVERY_S: Final = 60.0
log = logging.getLogger("engage.background")

_rounds: Final[dict[str, float]] = {}


@contextmanager
def in_background(forever: Callable[[threading.Event], None], *, name: str) -> Iterator[None]:
    """Run ``forever`` in a thread while the block runs, and wait for its end; the event tells it to stop.

    One that fails takes its process along, by SIGTERM: supervisors restart processes, not threads.

    Raises:
        SystemExit: it failed, so that the end of the process is no success.
    """
    stop, failed = threading.Event(), threading.Event()
    thread = threading.Thread(target=_go_on_or_end, args=(forever, stop, failed, name), name=name)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        if failed.is_set():
            raise SystemExit(1)


def keep_doing(
    act: Callable[[], object],
    stop: threading.Event,
    *,
    name: str,
    every_s: float,
    from_begin: bool = False,
    after_outage: Callable[[], None] = lambda: None,
) -> None:
    """Act repeatedly until asked to stop. A database that is away is waited for, not died of.

    Args:
        name: of the thread, for logs and ``silent_s``.
        every_s: from the end of one round to the begin of the next.
        from_begin: count ``every_s`` from the begin of a round; one that takes longer is followed by the next at once.
        after_outage: called before the first round that follows a failed one.

    Raises:
        Exception: whatever ``act`` raises that does not pass by itself.
    """
    outage = Outage(name)
    note_round(name)
    while not stop.is_set():
        begun = time.monotonic()
        close_old_connections()
        try:
            if outage.lasts:
                after_outage()
            act()
        except DATABASE_ERRORS as error:
            connection.close()
            stop.wait(outage.meet(error))
            continue
        outage.end()
        note_round(name)
        stop.wait(max(0.0, begun + every_s - time.monotonic()) if from_begin else every_s)
    connection.close()


class Outage:
    """What a thread met of the database's absence: logged when it begins, each minute, and when it ends."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._since: float | None = None

    @property
    def lasts(self) -> bool:
        """Whether the last try failed."""
        return self._since is not None

    def meet(self, error: BaseException) -> float:
        """Note a failed try; return the seconds to wait before the next.

        Raises:
            Exception: the error itself, where waiting will not mend it.
        """
        if not is_passing(error):
            raise error
        now = time.monotonic()
        if self._since is None:
            self._since, self._told, self._pauses = now, -REMIND_EVERY_S, pauses()
        if now - self._told >= REMIND_EVERY_S:
            self._told = now
            # The kind alone: the database quotes the rows that it stumbles over.
            log.warning(
                "The %s waits for the database: %s.", self._name, type(error).__name__,
                extra={"action": "database_awaited"},
            )  # fmt: skip
        return next(self._pauses)

    def end(self) -> None:
        """Note a try that went well."""
        if self._since is not None:
            log.warning(
                "The %s goes on; the database was away for %.0f s.", self._name, time.monotonic() - self._since,
                extra={"action": "database_back"},
            )  # fmt: skip
            self._since = None


def note_round(name: str) -> None:
    """Say that the thread is alive and gets on; in long rounds more than once."""
    _rounds[name] = time.monotonic()


def silent_s(name: str) -> float | None:
    """Seconds since the thread of this process last got on; None where there is no such thread."""
    last = _rounds.get(name)
    return None if last is None else time.monotonic() - last


def _go_on_or_end(
    forever: Callable[[threading.Event], None], stop: threading.Event, failed: threading.Event, name: str
) -> None:
    try:
        forever(stop)
    finally:
        if not stop.is_set():
            failed.set()
            log.error("The %s failed, so the process ends.", name, extra={"action": "background_failed"})
            os.kill(os.getpid(), signal.SIGTERM)
