"""What subscriptions take that wait and are told nothing: memory of a process that holds so many of them.

Of two tenants, since one may have half as many; half of them by WebSockets that carry five each, as a page does, half by
server-sent events.
"""

import asyncio
import json
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, Final

import psutil

from engage_server.operations.tenants import onboard
from tests.bench.serving import serving

QUERY: Final = "subscription { runFinished { run } }"
SETTLED_S: Final = 3.0
OF_A_PAGE: Final = 5
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def idle_mb(count: int) -> float:
    """By how many megabytes (10^6 bytes, resident) one process with ``count`` subscriptions is larger than with none."""
    keys = [
        onboard(slug=slug, name=slug, domain=f"{slug}.localhost", timezone="UTC").query_key
        for slug in ("waits-one", "waits-two", "warms-up")
    ]
    with serving(workers=1) as (process, port):
        return asyncio.run(_grown(process, port, keys, count))


async def _grown(process: psutil.Popen, port: int, keys: Sequence[str], count: int) -> float:
    with ExitStack() as stack:
        await _open(stack, port, keys[2:], 20)  # what the first of their kind load is not theirs
        await asyncio.sleep(SETTLED_S)
        before = _resident(process)
        await _open(stack, port, keys[:2], count)
        await asyncio.sleep(SETTLED_S)
        return (_resident(process) - before) / 1e6


async def _open(stack: ExitStack, port: int, keys: Sequence[str], count: int) -> None:
    for _ in range(count // (2 * OF_A_PAGE * len(keys))):
        for key in keys:
            stack.callback((await _by_websocket(port, key))[1].close)
            for _ in range(OF_A_PAGE):
                stack.callback((await _by_events(port, key))[1].close)


async def _by_websocket(port: int, key: str) -> Stream:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"GET /graphql HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    )
    assert b" 101 " in (await reader.readuntil(b"\r\n\r\n")).splitlines()[0]
    _say(writer, {"type": "connection_init", "payload": {"Authorization": f"Bearer {key}"}})
    told = await reader.read(1_000)
    assert b"connection_ack" in told, told
    for place in range(OF_A_PAGE):
        _say(writer, {"id": str(place), "type": "subscribe", "payload": {"query": QUERY}})
    return reader, writer


def _say(writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
    """One frame of text; a mask of zeros leaves it as it is."""
    text = json.dumps(message).encode()
    length = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2)
    writer.write(b"\x81" + length + bytes(4) + text)


async def _by_events(port: int, key: str) -> Stream:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = json.dumps({"query": QUERY})
    writer.write(
        f"POST /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nAccept: text/event-stream\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    )
    assert b" 200 " in await reader.readline()
    return reader, writer


def _resident(process: psutil.Popen) -> int:
    return sum(child.memory_info().rss for child in process.children(recursive=True))
