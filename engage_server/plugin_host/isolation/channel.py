"""Messages over a socket: eight bytes of length, then the message. Blocks at most until the socket's deadline."""

import socket
import struct
import time
from dataclasses import dataclass
from typing import Final

LENGTH: Final = struct.Struct(">Q")
CHUNK: Final = 1 << 20


class MessageTooLongError(Exception):
    """The other side announced more bytes than it may send; ``length`` says how many."""

    def __init__(self, length: int) -> None:
        self.length = length
        super().__init__(f"A message of {length} bytes was announced.")


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of the monotonic clock, in seconds, that bounds a whole exchange; None waits for ever."""

    at: float | None = None

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """The deadline this many seconds from now."""
        return cls(time.monotonic() + seconds)

    def apply(self, peer: socket.socket) -> None:
        """Let the socket's next operation wait no longer than what is left.

        Raises:
            TimeoutError: nothing is left.
        """
        if self.at is None:
            peer.settimeout(None)
            return
        left = self.at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        peer.settimeout(left)


FOREVER: Final = Deadline()


def send(peer: socket.socket, message: bytes, *, deadline: Deadline = FOREVER) -> None:
    """Send one message.

    Raises:
        TimeoutError, OSError
    """
    unsent = memoryview(LENGTH.pack(len(message)) + message)
    while unsent:
        deadline.apply(peer)
        unsent = unsent[peer.send(unsent[:CHUNK]) :]


def receive(peer: socket.socket, *, at_most: int | None = None, deadline: Deadline = FOREVER) -> bytes:
    """The next message.

    Raises:
        TimeoutError, OSError
        EOFError: the other side is gone.
        MessageTooLongError: more than ``at_most`` bytes were announced.
    """
    (length,) = LENGTH.unpack(_exactly(peer, LENGTH.size, deadline=deadline))
    if at_most is not None and length > at_most:
        raise MessageTooLongError(length)
    return _exactly(peer, length, deadline=deadline)


def _exactly(peer: socket.socket, size: int, *, deadline: Deadline) -> bytes:
    received = bytearray()
    while len(received) < size:
        deadline.apply(peer)
        part = peer.recv(min(CHUNK, size - len(received)))
        if not part:
            raise EOFError
        received += part
    return bytes(received)
