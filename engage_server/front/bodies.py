"""Receives bodies in the event loop, within a deadline, a least rate and a bound: the slow hold no thread."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from typing import Final, Protocol

from engage_server.front.exceptions import BodyNotReceivedError, CrowdedError
from engage_server.front.limits import (
    DEADLINE_S,
    DRAIN_BYTES,
    DRAIN_S,
    GRACE_S,
    LEAST_BYTES_PER_S,
    SMALL_BODY_BYTES,
)


class Transport(Protocol):
    """As much of RSGI's protocol object as bodies need."""

    async def __call__(self) -> bytes:
        """The whole body."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The body by pieces."""


class Place:
    """The room that one body takes; ``timeout`` ends its reception, while that lasts."""

    def __init__(self) -> None:
        self.size = 0
        self.timeout: asyncio.Timeout | None = None


class Room:
    """The bytes of bodies that may be held at once.

    Where there is none left, the body that has been coming for longest is given up: who sends fast is not kept out by
    those who send slowly.
    """

    def __init__(self, most: int) -> None:
        self._left = most
        self._places: Final[dict[Place, None]] = {}

    @contextmanager
    def place(self) -> Iterator[Place]:
        """Room for one body, given back at the end."""
        place = Place()
        self._places[place] = None
        try:
            yield place
        finally:
            del self._places[place]
            self._left += place.size

    def take(self, place: Place, size: int) -> None:
        """Take room for so many bytes more.

        Raises:
            CrowdedError: there is none, and no body still coming that could be given up for it.
        """
        if self._left < size:
            self._give_up_slowest(besides=place)
        self._left -= size
        place.size += size

    def _give_up_slowest(self, *, besides: Place) -> None:
        for place in self._places:
            if place.timeout is not None and place is not besides:
                place.timeout.reschedule(0)
                place.timeout = None
                return
        raise CrowdedError("The bodies of other requests fill the room for them.")


class Body:
    """The body of one request.

    Args:
        transport: what it comes by.
        declared: its length as the headers say; None where it comes in chunks.
    """

    def __init__(self, transport: Transport, *, declared: int | None) -> None:
        self.declared: Final = declared
        self._transport = transport
        self._pieces: AsyncIterator[bytes] | None = None
        self.is_over = False  # whether nothing more is to be read

    async def receive(self, *, most: int, room: Room, place: Place) -> bytes:
        """The body; where it is longer than ``most``, no more of it than shows that.

        Raises:
            BodyNotReceivedError: it is declared too long, came too slowly, or ended early.
            CrowdedError: there is no room for it.
        """
        if self.declared is not None and self.declared > most:
            raise BodyNotReceivedError("The body is longer than it may be.")
        try:
            async with asyncio.timeout(GRACE_S) as place.timeout:
                if self.declared is not None and self.declared <= SMALL_BODY_BYTES:
                    room.take(place, self.declared)
                    self.is_over = True
                    body = await self._transport()
                else:
                    body = await self._by_pieces(most=most, room=room, place=place)
        except TimeoutError:
            self.is_over = True
            raise BodyNotReceivedError("The body came too slowly.") from None
        finally:
            place.timeout = None
        if len(body) < min(self.declared or 0, most):
            raise BodyNotReceivedError("The body ended before its declared length.")
        return body

    async def drain(self) -> None:
        """Read what is left, within bounds: a client that still sends would hear a reset instead of the answer."""
        if self.is_over:
            return
        left = DRAIN_BYTES
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                while left >= 0 and (piece := await self._next()) is not None:
                    left -= len(piece)

    async def _by_pieces(self, *, most: int, room: Room, place: Place) -> bytes:
        pieces: list[bytes] = []
        size, began = 0, asyncio.get_running_loop().time()
        while (piece := await self._next()) is not None:
            room.take(place, len(piece))
            pieces.append(piece)
            size += len(piece)
            if size > most:
                return b"".join(pieces)
            if piece and place.timeout is not None:
                place.timeout.reschedule(began + min(GRACE_S + size / LEAST_BYTES_PER_S, DEADLINE_S))
        return b"".join(pieces)

    async def _next(self) -> bytes | None:
        """The next piece, which may be empty; None when there is no more."""
        if self._pieces is None:
            self._pieces = aiter(self._transport)  # for once: it cannot be asked for again
        try:
            return await anext(self._pieces)
        except StopAsyncIteration:
            self.is_over = True
            return None
