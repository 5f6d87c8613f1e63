"""Sends prepared batches over HTTP as fast as it can, or at a given rate; ``python -m tests.bench.load``.

A process of its own: one JSON object comes by standard input, one goes to standard output. Plain sockets, since a
client library would take the processor from the server that is measured.
"""

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

PERSONS, ACCOUNTS, NAMES = 5_000, 500, 40
TIMEOUT_S: Final = 60
FIRST: Final = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Order:
    """What to send: batches ``first`` to ``first + batches`` of ``size`` events, over ``connections`` sockets."""

    port: int
    key: str
    first: int
    batches: int
    size: int = 100
    connections: int = 32
    per_second: float | None = None  # batches; None = as fast as they are answered
    new_persons: int = 0  # of a hundred events, how many come from a person never seen


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the server said. Seconds are from the first byte sent to the last answer, ``cpu_seconds`` our own of them."""

    accepted: int
    duplicates: int
    rejected: int
    refused: int
    seconds: float
    latencies_ms: list[float]
    cpu_seconds: float


def event(number: int, *, new_persons: int = 0) -> dict[str, Any]:
    """The event of this number: the same at every call, about 190 bytes as a row."""
    # Message ids as random as clients make them: a multiplication that is one to one on 128 bits.
    identity = UUID(int=(number * 0x9E3779B97F4A7C15F39CC0605CEDC835 + 0x1234567) % 2**128)
    return {
        "type": "track",
        "messageId": str(identity),
        "userId": f"new-{number}" if number % 100 < new_persons else f"user-{number * 7919 % PERSONS}",
        "event": f"Feature {number * 31 % NAMES} Used",
        "timestamp": (FIRST + timedelta(milliseconds=25 * number)).isoformat(timespec="milliseconds"),
        "context": {
            "groupId": f"account-{number * 7919 % ACCOUNTS}",
            "library": {"name": "bench", "version": "1"},
        },
        "properties": {"rows": number % 1000, "format": "csv", "plan": "pro", "seconds": number % 977 / 8},
    }


def batch(index: int, size: int, *, new_persons: int = 0) -> bytes:
    """The body of the batch of this index."""
    numbers = range(index * size, (index + 1) * size)
    return msgspec.json.encode({"batch": [event(number, new_persons=new_persons) for number in numbers]})


def send(order: Order) -> Outcome:
    """Send the order and count what is acknowledged."""
    requests = [_request(order, index) for index in range(order.first, order.first + order.batches)]
    waiting: Iterator[tuple[int, bytes]] = enumerate(requests)
    lock, answers = threading.Lock(), []
    barrier = threading.Barrier(order.connections + 1)
    began = [0.0]

    def work() -> None:
        with socket.create_connection(("127.0.0.1", order.port), timeout=TIMEOUT_S) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            barrier.wait()
            while True:
                with lock:
                    index, request = next(waiting, (0, b""))
                if not request:
                    return
                due = time.perf_counter()
                if order.per_second:
                    # Latency counts from when the batch was due: a slow answer must not hide those behind it.
                    due = began[0] + index / order.per_second
                    time.sleep(max(0.0, due - time.perf_counter()))
                connection.sendall(request)
                answers.append((*_answer(connection), 1000 * (time.perf_counter() - due)))

    with ThreadPoolExecutor(order.connections) as executor:
        working = [executor.submit(work) for _ in range(order.connections)]
        began[0] = time.perf_counter() + 0.01
        barrier.wait()
        cpu_began = time.process_time()
    for work_done in working:
        work_done.result()
    seconds, cpu_seconds = time.perf_counter() - began[0], time.process_time() - cpu_began
    receipts = [json.loads(body) for status, body, _ in answers if status == 200]
    return Outcome(
        accepted=sum(receipt["accepted"] for receipt in receipts),
        duplicates=sum(receipt["duplicates"] for receipt in receipts),
        rejected=sum(len(receipt["rejected"]) for receipt in receipts),
        refused=len(answers) - len(receipts),
        seconds=seconds,
        latencies_ms=[latency for _, _, latency in answers],
        cpu_seconds=cpu_seconds,
    )


def _request(order: Order, index: int) -> bytes:
    body = batch(index, order.size, new_persons=order.new_persons)
    head = (
        f"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {order.key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _answer(connection: socket.socket) -> tuple[int, bytes]:
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += _receive(connection)
    head = data[:end].lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    body = data[end + 4 :]
    while len(body) < length:
        body += _receive(connection)
    return int(head.split(b" ", 2)[1]), body


def _receive(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("The server closed the connection in the middle of an answer.")
    return data


def main() -> None:
    """One order in, one outcome out."""
    order: Mapping[str, Any] = json.load(sys.stdin)
    json.dump(asdict(send(Order(**order))), sys.stdout)


if __name__ == "__main__":
    main()
