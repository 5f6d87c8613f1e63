"""Events over HTTP, whole path, against raw COPY of the same rows into a table of the same shape."""

import json
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from statistics import median, quantiles
from typing import Any, Final

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from engage_server.activity.rollups.deltas import backlog
from engage_server.operations.tenants import onboard
from engage_server.tenancy import embedded
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.bench.harness import Figure
from tests.bench.load import Order, Outcome, batch
from tests.bench.rollup_check import require_equal_rollups
from tests.bench.serving import ROOT, serving, working

SIZE: Final = 100
LOOK_S: Final = 0.2
RAW: Final = "raw_event"
NEW_PERSONS: Final = 30  # of a hundred events, in the batches that name persons never seen


def run(*, quick: bool) -> list[Figure]:
    """Rounds of HTTP and raw COPY in turn; medians. Fails where the stored rows are not the acknowledged ones."""
    rounds, batches = (3, 600) if quick else (7, 3000)
    made = onboard(slug="bench", name="Bench", domain="bench.localhost", timezone="UTC")
    with serving() as (process, port):
        warm = Order(port=port, key=made.ingest_key, first=0, batches=100)
        load(warm)
        first, rates, raws, newcomers = warm.batches, [], [], []
        for _ in range(rounds):
            order = Order(port=port, key=made.ingest_key, first=first, batches=batches)
            first += batches
            rate, raw = in_turn(made.tenant, order)
            rates.append(rate)
            raws.append(raw)
        for _ in range(rounds // 2 + 1):
            order = Order(
                port=port, key=made.ingest_key, first=first, batches=batches, new_persons=NEW_PERSONS
            )
            first += batches
            newcomers.append(in_turn(made.tenant, order))
        require_stored_once(made.tenant, events=first * SIZE)
        rate = median(rates)
        replayed = load(Order(port=port, key=made.ingest_key, first=0, batches=100))
        require_duplicates(made.tenant, replayed, events=first * SIZE)
        latencies = half_load(port, made.ingest_key, first=first, batches=batches // 2, rate=rate)
        beside = Order(port=port, key=made.ingest_key, first=first + batches // 2, batches=5 * batches)
        lag, rate_beside = rolling_up(made.tenant, beside)
        rss = max(child.memory_info().rss for child in process.children(recursive=True)) / 2**20
    return [
        Figure("ingest.http_events_per_s", rate, "events/s"),
        Figure("ingest.raw_copy_rows_per_s", median(raws), "rows/s"),
        Figure("ingest.http_vs_copy", median(a / b for a, b in zip(rates, raws, strict=True)), "ratio", 0.50),
        Figure("ingest.new_persons_vs_copy", median(a / b for a, b in newcomers), "ratio", 0.30),
        Figure("ingest.p99_ms_half_load", quantiles(latencies, n=100)[98], "ms", 250, "lower"),
        Figure("ingest.p50_ms_half_load", median(latencies), "ms", None, "lower"),
        Figure("ingest.rollup_lag_s", lag, "s", 5, "lower"),
        Figure("ingest.http_beside_rollups_vs_copy", rate_beside / median(raws), "ratio", 0.38),
        Figure("ingest.http_events_per_s_beside_rollups", rate_beside, "events/s"),
        Figure("ingest.server_rss_mb", rss, "MB", 250, "lower"),
    ]


def in_turn(tenant: TenantRef, order: Order) -> tuple[float, float]:
    """Events per second over HTTP, then rows per second of raw COPY of the same rows."""
    outcome = load(order)
    require_all_accepted(order, outcome)
    return outcome.accepted / outcome.seconds, raw_copy(tenant, order)


def load(order: Order) -> Outcome:
    """Send the order from a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"],
        cwd=ROOT,
        input=json.dumps(asdict(order)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    outcome: dict[str, Any] = json.loads(done.stdout)
    return Outcome(**outcome)


def raw_copy(tenant: TenantRef, order: Order) -> float:
    """Rows per second of one COPY of the order's rows, as they are stored, into an empty table of the same shape."""
    ids = [
        call["messageId"]
        for index in range(order.first, order.first + order.batches)
        for call in json.loads(batch(index, order.size))["batch"]
    ]
    host = str(embedded.ensure_running(settings.ENGAGE_DATA_DIR, settings.ENGAGE_DATABASE))
    with psycopg.connect(host=host, user=embedded.USER, dbname=settings.ENGAGE_DATABASE) as raw:
        raw.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(tenant.schema)))
        raw.execute(f"CREATE TABLE {RAW} (LIKE activity_event INCLUDING ALL)")
        raw.commit()
        raw.execute("CREATE TEMP TABLE wanted (message_id text PRIMARY KEY)")
        with raw.cursor().copy("COPY wanted FROM STDIN") as copy:
            copy.write("".join(f"{text}\n" for text in ids))
        with raw.cursor().copy("COPY (SELECT event.* FROM activity_event event JOIN wanted USING (message_id)"
                               " ORDER BY event.ctid) TO STDOUT") as copy:  # fmt: skip
            block = b"".join(bytes(part) for part in copy)
        raw.commit()
        began = time.perf_counter()
        with raw.cursor().copy(f"COPY {RAW} FROM STDIN") as copy:
            copy.write(block)
        raw.commit()
        seconds = time.perf_counter() - began
        (stored,) = raw.execute("SELECT count(*) FROM raw_event").fetchone() or (0,)
        raw.execute(f"DROP TABLE {RAW}")
    if stored != len(ids):
        raise AssertionError(f"Raw COPY stored {stored} of {len(ids)} rows: not the same rows are compared.")
    return stored / seconds


def half_load(port: int, key: str, *, first: int, batches: int, rate: float) -> list[float]:
    """Milliseconds until each batch is acknowledged, at half the greatest rate."""
    order = Order(port=port, key=key, first=first, batches=batches, per_second=rate / SIZE / 2)
    outcome = load(order)
    require_all_accepted(order, outcome)
    return outcome.latencies_ms


def rolling_up(tenant: TenantRef, order: Order) -> tuple[float, float]:
    """The longest that a batch waited for the roll-ups while the order came at full speed, and the events per second.

    The worker is a process of its own, and has taken in what was there before. It goes on until nothing waits, and
    what it has made has to be what the stored events say.
    """
    with working():
        while lag_of(tenant):
            time.sleep(LOOK_S)
        lags: list[float] = []
        sending = threading.Thread(target=lambda: outcomes.append(load(order)))
        outcomes: list[Outcome] = []
        sending.start()
        while sending.is_alive():
            lags.append(lag_of(tenant))
            time.sleep(LOOK_S)
        sending.join()
        while lag := lag_of(tenant):
            lags.append(lag)
            time.sleep(LOOK_S)
    require_equal_rollups(tenant)
    (outcome,) = outcomes
    require_all_accepted(order, outcome)
    return max(lags), outcome.accepted / outcome.seconds


def lag_of(tenant: TenantRef) -> float:
    """For how many seconds the oldest batch has waited for the roll-ups."""
    with tenant_scope(tenant):
        lag = backlog().lag
    return lag.total_seconds() if lag else 0.0


def require_all_accepted(order: Order, outcome: Outcome) -> None:
    """Every batch was new, so every event must be acknowledged as such."""
    if outcome.accepted != order.batches * order.size or outcome.refused:
        raise AssertionError(
            f"Of {order.batches * order.size} new events {outcome.accepted} were acknowledged."
        )


def require_stored_once(tenant: TenantRef, *, events: int) -> None:
    """The table holds exactly what was acknowledged."""
    with tenant_scope(tenant, timeout_ms=0), connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT message_id) FROM activity_event")
        found = cursor.fetchone()
    if found != (events, events):
        raise AssertionError(
            f"{events} events were acknowledged, {found[0]} are stored, {found[1]} of them distinct."
        )


def require_duplicates(tenant: TenantRef, replayed: Outcome, *, events: int) -> None:
    """A replay is acknowledged as known and stores nothing."""
    if (replayed.accepted, replayed.refused, replayed.rejected) != (0, 0, 0):
        raise AssertionError(f"Of a replay {replayed.accepted} events were taken as new.")
    require_stored_once(tenant, events=events)
