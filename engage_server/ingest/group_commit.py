"""Lets a tenant's requests write in turn: few at a time, those that wait together, and none that would wait long.

A transaction costs PostgreSQL and us the more for each row the fewer rows it has; requests of one tenant that come
while others are written are therefore written by the first of them that gets a turn. Half of a turn is waiting for the
disk, so that another may begin beside it as soon as enough waits for it. Each request is answered after the commit that
holds it. Each tenant has turns of its own: what keeps one of them from writing keeps nobody else.
"""

import threading
import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

from django.db import OperationalError

from engage_server.ingest.exceptions import BusyError
from engage_server.ingest.limits import LEAST_BESIDE, MAX_TOGETHER, MAX_WAITING, PATIENCE_S, WRITERS
from engage_server.tenancy.database_errors import DATABASE_ERRORS, is_passing

Work = TypeVar("Work")
Outcome = TypeVar("Outcome")


class PendingWrite(Generic[Work, Outcome]):
    """One request that waits for its turn. ``group``: only tickets of the same group are written together."""

    def __init__(self, group: object, work: Work, *, size: int) -> None:
        self.group = group
        self.work = work
        self.size = size
        self.ends_before = 0
        self.is_taken = False
        self.is_done = False
        self.outcome: Outcome | None = None
        self.outage: Exception | None = None
        self.news: threading.Condition | None = None


class GroupCommit(Generic[Work, Outcome]):
    """The turns of one tenant in this process: at most ``WRITERS`` at a time, and ``MAX_WAITING`` that wait for one.

    A turn beside others begins with ``least_beside`` items of a group; with fewer once two turns have ended meanwhile, so
    that nobody waits for longer than it did for one turn at a time.
    """

    def __init__(
        self, *, writers: int = WRITERS, least_beside: int = LEAST_BESIDE, patience_s: float = PATIENCE_S
    ) -> None:
        self._writers = self._free = writers
        self._least_beside = least_beside
        self._ends = 0
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._waiting: list[PendingWrite[Work, Outcome]] = []
        self._last_end = time.monotonic()

    def submit(
        self, ticket: PendingWrite[Work, Outcome], store: Callable[[Sequence[Work]], Sequence[Outcome]]
    ) -> Outcome | None:
        """What became of the ticket's work; None if another request tried to write it along with its own and could not.

        Args:
            ticket: the work.
            store: writes the works of one group in one transaction and tells the outcome of each.

        Raises:
            BusyError: too many wait, or no turn has ended for long; nothing was written.
            OperationalError: the database was away when another request tried to write it along with its own.
            Exception: what ``store`` raised, to the request whose turn it was.
        """
        together = self._wait(ticket)
        if not together:
            if ticket.outage is not None:
                raise OperationalError(str(ticket.outage)) from ticket.outage
            return ticket.outcome
        outcomes: Sequence[Outcome | None] = [None] * len(together)
        try:
            outcomes = store([one.work for one in together])
        except DATABASE_ERRORS as error:
            # What passes by itself is told to all at once: tried one by one, each would wait for the outage again.
            for one in together if is_passing(error) else ():
                one.outage = error
            raise
        finally:
            self._end(together, outcomes)
        return ticket.outcome

    def run_exclusive(self, store: Callable[[], Outcome]) -> Outcome:
        """What ``store`` returns, in a turn of its own; raises BusyError as above."""
        ticket: PendingWrite[Any, Outcome] = PendingWrite(object(), None, size=0)
        self._wait(ticket)
        try:
            return store()
        finally:
            self._end([ticket], [None])

    def _wait(self, ticket: PendingWrite[Work, Outcome]) -> list[PendingWrite[Work, Outcome]]:
        """The tickets to write in this turn; none if the ticket was written in another's."""
        with self._lock:
            if not self._free and len(self._waiting) >= MAX_WAITING:
                raise _busy()
            if self._free and not self._waiting:
                self._last_end = time.monotonic()
            ticket.ends_before = self._ends
            self._waiting.append(ticket)
            # One for each: whoever has nothing to do yet is not woken, which cost more than the turns themselves.
            ticket.news = threading.Condition(self._lock)
            while not ticket.is_done and (ticket.is_taken or not self._may_begin(ticket)):
                # A ticket that is being written has to wait for its outcome, however long.
                left = None if ticket.is_taken else self._last_end + self._patience_s - time.monotonic()
                if left is not None and left <= 0:
                    self._waiting.remove(ticket)
                    raise _busy()
                ticket.news.wait(left)
            if ticket.is_done:
                return []
            self._free -= 1
            together = self._take(ticket)
            self._call()  # one that was called before may be among those taken along
            return together

    def _end(
        self, together: Sequence[PendingWrite[Work, Outcome]], outcomes: Sequence[Outcome | None]
    ) -> None:
        with self._lock:
            self._free += 1
            self._ends += 1
            self._last_end = time.monotonic()
            for one, outcome in zip(together, outcomes, strict=True):
                one.is_done, one.outcome = True, outcome
            for one in together:
                _wake(one)
            self._call()

    def _call(self) -> None:
        """Wake as many of those that may begin as there are free turns."""
        if self._free:
            for one in islice(filter(self._may_begin, self._waiting), self._free):
                _wake(one)

    def _may_begin(self, ticket: PendingWrite[Work, Outcome]) -> bool:
        if not self._free:
            return False
        if self._free == self._writers or self._ends - ticket.ends_before >= self._writers:
            return True
        waits = sum(one.size for one in self._waiting if one.group == ticket.group)
        return waits >= self._least_beside

    def _take(self, first: PendingWrite[Work, Outcome]) -> list[PendingWrite[Work, Outcome]]:
        together, size = [first], first.size
        for one in self._waiting:
            if one is not first and one.group == first.group and size + one.size <= MAX_TOGETHER:
                together.append(one)
                size += one.size
        for one in together:
            one.is_taken = True
            self._waiting.remove(one)
        return together


class TenantGroupCommits(Generic[Work, Outcome]):
    """The turns of every tenant that writes, each made by ``make``; they are forgotten when nobody uses them."""

    def __init__(self, make: "Callable[[], GroupCommit[Work, Outcome]]" = GroupCommit) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._in_use: WeakValueDictionary[int, GroupCommit[Work, Outcome]] = WeakValueDictionary()

    def of(self, tenant: int) -> GroupCommit[Work, Outcome]:
        """The tenant's turns, to be held for as long as a request waits or writes."""
        with self._lock:
            turns = self._in_use.get(tenant)
            if turns is None:
                turns = self._in_use[tenant] = self._make()
            return turns


def _wake(ticket: PendingWrite[Any, Any]) -> None:
    if ticket.news is not None:
        ticket.news.notify()


def _busy() -> BusyError:
    return BusyError(
        "The server has more to write than it can; nothing was stored. Remedy: send the same again."
    )
