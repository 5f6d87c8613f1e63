"""Tells the event loop at once that the process is asked to stop, before the server waits for its connections."""

import asyncio
import signal
from collections.abc import Callable
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
