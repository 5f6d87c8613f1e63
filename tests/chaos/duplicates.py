"""``python -m tests.chaos.duplicates [--events N]``: each event comes three times, shuffled, from 16 clients at once.

Two tenants are sent the same message ids at the same time. Each event must be stored once in each of them, and the
answers must add up exactly: as many accepted as there are events, the others duplicates, none rejected.
"""

import argparse
import http.client
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console

from tests.bench.harness import own_database, progress

TIMES: Final = 3
CLIENTS: Final = 16
BATCH: Final = 100
GIVE_UP_S: Final = 120
RETRY_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Sent:
    """What the answers to one tenant's clients add up to."""

    accepted: int
    duplicates: int
    rejected: int


def event(number: int, tenant: str) -> dict[str, Any]:
    """The event of this number; what it says differs between the tenants, its message id does not."""
    return {
        "type": "track",
        "messageId": f"m{number}",
        "userId": f"user-{number % 500}",
        "event": f"Event {number % 20}",
        "timestamp": f"2026-03-{1 + number % 28:02}T12:00:00Z",
        "context": {"groupId": f"account-{number % 40}"},
        "properties": {"number": number, "tenant": tenant},
    }


def deliver(batches: Sequence[Sequence[int]], *, port: int, key: str, tenant: str) -> Counter[str]:
    """Send the batches one after another, each until it is acknowledged; what the answers add up to."""
    told: Counter[str] = Counter()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=GIVE_UP_S)
    for batch in batches:
        body = json.dumps({"batch": [event(number, tenant) for number in batch]})
        deadline = time.monotonic() + GIVE_UP_S
        while True:
            connection.request("POST", "/v1/batch", body, headers)
            response = connection.getresponse()
            answer = response.read()
            if response.status == 200:
                break
            assert response.status == 503, f"a good batch was answered {response.status}: {answer!r}"
            assert time.monotonic() < deadline, f"a batch was not acknowledged within {GIVE_UP_S} s"
            time.sleep(RETRY_S)
        receipt = json.loads(answer)
        told["accepted"] += receipt["accepted"]
        told["duplicates"] += receipt["duplicates"]
        told["rejected"] += len(receipt["rejected"])
    connection.close()
    return told


def shuffled_batches(events: int, *, seed: int) -> list[list[list[int]]]:
    """For each client its batches: every number three times in all, in no order."""
    numbers = [number for number in range(events) for _ in range(TIMES)]
    random.Random(seed).shuffle(numbers)
    batches = [numbers[start : start + BATCH] for start in range(0, len(numbers), BATCH)]
    return [batches[client::CLIENTS] for client in range(CLIENTS)]


def run(*, events: int, seed: int = 1) -> dict[str, Sent]:
    """Send everything three times to two tenants and compare answers with rows.

    Raises:
        AssertionError: an event is missing, doubled or somebody else's, or the answers do not add up.
    """
    with own_database():
        from engage_server.operations.tenants import onboard
        from tests.bench.serving import serving

        tenants = [
            onboard(slug=slug, name=slug, domain=f"{slug}.localhost", timezone="UTC")
            for slug in ("one", "two")
        ]
        with serving() as (_, port), ThreadPoolExecutor(2 * CLIENTS) as clients:
            sending = {
                made.tenant.slug: [
                    clients.submit(deliver, batches, port=port, key=made.ingest_key, tenant=made.tenant.slug)
                    for batches in shuffled_batches(events, seed=seed + place)
                ]
                for place, made in enumerate(tenants)
            }
            told: dict[str, Counter[str]] = {slug: Counter() for slug in sending}
            for slug, calls in sending.items():
                for done, call in enumerate(calls):
                    progress(f"clients of {slug}", done=done, of=CLIENTS)
                    told[slug].update(call.result())
        for made in tenants:
            _compare(made.tenant, events)
    sent = {
        slug: Sent(counts["accepted"], counts["duplicates"], counts["rejected"])
        for slug, counts in told.items()
    }
    for slug, one in sent.items():
        assert one == Sent(events, events * (TIMES - 1), 0), f"{slug} was told {one}"
    return sent


def _compare(tenant: Any, events: int) -> None:
    """Raise unless each event is there once and says what this tenant's clients sent."""
    from engage_server.activity.models import Event
    from engage_server.tenancy.scope import tenant_scope

    with tenant_scope(tenant, timeout_ms=0):
        rows = list(Event.objects.values_list("message_id", "properties"))
    assert len(rows) == events, f"{tenant.slug} has {len(rows)} rows for {events} events"
    wanted = {f"m{number}": {"number": number, "tenant": tenant.slug} for number in range(events)}
    assert dict(rows) == wanted, f"{tenant.slug} has rows that were not sent to it so"


def main() -> None:
    """Say what was sent and stored; end with an error if anything is not as promised."""
    parser = argparse.ArgumentParser(prog="make chaos-duplicates", description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    events: int = parser.parse_args().events
    began = time.monotonic()
    sent = run(events=events)
    Console().print(
        f"{events:,} events to each of {len(sent)} tenants, {TIMES} times each, by {CLIENTS} clients a tenant in "
        f"{time.monotonic() - began:.0f} s: every event stored once; answers add up: {sent}"
    )


if __name__ == "__main__":
    main()
