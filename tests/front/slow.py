"""Clients that say nothing, or too little, and others that are to be answered meanwhile."""

import base64
import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any, Final
from uuid import uuid4

HOST: Final = "127.0.0.1"
DECLARED: Final = 1_000_000
SLOW_PATHS: Final = ("/v1/batch", "/batch/", "/2/httpapi", "/track", "/people/sign-in")


@dataclass(slots=True)
class Answers:
    """What a client that behaves was answered: the statuses, and the seconds that each answer took."""

    statuses: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def wrong(self) -> list[int]:
        """Statuses other than 200; 0 stands for a connection that was refused or broken off."""
        return [status for status in self.statuses if status != 200]


@contextmanager
def silent_clients(port: int, number: int) -> Iterator[list[socket.socket]]:
    """Connections that never say a word."""
    with ExitStack() as stack:
        yield [stack.enter_context(socket.create_connection((HOST, port), timeout=10)) for _ in range(number)]


@contextmanager
def slow_clients(port: int, number: int, *, key: str = "") -> Iterator[list[socket.socket]]:
    """Requests with a long body of which ten bytes come; half of them with the key, where there is one."""
    with ExitStack() as stack:
        sockets = []
        for place in range(number):
            one = stack.enter_context(socket.create_connection((HOST, port), timeout=10))
            path = "/v1/batch" if key and place % 2 else SLOW_PATHS[place % len(SLOW_PATHS)]
            opened = f"Authorization: {basic(key)}\r\n" if key and place % 2 else ""
            head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{opened}Content-Length: {DECLARED}\r\n\r\n"
            one.sendall(head.encode() + b'{"batch":[')
            sockets.append(one)
        yield sockets


def basic(key: str) -> str:
    """The header of a key, as Segment's SDKs send it."""
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


def requests_of(key: str) -> dict[str, tuple[str, Any, dict[str, str]]]:
    """A new event in two dialects: with the key in the header, and in the body."""
    number = str(uuid4())
    call = {
        "type": "track",
        "messageId": number,
        "userId": "ada",
        "event": "E",
        "timestamp": "2026-03-01T00:00:00Z",
    }
    return {
        "header": ("/v1/batch", {"batch": [call]}, {"Authorization": basic(key)}),
        "body": (
            "/batch/",
            {"batch": [{"event": "E", "distinct_id": "ada", "uuid": f"p-{number}"}], "api_key": key},
            {},
        ),
    }


def ask(
    port: int, path: str, body: Any, headers: dict[str, str], *, timeout: float = 30
) -> tuple[int, bytes]:
    """Status and answer of one POST over a connection of its own; status 0 where there was none."""
    connection = HTTPConnection(HOST, port, timeout=timeout)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        connection.request("POST", path, data, {"Content-Type": "application/json", **headers})
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, HTTPException):
        return 0, b""
    finally:
        connection.close()


def ask_for(port: int, key: str, *, seconds: float, pause_s: float = 0.05) -> Answers:
    """Send in both dialects for so long."""
    answers, end = Answers(), time.monotonic() + seconds
    while time.monotonic() < end:
        for path, body, headers in requests_of(key).values():
            began = time.monotonic()
            status, _ = ask(port, path, body, headers)
            answers.statuses.append(status)
            answers.seconds.append(time.monotonic() - began)
        time.sleep(pause_s)
    return answers


def is_closed(one: socket.socket) -> bool:
    """Whether the server has ended the connection."""
    one.setblocking(False)
    try:
        while data := one.recv(65_536):
            del data
        return True
    except BlockingIOError:
        return False
    except OSError:
        return True
