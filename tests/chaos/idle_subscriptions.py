"""What idle subscriptions cost: python -m tests.chaos.idle_subscriptions --pid SERVER --port 8000 KEY [KEY …].

Each is a WebSocket of its own with one subscription, at a server of one process (``serve --workers 1``). Keys of several
tenants share them, since a tenant may have 250. All together may take 100 MB.
"""

import argparse
import json
import socket
import sys
import time
from typing import Final

import psutil
from rich.console import Console

SUBSCRIPTIONS: Final = 500
MOST_MB: Final = 100.0
SETTLED_S: Final = 5.0
WATCHED_S: Final = 10.0
HEAD: Final = (
    "GET /graphql HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
QUERY: Final = "subscription { runFinished { run plugin on state } }"


def subscribed(port: int, key: str) -> socket.socket:
    """A connection with one subscription."""
    one = socket.create_connection(("127.0.0.1", port), timeout=30)
    one.sendall(HEAD.encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += one.recv(1)
    one.sendall(frame({"type": "connection_init", "payload": {"authorization": f"Bearer {key}"}}))
    answer = one.recv(4_096)
    if b"connection_ack" not in answer:
        raise SystemExit(f"The server did not let us in: {answer!r}. Remedy: a query key in force.")
    one.sendall(frame({"type": "subscribe", "id": "1", "payload": {"query": QUERY}}))
    return one


def frame(message: object) -> bytes:
    """A client's frame of a text, masked with zeros."""
    text = json.dumps(message).encode()
    length = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2, "big")
    return b"\x81" + length + b"\0\0\0\0" + text


def main() -> None:
    """Measure, print, and end with 1 where they take too much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pid", type=int, required=True, help="of the server")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("keys", nargs="+")
    options = parser.parse_args()
    (process,) = [
        child for child in psutil.Process(options.pid).children() if "python" in " ".join(child.cmdline())
    ]
    warm = [subscribed(options.port, key) for key in options.keys]
    time.sleep(SETTLED_S)
    before = process.memory_info().rss
    keys = options.keys * (SUBSCRIPTIONS // len(options.keys) + 1)
    idle = [subscribed(options.port, key) for key in keys[:SUBSCRIPTIONS]]
    time.sleep(SETTLED_S)
    grown = (process.memory_info().rss - before) / 1e6
    spent = sum(process.cpu_times()[:2])
    time.sleep(WATCHED_S)
    share = (sum(process.cpu_times()[:2]) - spent) / WATCHED_S
    for one in (*warm, *idle):
        one.close()
    Console().print(f"{SUBSCRIPTIONS} idle subscriptions: {grown:.0f} MB, {share:.1%} of a processor.")
    sys.exit(grown > MOST_MB)


if __name__ == "__main__":
    main()
