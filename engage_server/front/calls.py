"""Calls a WSGI application with a whole body in memory, and collects its answer."""

import io
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from engage_server.front.exceptions import BodyNotReceivedError

Environ = dict[str, Any]
Application = Callable[..., Iterable[bytes]]
# Those of a proxy's or client's connection, which say nothing of the body any more.
OF_THE_CONNECTION: Final = frozenset(
    {"transfer-encoding", "connection", "expect", "te", "trailer", "upgrade"}
)
UNLIKE_OTHERS: Final = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
SERVER: Final[Environ] = {
    "GATEWAY_INTERFACE": "CGI/1.1",
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "Engage",
    "wsgi.errors": sys.stderr,
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}


class Headers(Protocol):
    """RSGI's headers; names are in lower case."""

    def items(self) -> list[tuple[str, str]]:
        """Each line of the header."""

    def get(self, name: str) -> str | None:
        """The value under this name."""


class Scope(Protocol):
    """As much of RSGI's scope as a WSGI environment needs."""

    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str
    authority: str | None
    headers: Headers


class Unread:
    """A body that was not received: whoever reads it is told why."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def read(self, size: int = -1) -> bytes:
        """Never anything."""
        raise BodyNotReceivedError(self._reason)

    readline = read


@dataclass(frozen=True, slots=True)
class Answer:
    """What the application said."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def environ_of(scope: Scope) -> Environ:
    """The WSGI environment of a request whose body has not come yet."""
    host, _, port = scope.server.rpartition(":")
    environ = SERVER | {
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": host.strip("[]"),
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "REQUEST_METHOD": scope.method,
        # WSGI's texts hold a byte in each character.
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": Unread("The body was not asked for."),
    }
    for name, value in scope.headers.items():
        if name in OF_THE_CONNECTION:
            continue
        key = UNLIKE_OTHERS.get(name) or "HTTP_" + name.upper().replace("-", "_")
        separator = ";" if name == "cookie" else ","
        environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
    if "HTTP_HOST" not in environ and scope.authority:
        environ["HTTP_HOST"] = scope.authority
    return environ


def put_body(environ: Environ, body: bytes) -> None:
    """Have the application read this body, however it came."""
    environ["CONTENT_LENGTH"] = str(len(body))
    environ["wsgi.input"] = io.BytesIO(body)


def rewind(environ: Environ) -> None:
    """Have the application read the same body again, where it has one."""
    given = environ["wsgi.input"]
    if isinstance(given, io.BytesIO):
        given.seek(0)


def call(application: Application, environ: Environ) -> Answer:
    """The application's whole answer; raises what it raises."""
    begun: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        begun[:] = [(status, headers)]

    parts = application(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        if close := getattr(parts, "close", None):
            close()
    status, headers = begun[0]
    return Answer(int(status.partition(" ")[0]), headers, body)
