"""The benchmark's questions in DuckDB and chdb, each on a table of its own kind."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import chdb.session
import duckdb

from tests.bench.activity_events import DAYS, FIRST_DAY

Ask = Callable[[str], list[tuple[Any, ...]]]
END: Final = FIRST_DAY + timedelta(days=DAYS)
S90: Final = END - timedelta(days=90)
S30: Final = END - timedelta(days=30)

DUCKDB: Final[Mapping[str, str]] = {
    "dau": f"SELECT moment::date, count(DISTINCT person) FROM event WHERE moment >= '{S90}' GROUP BY 1",
    "mau": f"""
        WITH day AS (SELECT DISTINCT moment::date AS day, person FROM event WHERE moment >= DATE '{S90}' - 29),
        asked AS (SELECT range::date AS day FROM range(TIMESTAMP '{S90}', TIMESTAMP '{END}', INTERVAL 1 DAY))
        SELECT asked.day, count(DISTINCT person) FROM asked JOIN day ON day.day BETWEEN asked.day - 29 AND asked.day
        GROUP BY 1
    """,
    "retention": """
        WITH day AS (SELECT DISTINCT person, moment::date AS day FROM event),
        born AS (SELECT *, min(day) OVER (PARTITION BY person) AS born FROM day)
        SELECT date_trunc('week', born)::date, count(*) FILTER (WHERE day = born),
               count(*) FILTER (WHERE day = born + 1), count(*) FILTER (WHERE day = born + 7),
               count(*) FILTER (WHERE day = born + 30)
        FROM born GROUP BY 1
    """,
    "adoption": f"""
        SELECT 'f' || name, count(DISTINCT person), count(DISTINCT account) FROM event WHERE moment >= '{S30}' GROUP BY name
    """,
}
CHDB: Final[Mapping[str, str]] = {
    "dau": f"""
        SELECT toString(toDate(moment)), uniqExact(person) FROM event
        WHERE moment >= toDateTime64('{S90} 00:00:00', 6) GROUP BY 1
    """,
    "mau": f"""
        SELECT toString(asked), uniqExact(person)
        FROM (SELECT DISTINCT toDate(moment) AS day, person FROM event
              WHERE moment >= toDateTime64('{S90 - timedelta(days=29)} 00:00:00', 6))
        ARRAY JOIN arrayMap(k -> day + k, range(30)) AS asked
        WHERE asked >= toDate('{S90}') AND asked < toDate('{END}') GROUP BY asked
    """,
    "retention": """
        SELECT toString(toMonday(born)), count(), countIf(has(days, born + 1)), countIf(has(days, born + 7)),
               countIf(has(days, born + 30))
        FROM (SELECT person, groupUniqArray(toDate(moment)) AS days, arrayMin(days) AS born FROM event GROUP BY person)
        GROUP BY toMonday(born)
    """,
    "adoption": f"""
        SELECT concat('f', toString(name)), uniqExact(person), uniqExact(account)
        FROM event WHERE moment >= toDateTime64('{S30} 00:00:00', 6) GROUP BY name
    """,
}


def duckdb_rival(path: Path, folder: Path) -> Ask:
    """DuckDB with the events in a native table."""
    database = duckdb.connect(folder / "events.duckdb")
    database.execute("CREATE TABLE event AS SELECT * FROM read_parquet(?)", [str(path)])
    return lambda question: database.execute(DUCKDB[question]).fetchall()


def chdb_rival(path: Path, folder: Path) -> Ask:
    """ClickHouse in this process, with the events in a MergeTree in order of time."""
    session = chdb.session.Session(str(folder / "clickhouse"))
    session.query(
        "CREATE TABLE event (person Int32, account Int32, name Int32, moment DateTime64(6, 'UTC'))"
        " ENGINE = MergeTree ORDER BY moment"
    )
    session.query("SET output_format_json_quote_64bit_integers = 0")
    session.query(f"INSERT INTO event SELECT person, account, name, moment FROM file('{path}', Parquet)")

    def ask(question: str) -> list[tuple[Any, ...]]:
        lines = session.query(CHDB[question], "JSONCompactEachRow").bytes().splitlines()
        return [tuple(json.loads(line)) for line in lines]

    return ask
