"""Imports another tool's export of events, batch after batch, by the path of the tool's tracking protocol."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from engage_server.engine.gc_tuning import rare_collections
from engage_server.ingest.delivery import Conventions, Delivery
from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.imports.exports import ExportShape
from engage_server.ingest.imports.formats import require_file
from engage_server.ingest.imports.ndjson_files import in_batches
from engage_server.ingest.imports.rejects import RejectFile
from engage_server.ingest.imports.runner import Tally
from engage_server.ingest.imports.text_lines import TextFile, printable
from engage_server.ingest.items import EventItem, Item, Reject
from engage_server.ingest.outcomes import STORED, Outcome, OutcomeKind, Receipt, receipt_of
from engage_server.ingest.pipeline import ingest_items
from engage_server.ingest.protocols.base import Translate
from engage_server.ingest.protocols.registry import TRANSLATIONS
from engage_server.tenancy.scope import current_tenant


class ExportFile:
    """A file with a JSON object a line; tells how much of it has been read."""

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        require_file(path)
        self._path = path
        self._encoding = encoding
        self._file: TextFile | None = None

    def fraction(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return 0.0 if self._file is None else self._file.fraction()

    def batches(self, size: int) -> Iterator[list[tuple[int, str]]]:
        """Lines that are not blank, with their places from 0.

        Raises:
            UnreadableFileError: the file is damaged.
        """
        with TextFile(self._path, self._encoding) as file, file.reading():
            self._file = file
            yield from in_batches(file.lines, size)


@dataclass(slots=True)
class _Reading:
    """Translates lines one after the other, and remembers which of them hold no event."""

    shape: ExportShape
    translate: Translate
    delivery: Delivery
    eventless: list[bool]

    def __call__(self, line: bytes) -> list[Item]:
        self.eventless.append(False)
        record = _object(line)
        items = self.translate(msgspec.json.encode(self.shape.as_sent(record)), self.delivery)
        self.eventless[-1] = not any(isinstance(item, EventItem) for item in items)
        return items


def run_export(
    file: ExportFile,
    shape: ExportShape,
    *,
    now: datetime,
    source_name: str,
    batch_size: int,
    rejects: RejectFile,
    dry_run: bool,
    progress: Callable[[Tally], None],
) -> Tally:
    """Import the whole file into the tenant whose scope is in force; each batch is committed by itself.

    Raises:
        UnreadableFileError: the file is damaged; the batches before stay stored.
    """
    tally = Tally()
    delivery = delivery_of(shape, now=now, source_name=source_name)
    with rare_collections():
        for batch in file.batches(batch_size):
            tally, found = store_lines(batch, shape, delivery=delivery, is_checked_alone=dry_run, tally=tally)
            rejects.write(found)
            progress(tally)
    return tally


def delivery_of(shape: ExportShape, *, now: datetime, source_name: str) -> Delivery:
    """How the lines of an export come to the tenant in scope."""
    conventions = Conventions.of(current_tenant())
    return Delivery(shape.protocol, source_name, now, kind=shape.kind, conventions=conventions)


def store_lines(
    batch: Sequence[tuple[int, str]],
    shape: ExportShape,
    *,
    delivery: Delivery,
    is_checked_alone: bool,
    tally: Tally,
) -> tuple[Tally, list[Reject]]:
    """Store a batch of lines, or do as if they had been; the tally with them, and those that were not taken."""
    reading = _Reading(shape, TRANSLATIONS[shape.protocol], delivery, [])
    lines = [line.encode(errors="surrogateescape") for _, line in batch]
    take = _check if is_checked_alone else partial(ingest_items, delivery=delivery, quarantines=False)
    receipt = take(lines, translate=reading)
    described = sum(
        eventless and not outcome.is_rejected
        for eventless, outcome in zip(reading.eventless, receipt.outcomes, strict=True)
    )
    return Tally(
        read=tally.read + len(batch),
        stored=tally.stored + receipt.accepted - described,
        duplicates=tally.duplicates + receipt.duplicates,
        rejected=tally.rejected + len(receipt.rejected),
        described=tally.described + described,
        dropped=tally.dropped + sum(outcome.kind is OutcomeKind.DROPPED for outcome in receipt.outcomes),
    ), list(_rejects(batch, receipt.outcomes))


def _check(lines: Sequence[bytes], *, translate: Callable[[bytes], list[Item]]) -> Receipt:
    """What would become of the lines, as far as it shows without storing them."""
    return receipt_of([_check_line(line, translate) for line in lines])


def _check_line(line: bytes, translate: Callable[[bytes], list[Item]]) -> Outcome:
    try:
        translate(line)
    except ItemError as error:
        return Outcome(OutcomeKind.REFUSED, error.code, str(error))
    return STORED


def _object(line: bytes) -> dict[str, Any]:
    try:
        record = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ItemError("invalid_json", f"The line is no JSON: {error}.") from None
    if not isinstance(record, dict):
        raise ItemError("invalid_json", "The line is no JSON object. Remedy: one object a line.")
    return record


def _rejects(batch: Sequence[tuple[int, str]], outcomes: Sequence[Outcome]) -> Iterator[Reject]:
    """The lines that were not taken, as they stand in the file, so that they can be corrected and imported again."""
    for (place, line), outcome in zip(batch, outcomes, strict=True):
        if outcome.is_rejected:
            payload = "{}" if outcome.kind is OutcomeKind.DROPPED else _payload(line)
            yield Reject(place, outcome.code.upper(), outcome.message, payload)


def _payload(line: str) -> str:
    try:
        is_object = isinstance(msgspec.json.decode(line), dict)
    except (msgspec.DecodeError, UnicodeEncodeError):
        is_object = False
    return line if is_object else msgspec.json.encode({"_line": printable(line)}).decode()
