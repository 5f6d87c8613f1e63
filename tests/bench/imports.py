"""Imports of large files by ``manage.py import``: rows a second, and the most memory that the process takes."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl
import psutil

from engage_server.engine.lifecycle import onboard
from tests.bench.harness import Figure, progress
from tests.bench.serving import ROOT

PERSONS, ACCOUNTS, NAMES = 100_000, 5_000, 40
DAYS: Final = 90
GOAL_MB: Final = 400
LOOK_S: Final = 0.05
MAP: Final = "message_id=id,name=event,occurred_at=time,person=user,account=company"


@dataclass(frozen=True, slots=True)
class Run:
    """What one import took; ``rss`` is its greatest resident memory, in MB."""

    rows: int
    seconds: float
    rss: float

    @property
    def rate(self) -> float:
        """Rows a second, the start of the process included."""
        return self.rows / self.seconds


def run(*, quick: bool) -> list[Figure]:
    """Each format into a tenant of its own. A tenth is imported before the whole: memory must not follow the rows."""
    rows = {"parquet": 300_000, "csv": 300_000} if quick else {"parquet": 10_000_000, "csv": 1_000_000}
    done: dict[str, tuple[Run, Run]] = {}
    for ending, number in rows.items():
        onboard(slug=ending, name=ending, domain=f"{ending}.localhost", timezone="UTC")
        small = imported(ending, number // 10, source="small")
        done[ending] = small, imported(ending, number, source="whole")
    wholes = {ending: whole for ending, (_, whole) in done.items()}
    return [
        *(Figure(f"imports.{ending}_rows", one.rows, "rows") for ending, one in wholes.items()),
        *(Figure(f"imports.{ending}_rows_per_s", one.rate, "rows/s") for ending, one in wholes.items()),
        *(Figure(f"imports.{ending}_rss_mb", one.rss, "MB", None, "lower") for ending, one in wholes.items()),
        *(
            Figure(f"imports.{ending}_rss_growth", whole.rss / small.rss, "of a tenth's", None, "lower")
            for ending, (small, whole) in done.items()
        ),
        Figure("imports.rss_mb", max(one.rss for one in wholes.values()), "MB", GOAL_MB, "lower"),
    ]


def imported(ending: str, rows: int, *, source: str) -> Run:
    """Import so many events; fails unless every one of them is stored."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"events.{ending}"
        write(file, rows)
        command = [sys.executable, "manage.py", "import", "events", str(file), "--tenant", ending, "--map", MAP]
        began, peak, shown = time.perf_counter(), 0, time.perf_counter()
        process = psutil.Popen(
            [*command, "--source", source, "--json", "--rejects", f"{file}.rejects"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        while process.poll() is None:
            peak = max(peak, memory(process))
            time.sleep(LOOK_S)
        seconds = time.perf_counter() - began
        told = json.loads(process.stdout.read())
    if told["stored"] != rows:
        raise AssertionError(f"Of {rows} rows {told['stored']} were stored: {told}.")
    return Run(rows, seconds, peak / 2**20)


def memory(process: psutil.Popen) -> int:
    """Resident bytes of the process and its children; 0 once it has ended."""
    try:
        family = [process, *process.children(recursive=True)]
        return sum(one.memory_info().rss for one in family)
    except psutil.NoSuchProcess:
        return 0


def write(file: Path, rows: int) -> None:
    """Events of 90 days in the order of time, about 190 bytes a row, the same at every call."""
    number = pl.col("number")
    frame = pl.LazyFrame({"number": pl.int_range(rows, dtype=pl.UInt64, eager=True)}).select(
        pl.format("{}-{}", number.hash(1), number.hash(2)).alias("id"),
        pl.format("Feature {} Used", number.hash(3) % NAMES).alias("event"),
        (pl.lit("2026-01-01T00:00:00").str.to_datetime() + pl.duration(milliseconds=number * (DAYS * 86_400_000 // rows)))
        .dt.replace_time_zone("UTC")
        .alias("time"),
        pl.format("user-{}", number.hash(4) % PERSONS).alias("user"),
        pl.format("account-{}", number.hash(4) % PERSONS % ACCOUNTS).alias("company"),
        pl.format('{"rows":{},"format":"csv","plan":"pro"}'.replace("{\"", "{{\"", 0), number % 1000).alias("properties")
        if False
        else pl.concat_str(pl.lit('{"rows":'), number % 1000, pl.lit(',"format":"csv","plan":"pro"}')).alias("properties"),
    )
    if file.suffix == ".csv":
        frame.sink_csv(file, datetime_format="%Y-%m-%dT%H:%M:%S%.3fZ")
    else:
        frame.sink_parquet(file, row_group_size=100_000)
