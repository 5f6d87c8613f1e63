"""Shares the threads of a process among senders, so that a slow one never holds them all."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Hashable
from typing import Final, TypeVar

from engage_server.front.exceptions import CrowdedError
from engage_server.front.limits import LANE_PATIENCE_S, MAX_WAITING_IN_LANE
from engage_server.front.threads import LoopThreads

Result = TypeVar("Result")


class Lanes:
    """Threads with a lane for each sender; used from the event loop alone.

    A lane that holds threads takes another only while it holds fewer than ``share`` times as many as would stay free:
    alone it comes to share / (share + 1) of them, several come to less each, and the last is for who holds none.
    """

    def __init__(self, *, threads: int, share: int, name: str) -> None:
        self._threads: Final = LoopThreads(threads, name=name)
        self._free = threads
        self._share: Final = share
        self._held: Final[Counter[Hashable]] = Counter()
        self._waiting: Final[dict[Hashable, deque[asyncio.Future[None]]]] = {}

    async def run(self, lane: Hashable, call: Callable[[], Result]) -> Result:
        """What ``call`` returns in a thread of the lane.

        Raises:
            CrowdedError: too many of the lane wait, or none of its threads became free for long; it was not called.
            Exception: what ``call`` raised.
        """
        if lane in self._waiting or not self._may_take(lane):
            await self._wait(lane)
        else:
            self._take(lane)
        try:
            return await self._threads.run(call)
        finally:
            self._give_back(lane)

    def close(self) -> None:
        """Wait for the calls that are under way."""
        self._threads.close()

    async def _wait(self, lane: Hashable) -> None:
        queue = self._waiting.setdefault(lane, deque())
        if len(queue) >= MAX_WAITING_IN_LANE:
            raise CrowdedError("Too many requests of this sender wait already.")
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            async with asyncio.timeout(LANE_PATIENCE_S):
                await turn
        except TimeoutError:
            raise CrowdedError("No thread became free for this sender.") from None
        finally:
            if turn.cancelled():
                self._leave_queue(lane, turn)

    def _leave_queue(self, lane: Hashable, turn: asyncio.Future[None]) -> None:
        queue = self._waiting.get(lane, deque())
        if turn in queue:
            queue.remove(turn)
        if not queue:
            self._waiting.pop(lane, None)

    def _may_take(self, lane: Hashable) -> bool:
        if not self._held[lane]:
            return self._free > 0
        return self._held[lane] < self._share * (self._free - 1)

    def _take(self, lane: Hashable) -> None:
        self._held[lane] += 1
        self._free -= 1

    def _give_back(self, lane: Hashable) -> None:
        self._held[lane] -= 1
        if not self._held[lane]:
            del self._held[lane]
        self._free += 1
        self._call_next()

    def _call_next(self) -> None:
        """Give free threads to those that wait, first to the lane that holds the fewest."""
        while self._waiting:
            lane = min(self._waiting, key=self._held.__getitem__)
            if not self._may_take(lane):
                return
            turn = self._waiting[lane].popleft()
            if not self._waiting[lane]:
                del self._waiting[lane]
            if not turn.done():
                self._take(lane)
                turn.set_result(None)
