"""Posts a body to a receiver: at the address that was checked, without redirects, within limits of time and size."""

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Final

from django.utils import timezone
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from engage_server.automation.addresses import Target

CONNECT_S: Final = 5.0
SILENCE_S: Final = 10.0
WHOLE_S: Final = 20.0
MOST_BYTES: Final = 2_048
"""Of the answer so much is read, for the log; the rest is not waited for."""
LONGEST_PAUSE_S: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said; ``retry_after_s``: how long it asks to be left alone."""

    status: int
    text: str
    retry_after_s: float | None = None


def post(target: Target, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send a request and read its answer.

    Raises:
        OSError: it could not be reached, broke off, did not answer in time, has a certificate that is not its own, or
            what it answered is no HTTP.
    """
    connection = _connection(target)
    try:
        with _deadline(connection):
            connection.request(
                "POST", target.path, body=body, headers={**headers, "Host": target.authority},
                preload_content=False, decode_content=False,
            )  # fmt: skip
            response = connection.getresponse()
            text = response.read(MOST_BYTES).decode("utf-8", "replace")
            return Answer(response.status, text, _retry_after(response.headers.get("Retry-After")))
    except (HTTPError, http.client.HTTPException) as error:
        # The kind alone may be shown: its text quotes what the receiver sent.
        raise ConnectionError(type(error).__name__) from error
    finally:
        connection.close()


def _connection(target: Target) -> HTTPConnection:
    if not target.is_secure:
        return HTTPConnection(target.address, target.port, timeout=CONNECT_S)
    return HTTPSConnection(
        target.address, target.port, timeout=CONNECT_S, ssl_context=_context(),
        server_hostname=target.host, assert_hostname=target.host,
    )  # fmt: skip


@cache
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


@contextmanager
def _deadline(connection: HTTPConnection) -> Iterator[None]:
    """Cut the connection where the whole takes too long, however often the receiver says a little."""
    connection.connect()
    sock = connection.sock
    if sock is None:
        raise ConnectionError("no connection was made")
    sock.settimeout(SILENCE_S)
    timer = threading.Timer(WHOLE_S, _cut, [sock])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it was closed just now
        sock.shutdown(socket.SHUT_RDWR)


def _retry_after(text: str | None) -> float | None:
    """Seconds; given as such or as a moment."""
    if not text:
        return None
    if text.isdecimal() and len(text) < 10:
        return min(float(text), LONGEST_PAUSE_S)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            return None
        pause = (moment - timezone.now()).total_seconds()
    except (ValueError, OverflowError):  # years and offsets that no calendar has
        return None
    return min(max(0.0, pause), LONGEST_PAUSE_S)
