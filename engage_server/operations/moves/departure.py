"""What is done at the side that a tenant leaves: a note of the move, the freeze, and in the end removal."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from engage_server.access.models import ApiKey
from engage_server.audit.log import record
from engage_server.operations.backups.archive import Archive
from engage_server.operations.backups.backup import SEQUENCES, row_of, write_shared_rows
from engage_server.operations.moves.arrival import FOLDER, Baggage
from engage_server.tenancy import freezing
from engage_server.tenancy.domains import domains_of
from engage_server.tenancy.exceptions import MoveError
from engage_server.tenancy.models import Move, Tenant
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from engage_server.tenancy.services import delete_tenant
from engage_server.tenancy.tenant_cache import invalidate_tenant


@contextmanager
def alone(schema: str) -> Iterator[None]:
    """One process moves a tenant at a time.

    Raises:
        MoveError: another one is at it.
    """
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [freezing.MOVE_LOCK, schema])
        if cursor.fetchone() != (True,):
            raise MoveError("Another process is moving this tenant already. Remedy: wait for its end.")
    try:
        yield
    finally:
        with shared_scope():
            if connection.is_usable():
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT pg_advisory_unlock(%s, hashtext(%s))", [freezing.MOVE_LOCK, schema]
                    )


def note(tenant: Tenant, to: str) -> Move:
    """The note of a move that begins, or of one that was begun.

    Raises:
        MoveError: it is on its way elsewhere, or not served as it is.
    """
    with shared_scope(), transaction.atomic():
        move = Move.objects.select_for_update().filter(schema_name=tenant.schema_name).first()
        if move is not None and move.cell != to:
            raise MoveError(
                f"{tenant.slug!r} is on its way to {move.cell!r}. Remedy: `--to {move.cell}`, or `--undo` first."
            )
        if move is None and tenant.status not in (Tenant.Status.ACTIVE, Tenant.Status.SUSPENDED):
            raise MoveError(f"{tenant.slug!r} is {tenant.status}, and cannot be moved.")
        return move or Move.objects.create(
            schema_name=tenant.schema_name,
            tenant_id=tenant.pk,
            slug=tenant.slug,
            cell=to,
            step=Move.Step.FOLLOWING,
            former_status=tenant.status,
        )


def step(move: Move, to: Move.Step) -> None:
    """Note how far the move is."""
    move.step = to
    with shared_scope():
        Move.objects.filter(pk=move.pk).update(step=to, changed_at=Now())


def freeze(move: Move, tenant: TenantRef) -> float:
    """From the commit on every surface says that the tenant is being moved, and no row of it changes.

    Returns the moment (of ``time.monotonic``) from which on whoever would write has waited.
    """
    with transaction.atomic():
        began = freezing.freeze(tenant)
        with shared_scope():
            row = Tenant.objects.select_for_update().get(pk=tenant.id)
            move.former_status = row.status
            move.hosts = domains_of(tenant.id)
            move.key_ids = [*ApiKey.objects.filter(tenant_id=tenant.id).values_list("public_id", flat=True)]
            move.step, move.changed_at = Move.Step.FROZEN, Now()
            move.save()
            Tenant.objects.filter(pk=tenant.id).update(status=Tenant.Status.MOVING)
    invalidate_tenant(tenant.id)
    return began


def thaw(move: Move, tenant: TenantRef) -> None:
    """Serve the tenant here again, as before; does nothing where it is served."""
    with transaction.atomic():
        freezing.thaw(tenant)
        with shared_scope():
            Tenant.objects.filter(pk=tenant.id, status=Tenant.Status.MOVING).update(status=move.former_status)
            step(move, Move.Step.FOLLOWING)
    invalidate_tenant(tenant.id)


@contextmanager
def packed(tenant: TenantRef, move: Move, *, own_name: str) -> Iterator[Baggage]:
    """What goes along beside the tables; the tenant is frozen."""
    with TemporaryDirectory(prefix="engage-move-") as folder:
        # Not forced to disk: each of these files would wait for all that the machine has still to write, while the
        # tenant is frozen.
        archive = Archive(Path(folder), lasting=False)
        with tenant_scope(tenant, role="none", timeout_ms=0), connection.cursor() as cursor:
            write_shared_rows(archive, FOLDER, tenant)
            row = row_of(tenant)
            cursor.execute(SEQUENCES, [tenant.schema])
            sequences = dict(cursor.fetchall())
        if row is None:
            raise MoveError(f"The tenant {tenant.slug!r} is gone.")
        yield Baggage(archive, row, move.former_status, sequences, own_name)


def leave(move: Move, tenant: TenantRef) -> None:
    """Drop everything of the tenant here but the note where it went, in one transaction."""
    with shared_scope(timeout_ms=0), transaction.atomic():
        delete_tenant(tenant.slug)
        step(move, Move.Step.LEFT)


def forget(move: Move) -> None:
    """A move that was taken back is none."""
    with shared_scope():
        Move.objects.filter(pk=move.pk).delete()


def record_begun(tenant: TenantRef, to: str) -> None:
    """In the audit log, which goes along."""
    with tenant_scope(tenant):
        record("tenant.move_begun", subject=tenant.slug, details={"to": to})


def moves() -> list[dict[str, Any]]:
    """All moves that this installation knows of."""
    with shared_scope():
        return [
            {"slug": one.slug, "cell": one.cell, "step": one.step, "since": one.changed_at.isoformat()}
            for one in Move.objects.all()
        ]
