"""ASGI in the shape of RSGI: what the front receives is the same, whichever of the two granian speaks.

Only ASGI can name the subprotocol of a WebSocket (granian's RSGI has no word for it, and browsers hang up without), so that
``serve`` speaks it unless it is told to do without WebSockets.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

from engage_server.front.calls import Headers

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
GONE: Final = "http.disconnect"


class AsgiHeaders:
    """The lines of a header; names are in lower case."""

    __slots__ = ("_lines",)

    def __init__(self, lines: Iterable[tuple[bytes, bytes]]) -> None:
        self._lines: Final = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in lines]

    def items(self) -> list[tuple[str, str]]:
        """Each line."""
        return self._lines

    def get(self, name: str) -> str | None:
        """The value of the first line of this name."""
        return next((value for one, value in self._lines if one == name), None)


class AsgiScope:
    """A request's head as RSGI has it."""

    __slots__ = (
        "authority", "client", "headers", "http_version", "method", "path", "query_string", "scheme", "server",
    )  # fmt: skip

    def __init__(self, scope: Mapping[str, Any]) -> None:
        self.http_version: str = scope["http_version"]
        self.server = "{}:{}".format(*scope["server"])
        self.client = "{}:{}".format(*scope["client"])
        self.scheme: str = scope["scheme"]
        self.method: str = scope.get("method", "GET")
        self.path: str = scope["path"]
        self.query_string: str = scope["query_string"].decode("latin-1")
        self.authority: str | None = None
        self.headers: Headers = AsgiHeaders(scope["headers"])

    @property
    def body_length(self) -> int | None:
        """The declared length of the body; None where it comes in chunks, or there is none."""
        length = self.headers.get("content-length")
        is_declared = length is not None and length.isdecimal() and not self.headers.get("transfer-encoding")
        return int(length) if length is not None and is_declared else None


class AsgiTransport:
    """An answer by pieces."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def send_bytes(self, piece: bytes) -> None:
        """Send one."""
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def send_str(self, piece: str) -> None:
        """Send one."""
        await self.send_bytes(piece.encode())


class AsgiProtocol:
    """A request's body and its answer as RSGI has them."""

    def __init__(self, receive: Receive, send: Send, *, declared: int | None = None) -> None:
        self._receive = receive
        self._send = send
        self._declared = declared
        self._is_whole = False
        self._is_streaming = False

    async def __call__(self) -> bytes:
        """The whole body."""
        pieces: list[bytes] = []
        size = 0
        while not self._is_whole:
            piece = await self._next(size)
            if piece is None:
                break
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The body by pieces; it ends early where the client goes.

        granian says of the last piece that more may come, and gives an empty one when it is asked again. A body that has
        its declared length is whole.
        """
        size = 0
        while not self._is_whole:
            piece = await self._next(size)
            if piece is None:
                return
            size += len(piece)
            yield piece

    async def _next(self, received: int) -> bytes | None:
        """The piece that follows so many bytes; None where the client went."""
        message = await self._receive()
        if message["type"] == GONE:
            return None
        piece: bytes = message.get("body", b"")
        self._is_whole = not message.get("more_body", False) or received + len(piece) == self._declared
        return piece

    async def client_disconnect(self) -> None:
        """Wait until the client goes."""
        while (await self._receive())["type"] != GONE:
            pass

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Send the whole answer. granian's ``send`` has done it when it returns; there is nothing to wait for."""
        self._begin(status, headers)
        self._send({"type": "http.response.body", "body": body, "more_body": False})

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> AsgiTransport:
        """Begin an answer by pieces, which ``end`` ends."""
        self._begin(status, headers)
        self._is_streaming = True
        return AsgiTransport(self._send)

    async def end(self) -> None:
        """End the answer, where it came by pieces."""
        if self._is_streaming:
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    def _begin(self, status: int, headers: list[tuple[str, str]]) -> None:
        lines = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self._send({"type": "http.response.start", "status": status, "headers": lines})
