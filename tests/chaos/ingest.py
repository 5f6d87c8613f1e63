"""Kills PostgreSQL and the server while clients send: what was acknowledged is there, exactly once and as sent.

``python -m tests.chaos.ingest [--postgres-kills N] [--server-kills N]``. Progress goes to standard error. Whatever
waits for two minutes, and a run that takes 30 seconds a kill, ends with an error.
"""

import argparse
import http.client
import json
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil
from rich.console import Console

from tests.bench.harness import own_database, progress

CLIENTS, SIZE = 4, 20
BATCHES_BETWEEN_KILLS: Final = 12
GIVE_UP_S: Final = 120
RETRY_S: Final = 0.05
START_S, MOST_S_A_KILL = 60, 30


@dataclass(frozen=True, slots=True)
class Expected:
    """What is stored of an event, by external names."""

    person: str
    account: str
    name: str
    rows: int


@dataclass(slots=True)
class Ledger:
    """What the clients were told; several threads write it."""

    acknowledged: dict[str, Expected] = field(default_factory=dict)
    batches: int = 0
    accepted: int = 0
    retries: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    stop: threading.Event = field(default_factory=threading.Event)
    failures: list[str] = field(default_factory=list)


def event(client: int, number: int) -> dict[str, Any]:
    """An event whose names are partly new and partly known, so that what the server remembers matters."""
    return {
        "type": "track",
        "messageId": f"c{client}-{number}",
        "userId": f"user-{number // 50 if number % 3 else number % 20}",
        "event": f"Event {number // 400 if number % 5 else number % 10}",
        "timestamp": "2026-03-01T12:00:00Z",
        "context": {"groupId": f"account-{number % 40}"},
        "properties": {"rows": number},
    }


def expected(sent: dict[str, Any]) -> Expected:
    """What must be stored of it."""
    return Expected(sent["userId"], sent["context"]["groupId"], sent["event"], sent["properties"]["rows"])


def send_until_stopped(ledger: Ledger, *, client: int, port: int, key: str, pause_s: float = 0.0) -> None:
    """Send batch after batch, each again until it is acknowledged, as the SDKs do."""
    number = 0
    while not ledger.stop.is_set():
        sent = [event(client, number + place) for place in range(SIZE)]
        receipt = _deliver(ledger, port=port, key=key, body=json.dumps({"batch": sent}))
        number += SIZE
        with ledger.lock:
            ledger.batches += 1
            ledger.accepted += receipt["accepted"]
            ledger.acknowledged.update({one["messageId"]: expected(one) for one in sent})
            if receipt["rejected"] or receipt["accepted"] + receipt["duplicates"] != SIZE:
                ledger.failures.append(f"A good batch was answered {receipt}.")
        ledger.stop.wait(pause_s)


def _deliver(ledger: Ledger, *, port: int, key: str, body: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    deadline = time.monotonic() + GIVE_UP_S
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=GIVE_UP_S)
        try:
            connection.request("POST", "/v1/batch", body, headers)
            response = connection.getresponse()
            answer = response.read()
            if response.status == 200:
                receipt: dict[str, Any] = json.loads(answer)
                return receipt
            if response.status != 503:
                ledger.failures.append(f"A good batch was answered {response.status}: {answer!r}")
        except (OSError, http.client.HTTPException):
            pass  # the server was killed: whether it has stored the batch is not known
        finally:
            connection.close()
        with ledger.lock:
            ledger.retries += 1
        time.sleep(RETRY_S)
    raise TimeoutError(f"A batch was not acknowledged within {GIVE_UP_S} s.")


def wait_for_batches(ledger: Ledger, more: int) -> None:
    """Return when that many more batches are acknowledged."""
    target, deadline = ledger.batches + more, time.monotonic() + GIVE_UP_S
    while ledger.batches < target:
        if time.monotonic() > deadline:
            raise TimeoutError(
                f"Only {ledger.batches} batches of {target} were acknowledged in {GIVE_UP_S} s."
            )
        time.sleep(0.01)


def kill_postgres(data_dir: Path) -> None:
    """SIGKILL to the postmaster; its children follow."""
    postmaster = psutil.Process(int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0]))
    postmaster.kill()


