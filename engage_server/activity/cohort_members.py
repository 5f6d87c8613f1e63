"""Who is in a cell of retention: the ids behind its counts, a page of them at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Final

from engage_server.activity.inputs.retention import set_of, stored_sets
from engage_server.activity.inputs.rolling_retention import persons_of_cell
from engage_server.activity.models import CHUNK
from engage_server.activity.retention_counts import sets_of_cell
from engage_server.sdk import Retention, Window

CHUNK_BITS: Final = (1 << CHUNK) - 1


@dataclass(frozen=True, slots=True)
class CohortMember:
    """An id, and whether it came back; None where its period is not over."""

    id: int
    came_back: bool | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sets of ids from those of a chunk on: members, those of them whose period is over, and of these who came back."""

    first_chunk: int
    members: int
    eligible: int
    retained: int

    def chosen(self, came_back: bool | None) -> int:
        """The members who came back, or who did not in a period that is over; None: all."""
        if came_back is None:
            return self.members
        return self.retained if came_back else self.eligible & ~self.retained


@dataclass(frozen=True, slots=True)
class CohortCell:
    """Everybody of a cell, in the order of their ids."""

    stretches: tuple[Stretch, ...]

    def count(self, came_back: bool | None) -> int:
        """How many there are."""
        return sum(one.chosen(came_back).bit_count() for one in self.stretches)

    def page(
        self, came_back: bool | None, *, size: int, place: int | None, is_backwards: bool
    ) -> list[CohortMember]:
        """At most so many behind an id (or before it, the last of them), in the order of ids."""
        found = list(islice(self._walk(came_back, place, is_backwards), size))
        return found[::-1] if is_backwards else found

    def _walk(self, came_back: bool | None, place: int | None, is_backwards: bool) -> Iterator[CohortMember]:
        for one in reversed(self.stretches) if is_backwards else self.stretches:
            numbers = range(-(-one.members.bit_length() // CHUNK))
            for number in reversed(numbers) if is_backwards else numbers:
                chunk = one.first_chunk + number
                if place is not None and (chunk > place // CHUNK if is_backwards else chunk < place // CHUNK):
                    continue
                chosen, eligible, retained = (
                    bits >> number * CHUNK & CHUNK_BITS
                    for bits in (one.chosen(came_back), one.eligible, one.retained)
                )
                for bit in _bits(chosen, is_backwards):
                    id = chunk * CHUNK + CHUNK - 1 - bit
                    if place is None or (id < place if is_backwards else id > place):
                        yield CohortMember(id, bool(retained >> bit & 1) if eligible >> bit & 1 else None)


def cohort_cell(spec: Retention, window: Window, *, cohort: date, offset: int) -> CohortCell:
    """The cell of a cohort, named by its first day, and of an offset that the input asks for.

    The counts of the input are those of these sets: both are read the same way, here of this cohort alone.
    """
    narrow = replace(spec, days=(window.day - cohort).days + 1)
    if spec.clock == "rolling":
        sets = [
            set_of(ids, chunks=range(max(ids, default=0) // CHUNK + 1))
            for ids in persons_of_cell(narrow, window, (cohort, offset))
        ]
        return CohortCell((Stretch(0, *sets),))
    return CohortCell(
        tuple(
            Stretch(
                chunk, *sets_of_cell(narrow, born=born, active=active, last=window.day, cell=(cohort, offset))
            )
            for chunk, born, active in stored_sets(narrow, window)
        )
    )


def _bits(members: int, is_backwards: bool) -> Iterator[int]:
    """Places of the bits that are set. The first id of a chunk is its highest bit, as PostgreSQL writes them."""
    while members:
        bit = (members & -members).bit_length() - 1 if is_backwards else members.bit_length() - 1
        members ^= 1 << bit
        yield bit
