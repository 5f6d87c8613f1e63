"""The HTTP server that ``serve`` runs: granian, with bounds on what a connection may take."""

import errno
import os
import resource
import socket
from typing import Any, Final

from django.core.management.base import CommandError
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server
from granian.server.common import AbstractServer

# WebSockets need ASGI (see ``engage_server.front.asgi``), which costs each request some 40 µs more than RSGI.
WITH_WEBSOCKETS: Final = ("engage_server.asgi:application", Interfaces.ASGI)
WITHOUT: Final = ("engage_server.rsgi:application", Interfaces.RSGI)
CONNECTIONS: Final = 1_000  # of each process at once
FILES_BESIDE: Final = 200  # that a process may have open beside them
# Until a connection has sent the head of its next request, or of its first.
HEAD_TIMEOUT_MS: Final = 20_000
# An address may have 64 kB (SDKs put events into it), and the headers something beside.
HEAD_BYTES: Final = 128 * 1024
# Answers that are under way at the end have so long. Subscriptions end at once; a client that reads nothing never would.
STOP_WITHIN_S: Final = 10


def http_server(
    *, host: str, port: int, workers: int, threads: int, websockets: bool = True
) -> "AbstractServer[Any]":
    """The server, ready to be started; each of its processes answers ``threads`` requests at once."""
    application, interface = WITH_WEBSOCKETS if websockets else WITHOUT
    os.environ["ENGAGE_HTTP_THREADS"] = str(threads)  # for the processes that it starts
    _allow_open_files(CONNECTIONS + FILES_BESIDE)
    return Server(
        application,
        address=host,
        port=port,
        interface=interface,
        workers=workers,
        backpressure=CONNECTIONS,
        # HTTP/2 in clear text is spoken by nobody here; and to tell it from HTTP/1, granian waits for ever.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_TIMEOUT_MS, max_buffer_size=HEAD_BYTES),
        websockets=websockets,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_WITHIN_S,
        log_level=LogLevels.warning,
    )


def require_free(host: str, port: int) -> None:
    """Go on where nobody listens at the port. Granian would share it, and half of the answers came from the other.

    Raises:
        CommandError: somebody does, or the address is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(
                f"Port {port} at {host} is taken by another server. Remedy: stop that one, or choose another by --port."
            ) from None
        raise CommandError(f"Cannot listen at {host}, port {port}: {error.strerror}.") from None


def _allow_open_files(number: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < number and soft != resource.RLIM_INFINITY:
        wanted = number if hard == resource.RLIM_INFINITY else min(number, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
