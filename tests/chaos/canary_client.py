"""The clients of ``tests.chaos.canary``: each asks for all tenants in turn and looks at every answer for foreign marks.

A process of its own: one JSON object comes by standard input, tallies go to standard output, one a line. Plain
sockets, since a client library would take the processor from the server that is tried.
"""

import json
import random
import re
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

MARK: Final = re.compile(rb"zq(\d\d)qz")
VALUE: Final = re.compile(rb'"value": ?(\d+)')
STEP: Final = 1_000  # stored values of tenant 7 lie from 8,000 on
VALUE_DAY: Final = "2024-12-31"
TIMEOUT_S: Final = 60
BLANK: Final = b"\r\n\r\n"
LAST_CHUNK: Final = b"0\r\n\r\n"
TELL_EVERY: Final = 100
RETRY_S: Final = 0.05
EXAMPLES_KEPT: Final = 5

QUERIES: Final = (
    "{ tenant { slug name } }",
    "{ accounts(first: 3) { edges { node { externalId name } } } }",
    '{ account(externalId: "same") { name traits metrics { value } } }',
    f'{{ metric(id: "nps.score") {{ at(on: "{VALUE_DAY}") {{ value contributions {{ label value }} }} }} }}',
    "{ adoptionFeatureAdoptionByFeature(first: 3) { edges { node { label users } } } }",
)
STRANGERS: Final = "query ($id: ID!) { node(id: $id) { id ... on Account { name } } tenant { name } }"


def mark(number: int) -> str:
    """What stands in every text of the tenant of this number and in no other's."""
    return f"zq{number:02}qz"


@dataclass(frozen=True, slots=True)
class Request:
    """Bytes to send, and what must stand in a good answer to them."""

    number: int
    data: bytes
    told: bytes


@dataclass(slots=True)
class Tally:
    """What the clients of a process saw; several threads write it."""

    answers: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    foreign: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    lost: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def told(self) -> dict[str, Any]:
        """As an object for JSON; of the wrong answers their number and a few."""
        return {
            "answers": self.answers,
            "codes": dict(self.codes),
            "foreign": len(self.foreign),
            "unexpected": len(self.unexpected),
            "lost": self.lost,
            "examples": (self.foreign + self.unexpected)[:EXAMPLES_KEPT],
        }


def requests(tenants: list[dict[str, Any]], *, client: str, seed: int) -> Iterator[Request]:
    """Queries and tracking calls of two protocols, for tenants in random order, without end."""
    chance = random.Random(seed)
    count = 0
    while True:
        tenant = chance.choice(tenants)
        number: int = tenant["number"]
        count += 1
        kind = chance.randrange(10)
        if kind < 6:
            query = chance.choice(QUERIES)
            yield _request(tenant, "/graphql", {"query": query}, key="query", told=mark(number).encode())
        elif kind < 7:
            other = chance.choice([one for one in tenants if one["number"] != number])
            body = {"query": STRANGERS, "variables": {"id": other["account"]}}
            yield _request(tenant, "/graphql", body, key="query", told=b'"node":null')
        elif kind < 9:
            batch = {"batch": [_track(number, f"{client}-{count}-{n}", chance) for n in range(3)]}
            yield _request(tenant, "/v1/batch", batch, key="ingest", told=b"accepted")
        else:
            batch = {"api_key": tenant["ingest"], "batch": [_capture(number, f"{client}-{count}", chance)]}
            yield _request(tenant, "/batch/", batch, key="", told=b"accepted")


