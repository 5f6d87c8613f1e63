"""Imports by request, from their opening to the call for a worker: a file comes in parts, each as often as need be.

All of it works inside the tenant's scope. ``ingest.imports.worker`` stores the rows.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Q, QuerySet, Subquery, Sum
from django.db.models.functions import Length
from django.utils import timezone

from engage_server.audit.actor import current_actor
from engage_server.engine.agenda import call_at
from engage_server.engine.disk import read_disk
from engage_server.engine.models import FileImport
from engage_server.ingest.imports.exceptions import (
    ClosedFileImportError,
    FileImportError,
    FileImportLimitError,
    UnknownFileImportError,
)
from engage_server.ingest.imports.requests import ImportFault, ImportRequest, require_sound
from engage_server.ingest.imports.runner import Tally
from engage_server.ingest.models import ImportPart
from engage_server.tenancy.scope import current_tenant, shared_scope

State = FileImport.State
OPEN: Final = (State.UPLOADING, State.WAITING, State.RUNNING)
BEGUN: Final = (State.WAITING, State.RUNNING)
MOST_PART_BYTES: Final = 4 * 2**20
MOST_PARTS: Final = 1_000
MOST_BYTES: Final = 128 * 2**20  # of a file, as it is sent
MOST_OPEN: Final = 4  # of a tenant, so that its files take half a gigabyte at most
KEPT: Final = timedelta(days=7)
TASK: Final = "file imports"


def request_of(row: FileImport) -> ImportRequest:
    """What was ordered."""
    return msgspec.convert(row.order, ImportRequest)


def tally_of(row: FileImport) -> Tally:
    """What became of the rows so far."""
    return msgspec.convert(row.tally, Tally)


def open_import(request: ImportRequest) -> FileImport:
    """Take a request in; its file comes next.

    Raises:
        ImportFileError: the request cannot be meant.
        FileImportLimitError: the tenant has too many imports under way, or the disk has no room.
    """
    require_sound(request)
    tenant = current_tenant()
    _require_room()
    with transaction.atomic(), shared_scope():
        # One after the other, so that two at once are not both the last that there is room for.
        mine = FileImport.objects.select_for_update().filter(tenant_id=tenant.id, state__in=OPEN)
        if len(mine) >= MOST_OPEN:
            raise FileImportLimitError(
                f"{MOST_OPEN} imports are under way already. Remedy: wait until one has ended, or cancel one."
            )
        opened = FileImport.objects.create(
            tenant_id=tenant.id,
            order=msgspec.to_builtins(request),
            tally=msgspec.to_builtins(Tally()),
            author=current_actor(),
        )
    # Whatever becomes of it, somebody comes to forget it.
    call_at(TASK, opened.created_at + KEPT)
    return opened


def file_imports() -> "QuerySet[FileImport]":
    """The tenant's imports; to be read in the shared scope."""
    return FileImport.objects.filter(tenant_id=current_tenant().id)


def newest(limit: int, *, place: UUID | None = None, is_backwards: bool = False) -> list[FileImport]:
    """The tenant's imports, the newest first: at most so many behind a place or, backwards, before it."""
    order = ("created_at", "id") if is_backwards else ("-created_at", "-id")
    with shared_scope():
        mine = file_imports()
        if place is not None:
            at = Subquery(mine.filter(pk=place).values("created_at"))
            mine = mine.filter(
                Q(created_at__gt=at) | Q(created_at=at, id__gt=place)
                if is_backwards
                else Q(created_at__lt=at) | Q(created_at=at, id__lt=place)
            )
        found = list(mine.order_by(*order)[:limit])
    return found[::-1] if is_backwards else found


def count() -> int:
    """How many imports of the tenant are kept."""
    with shared_scope():
        return file_imports().count()


def file_import(id: UUID) -> FileImport:
    """The tenant's import of this id.

    Raises:
        UnknownFileImportError: there is none.
    """
    with shared_scope():
        row = file_imports().filter(pk=id).first()
    if row is None:
        raise _unknown()
    return row


def keep_part(id: UUID, number: int, content: bytes) -> FileImport:
    """Keep a part of the file, in the place of one of the same number; the import with what has come so far.

    Raises:
        UnknownFileImportError, ClosedFileImportError: no parts are wanted.
        FileImportError: it is empty, or of a number that no part has.
        FileImportLimitError: it is too long, or the file is; or the disk has no room.
    """
    if not 1 <= number <= MOST_PARTS:
        raise FileImportError(f"There is no part {number}. Remedy: number them from 1 to {MOST_PARTS:,}.")
    if not content:
        raise FileImportError("The part is empty. Remedy: send at least a byte.")
    if len(content) > MOST_PART_BYTES:
        raise FileImportLimitError(f"The part is too long. Remedy: at most {MOST_PART_BYTES:,} bytes a part.")
    _require_room()
    with transaction.atomic():
        row = _locked(id)
        if row.state != State.UPLOADING:
            raise ClosedFileImportError(
                f"The import is {row.state}. Remedy: open another one for another file."
            )
        former = _parts(id).filter(number=number).values_list(Length("content"), flat=True).first() or 0
        if row.size - former + len(content) > MOST_BYTES:
            raise FileImportLimitError(
                f"The file is too long. Remedy: at most {MOST_BYTES:,} bytes a file; pack it by gzip, or send its rows "
                "as several files."
            )
        ImportPart.objects.update_or_create(
            import_id=id, kind=ImportPart.Kind.FILE, number=number, defaults={"content": content}
        )
        row.size += len(content) - former
        _save(row, "size")
    return row


