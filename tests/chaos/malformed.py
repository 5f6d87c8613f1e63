"""Sends malformed payloads to a server of its own: python -m tests.chaos.malformed [--examples 10000].

Every answer must be 200 or 400, every reject must have a code, and the server must not grow: its memory after all
examples may be at most 5% above what it was after the first fifth.
"""

import argparse
import base64
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

import psutil
from hypothesis import HealthCheck, Phase, given, settings

from tests.ingest.protocols.bodies import PATHS
from tests.ingest.protocols.malformed import Example, complaint, examples, seeds

ROOT: Final = Path(__file__).resolve().parents[2]
MAX_GROWTH: Final = 0.05
WARM_UP_SHARE: Final = 0.2
START_TIMEOUT_S: Final = 60


class Sender:
    """Sends examples over one connection, and keeps what is wrong with the answers."""

    def __init__(self, *, port: int, key: str, server: psutil.Process, warm_up: int) -> None:
        self.statuses: Counter[int] = Counter()
        self.complaints: list[tuple[str, str, bytes]] = []
        self.before = 0
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}
        self._server = server
        self._warm_up = warm_up

    def send(self, example: Example) -> None:
        protocol, body = example
        self._connection.request("POST", PATHS[protocol], body, self._headers)
        response = self._connection.getresponse()
        wrong = complaint(protocol, response.status, response.read())
        self.statuses[response.status] += 1
        if wrong:
            self.complaints.append((protocol, wrong, body[:200]))
        if self.statuses.total() == self._warm_up:
            self.before = self.memory()

    def memory(self) -> int:
        """Resident bytes of the server's processes."""
        family = [self._server, *self._server.children(recursive=True)]
        return sum(process.memory_info().rss for process in family)


def fuzz(sender: Sender, number: int) -> None:
    """The seeds, then what Hypothesis finds."""
    for protocol in PATHS:
        for body in seeds(protocol):
            sender.send((protocol, body))

    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(example=examples())
    def generated(example: Example) -> None:
        sender.send(example)

    generated()


@contextmanager
def server(folder: str, port: int) -> Iterator[tuple[psutil.Process, str]]:
    """A server with a database of its own, and the ingest key of its one tenant."""
    environment = {**os.environ, "ENGAGE_DATA_DIR": folder}
    environment.pop("DATABASE_URL", None)

    def manage(*arguments: str) -> list[str]:
        return [sys.executable, str(ROOT / "manage.py"), *arguments]

    def run(*arguments: str) -> str:
        return subprocess.run(
            manage(*arguments), env=environment, cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout

    run("migrate", "--verbosity", "0")
    made = run("tenant", "create", "fuzz", "--name", "Fuzz", "--domain", "fuzz.localhost", "--json")
    serve = manage("serve", "--port", str(port), "--workers", "1", "--no-worker")
    process = subprocess.Popen(
        serve, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield psutil.Process(process.pid), json.loads(made)["keys"]["ingest"]
    finally:
        process.terminate()
        process.wait()
        run("postgres", "stop")


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"The server did not listen within {START_TIMEOUT_S} s.")


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=10_000)
    number = parser.parse_args().examples
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder, server(folder, port) as (process, key):
        sender = Sender(port=port, key=key, server=process, warm_up=int(number * WARM_UP_SHARE))
        fuzz(sender, number)
        growth = sender.memory() / sender.before - 1
    print(f"{sender.statuses.total():,} requests: {dict(sender.statuses)}")  # noqa: T201
    print(f"memory {sender.before / 2**20:.0f} MB, growth {growth:+.1%} (limit {MAX_GROWTH:.0%})")  # noqa: T201
    for protocol, wrong, body in sender.complaints[:20]:
        print(f"{protocol}: {wrong}: {body!r}")  # noqa: T201
    return int(bool(sender.complaints) or growth > MAX_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
