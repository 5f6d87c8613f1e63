"""A slice of a tenant's data: the rows of some accounts, or of some persons, or of both.

Whoever answers an input asks here which slice is in force; plugins never hear of it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

Ids = frozenset[int]


@dataclass(frozen=True, slots=True)
class Slice:
    """What belongs to one of ``accounts`` and to one of ``persons``; None restricts nothing.

    Persons are canonical ones. What belongs to no account is in no slice of accounts.
    """

    accounts: Ids | None = None
    persons: Ids | None = None

    def meet(self, other: "Slice") -> "Slice":
        """What is in both."""
        return Slice(_meet(self.accounts, other.accounts), _meet(self.persons, other.persons))


WHOLE: Final = Slice()
_in_force: Final[ContextVar[Slice]] = ContextVar("slice that inputs are restricted to", default=WHOLE)


@contextmanager
def sliced_by(part: Slice) -> Iterator[None]:
    """Have the inputs that are answered inside of the block restricted, as far as their statements can be."""
    token = _in_force.set(part)
    try:
        yield
    finally:
        _in_force.reset(token)


def slice_in_force() -> Slice:
    """That of the block around; the whole where there is none."""
    return _in_force.get()


def hull(parts: Sequence[Slice]) -> Slice:
    """A slice that everything of each of them is in."""
    accounts = [part.accounts for part in parts if part.accounts is not None]
    persons = [part.persons for part in parts if part.persons is not None]
    return Slice(
        frozenset[int]().union(*accounts) if len(accounts) == len(parts) else None,
        frozenset[int]().union(*persons) if len(persons) == len(parts) else None,
    )


def _meet(one: Ids | None, other: Ids | None) -> Ids | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other
