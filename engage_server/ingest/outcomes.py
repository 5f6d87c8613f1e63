"""What became of the items of a batch: one outcome per item, in the batch's order.

The store, the division of a batch that the database refuses, imports, replays and every protocol's answer speak of
items in these outcomes alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice, repeat
from typing import Any, Final, overload

from engage_server.ingest.items import Reject
from engage_server.ingest.limits import MAX_REJECTS_LISTED, MAX_TEXT_LISTED
from engage_server.ingest.notes import Note


class OutcomeKind(IntEnum):
    """From the most to the least favourable.

    INCOMPLETE items are stored, save for a part that could not be kept, such as a parent that would close a circle.
    Of CONFLICT items the message id is stored with other content, and the first stands. DROPPED items are kept nowhere,
    not in quarantine either, to protect their persons.
    """

    STORED = 0
    DUPLICATE = 1
    INCOMPLETE = 2
    CONFLICT = 3
    REFUSED = 4
    DROPPED = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item; ``code`` and ``message`` say why, where it was not taken whole."""

    kind: OutcomeKind
    code: str = ""
    message: str = ""

    @property
    def is_rejected(self) -> bool:
        """Whether the client has to know why the item was not taken, or not whole."""
        return self.kind >= OutcomeKind.INCOMPLETE


STORED: Final = Outcome(OutcomeKind.STORED)
DUPLICATE: Final = Outcome(OutcomeKind.DUPLICATE)
CONFLICT: Final = Outcome(
    OutcomeKind.CONFLICT,
    "conflicting_duplicate",
    "This message id is stored with another payload; the first stands. Remedy: a new id for each message.",
)


class AllStored(Sequence[Outcome]):
    """The outcomes of ``size`` items that were all stored, without an entry for each."""

    __slots__ = ("_size",)

    def __init__(self, size: int) -> None:
        self._size = size

    def __len__(self) -> int:
        """How many items there were."""
        return self._size

    @overload
    def __getitem__(self, place: int) -> Outcome: ...
    @overload
    def __getitem__(self, place: slice) -> "AllStored": ...
    def __getitem__(self, place: int | slice) -> "Outcome | AllStored":
        """The outcome at a place, or those of a range."""
        if isinstance(place, slice):
            return AllStored(len(range(self._size)[place]))
        if not -self._size <= place < self._size:
            raise IndexError(place)
        return STORED

    def __iter__(self) -> Iterator[Outcome]:
        """The same for each."""
        return repeat(STORED, self._size)


def outcomes_of(size: int, others: Mapping[int, Outcome]) -> Sequence[Outcome]:
    """The outcomes of so many items, given those of the items that were not simply stored, by their place."""
    return [others.get(place, STORED) for place in range(size)] if others else AllStored(size)


def least_favourable(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome of a raw item that says several items, given theirs; of none, that it was taken."""
    return max(outcomes, key=lambda outcome: outcome.kind, default=STORED)


def divide(outcomes: Sequence[Outcome], sizes: Iterable[int]) -> Iterable[Sequence[Outcome]]:
    """The outcomes of batches that were stored as one, batch by batch, given the size of each."""
    if isinstance(outcomes, AllStored):
        return map(AllStored, sizes)
    remaining = iter(outcomes)
    return (list(islice(remaining, size)) for size in sizes)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a request's raw items, as its client reads it. Every one is accepted, a duplicate or rejected.

    ``rejected`` are those that were not taken, or not whole, without what they said. ``notes`` say what was passed over
    of items, the first hundred of a request.
    """

    outcomes: Sequence[Outcome]
    accepted: int
    duplicates: int = 0
    rejected: tuple[Reject, ...] = ()
    notes: tuple[Note, ...] = ()

    def listed(self) -> list[dict[str, Any]]:
        """The rejects as every protocol lists them, beside its own fields; the first of very many."""
        return [
            {"index": reject.index, "code": reject.code, "message": reject.message[:MAX_TEXT_LISTED]}
            for reject in self.rejected[:MAX_REJECTS_LISTED]
        ]

    def remarks(self) -> dict[str, Any]:
        """What every protocol adds to an answer: the notes, and how many rejects are not listed; else nothing."""
        more = len(self.rejected) - MAX_REJECTS_LISTED
        found: dict[str, Any] = {"unlisted": more} if more > 0 else {}
        return {**found, "notes": [note.listed() for note in self.notes]} if self.notes else found


def receipt_of(outcomes: Sequence[Outcome], notes: Sequence[Note] = ()) -> Receipt:
    """The receipt of a request, given the outcome of each of its raw items."""
    if isinstance(outcomes, AllStored):
        return Receipt(outcomes, len(outcomes), 0, (), tuple(notes))
    rejected = tuple(
        Reject(place, outcome.code, outcome.message)
        for place, outcome in enumerate(outcomes)
        if outcome.is_rejected
    )
    duplicates = sum(outcome.kind is OutcomeKind.DUPLICATE for outcome in outcomes)
    accepted = len(outcomes) - duplicates - len(rejected)
    return Receipt(outcomes, accepted, duplicates, rejected, tuple(notes))
