"""Imports another tool's export of events, batch after batch, by the path of the tool's tracking protocol."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from engage_server.ingest.delivery import Conventions, Delivery
from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.imports.collector import rare_collections
from engage_server.ingest.imports.exports import ExportShape
from engage_server.ingest.imports.formats import require_file
from engage_server.ingest.imports.ndjson_files import in_batches
from engage_server.ingest.imports.rejects import RejectFile
from engage_server.ingest.imports.runner import Tally, is_withheld
from engage_server.ingest.imports.text_lines import TextFile, shown
from engage_server.ingest.items import EventItem, Item, Reject
from engage_server.ingest.pipeline import Receipt, ingest_items
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
    conventions = Conventions.of(current_tenant())
    delivery = Delivery(shape.protocol, source_name, now, kind=shape.kind, conventions=conventions)
    with rare_collections():
        for batch in file.batches(batch_size):
            reading = _Reading(shape, TRANSLATIONS[shape.protocol], delivery, [])
            lines = [line.encode(errors="surrogateescape") for _, line in batch]
            take = _checked if dry_run else partial(ingest_items, source=source_name, origin=None)
            receipt = take(lines, translate=reading)
            refused = {reject.index for reject in receipt.rejected}
            described = sum(
                eventless and index not in refused for index, eventless in enumerate(reading.eventless)
            )
            rejects.write(_as_told(batch, receipt.rejected))
            tally = Tally(
                read=tally.read + len(batch),
                stored=tally.stored + receipt.accepted - described,
                duplicates=tally.duplicates + receipt.duplicates,
                rejected=tally.rejected + len(refused),
                described=tally.described + described,
                withheld=tally.withheld + sum(map(is_withheld, receipt.rejected)),
            )
            progress(tally)
    return tally


def _checked(lines: Sequence[bytes], *, translate: Callable[[bytes], list[Item]]) -> Receipt:
    rejected = []
    for index, line in enumerate(lines):
        try:
            translate(line)
        except ItemError as error:
            rejected.append(Reject(index, error.code, str(error)))
    return Receipt(len(lines) - len(rejected), 0, tuple(rejected))


def _object(line: bytes) -> dict[str, Any]:
    try:
        record = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ItemError("invalid_json", f"The line is no JSON: {error}.") from None
    if not isinstance(record, dict):
        raise ItemError("invalid_json", "The line is no JSON object. Remedy: one object a line.")
    return record


def _as_told(batch: Sequence[tuple[int, str]], rejected: Sequence[Reject]) -> Iterator[Reject]:
    """The rejects with the file's own lines, which can be corrected and imported again."""
    for reject in rejected:
        place, line = batch[reject.index]
        payload = "{}" if is_withheld(reject) else _payload(line)
        yield replace(reject, index=place, code=reject.code.upper(), payload=payload)


def _payload(line: str) -> str:
    try:
        is_object = isinstance(msgspec.json.decode(line), dict)
    except (msgspec.DecodeError, UnicodeEncodeError):
        is_object = False
    return line if is_object else msgspec.json.encode({"_line": shown(line)}).decode()
