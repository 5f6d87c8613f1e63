"""Those who use the tenant while it moves: libraries that send, and the dashboard that asks."""

import http.client
import json
import re
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from tests.chaos.move_places import GIVE_UP_S, ROOT, Place

DOCUMENTS: Final = ROOT / "engage_server/dashboard/static/engage/dashboard/documents.json"
WITHOUT_VARIABLES: Final = re.compile(r"\s*query (\w+) \{")
# Whose answers are the same before and after: nothing of them changes while clients send.
STEADY: Final = ("Goals", "Channels", "PluginForm")


@dataclass(slots=True)
class Sender:
    """Sends batches to wherever the tenant lives, each again until it is acknowledged, as the SDKs do.

    ``accepted_at``: the moments (of ``time.monotonic``) of acknowledgements.
    """

    key: str
    ports: list[int]
    prefix: str
    acknowledged: set[str] = field(default_factory=set)
    accepted_at: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def send_until(self, stop: threading.Event) -> None:
        """In a thread of its own."""
        number, place = 0, 0
        while not stop.is_set():
            names = [f"{self.prefix}-{number + one}" for one in range(5)]
            number += 5
            began = time.monotonic()
            while (status := self._send(names, self.ports[place])) != 200:
                # 401 where it never was, 503 where it was or is frozen: somebody leads the name elsewhere.
                place = (place + 1) % len(self.ports)
                if status not in (401, 503) or time.monotonic() - began > GIVE_UP_S:
                    self.failures.append(f"status {status} after {time.monotonic() - began:.1f} s")
                    return
                time.sleep(0.02)
            self.accepted_at.append(time.monotonic())
            self.acknowledged |= {*names}
            time.sleep(0.01)

    def _send(self, names: list[str], port: int) -> int:
        calls = [
            {"type": "track", "event": "Used", "userId": f"u-{name[-2:]}", "messageId": name}
            for name in names
        ]
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        status, _ = request(port, "POST", "/v1/batch", json.dumps({"batch": calls}), headers)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        return status


def longest_gap_s(senders: Iterable[Sender], *, first: float, last: float) -> float:
    """The longest time between the two moments in which nobody's batch was accepted."""
    moments = sorted(at for sender in senders for at in sender.accepted_at if first <= at <= last)
    edges = [first, *moments, last]
    return max(later - earlier for earlier, later in pairwise(edges))


def request(
    port: int, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """Status and body of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request(method, path, body or None, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


class Dashboard:
    """Asks what the dashboard asks when it is opened, with a key that may read everything."""

    def __init__(self, key: str) -> None:
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        documents = json.loads(DOCUMENTS.read_text())
        self._documents = {
            found[1]: text for text in documents if (found := WITHOUT_VARIABLES.match(text)) is not None
        }

    def look(self, place: Place) -> tuple[dict[str, Any], list[str]]:
        """What the steady queries say, and what is wrong with any."""
        said, wrong = {}, []
        for name, text in self._documents.items():
            body = json.dumps({"query": text})
            status, answer = request(place.port, "POST", "/graphql", body, self._headers)
            deadline = time.monotonic() + GIVE_UP_S
            while status == 429 and time.monotonic() < deadline:  # its points are used up by the looks before
                time.sleep(1)
                status, answer = request(place.port, "POST", "/graphql", body, self._headers)
            data = json.loads(answer)
            if status != 200 or data.get("errors"):
                wrong.append(f"{place.name} answers the dashboard's {name} with {status}: {answer[:300]!r}")
            elif name in STEADY:
                said[name] = data["data"]
        return said, wrong
