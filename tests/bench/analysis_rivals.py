"""The analyses in DuckDB's SQL, on a native table of its own, in each form that may be its best.

Its extension ``behavioral`` comes from its own server alone and not from a package index, so it is not asked.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, cast

import duckdb
import polars as pl

from tests.bench.activity_rivals import DUCKDB

Ask = Callable[[str], pl.DataFrame]
IDLE_MINUTES: Final = 30
WITHIN_HOURS: Final = 24 * 14

RETENTION: Final = DUCKDB["retention"]
SESSIONS: Final = (
    f"""
    WITH spaced AS (
        SELECT person, moment,
               moment - lag(moment) OVER (PARTITION BY person ORDER BY moment) > INTERVAL {IDLE_MINUTES} MINUTE AS cut
        FROM event
    ),
    numbered AS (
        SELECT person, moment,
               count(*) FILTER (cut) OVER (PARTITION BY person ORDER BY moment ROWS UNBOUNDED PRECEDING) AS session
        FROM spaced
    )
    SELECT person, min(moment) AS started_at, epoch(max(moment) - min(moment)) AS seconds, count(*) AS events
    FROM numbered GROUP BY person, session
    """,
    # Each session from its first event to the one before the next one's first.
    f"""
    WITH spaced AS (
        SELECT person, moment, row_number() OVER every AS place,
               lag(moment) OVER every AS before, count(*) OVER (PARTITION BY person) AS number,
               last_value(moment) OVER (every ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS latest
        FROM event WINDOW every AS (PARTITION BY person ORDER BY moment)
    ),
    first AS (
        SELECT person, moment, place, before, number, latest FROM spaced
        WHERE before IS NULL OR moment - before > INTERVAL {IDLE_MINUTES} MINUTE
    )
    SELECT person, moment AS started_at, epoch(coalesce(lead(before) OVER later, latest) - moment) AS seconds,
           coalesce(lead(place) OVER later, number + 1) - place AS events
    FROM first WINDOW later AS (PARTITION BY person ORDER BY moment)
    """,
)


def funnels(steps: int) -> Sequence[str]:
    """The names 1 to ``steps`` one after the other: by joins, and by the nearest event after each step."""
    first = "s1 AS (SELECT person, min(moment) AS step_1 FROM event WHERE name = 1 GROUP BY person)"
    return (_chain(first, steps, _joined), _chain(first, steps, _nearest))


def _chain(first: str, steps: int, step: Callable[[int], str]) -> str:
    later = ", ".join(f"s{number} AS ({step(number)})" for number in range(2, steps + 1))
    joins = " ".join(f"LEFT JOIN s{number} USING (person)" for number in range(2, steps + 1))
    times = ", ".join(f"s{number}.step_{number}" for number in range(1, steps + 1))
    return f"WITH {first}, {later} SELECT person, {times} FROM s1 {joins}"


def _joined(number: int) -> str:
    before = f"s.step_{number - 1}"
    return f"""
        SELECT s.person, s.step_1, min(event.moment) AS step_{number} FROM s{number - 1} s
        JOIN event ON event.person = s.person AND event.name = {number} AND event.moment > {before}
            AND event.moment <= s.step_1 + INTERVAL {WITHIN_HOURS} HOUR
        GROUP BY s.person, s.step_1
    """


def _nearest(number: int) -> str:
    return f"""
        SELECT s.person, s.step_1, later.moment AS step_{number} FROM s{number - 1} s
        ASOF JOIN (SELECT person, moment FROM event WHERE name = {number}) later
            ON later.person = s.person AND s.step_{number - 1} < later.moment
        WHERE later.moment <= s.step_1 + INTERVAL {WITHIN_HOURS} HOUR
    """


def duckdb_frames(path: Path, folder: Path) -> Ask:
    """DuckDB with the events in a native table; its answers stay columns, as ours do."""
    database = duckdb.connect(folder / "analysis.duckdb")
    database.execute("CREATE TABLE event AS SELECT * FROM read_parquet(?)", [str(path)])

    def ask(query: str) -> pl.DataFrame:
        return cast("pl.DataFrame", pl.from_arrow(cast("Any", database.sql(query).to_arrow_table())))

    return ask
