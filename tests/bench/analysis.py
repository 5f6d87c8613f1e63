"""Retention, sessions and funnels of all events, against DuckDB's best SQL on the same events."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl

from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.windows import day_window
from engage_server.operations.tenants import onboard
from engage_server.sdk import InputSpec, Retention, Sequences, Sessions
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.bench.activity_events import DAYS, FIRST_DAY, SIZES, Size, events, fill, roll_up
from tests.bench.analysis_rivals import (
    IDLE_MINUTES,
    RETENTION,
    SESSIONS,
    WITHIN_HOURS,
    duckdb_frames,
    funnels,
)
from tests.bench.harness import Figure

Form = Callable[[], pl.DataFrame]
LAST_DAY: Final = FIRST_DAY + timedelta(days=DAYS - 1)
QUICK: Final = Size(1_000_000, 5_000)
FEW, MANY = 5, 20
STEPS_GOAL: Final = MANY / FEW


def run(*, quick: bool) -> list[Figure]:
    """Medians, each contestant in its best form, all asked in turn. Fails where an answer differs."""
    size, rounds = (QUICK, 3) if quick else (SIZES["full"], 5)
    tenant = onboard(slug="analysis", name="Analysis", domain="analysis.localhost", timezone="UTC").tenant
    with TemporaryDirectory() as folder, tenant_scope(tenant, timeout_ms=0):
        path = Path(folder) / "events.parquet"
        frame = events(size)
        frame.write_parquet(path)
        fill(frame)
        roll_up()
        ask = duckdb_frames(path, Path(folder))
        rivals: Mapping[str, tuple[InputSpec, Sequence[str]]] = {
            "retention": (Retention(days=DAYS, offsets=(1, 7, 30), cohort="week"), RETENTION),
            # In this log nobody goes on for a day without a pause, which DuckDB's SQL does not cut.
            "sessions": (Sessions(days=DAYS, idle_minutes=IDLE_MINUTES), SESSIONS),
            "funnel": (funnel(FEW), funnels(FEW)),
            "funnel_20": (funnel(MANY), funnels(MANY)),
        }
        taken = {
            name: timed(name, partial(ours, tenant, spec), [partial(ask, query) for query in queries], rounds)
            for name, (spec, queries) in rivals.items()
        }
    return [
        *[
            Figure(f"analysis.{name}_vs_duckdb", mine / theirs, "ratio", 1, "lower")
            for name, (mine, theirs) in taken.items()
        ],
        Figure(
            "analysis.funnel_20_vs_5",
            taken["funnel_20"][0] / taken["funnel"][0],
            "ratio",
            STEPS_GOAL,
            "lower",
        ),
        *[
            Figure(f"analysis.{name}_ms", mine * 1000, "ms", None, "lower")
            for name, (mine, _) in taken.items()
        ],
    ]


def funnel(steps: int) -> Sequences:
    """The first so many names in order."""
    names = tuple(f"e{number}" for number in range(1, steps + 1))
    return Sequences(steps=names, within_hours=WITHIN_HOURS, days=DAYS)


def ours(tenant: TenantRef, spec: InputSpec) -> pl.DataFrame:
    """An input as a plugin would get it, with DuckDB's columns."""
    with current_rollups():
        frame: pl.DataFrame = RESOLVERS[type(spec)](spec, day_window(LAST_DAY, tenant.timezone))
    if isinstance(spec, Retention):
        return frame.sort("offset").pivot("offset", index=["cohort", "size"], values="retained")
    return frame.drop("account", "until", strict=False)


def timed(what: str, mine: Form, theirs: Sequence[Form], rounds: int) -> tuple[float, float]:
    """Median seconds of ours, and of the rival's best form; the first, cold round is compared and not counted.

    Raises:
        AssertionError: an answer differs from ours.
    """
    expected = comparable(mine())
    for number, form in enumerate(theirs):
        if not comparable(form()).equals(expected):
            raise AssertionError(f"DuckDB's form {number} answers {what} otherwise than we do.")
    seconds: list[list[float]] = [[] for _ in (mine, *theirs)]
    for _ in range(rounds):
        for form, times in zip((mine, *theirs), seconds, strict=True):
            begun = time.perf_counter()
            form()
            times.append(time.perf_counter() - begun)
    return median(seconds[0]), min(median(times) for times in seconds[1:])


def comparable(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows in one order and in plain types: times as microseconds, numbers to six decimals."""
    kinds = {
        pl.Date: lambda column: column.cast(pl.Int64),
        pl.Datetime: lambda column: column.cast(pl.Datetime("us")).cast(pl.Int64),
        pl.Float64: lambda column: column.round(6),
    }
    columns = [
        kinds.get(kind.base_type(), lambda column: column.cast(pl.Int64))(frame[name]).alias(f"c{place}")
        for place, (name, kind) in enumerate(frame.schema.items())
    ]
    return pl.DataFrame(columns).sort(pl.all())
