"""Takes in a request's raw items: translates each by itself, stores the good ones, quarantines the rest."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, Final

import psycopg
from django.db import DatabaseError, connection, transaction

from engage_server.activity.exceptions import RepeatedIdsError
from engage_server.customers.cache_epoch import lock_epoch
from engage_server.ingest.event_batch import EventBatch, concat, from_items
from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.group_commit import PendingWrite, TenantGroupCommits
from engage_server.ingest.items import EventItem, Item, Reject, StoreResult
from engage_server.ingest.known_batch import store_known_events
from engage_server.ingest.limits import MAX_REJECTS_LISTED, MAX_TEXT_LISTED
from engage_server.ingest.notes import Note, Notes, noting
from engage_server.ingest.person_mentions import without_suppressed
from engage_server.ingest.privacy_filter import PRIVACY_CODES
from engage_server.ingest.quarantine import Origin, quarantine
from engage_server.ingest.store import store_items, store_new_items
from engage_server.telemetry import counters
from engage_server.tenancy.database_errors import is_known_of_items, may_be_of_an_item, state_of
from engage_server.tenancy.scope import current_tenant

log = logging.getLogger("engage.ingest")
FROM_SEGMENT: Final = Origin()
DATABASE_ERRORS: Final = (DatabaseError, psycopg.Error)  # the latter from a message of several statements


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the client is told. Every item is counted once: accepted, duplicate or rejected.

    ``notes`` say what was passed over of items, the first hundred of a request.
    """

    accepted: int
    duplicates: int
    rejected: tuple[Reject, ...]
    notes: tuple[Note, ...] = ()

    def listed(self) -> list[dict[str, Any]]:
        """The rejects as every dialect lists them, beside its own fields; the first of very many."""
        return [
            {"index": reject.index, "code": reject.code, "message": reject.message[:MAX_TEXT_LISTED]}
            for reject in self.rejected[:MAX_REJECTS_LISTED]
        ]

    def remarks(self) -> dict[str, Any]:
        """What every dialect adds to an answer: the notes, and how many rejects are not listed; else nothing."""
        more = len(self.rejected) - MAX_REJECTS_LISTED
        found: dict[str, Any] = {"unlisted": more} if more > 0 else {}
        return {**found, "notes": [note.listed() for note in self.notes]} if self.notes else found


@dataclass(frozen=True, slots=True)
class _Translated:
    """The raw items, and what they say: items side by side with the index of the raw item that each came from."""

    raws: Sequence[bytes]
    items: list[Item]
    origins: list[int]
    rejects: list[Reject]
    notes: Notes = field(default_factory=Notes)


class _Batch:
    """One request's items, how many, and how they came (None: they lie in quarantine already).

    ``events`` are the items column by column, where all of them are events and none was refused; then nobody may
    ever ask for ``translated``.
    """

    def __init__(
        self,
        size: int,
        translate: Callable[[], _Translated],
        events: EventBatch | None,
        origin: Origin | None,
    ) -> None:
        self.size = size
        self.events = events
        self.origin = origin
        self._translate = translate

    @cached_property
    def translated(self) -> _Translated:
        """The items one by one."""
        return self._translate()


_commits: Final[TenantGroupCommits[_Batch, Receipt]] = TenantGroupCommits()


def ingest_items(
    raws: Sequence[bytes],
    *,
    source: str,
    translate: Callable[[bytes], list[Item]],
    origin: Origin | None = FROM_SEGMENT,
) -> Receipt:
    """Store what can be stored and quarantine what cannot, in one transaction of the tenant in scope.

    Args:
        raws: the items as they came.
        source: name of the source; message ids are unique within it.
        translate: turns one of them into what is stored; raises ItemError.
        origin: how they came; None if they lie in quarantine already and what is refused stays there.

    Raises:
        BusyError: too much is being written; nothing was stored, the same may be sent again.
        django.db.DatabaseError: nothing was stored; ``tenancy.database_errors`` says whether the same may be sent again.
    """
    translated = _translate(raws, translate)
    items = [item for item in translated.items if isinstance(item, EventItem)]
    has_others = translated.rejects or translated.notes.count or len(items) != len(translated.items)
    events = None if has_others else from_items(items)
    return _take_in(_Batch(len(raws), lambda: translated, events, origin), source=source)


def ingest_events(
    events: EventBatch, *, raws: Callable[[], Sequence[bytes]], source: str, origin: Origin
) -> Receipt:
    """As ``take_in``, for items that are all read already, each an event; ``raws`` gives them as they came."""

    def translated() -> _Translated:
        return _Translated(raws(), [*events.items()], list(range(len(events))), [])

    return _take_in(_Batch(len(events.message_ids), translated, events, origin), source=source)


def _take_in(batch: _Batch, *, source: str) -> Receipt:
    # Inside a caller's transaction nobody else may write it.
    group = object() if connection.in_atomic_block else (current_tenant(), source)
    ticket: PendingWrite[_Batch, Receipt] = PendingWrite(group, batch, size=batch.size)
    turns = _commits.of(current_tenant().id)
    try:
        receipt = turns.submit(ticket, partial(_take_in_new, source=source))
    except RepeatedIdsError:
        receipt = None
    except DATABASE_ERRORS as error:
        if not may_be_of_an_item(error):
            raise
        receipt = None
    return receipt or turns.run_exclusive(partial(_store_with_conflicts, batch, source=source))


