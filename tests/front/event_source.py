"""A client of server-sent events that waits no longer than it is told."""

import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlencode

from tests.front.slow import HOST


class EventSource:
    """What came by one connection, message by message."""

    def __init__(self, response: HTTPResponse, connection: HTTPConnection) -> None:
        self.response = response
        self._connection = connection

    def message(self, *, within_s: float = 10.0) -> tuple[str, Any]:
        """The next message: its event, and its data as JSON; comments are passed over."""
        end = time.monotonic() + within_s
        fields: dict[str, str] = {}
        while True:
            assert self._connection.sock is not None
            self._connection.sock.settimeout(max(0.01, end - time.monotonic()))
            line = self.response.readline().decode().rstrip("\n")
            if not line and "event" in fields:
                return fields["event"], json.loads(fields.get("data") or "null")
            name, _, value = line.partition(":")
            if name:
                fields[name] = value.removeprefix(" ")

    def data(self, *, within_s: float = 10.0) -> Any:
        """The data of the next payload, which has no errors."""
        event, payload = self.message(within_s=within_s)
        assert event == "next"
        assert "errors" not in payload, payload
        return payload["data"]


@contextmanager
def subscribed(
    port: int, query: str, *, key: str = "", method: str = "POST", host: str = "localhost", **headers: str
) -> Iterator[EventSource]:
    """The stream of an operation; the connection is closed at the end."""
    with closing(HTTPConnection(HOST, port, timeout=20)) as connection:
        sent = {"Host": host, "Accept": "text/event-stream", "Content-Type": "application/json", **headers}
        if key:
            sent["Authorization"] = f"Bearer {key}"
        if method == "POST":
            connection.request("POST", "/graphql", json.dumps({"query": query}), sent)
        else:
            connection.request("GET", f"/graphql?{urlencode({'query': query})}", headers=sent)
        yield EventSource(connection.getresponse(), connection)


def is_silent(stream: EventSource, *, for_s: float) -> bool:
    """Whether nothing is told for so long; the stream cannot be read any more afterwards."""
    try:
        stream.message(within_s=for_s)
    except TimeoutError:
        return True
    return False
