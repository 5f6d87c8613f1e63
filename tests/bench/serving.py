"""The server as a process of its own, with HTTP on a free port."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import psutil

ROOT: Final = Path(__file__).resolve().parents[2]
START_TIMEOUT_S: Final = 180


def start(
    *, port: int, workers: int = 2, beside: bool = False, said: IO[bytes] | int = subprocess.DEVNULL
) -> psutil.Popen:
    """``manage.py serve`` on the database of the environment.

    ``beside`` says whether it keeps a worker; ``said`` takes what it writes to standard error.
    """
    command = [sys.executable, "manage.py", "serve", *([] if beside else ["--no-worker"])]
    return psutil.Popen(
        [*command, "--port", str(port), "--workers", str(workers)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=said,
    )


@contextmanager
def working() -> Iterator[psutil.Popen]:
    """A worker with its compactor as a process of its own; stopped at the end."""
    command = [sys.executable, "manage.py", "worker"]
    process = psutil.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def serving(*, workers: int = 2) -> Iterator[tuple[psutil.Popen, int]]:
    """The server, answering, and its port; stopped at the end."""
    port = free_port()
    process = start(port=port, workers=workers)
    try:
        wait_until_it_answers(port)
        yield process, port
    finally:
        process.terminate()
        process.wait(timeout=30)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        number: int = probe.getsockname()[1]
    return number


def wait_until_it_answers(port: int) -> None:
    """Return once the server takes connections."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