def _take_in_new(batches: Sequence[_Batch], *, source: str) -> list[Receipt]:
    """Store batches as one, in one transaction."""
    events = [batch.events for batch in batches if batch.events is not None]
    if len(events) == len(batches) and store_known_events(concat(events), source=source):
        for batch in batches:
            counters.count_items(accepted=batch.size, duplicates=0, rejected=0)
        return [Receipt(accepted=batch.size, duplicates=0, rejected=()) for batch in batches]
    items = [item for batch in batches for item in batch.translated.items]
    receipts, offset = [], 0
    with transaction.atomic():
        result = store_new_items(items, source=source)
        for batch in batches:
            end = offset + len(batch.translated.items)
            part = result.part(offset, end)
            receipts.append(_close(batch.translated, part, origin=batch.origin, source=source))
            offset = end
    return receipts


def _store_with_conflicts(batch: _Batch, *, source: str) -> Receipt:
    """For batches with something known or not storable in them: a few statements more."""
    translated = batch.translated
    with transaction.atomic():
        try:
            result = store_items(translated.items, source=source)
        except DatabaseError as error:
            if not may_be_of_an_item(error):
                raise
            log.warning(
                "The database refused a batch; its items are stored one by one.",
                extra={"action": "batch_split", "source": source, "state": state_of(error)},
            )
            translated, result = _store_one_by_one(translated, source=source)
        return _close(translated, result, origin=batch.origin, source=source)


def _close(translated: _Translated, result: StoreResult, *, origin: Origin | None, source: str) -> Receipt:
    """Quarantine what was refused and say what became of every item."""
    rejected = _rejected(translated, result)
    if rejected and origin is not None:
        quarantine(_keepable(rejected), source=source, origin=origin)
    refused = {reject.index for reject in rejected}
    repeated = {translated.origins[index] for index in result.repeats} - refused
    accepted = len(translated.raws) - len(refused) - len(repeated)
    counters.count_items(accepted=accepted, duplicates=len(repeated), rejected=len(refused))
    counters.count_notes(translated.notes.count)
    return Receipt(accepted, len(repeated), tuple(rejected), tuple(translated.notes.kept))


def _keepable(rejected: Sequence[Reject]) -> list[Reject]:
    """What may lie in quarantine: nothing of persons who are to be kept out."""
    others = [reject for reject in rejected if reject.code not in PRIVACY_CODES]
    return without_suppressed(lock_epoch().place, others) if others else []


def _translate(raws: Sequence[bytes], translate: Callable[[bytes], list[Item]]) -> _Translated:
    with noting() as notes:
        done = _Translated(raws, [], [], [], notes)
        for index, raw in enumerate(raws):
            notes.index = index
            try:
                items = translate(raw)
            except ItemError as error:
                done.rejects.append(_reject(index, error.code, str(error), raw))
            else:
                done.items.extend(items)
                done.origins.extend([index] * len(items))
    return done


def _store_one_by_one(batch: _Translated, *, source: str) -> tuple[_Translated, StoreResult]:
    """What no check foresaw: the items of one raw item at a time, each kept or rejected whole.

    Raises:
        django.db.DatabaseError: it refuses every one of several, and says of none that it is to blame: the fault is ours.
    """
    kept = _Translated(batch.raws, [], [], list(batch.rejects), batch.notes)
    conflicts: list[int] = []
    repeats: list[int] = []
    refused: list[Reject] = []
    withheld: list[Reject] = []
    origins = sorted(set(batch.origins))
    unexplained = 0
    for origin in origins:
        mine = [item for item, index in zip(batch.items, batch.origins, strict=True) if index == origin]
        offset = len(kept.items)
        try:
            result = store_items(mine, source=source)
        except DatabaseError as error:
            unexplained += not is_known_of_items(error)
            if not may_be_of_an_item(error) or (unexplained == len(origins) > 1):
                raise
            reason = str(error).strip().partition("\n")[0]
            kept.rejects.append(_reject(origin, "not_storable", reason, batch.raws[origin]))
            continue
        kept.items.extend(mine)
        kept.origins.extend([origin] * len(mine))
        conflicts.extend(offset + index for index in result.conflicts)
        repeats.extend(offset + index for index in result.repeats)
        refused.extend(replace(reject, index=offset + reject.index) for reject in result.refused)
        withheld.extend(replace(reject, index=offset + reject.index) for reject in result.withheld)
    return kept, StoreResult(
        stored=len(kept.items) - len(conflicts) - len(repeats) - len(withheld),
        duplicates=len(repeats),
        conflicts=tuple(conflicts),
        refused=tuple(refused),
        repeats=tuple(repeats),
        withheld=tuple(withheld),
    )


def _rejected(translated: _Translated, result: StoreResult) -> list[Reject]:
    raws = translated.raws
    rejects = list(translated.rejects)
    for index in result.conflicts:
        origin = translated.origins[index]
        message = "This message id is stored with another payload; the first stands. Remedy: a new id for each message."
        rejects.append(_reject(origin, "conflicting_duplicate", message, raws[origin]))
    for refused in result.refused:
        origin = translated.origins[refused.index]
        rejects.append(_reject(origin, refused.code, refused.message, raws[origin]))
    # Several items of one raw item are withheld for the same reason, and without what it said.
    withheld = {translated.origins[one.index]: one for one in result.withheld}
    rejects += [replace(one, index=origin) for origin, one in withheld.items()]
    return sorted(rejects, key=lambda reject: reject.index)


def _reject(index: int, code: str, message: str, raw: bytes) -> Reject:
    return Reject(index=index, code=code, message=message, payload=raw.decode("utf-8", "backslashreplace"))
