"""Bodies come within a deadline, a least rate and the room for them."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from typing import Any, Final

import pytest

from engage_server.front import bodies as module
from engage_server.front.asgi import AsgiProtocol
from engage_server.front.bodies import Body, Room
from engage_server.front.exceptions import BodyNotReceivedError, CrowdedError

MOST: Final = 1_000_000


class Wire:
    """What comes, piece by piece: bytes, or a pause in seconds."""

    def __init__(self, *pieces: bytes | float) -> None:
        self._pieces = iter(pieces)

    async def __call__(self) -> bytes:
        return b"".join([piece async for piece in self])

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        for piece in self._pieces:
            if isinstance(piece, bytes):
                return piece
            await asyncio.sleep(piece)
        raise StopAsyncIteration


async def receive(wire: Wire, *, declared: int | None = None, room: Room | None = None) -> bytes:
    room = room or Room(10 * MOST)
    with room.place() as place:
        return await Body(wire, declared=declared).receive(most=MOST, room=room, place=place)


def run(work: Coroutine[Any, Any, bytes]) -> bytes:
    return asyncio.run(asyncio.wait_for(work, timeout=30))


@pytest.mark.parametrize("declared", [None, 6])
def test_a_body_is_its_pieces(declared: int | None) -> None:
    assert run(receive(Wire(b"abc", b"", b"def"), declared=declared)) == b"abcdef"


def test_no_more_is_read_than_shows_that_a_body_is_too_long() -> None:
    assert len(run(receive(Wire(b"a" * MOST, b"b", b"c" * MOST)))) == MOST + 1
    with pytest.raises(BodyNotReceivedError):
        run(receive(Wire(), declared=MOST + 1))


@pytest.mark.parametrize("declared", [None, 6, 900_000])
def test_a_body_that_stops_or_ends_early_is_no_body(
    declared: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GRACE_S", 0.05)
    with pytest.raises(BodyNotReceivedError):
        run(receive(Wire(b"abc", 10, b"def"), declared=declared))
    if declared:
        with pytest.raises(BodyNotReceivedError):
            run(receive(Wire(b"abc"), declared=declared))


def test_the_rate_decides_not_the_time_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GRACE_S", 0.2)
    monkeypatch.setattr(module, "LEAST_BYTES_PER_S", 1_000)
    steady: Sequence[bytes | float] = [b"x" * 1_000, 0.3] * 3
    assert len(run(receive(Wire(*steady)))) == 3_000
    with pytest.raises(BodyNotReceivedError):
        run(receive(Wire(*[b"x", 0.15] * 20)))
    monkeypatch.setattr(module, "DEADLINE_S", 0.4)
    with pytest.raises(BodyNotReceivedError):
        run(receive(Wire(*steady)))


def test_where_room_is_short_the_slowest_body_makes_it_and_not_the_newcomer() -> None:
    async def work() -> bytes:
        room = Room(1_000)
        slow = asyncio.create_task(receive(Wire(b"x" * 900, 20), room=room))
        await asyncio.sleep(0.01)
        assert await receive(Wire(b"y" * 500), room=room) == b"y" * 500
        with pytest.raises(BodyNotReceivedError):
            await slow
        with room.place() as place:
            room.take(place, 900)
            with pytest.raises(CrowdedError):  # what is whole is not given up
                await receive(Wire(b"z" * 500), room=room)
        return await receive(Wire(b"z" * 1_000), room=room)

    assert run(work()) == b"z" * 1_000


def test_what_is_left_of_a_refused_body_is_drained_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DRAIN_BYTES", 10)
    monkeypatch.setattr(module, "DRAIN_S", 0.05)

    async def left(*pieces: bytes | float) -> bytes:
        wire = Wire(*pieces)
        await Body(wire, declared=None).drain()
        return await wire()

    assert run(left(b"abc", b"def")) == b""
    assert run(left(b"x" * 11, b"rest")) == b"rest"
    assert run(left(10, b"rest")) == b"rest"


def test_a_body_that_has_its_length_is_whole_and_nothing_more_is_awaited() -> None:
    coming = [{"type": "http.request", "body": piece, "more_body": True} for piece in (b"ab", b"c")]

    async def receive() -> Mapping[str, Any]:
        return coming.pop(0)

    async def send(message: Mapping[str, Any]) -> None:
        raise AssertionError(message)

    async def read() -> bytes:
        return await AsgiProtocol(receive, send, declared=3)()

    assert asyncio.run(read()) == b"abc"
    assert coming == []
