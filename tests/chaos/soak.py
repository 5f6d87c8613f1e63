"""Hours of ordinary work, of which nothing may stay behind: memory, connections, dead rows.

``python -m tests.chaos.soak [--minutes N]``. Clients send and ask at a steady pace while figures are taken; in the end
the last third is compared with the middle one (the first warms up). What grows by more than it may ends the run with
an error. Progress goes to standard error.
"""

import argparse
import http.client
import json
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import astuple, dataclass, fields
from statistics import median
from typing import Any, Final

import psutil
from rich.console import Console
from rich.table import Table

from tests.bench.harness import own_database

CLIENTS: Final = 2
BATCH: Final = 50
BETWEEN_BATCHES_S: Final = 0.2
SAMPLES: Final = 60
LEAST_BETWEEN_SAMPLES_S: Final = 0.5
START_S: Final = 240.0
WARM_UP_S: Final = 15.0
HOUR_S: Final = 3600.0
QUERY: Final = "{ tenant { slug } }"


@dataclass(frozen=True, slots=True)
class Sample:
    """Memory in MB of the processes that answer, of the worker; connections; dead rows for each living one."""

    server_mb: float
    worker_mb: float
    connections: float
    dead_share: float


@dataclass(frozen=True, slots=True)
class Bound:
    """By how much a figure may grow: this share an hour, and this much in any case, for a short run shows noise."""

    share_an_hour: float
    slack: float


BOUNDS: Final = {
    "server_mb": Bound(share_an_hour=0.05, slack=15),
    "worker_mb": Bound(share_an_hour=0.05, slack=15),
    "connections": Bound(share_an_hour=0.0, slack=3),
    "dead_share": Bound(share_an_hour=0.05, slack=0.5),
}


def drifts(samples: Sequence[Sample], *, seconds: float) -> list[str]:
    """What grew by more than it may from the middle third to the last, as sentences."""
    third = len(samples) // 3
    middle, last = samples[third : 2 * third], samples[2 * third :]
    hours = seconds / 3 / HOUR_S
    found = []
    for name, bound in BOUNDS.items():
        before, after = (median(getattr(one, name) for one in part) for part in (middle, last))
        most = before * (1 + bound.share_an_hour * hours) + bound.slack
        if after > most:
            found.append(f"{name} grew from {before:.3g} to {after:.3g}; at most {most:.3g} are allowed.")
    return found


def send_and_ask(
    stop: threading.Event, failures: list[str], *, client: int, port: int, keys: tuple[str, str]
) -> None:
    """Batches of partly new persons and a query after each, at a steady pace."""
    ingest, query = keys
    number = 0
    while not stop.wait(BETWEEN_BATCHES_S):
        events = [_event(client, number + place) for place in range(BATCH)]
        number += BATCH
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            for path, key, body in (
                ("/v1/batch", ingest, {"batch": events}),
                ("/graphql", query, {"query": QUERY}),
            ):
                headers = {
                    "Authorization": f"Bearer {key}",
                    "Content-Type": "application/json",
                    "Host": "soak.localhost",
                }
                connection.request("POST", path, json.dumps(body), headers)
                response = connection.getresponse()
                answer = response.read()
                if response.status != 200:
                    failures.append(f"{path} was answered {response.status}: {answer[:200]!r}")


def _event(client: int, number: int) -> dict[str, Any]:
    return {
        "type": "track",
        "messageId": f"{client}-{number}",
        "userId": f"user-{number // 20 if number % 10 == 0 else number % 500}",
        "event": f"Event {number % 30}",
        "context": {"groupId": f"account-{number % 40}"},
    }


def take(server: psutil.Process) -> Sample:
    """How things stand."""
    from django.db import connection

    from engage_server.tenancy.scope import shared_scope

    of_server, of_worker = 0.0, 0.0
    for process in server.children(recursive=True):
        try:
            memory, is_worker = process.memory_info().rss / 1e6, "worker" in process.cmdline()
        except psutil.NoSuchProcess:
            continue
        of_worker += memory * is_worker
        of_server += memory * (not is_worker)
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database())::float8,
                (SELECT sum(n_dead_tup) / greatest(sum(n_live_tup), 1) FROM pg_stat_user_tables)::float8
            """
        )
        connections, dead = cursor.fetchone()
    return Sample(of_server, of_worker, connections, dead or 0.0)


def run(*, seconds: float) -> tuple[list[Sample], list[str]]:
    """Work for so long; return the figures, and what went wrong."""
    with own_database():
        from engage_server.engine.monitoring import queries
        from engage_server.operations.tenants import onboard
        from tests.bench.serving import free_port, start
        from tests.chaos.operations import answers, wait_until

        made = onboard(slug="soak", name="Soak", domain="soak.localhost", timezone="UTC")
        port, stop, failures = free_port(), threading.Event(), []
        server = start(port=port, workers=1, beside=True)
        clients = [
            threading.Thread(
                target=send_and_ask,
                args=(stop, failures),
                kwargs={"client": client, "port": port, "keys": (made.ingest_key, made.query_key)},
            )
            for client in range(CLIENTS)
        ]
        try:
            wait_until(lambda: answers(port), "the server answers", seconds=START_S)
            for client in clients:
                client.start()
            wait_until(
                lambda: queries.workers().alive > 0,
                "the worker works",
                seconds=START_S,
            )
            time.sleep(WARM_UP_S)
            samples = _sample(server, seconds=seconds)
        finally:
            stop.set()
            for client in clients:
                if client.ident is not None:
                    client.join()
            server.terminate()
            server.wait(timeout=90)
    return samples, [*dict.fromkeys(failures), *drifts(samples, seconds=seconds)]


def _sample(server: psutil.Process, *, seconds: float) -> list[Sample]:
    between = max(seconds / SAMPLES, LEAST_BETWEEN_SAMPLES_S)
    end = time.monotonic() + seconds
    samples: list[Sample] = []
    while time.monotonic() < end:
        time.sleep(between)
        samples.append(take(server))
        sys.stderr.write(f"{time.strftime('%H:%M:%S')} {samples[-1]}\n")
    return samples


def main() -> None:
    """Work for so long, and end with an error if anything stayed behind."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    options = parser.parse_args()
    samples, wrong = run(seconds=options.minutes * 60)
    table = Table(*(field.name for field in fields(Sample)))
    for sample in samples[:: max(len(samples) // 10, 1)]:
        table.add_row(*(f"{value:.3g}" for value in astuple(sample)))
    Console().print(table)
    if wrong:
        raise SystemExit("\n".join(wrong[:10]))
    Console().print(f"Nothing stayed behind in {options.minutes:g} minutes.")


if __name__ == "__main__":
    main()
