"""Compares this process's clock with the database's, the one that all processes share.

A process whose clock is far off would store events at wrong times, delete what is still to be kept, and make tokens
that live too long. So it does no work at all, and says so; others, whose clocks are right, take over.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from django.db import connection

from engage_server.engine.exceptions import ClockError
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.database_errors import DATABASE_ERRORS, is_passing
from engage_server.tenancy.scope import shared_scope

TOLERATED_S: Final = 30.0
REFUSED_S: Final = 300.0
COMPARE_EVERY_S: Final = 30.0
ASK_AGAIN_S: Final = 1.0
# A clock that was set shows at once, without a question to the database.
JUMP_S: Final = 1.0
RETRY_AFTER_S: Final = 60
ALWAYS_ANSWERED: Final = frozenset({"/healthz", "/readyz", "/metrics"})
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
log = logging.getLogger("engage.clock")


def process_time() -> float:
    """This process's time, in seconds since 1970."""
    return time.time()


def measure() -> float:
    """How many seconds this process's clock is ahead of the database's, at least; negative where it is behind."""
    with shared_scope():
        before = process_time()
        theirs = database_now().timestamp()
        after = process_time()
    # The answer took a while: whatever lies between is no proof of a difference.
    return before - theirs if theirs < before else min(after - theirs, 0.0)


def require_right_clock() -> float:
    """The offset, where that is tolerable; beyond TOLERATED_S with a warning.

    Raises:
        ClockError: it is REFUSED_S or more.
    """
    offset = measure()
    if abs(offset) >= REFUSED_S:
        raise ClockError(f"{describe(offset)} Remedy: have both machines set their clocks by NTP.")
    if abs(offset) >= TOLERATED_S:
        log.warning("%s", describe(offset), extra={"action": "clock_off", "offset_s": round(offset, 1)})
    return offset


def describe(offset: float) -> str:
    """A sentence."""
    return f"The clock of this process is {abs(offset):.0f} s {'ahead of' if offset > 0 else 'behind'} the database's."


class Comparison:
    """What this process last knew of its clock, renewed every COMPARE_EVERY_S, and at once where the clock was set."""

    def __init__(self) -> None:
        self._offset: float | None = None
        self._due = 0.0
        self._drift = 0.0
        self._lock = threading.Lock()

    def offset(self) -> float | None:
        """Seconds ahead of the database's; None where that was never reached.

        One thread asks; meanwhile the others go by what is known.
        """
        if self._is_due() and self._lock.acquire(blocking=False):
            try:
                self._renew()
            finally:
                self._lock.release()
        return self._offset

    def _is_due(self) -> bool:
        return time.monotonic() >= self._due or abs(_drift() - self._drift) > JUMP_S

    def _renew(self) -> None:
        self._due, self._drift = time.monotonic() + COMPARE_EVERY_S, _drift()
        try:
            self._offset = measure()
        except DATABASE_ERRORS as error:
            connection.close()
            if not is_passing(error):
                raise
            self._due = time.monotonic() + ASK_AGAIN_S
            return
        if abs(self._offset) >= TOLERATED_S:
            log.warning(
                "%s",
                describe(self._offset),
                extra={"action": "clock_off", "offset_s": round(self._offset, 1)},
            )


comparison: Final = Comparison()


def is_refused() -> bool:
    """Whether this process's clock is so far off that it must not work."""
    offset = comparison.offset()
    return offset is not None and abs(offset) >= REFUSED_S


def with_right_clock(application: Wsgi) -> Wsgi:
    """Answer 503 instead of the application while the clock is far off; probes and scrapers are answered all the same."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") in ALWAYS_ANSWERED or not is_refused():
            return application(environ, start_response)
        message = "The clock of this server is wrong; nothing was stored. Remedy: send the same again later."
        body = json.dumps({"code": "clock_wrong", "message": message}).encode()
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Retry-After", str(RETRY_AFTER_S)),
        ]
        start_response("503 Service Unavailable", headers)
        return [body]

    return answer


def _drift() -> float:
    """What stays the same with a clock that nobody sets."""
    return process_time() - time.monotonic()
