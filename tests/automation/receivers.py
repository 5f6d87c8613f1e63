"""A real HTTP receiver and a real mail server on this machine, which remember what came."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Receiver:
    """``answers`` are the statuses to say, in turn; afterwards 204. ``received`` are headers and body of each request."""

    url: str = ""
    answers: list[Any] = field(default_factory=list)
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def keys(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.received]


@contextmanager
def http_receiver(*, pause_s: float = 0.0) -> Iterator[Receiver]:
    """Answers after a pause: statuses, (status, headers), bytes as they are, "hang" (nothing) or "endless" (a body)."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if len(body) < int(self.headers["content-length"]):
                return  # who sent it died in the middle: it is no message yet
            receiver.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
            time.sleep(pause_s)
            said = receiver.answers.pop(0) if receiver.answers else 204
            if said == "hang":
                receiver.released.wait(20)
                return
            if isinstance(said, bytes):
                self.wfile.write(said)
                self.close_connection = True
                return
            status, headers = said if isinstance(said, tuple) else (200 if said == "endless" else said, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                while said == "endless":
                    self.wfile.write(b"x" * 65_536)
            except OSError:
                pass

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class MailServer:
    """``refusals`` are answers to give instead of taking the mail, in turn."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # aiosmtpd calls it so
        if self.refusals:
            return self.refusals.pop(0)
        mail = BytesParser(policy=default).parsebytes(envelope.content)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[MailServer]:
    with socket.socket() as free:  # the controller knocks at the port that it was told, and 0 is none
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    handler = MailServer(port)
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler
    finally:
        controller.stop()
