"""What one would write by hand for each question: a WSGI function, one statement by psycopg, orjson. No tenants, no keys.

It gives the JSON that ours gives, from plain tables of the newest values.
"""

import os
import threading
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any, Final

import orjson
import psycopg

from tests.bench.graphql_side.names import FIELDS, METRICS

ACCOUNTS: Final = """
    SELECT account.external_id, account.name, account.plan, latest.metric, latest.value, latest.status, latest.n
    FROM (SELECT * FROM rivals.account ORDER BY id LIMIT %(first)s) AS account
    JOIN rivals.latest_value AS latest ON latest.account_id = account.id AND latest.metric = ANY(%(metrics)s)
    ORDER BY account.id
"""
SERIES: Final = """
    SELECT day, value FROM rivals.daily_value
    WHERE account_id = (SELECT id FROM rivals.account WHERE external_id = %(account)s)
      AND metric = %(metric)s AND day BETWEEN %(from)s AND %(to)s
    ORDER BY day
"""
SCORES: Final = """
    SELECT account.external_id, account.name, latest.value
    FROM rivals.account AS account
    JOIN rivals.latest_value AS latest ON latest.account_id = account.id AND latest.metric = %(metric)s
    ORDER BY account.id LIMIT %(first)s
"""
PORTFOLIO: Final = """
    SELECT account.external_id, account.name, account.plan, account.owner, worst.value, worst.status, other.metric,
        other.value
    FROM (
        SELECT latest.account_id, latest.value, latest.status FROM rivals.latest_value AS latest
        JOIN rivals.account AS account ON account.id = latest.account_id
        WHERE latest.metric = %(metric)s AND account.plan = %(plan)s ORDER BY latest.value, latest.account_id
        LIMIT %(first)s
    ) AS worst
    JOIN rivals.account AS account ON account.id = worst.account_id
    JOIN rivals.latest_value AS other ON other.account_id = account.id AND other.metric = ANY(%(metrics)s)
    ORDER BY worst.value, account.id
"""
_local: Final = threading.local()


def _rows(statement: str, variables: dict[str, Any]) -> list[tuple[Any, ...]]:
    connection: psycopg.Connection[Any] | None = getattr(_local, "connection", None)
    if connection is None:
        connection = _local.connection = psycopg.connect(
            os.environ["BENCH_DSN"], autocommit=True, prepare_threshold=1
        )
    return connection.execute(statement, variables, binary=True).fetchall()


def accounts(variables: dict[str, Any]) -> dict[str, Any]:
    """Accounts with their newest values."""
    edges = []
    for head, rows in groupby(
        _rows(ACCOUNTS, {**variables, "metrics": list(METRICS)}), key=lambda row: row[:3]
    ):
        node: dict[str, Any] = {"externalId": head[0], "name": head[1], "plan": head[2]}
        found = {row[3]: {"value": row[4], "status": row[5], "n": row[6]} for row in rows}
        for metric, (plugin, name) in FIELDS.items():
            node[plugin] = {name: found[metric]}
        edges.append({"node": node})
    return {"accounts": {"edges": edges}}


def series(variables: dict[str, Any]) -> dict[str, Any]:
    """One metric's days as rows."""
    points = [{"day": day, "value": value} for day, value in _rows(SERIES, variables)]
    return {"account": {"healthScore": {"score": {"series": {"points": points}}}}}


def columns(variables: dict[str, Any]) -> dict[str, Any]:
    """The same as columns."""
    rows = _rows(SERIES, variables)
    found = {"days": [row[0] for row in rows], "values": [row[1] for row in rows]}
    return {"account": {"healthScore": {"score": {"series": found}}}}


def scores(variables: dict[str, Any]) -> dict[str, Any]:
    """Accounts with one value."""
    edges = [
        {"node": {"externalId": id, "name": name, "healthScore": {"score": {"value": value}}}}
        for id, name, value in _rows(SCORES, variables)
    ]
    return {"accounts": {"edges": edges}}


def portfolio(variables: dict[str, Any]) -> dict[str, Any]:
    """Accounts of a plan, the worst health first, with three further values."""
    edges = []
    for head, rows in groupby(
        _rows(PORTFOLIO, {**variables, "metrics": list(METRICS[1:4])}), key=lambda row: row[:6]
    ):
        node: dict[str, Any] = {"externalId": head[0], "name": head[1], "plan": head[2], "owner": head[3]}
        found = {row[6]: {"value": row[7]} for row in rows}
        for metric in METRICS[1:4]:
            plugin, name = FIELDS[metric]
            node[plugin] = {name: found[metric]}
        edges.append({"node": {"value": head[4], "status": head[5], "subject": node}})
    return {"healthScoreScoreByAccount": {"edges": edges}}


QUESTIONS: Final[dict[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "accounts": accounts,
    "series": series,
    "columns": columns,
    "scores": scores,
    "portfolio": portfolio,
}


def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answer a question by the name of its operation."""
    if environ["REQUEST_METHOD"] == "GET":
        start_response("304 Not Modified", [("ETag", environ.get("HTTP_IF_NONE_MATCH", '"none"'))])
        return [b""]
    asked = orjson.loads(environ["wsgi.input"].read())
    body = orjson.dumps({"data": QUESTIONS[asked["operationName"]](asked["variables"])})
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
