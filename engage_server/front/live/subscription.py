"""One subscription of one connection: what it still has to be told, and whether it is over."""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Final

from engage_server.api.exceptions import RequestError
from engage_server.api.live.changes import Happening, Topic
from engage_server.api.live.streams import Kept

MOST_UNTOLD: Final = 1_000


class LiveSubscription:
    """Used from the event loop alone. ``reason`` is why it ended; None where client or server went away.

    ``reached`` is the number of the last signal that was looked at for it.
    """

    __slots__ = ("_is_over", "_news", "_untold", "credential", "opened", "principal", "reached", "reason")

    def __init__(self, kept: Kept) -> None:
        self.opened: Final = kept.opened
        self.credential: Final = kept.credential
        self.principal = kept.principal
        self.reached = kept.opened.wanted.behind
        self._untold: Final[deque[Happening]] = deque()
        self._news: Final = asyncio.Event()
        self._is_over = False
        self.reason: RequestError | None = None

    def tell(self, happenings: Iterable[Happening]) -> None:
        """Have it told of these. Events are a sample, of which the oldest go; of runs none is left out."""
        self._untold.extend(happenings)
        if len(self._untold) > MOST_UNTOLD:
            if self.opened.topic is Topic.EVENTS:
                while len(self._untold) > MOST_UNTOLD:
                    self._untold.popleft()
            else:
                self.end(_too_slow())
        if self._untold:
            self._news.set()

    def end(self, reason: RequestError | None) -> None:
        """Tell nothing more; the first reason counts."""
        if not self._is_over:
            self._is_over, self.reason = True, reason
            self._news.set()

    async def next(self) -> Happening | None:
        """What it is told next; None when it is over."""
        # No exception says so: its traceback would keep the transport, which ends its answer only when it goes.
        while not self._is_over:
            if self._untold:
                return self._untold.popleft()
            self._news.clear()
            await self._news.wait()
        return None


def _too_slow() -> RequestError:
    return RequestError(
        f"More than {MOST_UNTOLD} answers wait for this client. Remedy: read faster, or subscribe to less.",
        status=503,
        code="LIMIT_EXCEEDED",
    )
