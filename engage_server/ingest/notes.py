"""What of an item was passed over or repaired though the item was taken: listed in the answer, and counted.

Whoever reads an item calls ``note``; whoever reads a batch collects with ``noting``. Outside of that nobody listens.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

MOST_KEPT: Final = 100  # of a batch; the others are only counted
LONGEST_MESSAGE: Final = 300


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the item at this index of the batch."""

    index: int
    code: str
    message: str

    def listed(self) -> dict[str, Any]:
        """As every protocol lists it, beside the rejects."""
        return {"index": self.index, "code": self.code, "message": self.message}


@dataclass(slots=True)
class Notes:
    """The notes of a batch; ``index`` is that of the item which is read now."""

    index: int = 0
    kept: list[Note] = field(default_factory=list)
    count: int = 0


_listening: ContextVar[Notes | None] = ContextVar("engage_notes", default=None)


@contextmanager
def noting() -> Iterator[Notes]:
    """Collect what is noted inside the block."""
    notes = Notes()
    token = _listening.set(notes)
    try:
        yield notes
    finally:
        _listening.reset(token)


def note(code: str, message: str) -> None:
    """Say what of the item that is read now is passed over or repaired. The message quotes no values of the item."""
    notes = _listening.get()
    if notes is None:
        return
    notes.count += 1
    if len(notes.kept) < MOST_KEPT:
        notes.kept.append(Note(notes.index, code, message[:LONGEST_MESSAGE]))
