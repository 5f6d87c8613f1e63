"""What schemas of sets of plugins take, in a process of its own: ``-m tests.bench.graphql_side.schemas COUNT FILE``.

FILE holds a document, which stands for the first request under each set. The answer is JSON on stdout.
"""

import gc
import json
import random
import sys
import time
from pathlib import Path
from statistics import median
from typing import Final

import django
import psutil

django.setup()

from graphql import parse, validate  # noqa: E402  # after the set-up

from engage_server.api.composition import schema_for  # noqa: E402
from engage_server.engine.gc_tuning import collect_rarely  # noqa: E402
from engage_server.plugin_host.registry import registry  # noqa: E402
from engage_server.wsgi import COLLECT_AFTER_OBJECTS  # noqa: E402

SEED: Final = 15


def main(sets: int, document: str) -> dict[str, float]:
    """Megabytes of all schemas together, and milliseconds until the first request under a new set is valid or not."""
    installed = sorted(registry().plugins)
    generator = random.Random(SEED)
    before = megabytes()
    # The server does both before its first request: the whole is composed, and what is loaded is not walked again.
    schema_for(frozenset())
    collect_rarely(after_objects=COLLECT_AFTER_OBJECTS)
    times: list[float] = []
    seen: set[frozenset[str]] = set()
    while len(seen) < sets:
        chosen = frozenset(generator.sample(installed, generator.randint(5, len(installed))))
        if chosen in seen:
            continue
        seen.add(chosen)
        began = time.perf_counter()
        validate(schema_for(chosen)._schema, parse(document))
        times.append(1_000 * (time.perf_counter() - began))
    return {
        "mb": megabytes() - before,
        "ms": median(times),
        "worst_ms": max(times),
        "kept": schema_for.cache_info().currsize,
    }


def megabytes() -> float:
    """The process's memory."""
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 2**20


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]), Path(sys.argv[2]).read_text("utf-8"))))
