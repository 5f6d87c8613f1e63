"""``python -m tests.chaos.generated [--examples 2000]``: queries and mutations that schemathesis makes from the schema.

They go to a server of its own, most with a query key, the last quarter with an admin key. No answer may be a 5xx, hold
an error that is the server's own fault, come without a code, or hold more objects than its cost admits.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

import schemathesis
from graphql import parse_value
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from rich.console import Console

from tests.bench.harness import own_database

SDL: Final = Path(__file__).resolve().parents[2] / "engage_server" / "api" / "schema.graphql"
VALUES: Final = ("{}", "{a: 1}", "{threshold: {b: [null]}}", "[]", '"text"', "1", "1e400", "null", "true")
DECIMALS: Final = ("0", "10", "-1.5", "1e400", "NaN", "ten", "")
schemathesis.graphql.scalar("Decimal", st.sampled_from(DECIMALS).map(schemathesis.graphql.nodes.String))
schemathesis.graphql.scalar("JSON", st.sampled_from(VALUES).map(parse_value))
# An answer may hold so many objects for each point that it costs; a page costs a point for each of its rows.
OBJECTS_A_POINT: Final = 100
OURS: Final = frozenset({"INTERNAL", "UNAVAILABLE", "SCHEMA_UNAVAILABLE"})
Send = Callable[[str], tuple[int, bytes]]


def fuzz(send: Send, *, examples: int, counted: Counter[str]) -> list[str]:
    """What is wrong with the answers to so many documents; ``counted`` gets the codes, ``DATA`` where there is none."""
    complaints: list[str] = []

    @seed(1)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schemathesis.graphql.from_path(SDL).as_strategy())
    def generated(case: Any) -> None:
        status, body = send(case.body)
        wrong = complaint(status, body, counted)
        if wrong:
            complaints.append(f"{wrong}: {case.body!r}")

    generated()
    return complaints


def complaint(status: int, body: bytes, counted: Counter[str]) -> str:
    """What is wrong with an answer; empty where nothing is."""
    if status >= 500:
        return f"{status} {body[:300]!r}"
    answer = json.loads(body)
    codes = [error.get("extensions", {}).get("code") for error in answer.get("errors", [])]
    counted.update(set(codes) or {"DATA"})
    if None in codes or OURS & set(codes):
        return f"{status} {body[:300]!r}"
    cost = answer.get("extensions", {}).get("cost", {}).get("requested")
    objects = count_objects(answer.get("data"))
    if objects and (cost is None or objects > OBJECTS_A_POINT * max(cost, 1)):
        return f"{objects} objects for a cost of {cost}: {body[:300]!r}"
    return ""


def count_objects(value: Any) -> int:
    """How many objects an answer holds, at all depths."""
    if isinstance(value, dict):
        return 1 + sum(map(count_objects, value.values()))
    return sum(map(count_objects, value)) if isinstance(value, list) else 0


def main() -> int:
    """1 where an answer was not as promised."""
    parser = argparse.ArgumentParser(prog="make schemathesis", description=__doc__)
    parser.add_argument("--examples", type=int, default=2_000)
    examples: int = parser.parse_args().examples
    counted: Counter[str] = Counter()
    os.environ["ENGAGE_QUERY_POINTS"] = "0"  # no limit: they come as fast as they are made
    with own_database():
        from engage_server.customers.models import Account
        from engage_server.operations.tenants import onboard
        from engage_server.tenancy.scope import tenant_scope
        from tests.bench.serving import serving

        made = onboard(slug="acme", name="Acme", domain="acme.localhost", timezone="UTC")
        with tenant_scope(made.tenant):
            Account.objects.bulk_create(Account(external_id=str(n), name=f"Account {n}") for n in range(50))
        with serving() as (_, port):
            wrong = fuzz(_sender(port, made.query_key), examples=examples * 3 // 4, counted=counted)
            wrong += fuzz(_sender(port, made.admin_key), examples=examples // 4, counted=counted)
    console = Console()
    console.print(
        f"{examples:,} documents, answers by code: {dict(counted.most_common())}; {len(wrong)} wrong"
    )
    for line in wrong[:10]:
        console.print(line, markup=False)
    return int(bool(wrong))


def _sender(port: int, key: str) -> Send:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def send(document: str) -> tuple[int, bytes]:
        try:
            connection.request("POST", "/graphql", json.dumps({"query": document}), headers)
            response = connection.getresponse()
            return response.status, response.read()
        except OSError:
            # The document is tried once more, to be told: by a connection on which nothing is waited for.
            connection.close()
            raise

    return send


if __name__ == "__main__":
    sys.exit(main())
