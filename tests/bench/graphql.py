"""Screens' queries over HTTP, whole path: ours, a bare handler, PostGraphile 5, strawberry-django with its optimizer.

One process each, eight clients, in turns; every answer is compared, and one that is wrong ends the run.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final

import psutil
from rich.console import Console

from tests.bench.graphql_side import servers as contestants
from tests.bench.graphql_side.client import Measured, Order, measure
from tests.bench.graphql_side.data import fill
from tests.bench.graphql_side.questions import Question
from tests.bench.graphql_side.servers import Server
from tests.bench.graphql_side.shapes import BARE, DJANGO, OURS, POSTGRAPHILE, Shape, shapes
from tests.bench.graphql_side.subscriptions import idle_mb
from tests.bench.harness import Figure

# By shape and rival: how many of the rival's answers one of ours is to be worth.
GOALS: Final[Mapping[tuple[str, str], float]] = {
    ("accounts50", BARE): 0.6,
    ("accounts50", POSTGRAPHILE): 2,
    ("series365", BARE): 0.6,
    ("series365", POSTGRAPHILE): 2,
    ("series365_columns", BARE): 0.6,
    ("accounts1000", BARE): 0.6,
    ("accounts1000", POSTGRAPHILE): 2,
    ("accounts1000", DJANGO): 20,
    ("portfolio", BARE): 0.4,
    ("portfolio", POSTGRAPHILE): 1.5,
    ("not_modified", BARE): 0.7,
}
SETS: Final = 100  # of plugins, each with a schema
SCHEMAS_MB: Final = 200
ENABLED_MS: Final = 300
WAITING, WAITING_MB = 500, 100
SCREEN: Final = Path(__file__).parents[1] / "api" / "screens" / "portfolio.graphql"
Rounds = dict[tuple[str, str], list[Measured]]


def run(*, quick: bool) -> list[Figure]:
    """Each shape in turns by all that answer it; ratios are of neighbouring turns, and their medians count."""
    # Budgets are kept as everywhere, and never used up: an answer that is refused for them would be a wrong one.
    os.environ.update(ENGAGE_QUERY_POINTS="1000000000", ENGAGE_QUERY_POINTS_PER_SECOND="100000000")
    filled = fill(days=60 if quick else 365)
    database = contestants.database()
    rounds, seconds = (3, 1.0) if quick else (5, 2.5)
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(server)
            for name, server in contestants.servers(filled)
            if server is not None
        }
        measured: Rounds = {}
        for shape in shapes(filled):
            asked = {name: shape.questions[name] for name in servers if name in shape.questions}
            if missing := _not_served(shape, servers, asked):
                Console().print(missing)
                continue
            for name, question in asked.items():
                _measure(servers[name], question, database, seconds=0.3)  # warm: caches, plans, connections
            for _ in range(rounds):
                for name, question in asked.items():
                    found = _measure(servers[name], question, database, seconds=seconds)
                    measured.setdefault((shape.name, name), []).append(found)
    idle = Figure(f"graphql.idle_subscriptions{WAITING}_mb", idle_mb(WAITING), "MB", WAITING_MB, "lower")
    return [*_figures(measured), *_schemas(), idle]


def _schemas() -> Iterator[Figure]:
    """What the schemas of many sets of plugins take, and how soon one that is new answers."""
    module = "tests.bench.graphql_side.schemas"
    done = subprocess.run(
        [sys.executable, "-m", module, str(SETS), str(SCREEN)], check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout)
    yield Figure(f"graphql.schemas{SETS}_mb", found["mb"], "MB", SCHEMAS_MB, "lower")
    yield Figure("graphql.plugin_enabled_ms", found["ms"], "ms", ENABLED_MS, "lower")
    yield Figure("graphql.plugin_enabled_worst_ms", found["worst_ms"], "ms", None, "lower")


def _not_served(shape: Shape, servers: Mapping[str, Server], asked: Mapping[str, Question]) -> str | None:
    """Why the shape cannot be measured; else every server's first answer is what the shape says."""
    for name, question in asked.items():
        reason = question.require_right(servers[name])
        if reason is not None:
            return f"{shape.name}: {name} {reason}"
    return None


def _measure(server: Server, question: Question, database: psutil.Process, *, seconds: float) -> Measured:
    order = Order(
        port=server.port,
        requests=[request.hex() for request in question.requests(server)],
        answers=[answer.hex() for answer in question.answers],
        seconds=seconds,
    )
    return measure(order, server.process, database)


def _figures(measured: Rounds) -> Iterator[Figure]:
    for (shape, name), rounds in measured.items():
        if name == OURS:
            yield Figure(f"graphql.{shape}_per_s", median(one.per_second for one in rounds), "1/s")
        yield Figure(
            f"graphql.{shape}_cpu_ms_{name}", median(one.cpu_ms for one in rounds), "ms", None, "lower"
        )
        yield Figure(
            f"graphql.{shape}_database_cpu_ms_{name}",
            median(one.database_ms for one in rounds),
            "ms",
            None,
            "lower",
        )
        yield Figure(
            f"graphql.{shape}_p95_ms_{name}", median(one.p95_ms for one in rounds), "ms", None, "lower"
        )
    for (shape, rival), goal in GOALS.items():
        ours, theirs = measured.get((shape, OURS)), measured.get((shape, rival))
        if ours and theirs:
            ratio = median(a.per_second / b.per_second for a, b in zip(ours, theirs, strict=True))
            yield Figure(f"graphql.{shape}_vs_{rival}", ratio, "ratio", goal)
            # Of processor time, which a busy machine changes less than answers a second.
            cpu = median(b.all_ms / a.all_ms for a, b in zip(ours, theirs, strict=True))
            yield Figure(f"graphql.{shape}_cpu_vs_{rival}", cpu, "ratio")
