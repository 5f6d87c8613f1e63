"""The road of a request's items: decode > source rules > privacy filter > resolve ids > write > mark late days.

Decoding, with the source's rules, comes by item; what follows comes by batch, in ``engage_server.ingest.store``. Here
requests are joined in one commit where they may be, what was refused goes to quarantine, and each request gets the
outcomes of its own items.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import islice
from typing import Final

import psycopg
from django.db import DatabaseError, connection, transaction

from engage_server.activity.exceptions import RepeatedIdsError
from engage_server.customers.cache_epoch import lock_epoch
from engage_server.ingest.bisection import store_by_halves
from engage_server.ingest.delivery import Delivery
from engage_server.ingest.event_batch import EventBatch, concat, from_items
from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.group_commit import PendingWrite, TenantGroupCommits
from engage_server.ingest.items import EventItem, Item, Reject
from engage_server.ingest.notes import Notes, noting
from engage_server.ingest.outcomes import (
    AllStored,
    Outcome,
    OutcomeKind,
    Receipt,
    divide,
    least_favourable,
    receipt_of,
)
from engage_server.ingest.person_mentions import without_suppressed
from engage_server.ingest.quarantine.store import quarantine
from engage_server.ingest.store import store_new_items
from engage_server.telemetry import counters
from engage_server.tenancy.database_errors import may_be_of_an_item
from engage_server.tenancy.scope import current_tenant

DATABASE_ERRORS: Final = (DatabaseError, psycopg.Error)  # the latter from a message of several statements


@dataclass(frozen=True, slots=True)
class _Decoded:
    """The raw items, and of each the items that it says, or why it is refused."""

    raws: Sequence[bytes]
    parts: Sequence[Sequence[Item] | Outcome]
    notes: Notes = field(default_factory=Notes)

    @property
    def groups(self) -> list[Sequence[Item]]:
        """The items of each raw item that is not refused."""
        return [part for part in self.parts if not isinstance(part, Outcome)]

    def outcomes(self, of_items: Sequence[Outcome]) -> Sequence[Outcome]:
        """The outcome of each raw item, given those of the items in ``groups``."""
        if isinstance(of_items, AllStored) and len(self.groups) == len(self.parts):
            return AllStored(len(self.parts))
        remaining = iter(of_items)
        return [
            part if isinstance(part, Outcome) else least_favourable(islice(remaining, len(part)))
            for part in self.parts
        ]


class _Request:
    """One request's items, how many, how they came, and whether what is refused of them goes to quarantine.

    ``events`` are the items column by column, where all of them are events and none was refused or noted; then
    ``decoded`` may never be needed, and is made when it is.
    """

    def __init__(
        self,
        size: int,
        decode: Callable[[], _Decoded],
        events: EventBatch | None,
        delivery: Delivery,
        quarantines: bool,
    ) -> None:
        self.size = size
        self.events = events
        self.delivery = delivery
        self.quarantines = quarantines
        self._decode = decode

    @cached_property
    def decoded(self) -> _Decoded:
        """The items one by one."""
        return self._decode()

    @cached_property
    def items(self) -> list[Item]:
        """The items of all raw items that are not refused."""
        return [item for group in self.decoded.groups for item in group]

    @property
    def items_count(self) -> int:
        """How many ``items`` are."""
        return len(self.items) if self.events is None else self.size


_commits: Final[TenantGroupCommits[_Request, Receipt]] = TenantGroupCommits()


def ingest_items(
    raws: Sequence[bytes],
    *,
    translate: Callable[[bytes], list[Item]],
    delivery: Delivery,
    quarantines: bool = True,
) -> Receipt:
    """Store what can be stored and quarantine what cannot, in one transaction of the tenant in scope.

    Args:
        raws: the items as they came.
        translate: turns one of them into what is stored; raises ItemError.
        delivery: how they came; message ids are unique within its source.
        quarantines: whether what is refused goes to quarantine; not if it lies there already, or in a file.

    Raises:
        BusyError: too much is being written; nothing was stored, the same may be sent again.
        django.db.DatabaseError: nothing was stored; ``tenancy.database_errors`` says whether the same may be sent again.
    """
    return _ingest(_decode_request(raws, translate, delivery, quarantines))


def ingest_events(events: EventBatch, *, raws: Callable[[], Sequence[bytes]], delivery: Delivery) -> Receipt:
    """As ``ingest_items``, for items that are all read already, each an event; ``raws`` gives them as they came."""

    def decode() -> _Decoded:
        return _Decoded(raws(), [[event] for event in events.items()])

    return _ingest(_Request(len(events.message_ids), decode, events, delivery, quarantines=True))


def _ingest(request: _Request) -> Receipt:
    source = request.delivery.source
    # Inside a caller's transaction nobody else may write it.
    group = object() if connection.in_atomic_block else (current_tenant(), source)
    pending: PendingWrite[_Request, Receipt] = PendingWrite(group, request, size=request.size)
    commits = _commits.of(current_tenant().id)
    try:
        receipt = commits.submit(pending, partial(_store_together, source=source))
    except RepeatedIdsError:
        receipt = None
    except DATABASE_ERRORS as error:
        if not may_be_of_an_item(error):
            raise
        receipt = None
    receipt = receipt or commits.run_exclusive(partial(_store_with_conflicts, request))
    _count(request, receipt)
    return receipt


def _store_together(requests: Sequence[_Request], *, source: str) -> list[Receipt]:
    """Store requests whose message ids are new as one, in one transaction."""
    columns = [request.events for request in requests if request.events is not None]

    def items() -> list[Item]:
        return [item for request in requests for item in request.items]

    def conclude(outcomes: Sequence[Outcome]) -> list[Receipt]:
        parts = divide(outcomes, [request.items_count for request in requests])
        return [_conclude(request, part) for request, part in zip(requests, parts, strict=True)]

    events = concat(columns) if len(columns) == len(requests) else None
    return store_new_items(items, events=events, source=source, conclude=conclude)


def _store_with_conflicts(request: _Request) -> Receipt:
    """For a request with something known or not storable in it: a few statements more."""
    with transaction.atomic():
        outcomes = store_by_halves(request.decoded.groups, source=request.delivery.source)
        return _conclude(request, outcomes)


def _conclude(request: _Request, of_items: Sequence[Outcome]) -> Receipt:
    """Say what became of every raw item, and quarantine what was refused."""
    if request.events is not None and isinstance(of_items, AllStored):
        return receipt_of(of_items)
    decoded = request.decoded
    receipt = receipt_of(decoded.outcomes(of_items), decoded.notes.kept)
    if receipt.rejected and request.quarantines:
        quarantine(_keepable(receipt, decoded.raws), delivery=request.delivery)
    return receipt


def _keepable(receipt: Receipt, raws: Sequence[bytes]) -> list[Reject]:
    """What may lie in quarantine, with what it said: nothing of persons who are to be kept out."""
    rejects = [
        Reject(place, outcome.code, outcome.message, raws[place].decode("utf-8", "backslashreplace"))
        for place, outcome in enumerate(receipt.outcomes)
        if outcome.is_rejected and outcome.kind is not OutcomeKind.DROPPED
    ]
    return without_suppressed(lock_epoch().place, rejects) if rejects else []


def _count(request: _Request, receipt: Receipt) -> None:
    counters.count_items(
        accepted=receipt.accepted, duplicates=receipt.duplicates, rejected=len(receipt.rejected)
    )
    if request.events is None:
        counters.count_notes(request.decoded.notes.count)


def _decode_request(
    raws: Sequence[bytes], translate: Callable[[bytes], list[Item]], delivery: Delivery, quarantines: bool
) -> _Request:
    decoded = _decode(raws, translate)
    events = [
        part[0]
        for part in decoded.parts
        if not isinstance(part, Outcome) and len(part) == 1 and isinstance(part[0], EventItem)
    ]
    has_others = len(events) != len(raws) or decoded.notes.count
    return _Request(
        len(raws), lambda: decoded, None if has_others else from_items(events), delivery, quarantines
    )


def _decode(raws: Sequence[bytes], translate: Callable[[bytes], list[Item]]) -> _Decoded:
    with noting() as notes:
        return _Decoded(raws, list(_decode_each(raws, translate, notes)), notes)


def _decode_each(
    raws: Sequence[bytes], translate: Callable[[bytes], list[Item]], notes: Notes
) -> Iterator[Sequence[Item] | Outcome]:
    for index, raw in enumerate(raws):
        notes.index = index
        try:
            yield translate(raw)
        except ItemError as error:
            yield Outcome(OutcomeKind.REFUSED, error.code, str(error))
