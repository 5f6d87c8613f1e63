"""A real server and clients that are slow, silent, chunked, refused or foreign to HTTP/1."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection

import psycopg
import pytest
from django.db import connection

from engage_server.access.models import ApiKey
from engage_server.activity.models import Event
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.end_to_end.processes import ROOT, environment
from tests.front.conftest import THREADS
from tests.front.slow import (
    HOST,
    Answers,
    ask,
    ask_for,
    basic,
    is_closed,
    requests_of,
    silent_clients,
    slow_clients,
)

# A busy machine takes its time; whoever waits for somebody slow waits much longer.
SOON_S = 4.0
GRACE_S, DRAIN_S = 5, 10  # of a body that does not come, and of one that is refused
pytestmark = pytest.mark.django_db(transaction=True)


def chunks(body: bytes, pause_s: float = 0) -> Iterator[bytes]:
    for place in range(0, len(body), 40):
        yield body[place : place + 40]
        time.sleep(pause_s)


def send_chunked(port: int, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    with closing(HTTPConnection(HOST, port, timeout=30)) as client:
        client.request("POST", path, chunks(body), headers, encode_chunked=True)
        response = client.getresponse()
        return response.status, response.read()


def test_others_are_answered_while_silent_and_slow_clients_hold_on(port: int, keys: tuple[str, str]) -> None:
    with silent_clients(port, 200), slow_clients(port, 50, key=keys[0]) as slow:
        answers = ask_for(port, keys[1], seconds=GRACE_S + 2)
        assert not answers.wrong
        assert max(answers.seconds) < SOON_S
        end = time.monotonic() + DRAIN_S + SOON_S
        while not all(map(is_closed, slow)):
            assert time.monotonic() < end
            time.sleep(0.2)


@contextmanager
def locked_events(tenant: TenantRef) -> Iterator[None]:
    """The tenant's table of events, held by somebody else."""
    with psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": None}) as other:
        other.execute(f'LOCK TABLE "{tenant.schema}".activity_event IN ACCESS EXCLUSIVE MODE')
        yield


def test_a_lock_on_one_tenants_events_keeps_no_other_tenant_waiting(
    port: int, keys: tuple[str, str], committed_tenants: tuple[TenantRef, TenantRef]
) -> None:
    locked, other = committed_tenants
    for key in keys:
        assert not ask_for(port, key, seconds=0.1).wrong
    with ThreadPoolExecutor(2 * THREADS) as pool, locked_events(locked):
        end = time.monotonic() + 6

        def press() -> list[int]:
            statuses = []
            while time.monotonic() < end:
                path, body, headers = requests_of(keys[0])["header"]
                statuses.append(ask(port, path, body, headers)[0])
            return statuses

        pressing = [pool.submit(press) for _ in range(2 * THREADS - 1)]
        time.sleep(0.5)
        answers: Answers = ask_for(port, keys[1], seconds=4)
        assert not answers.wrong
        assert max(answers.seconds) < SOON_S
    refused = {status for one in pressing for status in one.result()}
    assert refused <= {200, 503}
    with tenant_scope(other):
        assert Event.objects.count() >= len(answers.statuses)


def test_a_body_in_chunks_is_read_as_one_with_a_length(
    port: int, keys: tuple[str, str], committed_tenants: tuple[TenantRef, TenantRef]
) -> None:
    key, (tenant, other) = keys[0], committed_tenants
    call = {
        "type": "track",
        "messageId": "c",
        "userId": "ada",
        "event": "E",
        "timestamp": "2026-03-01T00:00:00Z",
    }
    query = create_key(tenant, ApiKey.Kind.QUERY)
    bodies = {
        "/v1/batch": ({"batch": [call]}, {"Authorization": basic(key)}),
        "/v1/track": ({**call, "messageId": "w", "writeKey": key}, {}),
        "/batch/": ({"batch": [{"event": "E", "distinct_id": "ada", "uuid": "p"}], "api_key": key}, {}),
        "/2/httpapi": (
            {"api_key": key, "events": [{"event_type": "E", "user_id": "ada", "insert_id": "a"}]},
            {},
        ),
        "/graphql": ({"query": "{ tenant { name } }"}, {"Authorization": f"Bearer {query}"}),
    }
    for path, (body, headers) in bodies.items():
        answers = send_chunked(
            port, path, json.dumps(body).encode(), {"Content-Type": "application/json", **headers}
        )
        assert answers[0] == 200, (path, answers)
    with tenant_scope(tenant):
        assert set(Event.objects.values_list("message_id", flat=True)) == {"c", "w", "p", "a"}
    with tenant_scope(other):
        assert not Event.objects.exists()


def test_a_body_that_comes_too_slowly_is_refused_so_that_it_is_sent_again(
    port: int, keys: tuple[str, str]
) -> None:
    with slow_clients(port, 2, key=keys[0]) as (by_body, by_header):
        for one in (by_body, by_header):
            one.settimeout(GRACE_S + SOON_S)
            answer = one.recv(65_536)
            assert answer.startswith(b"HTTP/1.1 503")
            assert b"retry-after: " in answer.lower()


@pytest.mark.parametrize("length", [200_000, 3_000_000, 6_000_000])
def test_the_answer_to_a_refused_body_arrives_however_long_that_is(port: int, length: int) -> None:
    for _ in range(5):
        status, answer = ask(port, "/v1/batch", b" " * length, {"Authorization": basic("nobody")})
        assert (status, json.loads(answer)["code"]) == (401, "unauthenticated")


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_node_hears_the_answer_to_a_refused_body(port: int) -> None:
    script = """
        const http = require('http'), body = Buffer.alloc(2_000_000, ' '), answers = [];
        const one = left => {
            if (!left) return console.log(answers.join(' '));
            const next = word => { answers.push(word); one(left - 1); };
            const request = http.request({port: %d, host: '127.0.0.1', path: '/v1/batch', method: 'POST', headers: {
                authorization: 'Basic bm9ib2R5Og==', 'content-length': body.length}}, response => {
                    response.resume(); response.on('end', () => next(response.statusCode)); });
            request.on('error', error => next(error.code));
            request.end(body);
        };
        one(10);
    """
    done = subprocess.run(["node", "-e", script % port], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["401"] * 10


def test_a_wrong_key_in_the_header_is_refused_before_the_body_comes(port: int) -> None:
    for path in ("/v1/batch", "/batch/", "/2/httpapi", "/import", "/graphql"):
        with socket.create_connection((HOST, port), timeout=SOON_S) as one:
            head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer nobody\r\n"
            one.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 90000\r\n\r\n".encode())
            assert one.recv(65_536).startswith(b"HTTP/1.1 401"), path


def test_http_2_in_clear_text_is_not_spoken(port: int) -> None:
    with socket.create_connection((HOST, port), timeout=SOON_S) as one:
        one.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
        assert one.recv(65_536)[:8] in {b"", b"HTTP/1.1"}


def test_a_second_server_on_the_port_is_refused_by_name(port: int) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "serve", "--no-worker", "--port", str(port)],
        cwd=ROOT, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"Port {port} at 127.0.0.1 is taken" in done.stderr
    assert "Traceback" not in done.stderr
