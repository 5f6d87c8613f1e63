"""Requests through the front, without a network: who is looked for when, and what is answered to whom."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest

from engage_server.access.request_tenant import find_tenant
from engage_server.front.application import Front, Surface
from engage_server.front.calls import Environ
from engage_server.front.stopping import SIGNALS

OPENS = 7
WEBSOCKET = {
    "type": "websocket", "http_version": "1.1", "scheme": "ws", "path": "/graphql", "query_string": b"",
    "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 9), "headers": [], "subprotocols": ["graphql-transport-ws"],
}  # fmt: skip


class Headers(dict[str, str]):
    """As RSGI's: names in lower case."""


class Scope:
    http_version, server, client, scheme, method = "1.1", "127.0.0.1:80", "127.0.0.1:9", "http", "POST"
    path, query_string, authority = "/v1/track", "", None

    def __init__(self, **headers: str) -> None:
        self.headers = Headers({name.replace("_", "-"): value for name, value in headers.items()})


class Protocol:
    """A request's body, and what was answered to it."""

    def __init__(self, body: bytes) -> None:
        self.pieces = [body]
        self.answered: list[tuple[int, bytes]] = []

    async def __call__(self) -> bytes:
        return self.pieces.pop()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self.pieces:
            raise StopAsyncIteration
        return self.pieces.pop()

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answered.append((status, body))

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> "Pieces":
        return Pieces(status, self.answered)


class Pieces:
    """An answer that is not whole before the rest of the body was read."""

    def __init__(self, status: int, answered: list[tuple[int, bytes]]) -> None:
        self.status, self.answered = status, answered

    async def send_bytes(self, piece: bytes) -> None:
        self.answered.append((self.status, piece))


def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
    """Finds its tenant in the header or, after reading it, in the body, which is the answer."""
    request = WSGIRequest(environ)
    opened = request.headers.get("Authorization") == "good"
    if opened:
        find_tenant(request, OPENS)
    if not opened and "Authorization" in request.headers:
        start_response("401 Unauthorized", [])
        return [b"no"]
    body = request.read()
    if json.loads(body).get("key") == "good":
        find_tenant(request, OPENS)
    start_response("200 OK", [])
    return [body]


def ask(body: bytes, **headers: str) -> Protocol:
    surface = Surface(most=1_000, has_key=lambda environ: "HTTP_AUTHORIZATION" in environ, is_of_tenants=True)
    front, protocol = Front(application, surface_of=lambda environ: surface, threads=2), Protocol(body)
    asyncio.run(front.__rsgi__(Scope(content_length=str(len(body)), **headers), protocol))
    return protocol


def test_a_body_that_tells_its_tenant_is_read_again_as_it_came() -> None:
    assert ask(b'{"key":"good"}').answered == [(200, b'{"key":"good"}')]


def test_a_body_whose_sender_is_known_by_the_header_is_read_once() -> None:
    assert ask(b'{"a":1}', authorization="good").answered == [(200, b'{"a":1}')]


def test_a_refused_body_is_read_by_nobody_and_drained_after_the_answer() -> None:
    protocol = ask(b'{"key":"good"}', authorization="bad")
    assert (protocol.answered, protocol.pieces) == ([(401, b"no")], [])


@pytest.fixture
def handlers() -> Iterator[None]:
    """What a process does when it is asked to stop is afterwards as before."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("is_gone", [False, True], ids=["there", "gone by itself"])
def test_the_server_is_asked_to_stop_when_the_websockets_were_closed(is_gone: bool) -> None:
    sent: list[str] = []

    async def send(message: Mapping[str, Any]) -> None:
        if message["type"] == "websocket.close":
            await asyncio.sleep(0.05)  # a network takes its time
        sent.append(message["type"])

    async def live_and_stop() -> None:
        front = Front(application, surface_of=lambda environ: Surface(most=1), threads=1)
        life, messages = asyncio.Queue[dict[str, str]](), asyncio.Queue[dict[str, str]]()

        def stop() -> None:
            sent.append("the server stops")
            life.put_nowait({"type": "lifespan.shutdown"})

        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
        living = asyncio.create_task(front.asgi({"type": "lifespan"}, life.get, send))
        await life.put({"type": "lifespan.startup"})
        while not sent:
            await asyncio.sleep(0)
        conversation = asyncio.create_task(front.asgi(WEBSOCKET, messages.get, send))
        await messages.put({"type": "websocket.connect"})
        while "websocket.accept" not in sent:
            await asyncio.sleep(0)
        if is_gone:
            await messages.put({"type": "websocket.disconnect"})
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.gather(living, conversation)

    asyncio.run(live_and_stop())
    assert sent[-3:] == ["websocket.close", "the server stops", "lifespan.shutdown.complete"]
