"""Threads that work beside the main one of a process, for as long as it works."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

log = logging.getLogger("engage.background")


@contextmanager
def in_background(forever: Callable[[threading.Event], None], *, name: str) -> Iterator[None]:
    """Run ``forever`` in a thread while the block runs, and wait for its end; the event tells it to stop.

    One that fails takes its process along, by SIGTERM: supervisors restart processes, not threads.
    """
    stop = threading.Event()
    thread = threading.Thread(target=_go_on_or_end, args=(forever, stop, name), name=name)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _go_on_or_end(forever: Callable[[threading.Event], None], stop: threading.Event, name: str) -> None:
    try:
        forever(stop)
    finally:
        if not stop.is_set():
            log.error("The %s failed, so the process ends.", name, extra={"action": "background_failed"})
            os.kill(os.getpid(), signal.SIGTERM)
