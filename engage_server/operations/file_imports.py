"""Imports of files that come by request in parts, on record. Works inside the tenant's scope."""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction

from engage_server.audit.log import record
from engage_server.engine.models import FileImport
from engage_server.ingest.exceptions import IngestError
from engage_server.ingest.imports import uploads
from engage_server.ingest.imports.exceptions import (
    ClosedFileImportError,
    FileImportError,
    FileImportLimitError,
    ImportFileError,
    UnknownFileImportError,
)
from engage_server.ingest.imports.requests import ImportRequest
from engage_server.operations.exceptions import (
    ConflictError,
    LimitReachedError,
    RefusedWriteError,
    UnknownRecordError,
)


def open_import(request: ImportRequest) -> FileImport:
    """Take a request in; its file comes in parts.

    Raises:
        RefusedWriteError: it cannot be meant, or the tenant has too many under way.
    """
    return _record("import.opened", lambda: uploads.open_import(request))


def start_import(id: UUID, size: int) -> FileImport:
    """Have the workers store a file that has come as a whole, of so many bytes.

    Raises:
        RefusedWriteError: there is none such, it is not whole, or it was started before.
    """
    return _record("import.started", lambda: uploads.start_import(id, size))


def cancel_import(id: UUID) -> FileImport:
    """End an import; what is stored stays.

    Raises:
        RefusedWriteError: there is none such, or it is over.
    """
    return _record("import.cancelled", lambda: uploads.cancel_import(id))


def _record(action: str, change: Callable[[], FileImport]) -> FileImport:
    try:
        with transaction.atomic():
            row = change()
            request = uploads.request_of(row)
            record(
                action, subject=f"source {request.source}", details={"kind": request.kind, "bytes": row.size}
            )
    except (ImportFileError, FileImportError) as error:
        raise _refusal(error) from None
    return row


def _refusal(error: IngestError) -> RefusedWriteError:
    kinds: dict[type[IngestError], type[RefusedWriteError]] = {
        UnknownFileImportError: UnknownRecordError,
        ClosedFileImportError: ConflictError,
        FileImportLimitError: LimitReachedError,
    }
    return kinds.get(type(error), RefusedWriteError)(str(error))
