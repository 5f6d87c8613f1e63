"""A worker that dies in the middle of a file leaves nothing half counted: the next one goes on behind the last batch."""

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from engage_server.customers.models import Account
from engage_server.engine import agenda
from engage_server.engine.models import Agenda, FileImport
from engage_server.ingest.imports import file_steps, uploads, worker
from engage_server.ingest.imports.requests import FileFormat, ImportRequest
from engage_server.ingest.models import ImportPart
from engage_server.operations.limits import set_limit
from engage_server.privacy import requests
from engage_server.privacy.erasure import erase
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from engage_server.tenancy.tenant_cache import invalidate_tenant

ORDER = ImportRequest(kind="accounts", format=FileFormat.CSV)
ROWS = 10
FILE = b"external_id,name\n" + b"".join(
    b"%s,Name %d\n" % (b"" if number == 3 else b"a%d" % number, number) for number in range(ROWS)
)


class KilledError(BaseException):
    """As if the process were gone."""


@pytest.fixture(autouse=True)
def short_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_steps, "BATCH_ROWS", 2)


def waiting(tenant: TenantRef, content: bytes = FILE, request: ImportRequest = ORDER) -> FileImport:
    with tenant_scope(tenant):
        row = uploads.open_import(request)
        uploads.keep_part(row.pk, 1, content)
        return uploads.start_import(row.pk, len(content))


def visited(tenant: TenantRef) -> None:
    worker.work(tenant, threading.Event())


def due(tenant: TenantRef) -> None:
    """As if the lease of whoever was at it had run out."""
    with shared_scope():
        Agenda.objects.filter(tenant_id=tenant.id, task=uploads.TASK).update(due_at=timezone.now())


def state(tenant: TenantRef, row: FileImport) -> FileImport:
    with tenant_scope(tenant):
        return uploads.file_import(row.pk)


def names(tenant: TenantRef) -> set[str]:
    with tenant_scope(tenant):
        return set(Account.objects.values_list("external_id", flat=True))


def dying_at(monkeypatch: pytest.MonkeyPatch, batch: int, error: BaseException):
    """The worker ends inside of the transaction of a batch, which has been stored by then."""
    real, calls = worker._keep_rejects, []

    def keep(*arguments):
        calls.append(1)
        if len(calls) == batch:
            raise error
        return real(*arguments)

    monkeypatch.setattr(worker, "_keep_rejects", keep)


@pytest.mark.parametrize("batch", [1, 2, 3, 5])
def test_whatever_batch_a_worker_dies_at_the_next_goes_on_and_the_end_is_the_same(
    acme, globex, monkeypatch, batch
):
    row, theirs = waiting(acme), waiting(globex, FILE.replace(b"a", b"b").replace(b"nbme", b"name"))
    with monkeypatch.context() as patch:
        dying_at(patch, batch, KilledError())
        with pytest.raises(KilledError):
            visited(acme)
    half = uploads.tally_of(state(acme, row))
    assert half.read == 2 * (batch - 1)
    assert len(names(acme)) == half.stored
    visited(acme)  # in other hands as far as anybody knows
    assert uploads.tally_of(state(acme, row)) == half
    due(acme)
    visited(acme)
    done = state(acme, row)
    tally = uploads.tally_of(done)
    assert (done.state, tally.read, tally.stored, tally.rejected, tally.duplicates) == (
        "DONE",
        ROWS,
        ROWS - 1,
        1,
        0,
    )
    with tenant_scope(acme):
        assert b"".join(uploads.rejects_of(row.pk)).count(b"\n") == 1
    assert state(globex, theirs).state == "WAITING"
    assert names(globex) == set()


def test_rows_that_kill_every_worker_are_given_up(acme, monkeypatch):
    row = waiting(acme)
    with monkeypatch.context() as patch:
        for _ in range(worker.MOST_TRIES):
            dying_at(patch, 1, KilledError())
            with pytest.raises(KilledError):
                visited(acme)
            due(acme)
    visited(acme)
    done = state(acme, row)
    assert (done.state, done.code) == ("FAILED", "GIVEN_UP")
    assert "Remedy" in done.error


def test_a_worker_that_is_told_to_stop_leaves_it_to_the_next_in_good_order(acme, monkeypatch):
    row, stop = waiting(acme), threading.Event()
    real = worker._store

    def store(*arguments):
        stop.set()
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(worker, "_store", store)
        worker.work(acme, stop)
    half = state(acme, row)
    assert (half.state, half.tries, uploads.tally_of(half).read) == ("RUNNING", 0, 2)
    visited(acme)  # at once: it was given back
    assert state(acme, row).state == "DONE"