def start_import(id: UUID, size: int) -> FileImport:
    """Say that the file is whole, and call a worker to it.

    Raises:
        UnknownFileImportError: there is none.
        ClosedFileImportError: it has been started or is over.
        FileImportError: what has come is not of this size in bytes, or a part is missing.
    """
    with transaction.atomic():
        row = _locked(id)
        if row.state != State.UPLOADING:
            raise ClosedFileImportError(f"The import is {row.state}. Remedy: none, it was started once.")
        numbers = [*_parts(id).order_by("number").values_list("number", flat=True)]
        missing = next((place for place, number in enumerate(numbers, start=1) if place != number), None)
        if missing is not None:
            raise FileImportError(f"Part {missing} has not come. Remedy: send it.")
        if not numbers or row.size != size:
            raise FileImportError(
                f"{row.size:,} bytes have come, and the file has {size:,}. Remedy: send all of its parts."
            )
        row.state, row.started_at = State.WAITING, timezone.now()
        _save(row, "state", "started_at")
        call_at(TASK)
    return row


def cancel_import(id: UUID) -> FileImport:
    """End an import that is not over yet; what is stored stays.

    Raises:
        UnknownFileImportError: there is none.
        ClosedFileImportError: it is over.
    """
    with transaction.atomic():
        row = _locked(id)
        if row.state not in OPEN:
            raise ClosedFileImportError(f"The import is {row.state} already.")
        end(row, State.CANCELLED)
    return row


def end(
    row: FileImport, state: FileImport.State, *, fault: ImportFault | None = None, error: str = ""
) -> None:
    """Note how a locked import ended, and let its file go."""
    row.state, row.code, row.error, row.finished_at = state, fault or "", error, timezone.now()
    row.progress = 1.0 if state == State.DONE else row.progress
    _save(row, "state", "code", "error", "finished_at", "progress")
    _parts(row.pk).delete()


def rejects_of(id: UUID) -> Iterator[bytes]:
    """The rows that were not taken whole, as ``ingest.imports.rejects`` writes them, piece by piece."""
    pieces = ImportPart.objects.filter(import_id=id, kind=ImportPart.Kind.REJECTS).order_by("number")
    for number in [*pieces.values_list("number", flat=True)]:
        yield from (
            bytes(content) for content in pieces.filter(number=number).values_list("content", flat=True)
        )


def forget_old_imports() -> int:
    """Delete the imports that were opened longer ago than they are kept, with all that came of them; how many."""
    with transaction.atomic():
        with shared_scope():
            old = file_imports().filter(created_at__lt=timezone.now() - KEPT)
            doomed = [*old.select_for_update().values_list("pk", flat=True)]
            file_imports().filter(pk__in=doomed).delete()
            known = [*file_imports().values_list("pk", flat=True)]
        # Those of imports that a restored backup does not know go, too.
        ImportPart.objects.exclude(import_id__in=known).delete()
    return len(doomed)


def forget_rejects() -> int:
    """Delete what is kept of rows that were not taken: they may name anybody; how many pieces."""
    deleted, _ = ImportPart.objects.filter(kind=ImportPart.Kind.REJECTS).delete()
    return deleted


def forget_files() -> int:
    """End the imports that are under way, since their files may name an erased person; how many pieces went."""
    deleted = 0
    with transaction.atomic():
        with shared_scope():
            rows = list(file_imports().filter(state__in=OPEN).select_for_update())
        for row in rows:
            deleted += _parts(row.pk).count()
            end(
                row, State.FAILED, fault=ImportFault.PERSON_ERASED,
                error="A person was erased meanwhile, whom the file may name. Remedy: import it again.",
            )  # fmt: skip
    return deleted


def size_of(id: UUID) -> int:
    """The bytes of a file's parts."""
    found: int | None = _parts(id).aggregate(size=Sum(Length("content")))["size"]
    return found or 0


def parts_of(id: UUID) -> Iterator[bytes]:
    """A file's parts in their order."""
    for number in [*_parts(id).order_by("number").values_list("number", flat=True)]:
        yield from (bytes(one) for one in _parts(id).filter(number=number).values_list("content", flat=True))


def locked_import(condition: Q) -> FileImport | None:
    """The tenant's oldest import for which this holds, until the transaction ends; None: another has it."""
    with shared_scope():
        found = file_imports().filter(condition).order_by("started_at", "pk")
        return found.select_for_update(skip_locked=True).first()


def save(row: FileImport, *names: str) -> None:
    """Write these fields of a locked import."""
    _save(row, *names)


def _locked(id: UUID) -> FileImport:
    with shared_scope():
        row = file_imports().select_for_update().filter(pk=id).first()
    if row is None:
        raise _unknown()
    return row


def _save(row: FileImport, *names: str) -> None:
    with shared_scope():
        row.save(update_fields=names)


def _parts(id: Any) -> "QuerySet[ImportPart]":
    return ImportPart.objects.filter(import_id=id, kind=ImportPart.Kind.FILE)


def _unknown() -> UnknownFileImportError:
    return UnknownFileImportError(
        f"There is no such import. Remedy: the id that `openFileImport` gave; imports are kept for {KEPT.days} days."
    )


def _require_room() -> None:
    if read_disk().is_nearly_full:
        raise FileImportLimitError("The server's disk is nearly full. Remedy: tell its operator.")
