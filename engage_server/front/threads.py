"""Threads that answer calls for an event loop, at a fraction of what ``run_in_executor`` costs: one future a call."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from itertools import cycle
from queue import SimpleQueue
from typing import Any, Final, NamedTuple, TypeVar

Result = TypeVar("Result")


class _Job(NamedTuple):
    """A call, and the future of the loop that waits for it."""

    future: "asyncio.Future[Any]"
    call: Callable[[], Any]


class _Done(NamedTuple):
    """What became of a job: its result, or what it raised."""

    future: "asyncio.Future[Any]"
    result: Any
    error: BaseException | None


_Inbox = SimpleQueue[_Job | None]


class LoopThreads:
    """So many threads, each started when it is first needed; used from one event loop alone.

    Of those that are idle the one that was last at work is given the next call: its connection to the database has read
    and planned a moment ago what the others would read and plan anew. Calls that find none idle are made in their order.
    Answers that are ready at the same time wake the loop once: those of requests that were committed together.
    """

    def __init__(self, number: int, *, name: str) -> None:
        self._number: Final = number
        self._name: Final = name
        self._waiting: Final[deque[_Job]] = deque()
        self._done: Final[deque[tuple[_Done, _Inbox]]] = deque()
        self._threads: Final[dict[threading.Thread, _Inbox]] = {}
        self._idle: Final[list[_Inbox]] = []  # the one that was last at work stands last
        self._is_loop_called = False

    def run(self, call: Callable[[], Result]) -> "asyncio.Future[Result]":
        """The future of what ``call`` returns or raises; where it is cancelled in time, nothing is called."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        job = _Job(future, call)
        if self._idle:
            self._idle.pop().put(job)
        elif len(self._threads) < self._number:
            self._start(loop).put(job)
        else:
            self._waiting.append(job)
        return future

    def close(self) -> None:
        """Wait for the calls that are under way, and make those that wait."""
        inboxes = list(self._threads.values())
        for job, inbox in zip(self._waiting, cycle(inboxes), strict=False):
            inbox.put(job)
        self._waiting.clear()
        for inbox in inboxes:
            inbox.put(None)
        for thread in self._threads:
            thread.join()

    def _start(self, loop: asyncio.AbstractEventLoop) -> _Inbox:
        inbox: _Inbox = SimpleQueue()
        name = f"{self._name}_{len(self._threads)}"
        thread = threading.Thread(target=self._work, args=(loop, inbox), name=name, daemon=True)
        self._threads[thread] = inbox
        thread.start()
        return inbox

    def _work(self, loop: asyncio.AbstractEventLoop, inbox: _Inbox) -> None:
        while (job := inbox.get()) is not None:
            done = _answer(job)
            self._done.append((done, inbox))
            del job, done  # a thread that waits holds no body
            if self._is_loop_called:
                continue
            self._is_loop_called = True
            try:
                loop.call_soon_threadsafe(self._deliver)
            except RuntimeError:
                return  # the loop is closed: nobody waits any more

    def _deliver(self) -> None:
        # First: who finds it unset has the loop called again, who found it set had put its answer in before.
        self._is_loop_called = False
        while self._done:
            (future, result, error), inbox = self._done.popleft()
            if self._waiting:
                inbox.put(self._waiting.popleft())
            else:
                self._idle.append(inbox)
            if future.done():
                continue
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)


def _answer(job: _Job) -> _Done:
    if job.future.cancelled():
        return _Done(job.future, None, None)
    try:
        return _Done(job.future, job.call(), None)
    except StopIteration as error:
        # A future refuses it, since it would end the coroutine that waits.
        return _Done(job.future, None, RuntimeError(f"The call raised {error!r}."))
    except BaseException as error:  # noqa: BLE001  # whoever waits for it raises it
        return _Done(job.future, None, error)