def kill_server(server: psutil.Popen) -> None:
    """SIGKILL to the server and its workers at once."""
    for process in [server, *server.children(recursive=True)]:
        process.kill()
    server.wait(timeout=GIVE_UP_S)


def run(*, postgres_kills: int, server_kills: int, seed: int = 1) -> Ledger:
    """Kill in random order while the clients send; then compare what is stored with what was acknowledged."""
    with own_database() as data_dir:
        from engage_server.operations.tenants import onboard
        from tests.bench.serving import free_port, start, wait_until_it_answers

        made = onboard(slug="chaos", name="Chaos", domain="chaos.localhost", timezone="UTC")
        ledger, port = Ledger(), free_port()
        server = start(port=port)
        clients = [
            threading.Thread(
                target=send_until_stopped,
                args=(ledger,),
                kwargs={"client": client, "port": port, "key": made.ingest_key},
            )
            for client in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        try:
            kills = ["postgres"] * postgres_kills + ["server"] * server_kills
            random.Random(seed).shuffle(kills)
            deadline = time.monotonic() + START_S + MOST_S_A_KILL * len(kills)
            for done, victim in enumerate(kills):
                progress(f"kills ({ledger.batches:,} batches acknowledged)", done=done, of=len(kills))
                if time.monotonic() > deadline:
                    raise TimeoutError(f"Only {done} kills of {len(kills)} in {MOST_S_A_KILL} s each.")
                wait_for_batches(ledger, BATCHES_BETWEEN_KILLS)
                if victim == "postgres":
                    kill_postgres(data_dir)
                else:
                    kill_server(server)
                    server = start(port=port)
                    wait_until_it_answers(port)
            wait_for_batches(ledger, BATCHES_BETWEEN_KILLS)
        finally:
            ledger.stop.set()
            for client in clients:
                client.join()
            kill_server(server)
        compare(ledger, stored(made.tenant))
    return ledger


def stored(tenant: Any) -> list[tuple[str, Expected]]:
    """Every stored event with the names that its numbers stand for."""
    from django.db import connections

    from engage_server.activity.models import Event
    from engage_server.tenancy.scope import tenant_scope

    fields = ("message_id", "person__external_id", "account__external_id", "name__name", "properties__rows")
    connections.close_all()  # this process's own connection was killed along with the others
    with tenant_scope(tenant, timeout_ms=0):
        rows = list(Event.objects.values_list(*fields))
    return [(message_id, Expected(*values)) for message_id, *values in rows]


def compare(ledger: Ledger, rows: list[tuple[str, Expected]]) -> None:
    """Raise unless the rows are what was acknowledged, each once and as sent."""
    found = dict(rows)
    if len(found) != len(rows):
        raise AssertionError(f"{len(rows) - len(found)} events are stored twice.")
    lost = ledger.acknowledged.keys() - found.keys()
    if lost:
        raise AssertionError(f"{len(lost)} acknowledged events are lost, e.g. {sorted(lost)[:3]}.")
    wrong = [one for one, what in ledger.acknowledged.items() if found[one] != what]
    if wrong:
        raise AssertionError(f"{len(wrong)} events are not as sent, e.g. {wrong[0]}: {found[wrong[0]]}.")
    if ledger.failures:
        raise AssertionError(f"{len(ledger.failures)} wrong answers, e.g. {ledger.failures[0]}")
    if ledger.accepted > len(rows):
        raise AssertionError(f"{ledger.accepted} events were called new, {len(rows)} are stored.")


def main() -> None:
    """Kill as often as asked; end with an error if anything is not as promised."""
    parser = argparse.ArgumentParser(prog="make chaos-ingest", description=__doc__)
    parser.add_argument("--postgres-kills", type=int, default=20)
    parser.add_argument("--server-kills", type=int, default=50)
    options = parser.parse_args()
    began = time.monotonic()
    ledger = run(postgres_kills=options.postgres_kills, server_kills=options.server_kills)
    Console().print(
        f"{options.postgres_kills} kills of PostgreSQL and {options.server_kills} of the server in "
        f"{time.monotonic() - began:.0f} s: {len(ledger.acknowledged)} events acknowledged, "
        f"{ledger.retries} deliveries repeated, every event stored once and as sent."
    )


if __name__ == "__main__":
    main()
