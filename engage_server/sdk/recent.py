"""What was made for the day before and serves again: in a backfill most accounts are what they were on the day before."""

from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar, cast

T = TypeVar("T")


class Recent:
    """Things made for this computation and for the one before it, by what they were made of.

    Those of two computations are held, however many days follow one another.
    """

    __slots__: Final = ("_before", "_now")

    def __init__(self) -> None:
        """Begin with nothing."""
        self._before: dict[Hashable, Any] = {}
        self._now: dict[Hashable, Any] = {}

    def begin(self) -> None:
        """A computation begins: what the last one did not use is let go."""
        self._before, self._now = self._now, {}

    def get(self, key: Hashable) -> Any:
        """What was made of ``key``; None where nothing was, or not of late."""
        found = self._now.get(key)
        if found is None:
            found = self._before.get(key)
            if found is not None:
                self._now[key] = found
        return found

    def keep(self, key: Hashable, thing: object) -> None:
        """Hold something that is not None."""
        self._now[key] = thing

    def made(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made of ``key``, or what ``make`` makes of it now."""
        found = self.get(key)
        if found is None:
            found = make()
            self._now[key] = found
        return cast("T", found)
