"""Sends tracking messages the way the SDKs do: batches of 100 to /v1/batch, over a few connections at once."""

import http.client
import json
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Any, Final

from engage_server.demo.exceptions import RefusedError
from engage_server.demo.simulator.activity import Message

BATCH: Final = 100
CONNECTIONS: Final = 4
ATTEMPTS: Final = 6
TIMEOUT_S: Final = 30
BUSY: Final = (429, 503)

Progress = Callable[[int], None]


class Sender:
    """Sends batches with one key; each thread keeps a connection of its own."""

    def __init__(self, *, port: int, key: str) -> None:
        """``key`` is an ingest key; nothing is sent yet."""
        self._port = port
        self._headers = {
            "Authorization": f"Basic {b64encode(f'{key}:'.encode()).decode()}",
            "Content-Type": "application/json",
        }
        self._local = threading.local()

    def send(self, messages: Iterable[Message], *, progress: Progress) -> None:
        """Send all messages and tell ``progress`` after each batch how many it had.

        Raises:
            RefusedError: the server refused a batch or an item of one.
        """
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            open_calls: set[Future[int]] = set()
            for batch in batches(messages):
                open_calls.add(pool.submit(self._send, batch))
                if len(open_calls) >= 2 * CONNECTIONS:
                    done, open_calls = wait(open_calls, return_when=FIRST_COMPLETED)
                    _report(done, progress)
            _report(open_calls, progress)

    def _send(self, batch: list[Message]) -> int:
        body = json.dumps({"batch": batch})
        for attempt in range(1, ATTEMPTS + 1):
            status, answer = self._post(body)
            if status == http.client.OK:
                _check_items(answer)
                return len(batch)
            if status not in BUSY:
                raise RefusedError(f"/v1/batch answered {status}: {answer}")
            time.sleep(0.2 * 2**attempt)
        raise RefusedError(
            f"/v1/batch was busy {ATTEMPTS} times in a row. Remedy: run the demo again; it goes on from here."
        )

    def _post(self, body: str) -> tuple[int, Any]:
        connection: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_S)
            self._local.connection = connection
        try:
            connection.request("POST", "/v1/batch", body, self._headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read() or b"null")
        except (OSError, http.client.HTTPException) as error:
            # As the SDKs do: whatever happened to the connection, the same batch may be sent again.
            connection.close()
            return http.client.SERVICE_UNAVAILABLE, str(error)


def batches(messages: Iterable[Message]) -> Iterator[list[Message]]:
    """The messages in lists of 100."""
    iterator = iter(messages)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _report(calls: Iterable[Future[int]], progress: Progress) -> None:
    for call in calls:
        progress(call.result())


def _check_items(answer: Any) -> None:
    if answer["rejected"]:
        raise RefusedError(f"/v1/batch did not take every item; the first: {answer['rejected'][0]}")
