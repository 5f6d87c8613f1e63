"""Activity questions answered from the roll-ups, against DuckDB and in-process ClickHouse on the same events."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import polars as pl
from django.db import connection

from engage_server.activity.rollups.compaction import compact
from engage_server.activity.rollups.deltas import log_events
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.activity.writer import EventRow, write_events
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.windows import day_window
from engage_server.operations.tenants import onboard
from engage_server.sdk import ActiveSeries, FeatureReach, InputSpec, Retention
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.bench.activity_events import DAYS, FIRST_DAY, ROLLUPS, SIZES, events, fill, roll_up
from tests.bench.activity_rivals import CHDB, DUCKDB, chdb_rival, duckdb_rival
from tests.bench.harness import Figure

Form = Callable[[], list[tuple[Any, ...]]]
LAST_DAY: Final = FIRST_DAY + timedelta(days=DAYS - 1)
SPECS: Final[Mapping[str, InputSpec]] = {
    "dau": ActiveSeries(days=90, trailing=1),
    "mau": ActiveSeries(days=90, trailing=30),
    "retention": Retention(days=DAYS, offsets=(1, 7, 30), cohort="week"),
    "adoption": FeatureReach(days=30),
}
GOALS: Final = {"dau": 0.15, "mau": 0.15, "retention": 0.15, "adoption": 0.4}


def run(*, quick: bool) -> list[Figure]:
    """The same questions to all three in turn, each in its best form; medians. Fails where an answer differs."""
    size, rounds = (SIZES["quick"], 5) if quick else (SIZES["full"], 9)
    tenant = onboard(slug="activity", name="Activity", domain="activity.localhost", timezone="UTC").tenant
    with TemporaryDirectory() as folder, tenant_scope(tenant, timeout_ms=0):
        path = Path(folder) / "events.parquet"
        frame = events(size)
        frame.write_parquet(path)
        fill(frame)
        rolled_up = roll_up()
        duckdb, chdb = duckdb_rival(path, Path(folder)), chdb_rival(path, Path(folder))
        medians = {
            question: timed(
                question,
                {
                    "ours": [partial(ours, tenant, spec)],
                    "duckdb": [partial(duckdb, query) for query in DUCKDB[question]],
                    "chdb": [partial(chdb, query) for query in CHDB[question]],
                },
                rounds,
            )
            for question, spec in SPECS.items()
        }
        storage = bytes_of(ROLLUPS) / bytes_of(("activity_event",))
        late = [late_events(number, persons=frame["person"].max()) for number in range(rounds)]
    return [
        *[
            Figure(
                f"activity.{question}_vs_{rival}",
                taken["ours"] / taken[rival],
                "ratio",
                GOALS[question],
                "lower",
            )
            for question, taken in medians.items()
            for rival in ("duckdb", "chdb")
        ],
        *[
            Figure(f"activity.{question}_ms", taken["ours"] * 1000, "ms", None, "lower")
            for question, taken in medians.items()
        ],
        Figure("activity.rollup_bytes_vs_raw", storage, "ratio", 0.35, "lower"),
        Figure("activity.late_1000_ms", median(late) * 1000, "ms", 100, "lower"),
        Figure("activity.rollup_events_per_s", frame.height / rolled_up, "events/s"),
    ]


def ours(tenant: TenantRef, spec: InputSpec) -> list[tuple[Any, ...]]:
    """The rows of an input as a plugin would get them, in the rivals' order and shape."""
    with current_rollups():
        frame: pl.DataFrame = RESOLVERS[type(spec)](spec, day_window(LAST_DAY, tenant.timezone))
    if isinstance(spec, Retention):
        frame = frame.sort("offset").pivot("offset", index=["cohort", "size"], values="retained")
    if isinstance(spec, FeatureReach):
        frame = frame.drop("feature")
    if isinstance(spec, ActiveSeries):
        frame = frame.drop("accounts")
    return sorted(frame.rows())


def timed(question: str, contestants: Mapping[str, Sequence[Form]], rounds: int) -> dict[str, float]:
    """Median seconds of each contestant's best form, all asked in turn; the first, cold round is compared, not counted.

    Raises:
        AssertionError: an answer differs from ours.
    """
    expected = sorted(map(plain, contestants["ours"][0]()))
    taken: dict[str, list[list[float]]] = {}
    for name, forms in contestants.items():
        taken[name] = [[] for _ in forms]
        for number, form in enumerate(forms):
            answer = sorted(map(plain, form()))
            if answer != expected:
                raise AssertionError(
                    f"Form {number} of {name} answers {question} otherwise: {answer[:3]} against {expected[:3]}."
                )
    for _ in range(rounds):
        for name, forms in contestants.items():
            for form, times in zip(forms, taken[name], strict=True):
                begun = time.perf_counter()
                form()
                times.append(time.perf_counter() - begun)
    return {name: min(median(times) for times in forms) for name, forms in taken.items()}


def plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row with dates as texts, since the contestants' types differ."""
    return tuple(str(value) if isinstance(value, date) else value for value in row)


def late_events(number: int, *, persons: int) -> float:
    """Seconds to take in 1,000 events spread over persons and the last 30 days."""
    rows = {
        f"late {number} {n}": EventRow(
            message_id=f"late {number} {n}",
            digest=0,
            name=1 + n % 40,
            person=1 + (n * 7919 + number) % persons,
            account=1 + n % 1000,
            occurred_at=at,
            received_at=at,
            properties="{}",
        )
        for n in range(1000)
        for at in [day_window(LAST_DAY, "UTC").end - timedelta(minutes=(n * 104_729 + number) % 43_200)]
    }
    write_events(2, rows)
    log_events(rows.values())
    begun = time.perf_counter()
    compact(wait=True)
    return time.perf_counter() - begun


def bytes_of(tables: tuple[str, ...]) -> int:
    """Bytes on disk with indexes and TOAST."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(%s::text[]) AS name",
            [list(tables)],
        )
        return int(cursor.fetchone()[0])