def test_one_that_is_cancelled_between_two_batches_ends_there(acme, monkeypatch):
    row = waiting(acme)
    real, calls = worker._store, []

    def store(*arguments):
        calls.append(1)
        if len(calls) == 3:
            uploads.cancel_import(row.pk)
        return real(*arguments)

    monkeypatch.setattr(worker, "_store", store)
    visited(acme)
    ended = state(acme, row)
    assert (ended.state, uploads.tally_of(ended).read) == ("CANCELLED", 4)
    assert len(names(acme)) == 3  # the fourth row has no id


def test_who_has_used_the_days_events_up_waits_for_the_next_day(acme, monkeypatch):
    with tenant_scope(acme):
        set_limit(acme, "events_per_day", 4)
    invalidate_tenant(acme.id)
    row = waiting(acme)
    visited(acme)
    half = state(acme, row)
    assert (half.state, half.tries, uploads.tally_of(half).read) == ("RUNNING", 0, 4)
    with shared_scope():
        assert Agenda.objects.get(tenant_id=acme.id, task=uploads.TASK).due_at > timezone.now()
    set_limit(acme, "events_per_day", None)
    invalidate_tenant(acme.id)
    due(acme)
    visited(acme)
    assert state(acme, row).state == "DONE"


def test_a_share_ends_where_others_wait(acme, globex, monkeypatch):
    first, second = waiting(acme), waiting(globex)
    monkeypatch.setattr(worker, "SHARE_S", -1.0)
    visited(acme)
    assert uploads.tally_of(state(acme, first)).read == 0
    monkeypatch.setattr(worker, "SHARE_S", 60.0)
    visited(globex)
    visited(acme)
    assert [state(acme, first).state, state(globex, second).state] == ["DONE", "DONE"]


def test_what_is_kept_of_refused_rows_is_bounded_and_counted_all_the_same(acme, monkeypatch):
    monkeypatch.setattr(worker, "MOST_REJECTS", 3)
    row = waiting(acme, b"external_id,name\n" + b",x\n" * 8)
    visited(acme)
    assert uploads.tally_of(state(acme, row)).rejected == 8
    with tenant_scope(acme):
        assert b"".join(uploads.rejects_of(row.pk)).count(b"\n") == 3


def test_nothing_of_who_is_to_be_kept_out_is_kept_and_an_erasure_takes_all_files_along(acme):
    request = ImportRequest(kind="persons", format=FileFormat.CSV)
    with tenant_scope(acme):
        requests.suppress("mallory")
    row = waiting(acme, b"external_id,device_id,is_excluded\nmallory,,x\nada,,x\nmallory,,\n", request)
    open_still = waiting(acme, b"external_id\nada\n", request)
    with tenant_scope(acme):
        uploads.cancel_import(open_still.pk)
    visited(acme)
    tally = uploads.tally_of(state(acme, row))
    with tenant_scope(acme):
        kept = b"".join(uploads.rejects_of(row.pk))
    assert (tally.read, tally.rejected, tally.dropped) == (3, 3, 1)
    assert b"ada" in kept
    assert b"mallory" not in kept
    under_way = waiting(acme, b"external_id\nada\n", request)
    with tenant_scope(acme):
        erase(requests.request_erasure("ada").id)
        assert not ImportPart.objects.exists()
    ended = state(acme, under_way)
    assert (ended.state, ended.code) == ("FAILED", "PERSON_ERASED")


def test_old_ones_are_forgotten_with_all_that_came_of_them(acme, globex):
    row, young, theirs = waiting(acme), waiting(acme), waiting(globex)
    with shared_scope():
        FileImport.objects.exclude(pk=young.pk).update(
            created_at=timezone.now() - uploads.KEPT - timedelta(hours=1)
        )
    visited(acme)
    with tenant_scope(acme), pytest.raises(uploads.UnknownFileImportError):
        uploads.file_import(row.pk)
    assert state(acme, young).state == "DONE"
    assert state(globex, theirs).state == "WAITING"
    with tenant_scope(acme):
        assert not ImportPart.objects.filter(import_id=row.pk).exists()
    with shared_scope():
        visit = Agenda.objects.get(tenant_id=acme.id, task=uploads.TASK)
    assert visit.due_at <= timezone.now() + agenda.LONGEST
