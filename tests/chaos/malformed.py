"""Sends malformed payloads to a server of its own: python -m tests.chaos.malformed [--examples 10000].

Every answer must be 200 or 400, every reject must have a code, and the server must not grow: its memory after all
examples may be at most 5% above what it was after the first fifth. Progress goes to standard error.
"""

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import Final

import psutil
from hypothesis import HealthCheck, Phase, given, settings
from rich.console import Console

from tests.bench.harness import progress
from tests.bench.serving import ROOT, free_port, wait_until_it_answers
from tests.ingest.protocols.bodies import PATHS
from tests.ingest.protocols.malformed import Example, complaint, examples, seeds

MAX_GROWTH: Final = 0.05
WARM_UP_SHARE: Final = 0.2
CONNECTIONS: Final = 4
LINE_EVERY: Final = 1_000


class Answers:
    """What the server said, and what is wrong with it; several threads write it."""

    def __init__(self, *, examples: int) -> None:
        self.statuses: Counter[int] = Counter()
        self.complaints: list[tuple[str, str, bytes]] = []
        self._examples = examples
        self._lock = threading.Lock()

    def note(self, example: Example, *, status: int, answer: bytes) -> None:
        """Count the answer, and keep what is wrong with it."""
        protocol, body = example
        wrong = complaint(protocol, status, answer)
        with self._lock:
            self.statuses[status] += 1
            if wrong:
                self.complaints.append((protocol, wrong, body[:200]))
            _tell("sent", done=self.statuses.total(), of=self._examples)


def made(number: int) -> list[Example]:
    """The seeds, then what Hypothesis finds, so many together."""
    found = [(protocol, body) for protocol in PATHS for body in seeds(protocol)]

    @settings(
        max_examples=max(number - len(found), 1),
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(example=examples())
    def generated(example: Example) -> None:
        found.append(example)
        _tell("made", done=len(found), of=number)

    generated()
    return found


def send(sent: Sequence[Example], answers: Answers, *, port: int, key: str) -> None:
    """Send each example once, over a few connections at a time."""
    headers = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}

    def send_share(first: int) -> None:
        with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            for protocol, body in sent[first::CONNECTIONS]:
                connection.request("POST", PATHS[protocol], body, headers)
                response = connection.getresponse()
                answers.note((protocol, body), status=response.status, answer=response.read())

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(send_share, range(CONNECTIONS)))


def memory(server: psutil.Process) -> float:
    """Resident megabytes of the server's processes."""
    family = [server, *server.children(recursive=True)]
    return sum(process.memory_info().rss for process in family) / 2**20


@contextmanager
def serving(folder: str) -> Iterator[tuple[psutil.Process, int, str]]:
    """A server with a database of its own, its port, and the ingest key of its one tenant."""
    environment = {**os.environ, "ENGAGE_DATA_DIR": folder}
    environment.pop("DATABASE_URL", None)
    port = free_port()

    def manage(*arguments: str) -> list[str]:
        return [sys.executable, str(ROOT / "manage.py"), *arguments]

    def run(*arguments: str) -> str:
        return subprocess.run(
            manage(*arguments), env=environment, cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout

    run("migrate", "--verbosity", "0")
    created = run("tenant", "create", "fuzz", "--name", "Fuzz", "--domain", "fuzz.localhost", "--json")
    serve = manage("serve", "--port", str(port), "--workers", "1", "--no-worker")
    process = psutil.Popen(
        serve, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until_it_answers(port)
        yield process, port, json.loads(created)["keys"]["ingest"]
    finally:
        process.terminate()
        process.wait()
        run("postgres", "stop")


def _tell(what: str, *, done: int, of: int) -> None:
    if done % LINE_EVERY == 0:
        progress(f"payloads {what}", done=done, of=of)


def main() -> int:
    """1 where an answer was not as promised, or the server grew."""
    parser = argparse.ArgumentParser(prog="make fuzz-ingest", description=__doc__)
    parser.add_argument("--examples", type=int, default=10_000)
    number: int = parser.parse_args().examples
    sent, console = made(number), Console(soft_wrap=True)
    answers, warm_up = Answers(examples=len(sent)), int(len(sent) * WARM_UP_SHARE)
    with tempfile.TemporaryDirectory() as folder, serving(folder) as (server, port, key):
        first, began = memory(server), time.monotonic()
        send(sent[:warm_up], answers, port=port, key=key)
        before = memory(server)
        send(sent[warm_up:], answers, port=port, key=key)
        after, seconds = memory(server), time.monotonic() - began
    growth = after / before - 1
    console.print(
        f"{answers.statuses.total():,} payloads in {seconds:.0f} s, by status {dict(answers.statuses)}, "
        f"{len(answers.complaints)} wrong answers"
    )
    console.print(
        f"memory of the server: {first:.0f} MB at first, {before:.0f} MB after a fifth, {after:.0f} MB at the end: "
        f"{growth:+.1%} since the fifth (limit {MAX_GROWTH:.0%})"
    )
    for protocol, wrong, body in answers.complaints[:20]:
        console.print(f"{protocol}: {wrong}: {body!r}", markup=False)
    return int(bool(answers.complaints) or growth > MAX_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
