"""A server that is asked to stop tells its subscribers so, and is gone soon after, with all its processes."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engage_server.tenancy.scope import TenantRef
from tests.bench.serving import free_port, wait_until_it_answers
from tests.end_to_end.processes import running
from tests.front.event_source import subscribed
from tests.front.test_event_stream import RUNS, keys, tenants
from tests.front.test_websocket import close_code, handshake, text

SOON_S = 8.0  # below the time after which the server kills its processes
pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["keys", "tenants"]


@pytest.fixture
def server(
    request: pytest.FixtureRequest, committed_tenants: tuple[TenantRef, TenantRef]
) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """A server of its own, for it does not outlive the test: its port and its process."""
    port = free_port()
    command = ["serve", "--port", str(port), "--workers", "1", "--threads", "4", "--no-worker"]
    with running(*command, *request.param) as process:
        wait_until_it_answers(port)
        yield port, process


def children_of(parent: int) -> set[int]:
    return {int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()}


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_all_are_gone(process: "subprocess.Popen[bytes]", children: set[int]) -> None:
    deadline = time.monotonic() + SOON_S
    assert process.wait(SOON_S) == 0
    while any(map(is_there, children)):
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="the children of a process are told by /proc"
)
@pytest.mark.parametrize(
    ("server", "number"), [((), signal.SIGTERM), (("--no-websockets",), signal.SIGINT)],
    indirect=["server"], ids=["asgi, SIGTERM", "rsgi, SIGINT"],
)  # fmt: skip
def test_a_stream_completes_and_no_process_stays(
    server: tuple[int, "subprocess.Popen[bytes]"], keys: tuple[str, str], number: signal.Signals
) -> None:
    port, process = server
    with subscribed(port, RUNS, key=keys[0]) as stream, subscribed(port, RUNS, key=keys[1]) as other:
        time.sleep(1.0)
        children = children_of(process.pid)
        assert children
        process.send_signal(number)
        assert stream.message(within_s=SOON_S) == ("complete", None)
        assert other.message(within_s=SOON_S) == ("complete", None)
        wait_until_all_are_gone(process, children)


@pytest.mark.parametrize("server", [()], indirect=True, ids=["asgi"])
def test_a_websocket_that_its_client_holds_open_is_closed(
    server: tuple[int, "subprocess.Popen[bytes]"], keys: tuple[str, str]
) -> None:
    port, process = server
    lines = ("Sec-WebSocket-Protocol: graphql-transport-ws", f"Authorization: Bearer {keys[0]}")
    with handshake(port, *lines) as one:
        one.sendall(text('{"type":"connection_init"}'))
        assert b"connection_ack" in one.recv(1_000)
        process.terminate()
        assert close_code(one) == 1001
        assert process.wait(SOON_S) == 0
