"""The events of the activity benchmark: 40 names, 1,000 accounts, 180 days, fewer and busier persons than idle ones."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import polars as pl
from django.db import connection

from engage_server.activity.rollups.compaction import compact, has_work, rebuild
from engage_server.activity.rollups.deltas import backlog
from tests.bench.harness import progress

FIRST_DAY: Final = date(2026, 1, 5)
DAYS: Final = 180
NAMES: Final = 40
ACCOUNTS: Final = 1_000
BLOCK: Final = 200_000
ROLLUPS: Final = ("activity_personday", "activity_daybitmap", "activity_personstate")


@dataclass(frozen=True, slots=True)
class Size:
    """How many events and persons."""

    events: int
    persons: int


# As many events a person in both, or the roll-ups of the smaller one would be another matter.
SIZES: Final = {"quick": Size(500_000, 2_500), "full": Size(10_000_000, 50_000)}
CUSTOMERS: Final = (
    "INSERT INTO customers_account (external_id, name, plan, stage, traits)"
    " SELECT 'a' || g, '', '', 'CUSTOMER', '{{}}' FROM generate_series(1, {accounts}) g",
    "INSERT INTO customers_person (external_id, traits, is_excluded)"
    " SELECT 'p' || g, '{{}}', false FROM generate_series(1, {persons}) g",
    "INSERT INTO activity_feature (name) SELECT 'f' || g FROM generate_series(1, {names}) g",
    "INSERT INTO activity_eventname (name, feature_id, event_class, polarity, weight)"
    " SELECT 'e' || g, g, 'VALUE', 1, 1 FROM generate_series(1, {names}) g",
)
COPY: Final = """
    COPY activity_event
        (source_id, message_id, digest, name_id, person_id, account_id, occurred_at, received_at, properties)
    FROM STDIN
"""
PROPERTIES: Final = '{"plan": "pro", "path": "/reports/export", "duration_ms": 1250}'


def events(size: Size) -> pl.DataFrame:
    """Columns person, account, name (numbers from 1) and moment (UTC), in order of time; the same every time.

    Persons join over the first 120 days and come on some days more than on others.
    """
    person = (size.persons * random(1) ** 2).cast(pl.Int64)
    joined = person * 7919 % 120
    anyhow = joined + ((DAYS - joined) * random(2)).cast(pl.Int64)
    # Most events of a week move to the day on which the person usually comes.
    usual = pl.min_horizontal(pl.max_horizontal(anyhow // 7 * 7 + person % 5, joined), DAYS - 1)
    day = pl.when(random(3) < 0.6).then(usual).otherwise(anyhow)
    microsecond = ((random(4) + random(5)) / 2 * 86_400e6).cast(pl.Int64)
    start = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC)
    at = pl.lit(start).dt.timestamp("us") + day * 86_400_000_000 + microsecond
    return (
        pl.LazyFrame({"n": pl.int_range(size.events, eager=True)})
        .select(
            person=(person + 1).cast(pl.Int32),
            account=(person % ACCOUNTS + 1).cast(pl.Int32),
            name=((NAMES * random(6) ** 2).cast(pl.Int32) + 1),
            moment=at.cast(pl.Datetime("us")),
        )
        .sort("moment")
        .collect()
    )


def random(seed: int) -> pl.Expr:
    """Evenly distributed in [0, 1), another number for each row and seed."""
    return (pl.col("n").hash(seed) % 2**53).cast(pl.Float64) / 2**53


def fill(frame: pl.DataFrame) -> None:
    """COPY the events and those whom they mention into the tables of the tenant in scope."""
    with connection.cursor() as cursor:
        for statement in CUSTOMERS:
            cursor.execute(statement.format(accounts=ACCOUNTS, names=NAMES, persons=frame["person"].max()))
        with cursor.copy(COPY) as copy:
            for number, block in enumerate(frame.with_row_index("n").iter_slices(BLOCK)):
                copy.write(lines(block))
                progress("events stored", done=min(frame.height, BLOCK * (number + 1)), of=frame.height)


def lines(block: pl.DataFrame) -> str:
    """Rows in PostgreSQL's text format, of the size that events have."""
    at = pl.col("moment").dt.strftime("%Y-%m-%d %H:%M:%S%.6f+00")
    message_id = pl.format("6f9619ff-8b86-d011-b42d-{}", pl.col("n").cast(pl.String).str.zfill(12))
    columns = {
        "source": pl.lit(1),
        "message_id": message_id,
        "digest": "n",
        "name": "name",
        "person": "person",
        "account": "account",
        "occurred_at": at,
        "received_at": at,
        "properties": pl.lit(PROPERTIES),
    }
    return block.select(**columns).write_csv(separator="\t", include_header=False, quote_style="never")


def roll_up() -> float:
    """Seconds that the compaction takes for all events."""
    begun = time.perf_counter()
    rebuild()
    waiting = backlog().events
    while has_work():
        compact(wait=True)
        progress("events rolled up", done=waiting - backlog().events, of=waiting)
    taken = time.perf_counter() - begun
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        cursor.execute(f"VACUUM ANALYZE {', '.join([*ROLLUPS, 'activity_event'])}")
    connection.close()
    return taken
