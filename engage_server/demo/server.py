"""The server under demonstration: `manage.py serve` as a process of its own."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engage_server.demo.exceptions import ServerFailedError

MANAGE: Final = Path(__file__).resolve().parents[2] / "manage.py"
START_TIMEOUT_S: Final = 300  # what else runs on the machine may leave it little
STOP_TIMEOUT_S: Final = 20
PORTS_TRIED: Final = 50


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://localhost:{self.port}"


@contextmanager
def running(port: int) -> Iterator[RunningServer]:
    """Serve on ``port``, or on the next free one, while the block runs.

    Raises:
        ServerFailedError: no port is free, or it does not answer.
    """
    server = start(port)
    try:
        wait_until_it_answers(server)
        yield server
    finally:
        stop(server)


def start(port: int) -> RunningServer:
    """Begin to serve; it may take seconds until it answers."""
    port = free_port(port)
    command = [sys.executable, str(MANAGE), "serve", "--port", str(port)]
    # Its own sentence would stand in the middle of ours; in a session of its own it is not hit by our Ctrl-C.
    # Its everyday log would run through our tables; warnings may.
    env = {**os.environ, "ENGAGE_LOG_LEVEL": os.environ.get("ENGAGE_LOG_LEVEL", "WARNING")}
    process = subprocess.Popen(  # noqa: S603  # our own
        command, stdout=subprocess.DEVNULL, start_new_session=True, env=env
    )
    return RunningServer(port, process)


def wait_until_it_answers(server: RunningServer) -> None:
    """Return once /healthz says 200.

    Raises:
        ServerFailedError: it ended, or says nothing for START_TIMEOUT_S.
    """
    deadline = time.monotonic() + START_TIMEOUT_S
    while not _is_healthy(server.port):
        if server.process.poll() is not None:
            raise ServerFailedError(
                f"The server ended with code {server.process.returncode} before it answered. "
                f"Remedy: `manage.py serve --port {server.port}` shows why."
            )
        if time.monotonic() > deadline:
            raise ServerFailedError(
                f"The server did not answer within {START_TIMEOUT_S} s at {server.url}/healthz."
            )
        time.sleep(0.1)


def wait_until_it_ends(server: RunningServer) -> None:
    """Return when it ended by itself; Ctrl-C raises KeyboardInterrupt here as everywhere."""
    # Not Popen.wait(): polars handles SIGINT with SA_RESTART, under which a blocking wait never returns (polars#21739).
    # When that is closed, this may become a wait.
    while server.process.poll() is None:
        time.sleep(0.2)


def stop(server: RunningServer) -> None:
    """End it, gently first."""
    server.process.terminate()
    try:
        server.process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()


def free_port(wanted: int) -> int:
    """``wanted``, or the next port that nobody listens on.

    Raises:
        ServerFailedError: the next fifty are taken as well.
    """
    for port in range(wanted, wanted + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ServerFailedError(
        f"The ports {wanted} to {wanted + PORTS_TRIED - 1} are taken. Remedy: choose another with --port."
    )


def _is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()
