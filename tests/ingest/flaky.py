"""A proxy in front of a live server that loses an answer and then asks to wait, as networks and busy servers do."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

# What each SDK looks for in a refusal.
REFUSED: Final = (
    b'{"code":"try_again","message":"try again","detail":"try again","status":0,"error":"try again"}'
)


class FlakyProxy(ThreadingHTTPServer):
    """Answers 503 after the server behind has stored the first request, 429 to the second; then passes on.

    ``statuses`` are the server's own answers, ``faults`` how many of the two were told to the client.
    """

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target
        self.statuses: list[int] = []
        self.faults = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: FlakyProxy

    def do_POST(self) -> None:
        self._pass_on(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def do_GET(self) -> None:
        self._pass_on(b"")

    def _pass_on(self, body: bytes) -> None:
        if self.server.faults == 1:
            self.server.faults = 2
            self._answer(429, REFUSED, **{"Retry-After": "1"})
            return
        headers = {
            name: value for name, value in self.headers.items() if name.lower() not in {"host", "connection"}
        }
        with closing(HTTPConnection(self.server.target)) as behind:
            behind.request(self.command, self.path, body, headers)
            response = behind.getresponse()
            status, answer = response.status, response.read()
        self.server.statuses.append(status)
        if self.server.faults == 0:
            self.server.faults = 1
            status, answer = 503, REFUSED
        self._answer(status, answer)

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test's output clean."""


@contextmanager
def proxy_before(target: str) -> Iterator[FlakyProxy]:
    """A running proxy before this host and port."""
    server = FlakyProxy(target)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
