"""Threads answer an event loop, each call once, whatever it raises."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable

import pytest

from engage_server.front.threads import LoopThreads


def run(work: Callable[[LoopThreads], Awaitable[None]], *, number: int = 4) -> None:
    """The work with so many threads; it has half a minute."""

    async def main() -> None:
        threads = LoopThreads(number, name="test")
        try:
            await asyncio.wait_for(work(threads), timeout=30)
        finally:
            threads.close()

    asyncio.run(main())


def test_each_of_many_calls_is_answered_once_with_its_own_result() -> None:
    async def work(threads: LoopThreads) -> None:
        calls = []

        def call(number: int) -> int:
            calls.append(number)
            return number

        async def ask(first: int) -> list[int]:
            return [await threads.run(lambda n=n: call(n)) for n in range(first, first + 200)]  # type: ignore[misc]

        answers = await asyncio.gather(*[ask(200 * number) for number in range(16)])
        assert [one for some in answers for one in some] == list(range(3200))
        assert sorted(calls) == list(range(3200))

    run(work)


@pytest.mark.parametrize(("raised", "heard"), [(ValueError, ValueError), (StopIteration, RuntimeError)])
def test_what_a_call_raises_is_raised_to_who_waits_and_to_nobody_else(
    raised: type[Exception], heard: type[Exception]
) -> None:
    def fail() -> None:
        raise raised("by the call")

    async def work(threads: LoopThreads) -> None:
        others = [threads.run(lambda: "well") for _ in range(8)]
        with pytest.raises(heard, match="by the call"):
            await threads.run(fail)
        assert await asyncio.gather(*others) == ["well"] * 8
        assert await threads.run(lambda: "again") == "again"

    run(work)


def test_no_more_threads_are_started_than_are_needed_nor_than_may_be() -> None:
    async def work(threads: LoopThreads) -> None:
        used: set[int] = set()

        def call() -> None:
            used.add(threading.get_ident())
            time.sleep(0.01)

        for _ in range(5):
            await threads.run(call)
        assert len(used) == 1
        await asyncio.gather(*[threads.run(call) for _ in range(20)])
        assert len(used) == 4

    run(work)


def test_the_thread_that_was_last_at_work_is_given_the_next_call() -> None:
    async def work(threads: LoopThreads) -> None:
        go = [threading.Event() for _ in range(4)]

        def call(number: int) -> int:
            assert go[number].wait(30)
            return threading.get_ident()

        calls = [threads.run(lambda n=n: call(n)) for n in range(4)]  # type: ignore[misc]
        for number in (3, 0, 2, 1):
            go[number].set()
            await calls[number]
        used = [call.result() for call in calls]
        assert len(set(used)) == 4
        assert {await threads.run(threading.get_ident) for _ in range(10)} == {used[1]}
        held = threading.Event()
        first = threads.run(lambda: held.wait(30))
        assert await threads.run(threading.get_ident) == used[2]
        held.set()
        await first

    run(work)


def test_calls_that_find_no_thread_idle_are_made_in_their_order() -> None:
    async def work(threads: LoopThreads) -> None:
        go, made = threading.Event(), []
        held = threads.run(lambda: go.wait(30))
        late = [threads.run(lambda n=n: made.append(n)) for n in range(20)]  # type: ignore[misc]
        await asyncio.sleep(0)
        assert made == []
        go.set()
        await asyncio.gather(held, *late)
        assert made == list(range(20))

    run(work, number=1)


def test_a_call_that_nobody_waits_for_any_more_is_not_made() -> None:
    async def work(threads: LoopThreads) -> None:
        go, made = threading.Event(), []
        held = threads.run(lambda: go.wait(30))
        late = threads.run(lambda: made.append("late"))
        late.cancel()
        go.set()
        assert await held
        await threads.run(lambda: made.append("next"))
        assert made == ["next"]

    run(work, number=1)


def test_closing_waits_for_what_is_under_way() -> None:
    async def work() -> None:
        threads, ended = LoopThreads(2, name="test"), []

        def call() -> None:
            time.sleep(0.05)
            ended.append(True)

        threads.run(call)
        threads.close()
        assert ended == [True]

    asyncio.run(work())


def test_closing_makes_the_calls_that_wait() -> None:
    async def work() -> None:
        threads, go, made = LoopThreads(2, name="test"), threading.Event(), []
        for _ in range(2):
            threads.run(lambda: go.wait(30))
        for number in range(5):
            threads.run(lambda n=number: made.append(n))  # type: ignore[misc]
        go.set()
        threads.close()
        assert sorted(made) == list(range(5))

    asyncio.run(work())
