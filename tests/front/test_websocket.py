"""Subscriptions by graphql-ws and graphql-sse, unmodified, against a real server: `make node-clients`."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from engage_server.access.models import ApiKey
from engage_server.operations.keys import create_key, revoke_key
from engage_server.tenancy.scope import TenantRef
from tests.front.happenings import end_run, run_id
from tests.front.slow import HOST

FOLDER = Path(__file__).parents[1] / "api" / "node"
NODE = shutil.which("node")
RUNS = "subscription { runFinished { run } }"
CLIENTS = ("graphql-ws", "graphql-sse")
pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def client(name: str, port: int, key: str, query: str = RUNS) -> Iterator["subprocess.Popen[str]"]:
    """The client, connected; skipped where it is not installed, failed there in CI."""
    if NODE is None or not (FOLDER / "node_modules" / name).is_dir():
        missing = "The GraphQL clients for Node are not installed: make node-clients"
        assert not os.environ.get("CI"), missing
        pytest.skip(missing)
    command = [NODE, "subscribe.mjs", name, f"http://localhost:{port}/graphql", key, query]
    with subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: "subprocess.Popen[str]") -> Any:
    """The next line that the client prints; None when it has ended."""
    assert process.stdout is not None
    line = process.stdout.readline()
    return json.loads(line) if line else None


@pytest.fixture
def keys(committed_tenants: tuple[TenantRef, TenantRef]) -> tuple[str, str]:
    first, second = committed_tenants
    return create_key(first, ApiKey.Kind.QUERY), create_key(second, ApiKey.Kind.QUERY)


@pytest.mark.parametrize("name", CLIENTS)
def test_a_runs_end_is_told_to_the_clients_of_its_own_tenant_alone(
    port: int, committed_tenants: tuple[TenantRef, TenantRef], keys: tuple[str, str], name: str
) -> None:
    with client(name, port, keys[0]) as own, client(name, port, keys[1]) as foreign:
        assert (said(own), said(foreign)) == ("ready", "ready")
        time.sleep(1.0)  # the operations are opened after the clients are ready
        mine, theirs = end_run(committed_tenants[0]), end_run(committed_tenants[1])
        assert said(own)["data"] == {"runFinished": {"run": run_id(committed_tenants[0], mine)}}
        assert said(foreign)["data"] == {"runFinished": {"run": run_id(committed_tenants[1], theirs)}}


@pytest.mark.parametrize("name", CLIENTS)
def test_a_query_is_answered_and_completed(port: int, keys: tuple[str, str], name: str) -> None:
    with client(name, port, keys[0], "{ tenant { slug } }") as one:
        assert said(one) == "ready"
        assert said(one)["data"] == {"tenant": {"slug": "acme"}}
        assert said(one) == "complete"


def test_what_is_not_valid_is_an_error_of_its_operation(port: int, keys: tuple[str, str]) -> None:
    with client("graphql-ws", port, keys[0], "subscription { nothing }") as one:
        assert said(one) == "ready"
        assert said(one)["error"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_a_wrong_key_is_forbidden_to_connect(port: int, keys: tuple[str, str]) -> None:
    with client("graphql-ws", port, keys[0][:-1] + "x") as one:
        assert said(one)["error"]["code"] == 4403


def test_a_revoked_keys_connection_is_closed_within_five_seconds(
    port: int, committed_tenants: tuple[TenantRef, TenantRef], keys: tuple[str, str]
) -> None:
    with client("graphql-ws", port, keys[0]) as one:
        assert said(one) == "ready"
        time.sleep(1.0)
        revoke_key(committed_tenants[0], keys[0].split("_")[3])
        revoked = time.monotonic()
        assert said(one)["error"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert time.monotonic() - revoked < 5.0


def handshake(port: int, *lines: str) -> socket.socket:
    one = socket.create_connection((HOST, port), timeout=10)
    head = [
        "GET /graphql HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", *lines, "", "",
    ]  # fmt: skip
    one.sendall("\r\n".join(head).encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += one.recv(1)
    assert answer.startswith(b"HTTP/1.1 101")
    return one


def close_code(one: socket.socket) -> int:
    """The code of the frame by which the server closes, which is the first that comes."""
    frame = one.recv(4_096)
    assert frame[0] == 0x88
    return int.from_bytes(frame[2:4])


def text(message: str) -> bytes:
    """A client's frame of a text of ASCII below 64 kB, masked with zeros."""
    short = len(message) < 126
    length = bytes([0x80 | len(message)]) if short else b"\xfe" + len(message).to_bytes(2)
    return b"\x81" + length + bytes(4) + message.encode()


@pytest.mark.parametrize(
    ("message", "code"),
    [('{"type":"subscribe"}', 4401), ("no JSON", 4400), ('{"type":"connection_init"}', 4403), (None, 4408)],
)
def test_who_breaks_the_protocol_is_told_by_its_code(port: int, message: str | None, code: int) -> None:
    with handshake(port, "Sec-WebSocket-Protocol: graphql-transport-ws") as one:
        if message is not None:
            one.sendall(text(message))
        assert close_code(one) == code


def test_another_subprotocol_is_not_spoken(port: int) -> None:
    with handshake(port, "Sec-WebSocket-Protocol: graphql-ws") as one:
        assert close_code(one) == 4406
