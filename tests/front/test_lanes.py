"""Threads are shared among senders: a slow one never holds them all."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from engage_server.front import lanes as module
from engage_server.front.exceptions import CrowdedError
from engage_server.front.lanes import Lanes


def run(
    work: Callable[[Lanes, threading.Event], Awaitable[None]], *, threads: int = 8, share: int = 3
) -> None:
    """The work with lanes and an event; calls that wait for the event are let go at the end."""

    async def main() -> None:
        lanes, go = Lanes(threads=threads, share=share, name="test"), threading.Event()
        try:
            await asyncio.wait_for(work(lanes, go), timeout=30)
        finally:
            go.set()
            lanes.close()

    asyncio.run(main())


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.005)


def test_whoever_is_slow_leaves_a_thread_to_others_and_its_own_go_on_later() -> None:
    async def work(lanes: Lanes, go: threading.Event) -> None:
        begun = threading.Semaphore(0)

        def slow() -> str:
            begun.release()
            go.wait(30)
            return "slow"

        held = [asyncio.create_task(lanes.run("a", slow)) for _ in range(20)]
        held += [asyncio.create_task(lanes.run("b", slow)) for _ in range(20)]
        await until(lambda: begun._value >= 7)
        await asyncio.sleep(0.05)
        assert begun._value == 7
        assert await lanes.run("c", lambda: "quick") == "quick"
        go.set()
        assert await asyncio.gather(*held) == ["slow"] * 40

    run(work)


def test_who_waits_for_long_or_behind_too_many_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LANE_PATIENCE_S", 0.05)
    monkeypatch.setattr(module, "MAX_WAITING_IN_LANE", 2)

    async def work(lanes: Lanes, go: threading.Event) -> None:
        held = asyncio.create_task(lanes.run("a", lambda: go.wait(30)))
        await asyncio.sleep(0)
        waiting = [asyncio.create_task(lanes.run("a", lambda: True)) for _ in range(3)]
        ends = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(end) for end in ends] == [CrowdedError] * 3
        go.set()
        assert await held
        assert await lanes.run("a", lambda: "again") == "again"

    run(work, threads=2, share=1)


def test_a_call_that_fails_gives_its_thread_back() -> None:
    async def work(lanes: Lanes, go: threading.Event) -> None:
        for _ in range(5):
            with pytest.raises(ZeroDivisionError):
                await lanes.run("a", lambda: 1 // 0)
        assert await lanes.run("a", lambda: 1) == 1

    run(work, threads=1)
