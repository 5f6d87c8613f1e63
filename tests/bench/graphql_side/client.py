"""Eight clients that ask one question for some seconds and compare each answer.

``python -m tests.bench.graphql_side.client``: a process of its own, over plain sockets. One JSON object comes by standard
input, one goes to standard output.
"""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from statistics import quantiles
from typing import Any, Final

import psutil

from tests.bench.serving import ROOT

CLIENTS: Final = 8
TIMEOUT_S: Final = 60
# Behind the data: what a query cost and what is left to spend, which is another with each answer.
EXTENSIONS: Final = b'"extensions"'


@dataclass(frozen=True, slots=True)
class Order:
    """What to ask: requests as hexadecimal text, asked one after the other, and what their answers must begin with."""

    port: int
    requests: Sequence[str]
    answers: Sequence[str]
    seconds: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of an order. A question of several pages is one that was answered when its last page has come.

    ``cpu_ms`` is the server's processor time for a question, ``database_ms`` PostgreSQL's.
    """

    per_second: float
    p95_ms: float
    cpu_ms: float
    database_ms: float

    @property
    def all_ms(self) -> float:
        """The processor time of both."""
        return self.cpu_ms + self.database_ms


def measure(order: Order, server: psutil.Process, database: psutil.Process) -> Measured:
    """Have a process ask, and see what processor time the server and its database took for each question."""
    before, database_before = _cpu_seconds(server), _cpu_seconds(database)
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.graphql_side.client"],
        cwd=ROOT,
        input=json.dumps(asdict(order)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    latencies: list[float] = found["latencies"]
    return Measured(
        per_second=len(latencies) / found["seconds"],
        p95_ms=1000 * quantiles(latencies, n=20)[-1],
        cpu_ms=1000 * (_cpu_seconds(server) - before) / len(latencies),
        database_ms=1000 * max(0.0, _cpu_seconds(database) - database_before) / len(latencies),
    )


@dataclass(frozen=True, slots=True)
class Response:
    """One answer; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(port: int, request: bytes) -> Response:
    """The answer to one request."""
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as connection:
        connection.sendall(request)
        return _answer(connection)


def data_of(body: bytes) -> bytes:
    """The answer without what follows its data."""
    return body.rpartition(EXTENSIONS)[0] or body


def _cpu_seconds(server: psutil.Process) -> float:
    total = 0.0
    for process in [server, *server.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):  # a connection that was closed meanwhile
            times = process.cpu_times()
            total += times.user + times.system
    return total


def _ask_all(order: Order) -> dict[str, Any]:
    requests = [bytes.fromhex(request) for request in order.requests]
    answers = [bytes.fromhex(answer) for answer in order.answers]
    barrier = threading.Barrier(CLIENTS + 1)
    until = [0.0]

    def work() -> Iterator[float]:
        with socket.create_connection(("127.0.0.1", order.port), timeout=TIMEOUT_S) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            barrier.wait()
            while (began := time.perf_counter()) < until[0]:
                for request, expected in zip(requests, answers, strict=True):
                    connection.sendall(request)
                    body = _answer(connection).body
                    if data_of(body) != expected:
                        raise AssertionError(f"A wrong answer voids the measurement: {body[:300]!r}")
                yield time.perf_counter() - began

    with ThreadPoolExecutor(CLIENTS) as executor:
        working = [executor.submit(lambda: list(work())) for _ in range(CLIENTS)]
        began = time.perf_counter()
        until[0] = began + order.seconds
        barrier.wait()
        latencies = [latency for one in working for latency in one.result()]
    return {"seconds": time.perf_counter() - began, "latencies": latencies}


def _answer(connection: socket.socket) -> Response:
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += _receive(connection)
    first, *lines = data[:end].decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length", 0))
    parts, size = [data[end + 4 :]], len(data) - end - 4
    while size < length:
        parts.append(_receive(connection))
        size += len(parts[-1])
    return Response(int(first.split(" ", 2)[1]), headers, b"".join(parts))


def _receive(connection: socket.socket) -> bytes:
    data = connection.recv(262_144)
    if not data:
        raise ConnectionError("The server closed the connection in the middle of an answer.")
    return data


def main() -> None:
    """One order in, one outcome out."""
    order: Mapping[str, Any] = json.load(sys.stdin)
    json.dump(_ask_all(Order(**order)), sys.stdout)


if __name__ == "__main__":
    main()