def judge(request: Request, status: int, head: bytes, body: bytes, tally: Tally) -> None:
    """Count the answer; keep it where it holds what it must not, or is no answer that is promised."""
    own = request.number
    strangers = {int(found) for found in MARK.findall(body)} - {own}
    values = {int(found) // STEP - 1 for found in VALUE.findall(body) if int(found) >= STEP} - {own}
    retry = status in {429, 503} and b"\r\nretry-after:" in head.lower()
    good = status == 200 and b'"errors"' not in body and request.told in body
    with tally.lock:
        tally.answers += 1
        tally.codes[str(status) if status != 200 or good else "200 with errors"] += 1
        if strangers or values:
            tally.foreign.append(f"asked for {own}, was answered {body[:500]!r}")
        elif not good and not retry:
            tally.unexpected.append(f"{status} {body[:500]!r} to {request.data.partition(BLANK)[2][:300]!r}")


def ask_until(stop: threading.Event, order: Mapping[str, Any], *, place: int, tally: Tally) -> None:
    """One client: a request, its answer, the next."""
    client = f"{order['client']}-{place}"
    connection: socket.socket | None = None
    for request in requests(order["tenants"], client=client, seed=order["seed"] * 100 + place):
        if stop.is_set():
            return
        try:
            if connection is None:
                connection = socket.create_connection(("127.0.0.1", order["port"]), timeout=TIMEOUT_S)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(request.data)
            status, head, body = _answer(connection)
        except OSError:
            connection = None
            with tally.lock:
                tally.lost += 1
            time.sleep(RETRY_S)
            continue
        judge(request, status, head, body, tally)


def _track(number: int, message: str, chance: random.Random) -> dict[str, Any]:
    # One in eight has no user and is refused with a message of its own.
    user = {"userId": f"user-{mark(number)}-{chance.randrange(20)}"} if chance.randrange(8) else {}
    return {
        "type": "track",
        "messageId": message,
        "event": f"Event {mark(number)} {chance.randrange(5)}",
        "timestamp": "2025-03-01T12:00:00Z",
        "context": {"groupId": f"account-{mark(number)}"},
        "properties": {"text": mark(number)},
        **user,
    }


def _capture(number: int, message: str, chance: random.Random) -> dict[str, Any]:
    properties = {"text": mark(number), "$groups": {"company": f"account-{mark(number)}"}}
    return {
        "event": f"Event {mark(number)} {chance.randrange(5)}",
        "uuid": message,
        "distinct_id": f"user-{mark(number)}-{chance.randrange(20)}",
        "timestamp": "2025-03-02T12:00:00Z",
        "properties": properties,
    }


def _request(tenant: dict[str, Any], path: str, body: dict[str, Any], *, key: str, told: bytes) -> Request:
    text = json.dumps(body).encode()
    credentials = f"Authorization: Bearer {tenant[key]}\r\n" if key else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{credentials}"
        f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
    )
    return Request(tenant["number"], head.encode() + text, told)


def _answer(connection: socket.socket) -> tuple[int, bytes, bytes]:
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += _receive(connection)
    head, body = data[: end + 2], data[end + 4 :]
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    # Without a length it comes in chunks; their frames stand between texts and do no harm to what is looked for.
    while len(body) < int(length) if length else not body.endswith(LAST_CHUNK):
        body += _receive(connection)
    return int(head.split(b" ", 2)[1]), head, body


def _receive(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("The server closed the connection in the middle of an answer.")
    return data


def main() -> None:
    """Ask until enough answers came, telling the tally now and then."""
    order: Mapping[str, Any] = json.load(sys.stdin)
    tally, stop = Tally(), threading.Event()
    clients = [
        threading.Thread(target=ask_until, args=(stop, order), kwargs={"place": place, "tally": tally})
        for place in range(order["threads"])
    ]
    for client in clients:
        client.start()
    told = 0
    while tally.answers < order["answers"] and any(client.is_alive() for client in clients):
        time.sleep(0.2)
        if tally.answers - told >= TELL_EVERY:
            told = tally.answers
            print(json.dumps(tally.told()), flush=True)  # noqa: T201  # what the other side reads
    stop.set()
    for client in clients:
        client.join()
    print(json.dumps(tally.told()), flush=True)  # noqa: T201  # likewise


if __name__ == "__main__":
    main()
