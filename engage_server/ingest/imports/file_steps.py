"""A file that came by request, laid out on this machine's disk, and the steps in which it is stored."""

import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from django.conf import settings

from engage_server.ingest.imports.columns import Context
from engage_server.ingest.imports.conversion import convert
from engage_server.ingest.imports.exceptions import UnreadableFileError
from engage_server.ingest.imports.export_runner import ExportFile, delivery_of, store_lines
from engage_server.ingest.imports.exports import SHAPES
from engage_server.ingest.imports.formats import open_source
from engage_server.ingest.imports.kinds import KINDS
from engage_server.ingest.imports.mapping import MappingOptions, Plan, resolve
from engage_server.ingest.imports.prefetch import prefetch
from engage_server.ingest.imports.requests import ImportRequest
from engage_server.ingest.imports.runner import Tally, store_batch
from engage_server.ingest.imports.sources import Batch, Reading, Source
from engage_server.ingest.items import Reject
from engage_server.tenancy.private_files import create_private
from engage_server.tenancy.scope import current_tenant

BATCH_ROWS: Final = 5_000
MOST_UNPACKED_BYTES: Final = 2**30
PIECE_BYTES: Final = 2**20
GZIP: Final = zlib.MAX_WBITS | 16
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Step:
    """Some rows that are stored together. ``progress``: the share of the file that is read with them, 0 to 1.

    ``store`` takes the ``tally`` so far.
    """

    rows: int
    progress: float
    store: Callable[..., tuple[Tally, list[Reject]]]


def lay_out(pieces: Iterable[bytes], request: ImportRequest, folder: Path) -> Path:
    """Write a file that nobody else may read, unpacked.

    Raises:
        UnreadableFileError: it is no gzip, cut off, or longer than it may be.
    """
    path = folder / request.file_name
    with create_private(path) as file:
        for piece in _unpacked(pieces) if request.is_packed else pieces:
            file.write(piece)
    return path


def steps(path: Path, request: ImportRequest, *, now: datetime, done: int) -> Iterator[Step]:
    """The steps that are left where so many rows are done; inside the tenant's scope.

    The same file falls into the same steps each time, so that ``done`` lies between two of them.

    Raises:
        ImportFileError: the mapping does not fit the file, or it is damaged.
    """
    if request.kind in SHAPES:
        return _of_export(ExportFile(path, request.encoding), request, now=now, done=done)
    return _of_table(path, request, now=now, done=done)


def _of_table(path: Path, request: ImportRequest, *, now: datetime, done: int) -> Iterator[Step]:
    tenant = current_tenant()
    source = open_source(path, Reading(request.encoding, request.separator, frozenset(request.null_words)))
    context = Context(
        zone=tenant.zone,
        now=now,
        future_tolerance=timedelta(seconds=settings.ENGAGE_FUTURE_TOLERANCE_S),
        placeholder_ids=tenant.placeholder_ids,
        exact=request.exact,
    )
    plan = resolve(
        KINDS[request.kind],
        source.columns,
        MappingOptions(request.columns, request.constants, request.extras),
        context,
        repeated=source.repeated,
        may_have_more=source.may_have_more,
    )
    return _stored(source, plan, context, request, done)


def _stored(
    source: Source, plan: Plan, context: Context, request: ImportRequest, done: int
) -> Iterator[Step]:
    left = _behind(source.batches(plan.needed, BATCH_ROWS), done, _rows_of)
    for batch, converted in prefetch(left, partial(convert, plan=plan, context=context)):
        store = partial(
            store_batch, batch, converted, source_name=request.source, is_checked_alone=request.dry_run
        )
        yield Step(_rows_of(batch), source.fraction(), store)


def _of_export(file: ExportFile, request: ImportRequest, *, now: datetime, done: int) -> Iterator[Step]:
    shape = SHAPES[request.kind]
    delivery = delivery_of(shape, now=now, source_name=request.source)
    for batch in _behind(file.batches(BATCH_ROWS), done, len):
        store = partial(store_lines, batch, shape, delivery=delivery, is_checked_alone=request.dry_run)
        yield Step(len(batch), file.fraction(), store)


def _rows_of(batch: Batch) -> int:
    return len(batch.places) + len(batch.rejects)


def _behind(
    batches: Iterable[Found], done: int, rows_of: Callable[[Found], int]
) -> Generator[Found, None, None]:
    passed = 0
    for batch in batches:
        if passed < done:
            passed += rows_of(batch)
        else:
            yield batch


def _unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What gzip packed, of one member or several."""
    member, room, is_empty = zlib.decompressobj(GZIP), MOST_UNPACKED_BYTES, True
    for piece in pieces:
        packed = piece
        while packed:
            try:
                unpacked = member.decompress(packed, PIECE_BYTES)
            except zlib.error as error:
                raise UnreadableFileError(
                    f"The file is not packed by gzip as was said, or damaged: {error}. Remedy: pack it again."
                ) from None
            room -= len(unpacked)
            if room < 0:
                raise UnreadableFileError(
                    f"The file is too long once it is unpacked. Remedy: at most {MOST_UNPACKED_BYTES:,} bytes a file."
                )
            yield unpacked
            is_empty = False
            packed = member.unused_data if member.eof else member.unconsumed_tail
            if member.eof:
                member, is_empty = zlib.decompressobj(GZIP), True
    if not is_empty:
        raise UnreadableFileError("The file ends early. Remedy: pack it again, and send it whole.")
