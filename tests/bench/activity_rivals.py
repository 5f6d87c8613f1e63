"""The benchmark's questions in DuckDB and chdb, each on a table of its own kind, and in each form that may be its best."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import chdb.session
import duckdb

from tests.bench.activity_events import DAYS, FIRST_DAY

Ask = Callable[[str], list[tuple[Any, ...]]]
Forms = Mapping[str, Sequence[str]]
END: Final = FIRST_DAY + timedelta(days=DAYS)
S90: Final = END - timedelta(days=90)
S30: Final = END - timedelta(days=30)
S119: Final = S90 - timedelta(days=29)

# Rolling MAU by steps: an active day counts until the person's next one or 30 days; +1, -1 and a running sum.
DUCKDB: Final[Forms] = {
    "dau": [
        f"SELECT moment::date, count(DISTINCT person) FROM event WHERE moment >= '{S90}' GROUP BY 1",
        f"""
        SELECT day, count(*) FROM (SELECT DISTINCT moment::date AS day, person FROM event WHERE moment >= '{S90}')
        GROUP BY 1
        """,
    ],
    "mau": [
        f"""
        WITH day AS (SELECT DISTINCT person, moment::date AS day FROM event WHERE moment >= '{S119}'),
        span AS (
            SELECT day AS first,
                   least(day + 30, lead(day, 1, DATE '9999-01-01') OVER (PARTITION BY person ORDER BY day)) AS past
            FROM day
        ),
        step AS (
            SELECT first AS day, count(*) AS change FROM span GROUP BY 1
            UNION ALL SELECT past, -count(*) FROM span GROUP BY 1
        ),
        total AS (SELECT day, sum(change) AS change FROM step GROUP BY 1),
        asked AS (SELECT range::date AS day FROM range(TIMESTAMP '{S119}', TIMESTAMP '{END}', INTERVAL 1 DAY))
        SELECT day, active::bigint
        FROM (SELECT day, sum(coalesce(change, 0)) OVER (ORDER BY day) AS active FROM asked LEFT JOIN total USING (day))
        WHERE day >= '{S90}'
        """,
    ],
    "retention": [
        """
        WITH born AS (SELECT person, min(moment)::date AS born FROM event GROUP BY person),
        later AS (SELECT person, born, moment::date - born AS days FROM event JOIN born USING (person)),
        kept AS (
            SELECT person, any_value(born) AS born, bool_or(days = 1) AS first, bool_or(days = 7) AS seventh,
                   bool_or(days = 30) AS thirtieth
            FROM later GROUP BY person
        )
        SELECT date_trunc('week', born)::date, count(*), count(*) FILTER (WHERE first),
               count(*) FILTER (WHERE seventh), count(*) FILTER (WHERE thirtieth)
        FROM kept GROUP BY 1
        """,
        """
        WITH day AS MATERIALIZED (SELECT DISTINCT person, moment::date AS day FROM event),
        born AS (SELECT person, min(day) AS born FROM day GROUP BY person)
        SELECT date_trunc('week', born)::date, count(*) FILTER (WHERE day = born),
               count(*) FILTER (WHERE day = born + 1), count(*) FILTER (WHERE day = born + 7),
               count(*) FILTER (WHERE day = born + 30)
        FROM day JOIN born USING (person) GROUP BY 1
        """,
    ],
    "adoption": [
        f"""
        SELECT 'f' || name, count(DISTINCT person), count(DISTINCT account) FROM event WHERE moment >= '{S30}'
        GROUP BY name
        """,
        f"""
        WITH reach AS (
            SELECT name, count(*) AS persons
            FROM (SELECT DISTINCT name, person FROM event WHERE moment >= '{S30}') GROUP BY name
        ),
        breadth AS (
            SELECT name, count(*) AS accounts
            FROM (SELECT DISTINCT name, account FROM event WHERE moment >= '{S30}') GROUP BY name
        )
        SELECT 'f' || name, persons, accounts FROM reach JOIN breadth USING (name)
        """,
    ],
}
CHDB: Final[Forms] = {
    "dau": [
        f"""
        SELECT toString(toDate(moment)), uniqExact(person) FROM event
        WHERE moment >= toDateTime64('{S90} 00:00:00', 6) GROUP BY toDate(moment)
        """,
        f"""
        SELECT toString(toDate(moment)), groupBitmap(toUInt32(person)) FROM event
        WHERE moment >= toDateTime64('{S90} 00:00:00', 6) GROUP BY toDate(moment)
        """,
    ],
    "mau": [
        f"""
        SELECT toString(day), active FROM (
            SELECT day, sum(change) OVER (ORDER BY day) AS active FROM (
                SELECT step.1 AS day, sum(step.2) AS change FROM (
                    SELECT arraySort(groupUniqArray(toDate(moment))) AS days,
                           arrayPushBack(arrayPopFront(days), toDate('2149-06-06')) AS next,
                           arrayConcat(arrayMap(d -> (d, toInt64(1)), days),
                                       arrayMap((d, n) -> (least(d + 30, n), toInt64(-1)), days, next)) AS steps
                    FROM event WHERE moment >= toDateTime64('{S119} 00:00:00', 6) GROUP BY person)
                ARRAY JOIN steps AS step
                GROUP BY day ORDER BY day WITH FILL FROM toDate('{S119}') TO toDate('{END}')))
        WHERE day >= toDate('{S90}') AND day < toDate('{END}')
        """,
        f"""
        WITH daily AS (
            SELECT toDate(moment) AS day, groupBitmapState(toUInt32(person)) AS bits FROM event
            WHERE moment >= toDateTime64('{S119} 00:00:00', 6) GROUP BY day)
        SELECT toString(asked), groupBitmapMerge(bits)
        FROM daily ARRAY JOIN arrayMap(k -> day + k, range(30)) AS asked
        WHERE asked >= toDate('{S90}') AND asked < toDate('{END}') GROUP BY asked
        """,
    ],
    "retention": [
        """
        SELECT toString(toMonday(born)), count(), countIf(has(days, born + 1)), countIf(has(days, born + 7)),
               countIf(has(days, born + 30))
        FROM (SELECT groupUniqArray(toDate(moment)) AS days, arrayMin(days) AS born FROM event GROUP BY person)
        GROUP BY toMonday(born)
        """,
        """
        SELECT toString(toMonday(born)), count(), countIf(bitmapContains(days, toUInt16(born + 1))),
               countIf(bitmapContains(days, toUInt16(born + 7))), countIf(bitmapContains(days, toUInt16(born + 30)))
        FROM (SELECT groupBitmapState(toUInt16(toDate(moment))) AS days, toDate(min(moment)) AS born
              FROM event GROUP BY person)
        GROUP BY toMonday(born)
        """,
    ],
    "adoption": [
        f"""
        SELECT concat('f', toString(name)), uniqExact(person), uniqExact(account)
        FROM event WHERE moment >= toDateTime64('{S30} 00:00:00', 6) GROUP BY name
        """,
        f"""
        SELECT concat('f', toString(name)), groupBitmap(toUInt32(person)), groupBitmap(toUInt32(account))
        FROM event WHERE moment >= toDateTime64('{S30} 00:00:00', 6) GROUP BY name
        """,
    ],
}


def duckdb_rival(path: Path, folder: Path) -> Ask:
    """DuckDB with the events in a native table."""
    database = duckdb.connect(folder / "events.duckdb")
    database.execute("CREATE TABLE event AS SELECT * FROM read_parquet(?)", [str(path)])
    return lambda query: database.execute(query).fetchall()


def chdb_rival(path: Path, folder: Path) -> Ask:
    """ClickHouse in this process, with the events in a MergeTree in order of time."""
    session = chdb.session.Session(str(folder / "clickhouse"))
    session.query(
        "CREATE TABLE event (person Int32, account Int32, name Int32, moment DateTime64(6, 'UTC'))"
        " ENGINE = MergeTree ORDER BY moment"
    )
    session.query("SET output_format_json_quote_64bit_integers = 0")
    session.query(f"INSERT INTO event SELECT person, account, name, moment FROM file('{path}', Parquet)")

    def ask(query: str) -> list[tuple[Any, ...]]:
        lines = session.query(query, "JSONCompactEachRow").bytes().splitlines()
        return [tuple(json.loads(line)) for line in lines]

    return ask
