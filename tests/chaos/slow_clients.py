"""Silent and slow clients hold on to the server while tenants send: python -m tests.chaos.slow_clients [--seconds 40].

200 connections say nothing, and 100 send ten bytes of a long body; those that the server ends are begun again. Every
tenant must be answered with 200 within a second, the server's memory must stay within a bound, and the silent must have
been freed.
"""

import argparse
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Final

import psutil
from rich.console import Console
from rich.table import Table

from tests.bench.harness import own_database
from tests.front.slow import Answers, ask_for, is_closed, silent_clients, slow_clients

TENANTS: Final = 3
MAX_GROWTH_MB: Final = 100
FREED_WITHIN_S: Final = 30
AGAIN_EVERY_S: Final = 8


def memory(server: psutil.Process) -> float:
    """Resident megabytes of the server's processes."""
    return sum(process.memory_info().rss for process in [server, *server.children(recursive=True)]) / 2**20


def hold(port: int, *, slow: int, key: str, stop: threading.Event) -> None:
    """Begin slow requests again and again, since the server ends them."""
    while not stop.is_set():
        with slow_clients(port, slow, key=key):
            stop.wait(AGAIN_EVERY_S)


def run(*, silent: int, slow: int, seconds: float) -> tuple[list[Answers], int, float]:
    """What each tenant was answered, how many of the silent connections were freed, and the megabytes that came on top."""
    with own_database(), ExitStack() as stack:
        from engage_server.operations.tenants import onboard
        from tests.bench.serving import serving

        slugs = [f"tenant{number}" for number in range(TENANTS)]
        keys = [
            onboard(slug=slug, name=slug, domain=f"{slug}.localhost", timezone="UTC").ingest_key
            for slug in slugs
        ]
        server, port = stack.enter_context(serving(workers=1))
        for key in keys:
            ask_for(port, key, seconds=1)  # what is loaded once is loaded
        before, peak = memory(server), 0.0
        pool = stack.enter_context(ThreadPoolExecutor(TENANTS + 1))
        stop = threading.Event()
        quiet, began = stack.enter_context(silent_clients(port, silent)), time.monotonic()
        holder = pool.submit(hold, port, slow=slow, key=keys[0], stop=stop)
        answers = [pool.submit(ask_for, port, key, seconds=seconds) for key in keys]
        while not all(one.done() for one in answers):
            peak = max(peak, memory(server))
            time.sleep(0.5)
        time.sleep(max(0, FREED_WITHIN_S - (time.monotonic() - began)))
        freed = sum(map(is_closed, quiet))
        stop.set()
        holder.result()
        return [one.result() for one in answers], freed, peak - before


def main() -> int:
    """1 where somebody was refused or waited, the server grew, or a silent connection was not freed."""
    parser = argparse.ArgumentParser(prog="make slow-clients", description=__doc__)
    parser.add_argument("--silent", type=int, default=200)
    parser.add_argument("--slow", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--within", type=float, default=1, help="seconds in which every answer must come")
    options = parser.parse_args()
    answers, freed, grown = run(silent=options.silent, slow=options.slow, seconds=options.seconds)
    table = Table("tenant", "answers", "not 200", "median s", "slowest s")
    for number, one in enumerate(answers):
        ordered = sorted(one.seconds)
        table.add_row(
            str(number),
            str(len(ordered)),
            str(len(one.wrong)),
            f"{ordered[len(ordered) // 2]:.3f}",
            f"{ordered[-1]:.3f}",
        )
    console = Console(soft_wrap=True)
    console.print(table)
    console.print(
        f"{freed} of {options.silent} silent connections freed; {grown:+.0f} MB (limit {MAX_GROWTH_MB})"
    )
    slowest = max(max(one.seconds) for one in answers)
    is_good = not any(one.wrong for one in answers) and slowest <= options.within
    return int(not is_good or freed < options.silent or grown > MAX_GROWTH_MB)


if __name__ == "__main__":
    sys.exit(main())
