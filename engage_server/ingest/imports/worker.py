"""Stores the files that came by request: a worker takes a tenant's oldest, batch after batch.

A batch, what became of its rows, and how far the import is are one transaction: whatever a worker dies of, the next one
goes on behind the last batch, and no row is counted twice. Nobody holds an import between two batches.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec
from django.db import transaction
from django.db.models import Q, Sum
from django.db.models.functions import Length

from engage_server.access.exceptions import BudgetSpentError
from engage_server.access.limits import budgets_of
from engage_server.access.rate_limiter import give_back, spend
from engage_server.audit.actor import acting_as
from engage_server.audit.log import record
from engage_server.customers.cache_epoch import lock_epoch
from engage_server.engine import agenda
from engage_server.engine.background_tasks import BackgroundTask
from engage_server.engine.models import FileImport
from engage_server.ingest.imports import uploads
from engage_server.ingest.imports.exceptions import ImportFileError, MappingError, UnreadableFileError
from engage_server.ingest.imports.file_steps import Step, lay_out, steps
from engage_server.ingest.imports.rejects import line_of
from engage_server.ingest.imports.requests import ImportFault, ImportRequest
from engage_server.ingest.imports.runner import Tally
from engage_server.ingest.imports.uploads import BEGUN, State, request_of, tally_of
from engage_server.ingest.items import Reject
from engage_server.ingest.models import ImportPart
from engage_server.ingest.suppressed_rejects import drop_suppressed
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import TenantRef, current_tenant, tenant_scope

SHARE_S: Final = 60.0  # after which other tenants' imports have their turn
LEASE: Final = timedelta(seconds=60)  # without a batch, after which others look whether the worker died
MOST_TRIES: Final = 5
TIMEOUT_MS: Final = 300_000
PATIENCE_S: Final = 10  # for a limit to let a batch through, before others have their turn
MOST_REJECTS: Final = 10_000
MOST_REJECTS_BYTES: Final = 8 * 2**20
MOST_ROW_BYTES: Final = 32 * 1024  # of a row that is kept as it came
GIVEN_UP: Final = (
    f"It was begun {MOST_TRIES} times at the same rows, and each time the worker died or failed at them. Remedy: import the "
    "rows behind those that are counted as another file; the server's operator finds the reason in the log."
)


def work(tenant: TenantRef, stop: threading.Event) -> None:
    """Store what the tenant has sent, until told to stop or until others have waited long enough."""
    ends_at = time.monotonic() + SHARE_S
    with tenant_scope(tenant, timeout_ms=TIMEOUT_MS):
        uploads.forget_old_imports()
        while not stop.is_set() and (row := _begin()) is not None:
            with acting_as(row.author):
                wait = _go_on(row, stop, ends_at)
            _release(wait)
            if wait or time.monotonic() > ends_at:
                return


def _begin() -> FileImport | None:
    """The import to go on with; None: there is none, or it is in other hands."""
    with transaction.atomic():
        if agenda.take_turn(uploads.TASK) is None:
            return None
        row = uploads.locked_import(Q(state__in=BEGUN))
        now = database_now()
        if row is None:
            agenda.end_turn(uploads.TASK, now + agenda.LONGEST, {})
            return None
        row.state, row.tries = State.RUNNING, row.tries + 1
        uploads.save(row, "state", "tries")
        agenda.end_turn(uploads.TASK, now + LEASE, {})
    return row


def _release(wait: float) -> None:
    """Have the tenant visited again after so many seconds, for what is left."""
    with transaction.atomic():
        agenda.hold(uploads.TASK)
        agenda.end_turn(uploads.TASK, database_now() + timedelta(seconds=wait), {})


def _go_on(row: FileImport, stop: threading.Event, ends_at: float) -> float:
    """Store the steps that are left; for how many seconds to wait before the next."""
    request = request_of(row)
    if row.tries > MOST_TRIES:
        _end(row, request, State.FAILED, fault=ImportFault.GIVEN_UP, error=GIVEN_UP)
        return 0.0
    try:
        with TemporaryDirectory(prefix="engage-import-") as folder:
            return _store_all(row, request, Path(folder), stop, ends_at)
    except ImportFileError as error:
        is_mapping = isinstance(error, MappingError)
        fault = ImportFault.MAPPING if is_mapping else ImportFault.UNREADABLE_FILE
        # The name of the file is ours.
        _end(row, request, State.FAILED, fault=fault, error=str(error).replace(request.file_name, "The file"))
    return 0.0


def _store_all(
    row: FileImport, request: ImportRequest, folder: Path, stop: threading.Event, ends_at: float
) -> float:
    if uploads.size_of(row.pk) != row.size:
        raise UnreadableFileError(
            "The file is no longer here. Remedy: import it again; nothing is stored twice."
        )
    path = lay_out(uploads.parts_of(row.pk), request, folder)
    seen = tally_of(row).read
    for step in steps(path, request, now=row.started_at or row.created_at, done=seen):
        if stop.is_set() or (time.monotonic() > ends_at and _others_wait()):
            _leave(row)
            return 0.0
        wait = 0 if request.dry_run else _pay(row, step.rows, stop)
        if wait:
            _leave(row)
            return wait
        if not _store(row, step, seen):
            return 0.0
        seen += step.rows
    _end(row, request, State.DONE)
    return 0.0


def _store(row: FileImport, step: Step, seen: int) -> bool:
    """Store a step and say so, in one transaction; False: it was cancelled, or another worker has gone on."""
    with transaction.atomic():
        held = _held(row)
        if held is None or tally_of(held).read != seen:
            return False
        tally, found = step.store(tally=tally_of(held))
        _keep_rejects(held, found)
        held.tally, held.progress, held.tries = msgspec.to_builtins(tally), step.progress, 0
        uploads.save(held, "tally", "progress", "tries")
        agenda.hold(uploads.TASK)
        agenda.end_turn(uploads.TASK, database_now() + LEASE, {})
    return True


def _keep_rejects(row: FileImport, found: Sequence[Reject]) -> None:
    """Keep the rows that were not taken whole, as far as there is room, and nothing of persons who are to be kept out."""
    room = MOST_REJECTS - _listed(tally_of(row))
    kept = drop_suppressed(lock_epoch().place, list(found[:room])) if found and room > 0 else []
    if not kept:
        return
    pieces = ImportPart.objects.filter(import_id=row.pk, kind=ImportPart.Kind.REJECTS)
    held = pieces.aggregate(size=Sum(Length("content")))["size"] or 0
    content = b""
    for reject in kept:
        line = line_of(reject if len(reject.payload) <= MOST_ROW_BYTES else replace(reject, payload="{}"))
        if held + len(content) + len(line) > MOST_REJECTS_BYTES:
            break
        content += line
    ImportPart.objects.create(
        import_id=row.pk, kind=ImportPart.Kind.REJECTS, number=pieces.count() + 1, content=content
    )


def _listed(tally: Tally) -> int:
    return tally.rejected + tally.incomplete


def _pay(row: FileImport, rows: int, stop: threading.Event) -> float:
    """Use up what tenant and key may send; for how many seconds to wait where that is used up."""
    tenant_id = current_tenant().id
    budgets = budgets_of(tenant_id, actor=row.author).events
    paid = 0
    while budgets and paid < rows and not stop.is_set():
        part = min(rows - paid, *(budget.capacity for budget in budgets))
        try:
            spend(tenant_id, budgets, part)
            paid += part
        except BudgetSpentError as error:
            if error.retry_after_s > PATIENCE_S:
                give_back(tenant_id, budgets, paid)
                return float(error.retry_after_s)
            stop.wait(error.retry_after_s)
    return 0.0


def _end(
    row: FileImport,
    request: ImportRequest,
    state: FileImport.State,
    *,
    fault: ImportFault | None = None,
    error: str = "",
) -> None:
    with transaction.atomic():
        held = _held(row)
        if held is None:
            return
        uploads.end(held, state, fault=fault, error=error)
        tally = tally_of(held)
        record(
            "import.finished",
            subject=f"source {request.source}",
            details={
                "kind": request.kind, "state": str(state.value), "rows": tally.read, "stored": tally.stored,
                "rejected": tally.rejected,
            },
        )  # fmt: skip


def _held(row: FileImport) -> FileImport | None:
    return uploads.locked_import(Q(pk=row.pk, state=State.RUNNING))


def _leave(row: FileImport) -> None:
    """Note that it was left in good order: it is no try."""
    with transaction.atomic():
        held = _held(row)
        if held is not None:
            held.tries = 0
            uploads.save(held, "tries")


def _others_wait() -> bool:
    mine = current_tenant().id
    return any(tenant.id != mine for tenant in agenda.due_tenants(uploads.TASK))


TASK: Final = BackgroundTask(
    uploads.TASK, every_s=2.0, tenants=lambda: agenda.due_tenants(uploads.TASK), work=work, lane="imports"
)
