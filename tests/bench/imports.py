"""Imports of large files by ``manage.py import``: rows a second, and the most memory that the process takes."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import polars as pl
import psutil

from engage_server.operations.tenants import onboard
from tests.bench.harness import Figure
from tests.bench.serving import ROOT

PERSONS, ACCOUNTS, NAMES, DAYS = 100_000, 5_000, 40, 90
CSV_ROWS, PARQUET_ROWS, QUICK_ROWS = 500_000, 10_000_000, 300_000
# For the second file, so that the section ends within ten minutes.
MOST_S: Final = 480
# As large as other tools write them: a reader that holds one of them whole takes more memory than all the rest.
ROW_GROUP: Final = 1_000_000
GOAL_MB: Final = 400
LOOK_S: Final = 0.1
MAP: Final = "message_id=id,name=event,occurred_at=time,person=user,account=company"


@dataclass(frozen=True, slots=True)
class Run:
    """What one import took; ``memory`` is what the process held resident from look to look, in MB."""

    rows: int
    seconds: float
    memory: list[float]

    @property
    def rate(self) -> float:
        """Rows a second, the start of the process included."""
        return self.rows / self.seconds

    @property
    def growth(self) -> float:
        """The most memory of the second half, as a multiple of the most in the first."""
        half = len(self.memory) // 2
        return max(self.memory[half:]) / max(self.memory[:half])


def run(*, quick: bool) -> list[Figure]:
    """Each format into a tenant of its own; of Parquet as many rows as the rate of the CSV file lets expect in time."""
    runs = {"csv": imported("csv", QUICK_ROWS if quick else CSV_ROWS)}
    in_time = int(runs["csv"].rate * MOST_S) // ROW_GROUP * ROW_GROUP
    runs["parquet"] = imported("parquet", QUICK_ROWS if quick else min(PARQUET_ROWS, max(in_time, ROW_GROUP)))
    return [
        *[Figure(f"imports.{ending}_rows", one.rows, "rows") for ending, one in runs.items()],
        *[Figure(f"imports.{ending}_rows_per_s", one.rate, "rows/s") for ending, one in runs.items()],
        *[Figure(f"imports.{ending}_rss_mb", max(one.memory), "MB", None, "lower") for ending, one in runs.items()],
        *[Figure(f"imports.{ending}_rss_growth", one.growth, "ratio", None, "lower") for ending, one in runs.items()],
        Figure("imports.rss_mb", max(max(one.memory) for one in runs.values()), "MB", GOAL_MB, "lower"),
    ]  # fmt: skip


def imported(ending: str, rows: int) -> Run:
    """Import so many events into a tenant of this name; fails unless every one of them is stored."""
    onboard(slug=ending, name=ending, domain=f"{ending}.localhost", timezone="UTC")
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"events.{ending}"
        write(file, rows)
        command = [sys.executable, "manage.py", "import", "events"]
        began = time.perf_counter()
        process = psutil.Popen(
            [*command, str(file), "--tenant", ending, "--map", MAP, "--json", "--rejects", f"{file}.rejects"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )  # its own progress is shown
        memory = watched(process)
        seconds = time.perf_counter() - began
        told: dict[str, Any] = json.loads(process.stdout.read())
    if told["stored"] != rows:
        raise AssertionError(f"Of {rows} rows {told['stored']} were stored: {told}.")
    return Run(rows, seconds, memory)


def watched(process: psutil.Popen) -> list[float]:
    """The process's resident memory in MB, from look to look until it ends."""
    memory: list[float] = []
    while process.poll() is None:
        memory.append(resident(process))
        time.sleep(LOOK_S)
    return memory


def resident(process: psutil.Popen) -> float:
    """Resident megabytes; 0 once it has ended."""
    try:
        rss: int = process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0.0
    return rss / 2**20


def write(file: Path, rows: int) -> None:
    """Events of 90 days in the order of time, about 190 bytes a row, the same at every call."""
    number = pl.col("number")
    user = number.hash(4) % PERSONS
    elapsed = pl.duration(milliseconds=number * (DAYS * 86_400_000 // rows))
    properties = pl.concat_str(pl.lit('{"rows":'), number % 1000, pl.lit(',"format":"csv","plan":"pro"}'))
    frame = pl.LazyFrame({"number": pl.int_range(rows, dtype=pl.UInt64, eager=True)}).select(
        pl.format("{}-{}", number.hash(1), number.hash(2)).alias("id"),
        pl.format("Feature {} Used", number.hash(3) % NAMES).alias("event"),
        (pl.datetime(2026, 1, 1, time_zone="UTC") + elapsed).alias("time"),
        pl.format("user-{}", user).alias("user"),
        pl.format("account-{}", user % ACCOUNTS).alias("company"),
        properties.alias("properties"),
    )
    if file.suffix == ".csv":
        frame.sink_csv(file, datetime_format="%Y-%m-%dT%H:%M:%S%.3fZ")
    else:
        frame.sink_parquet(file, row_group_size=ROW_GROUP)
