"""What a process does that is asked to stop, before its server stops."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def call_when_asked(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    """Have ``call`` run in the loop as soon as SIGINT or SIGTERM comes; from the main thread alone.

    The server has handlers of its own in the loop, which take no listener beside them and, of connections that never end
    by themselves, would wait for ever. They stay: a loop is woken by the signal's number, whoever is its handler here.
    """

    def tell(number: int, frame: FrameType | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(call)

    for number in SIGNALS:
        signal.signal(number, tell)


def say_before_stopping(loop: asyncio.AbstractEventLoop, say: Callable[[], Awaitable[None]]) -> None:
    """Have ``say`` run and end before the loop's handlers of SIGINT and SIGTERM do; from the loop alone, which runs.

    The server's handlers take away what carries its WebSockets: what is not sent by then is lost, a closing code too. A
    loop is told of a signal by its number, through a descriptor. From now on the numbers come here first, and those that
    ask to stop are passed on when all is said. Nothing is done where the loop has no handlers.
    """
    here, told = os.pipe()
    os.set_blocking(here, False)
    os.set_blocking(told, False)
    loop_is_told = signal.set_wakeup_fd(told)
    if loop_is_told == -1:
        signal.set_wakeup_fd(-1)
        os.close(here)
        os.close(told)
        return
    saying: list[asyncio.Task[None]] = []

    async def stop(number: int) -> None:
        try:
            await say()
        finally:
            os.write(loop_is_told, bytes([number]))

    def take() -> None:
        for number in os.read(here, 256):
            if number not in SIGNALS:
                os.write(loop_is_told, bytes([number]))
            elif not saying:
                saying.append(loop.create_task(stop(number)))

    loop.add_reader(here, take)
