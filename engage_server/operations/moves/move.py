"""Moves a tenant from this installation to another one, which serves it from a moment on that takes clients about a second.

1. At the other side: the tenant's schema and role, empty.
2. Its tables follow ours by logical replication, while it is served here.
3. Freeze: nothing of it changes any more, clients are told to come again. The last of the log is read, both sides are
   compared, and what the shared tables hold of it is written there: **with that commit it lives there**.
4. Here everything of it is dropped, but the note where it went.

Killed anywhere, the same command goes on. Until that commit a move can be taken back; what fails while the tenant is
frozen is taken back by itself.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings
from django.db import connection

from engage_server.operations.moves import arrival, comparison, departure, replication
from engage_server.operations.moves.far_side import FarSide
from engage_server.tenancy import citus
from engage_server.tenancy.cells import cell, own_cell
from engage_server.tenancy.database_errors import DATABASE_ERRORS
from engage_server.tenancy.digests import schema_digest
from engage_server.tenancy.domains import domains_of
from engage_server.tenancy.exceptions import CitusError, MoveError
from engage_server.tenancy.models import Move, Tenant
from engage_server.tenancy.schema_ddl import dump_ddl
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from engage_server.tenancy.services import find_tenant

CATCH_UP_WITHIN_S: Final = 6 * 3600.0
DRAIN_WITHIN_S: Final = 10.0
# What processes here remember is forgotten by then (``tenancy.departures``), so that none meets a schema that is gone.
FORGOTTEN_AFTER_S: Final = 1.0
LEAD_THERE: Final = (
    "Now lead its clients there: its host names by DNS; where a proxy stands in front, `manage.py cells routes --format … "
    "--to …` on its machine, and reload it. Until then who comes here is told to come again. Its people sign in anew."
)
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Moved:
    """A move that has ended.

    ``frozen_s``: without acceptance, from the locks before the freeze to the commit at the other side; None where an
    earlier run of the command froze it. ``parts_s``: what it consists of, by step.
    """

    slug: str
    to: str
    rows: int
    frozen_s: float | None
    parts_s: Mapping[str, float] = field(default_factory=dict)


class Stopwatch:
    """How long the tenant was not served, and with what the time went."""

    def __init__(self, began: float | None = None) -> None:
        self._began = self._last = time.monotonic() if began is None else began
        self.parts_s: dict[str, float] = {}

    def lap(self, part: str) -> None:
        """The part has ended."""
        now = time.monotonic()
        self.parts_s[part] = round(now - self._last, 3)
        self._last = now

    @property
    def total_s(self) -> float:
        """Up to the end of the last part."""
        return self._last - self._began

    def __str__(self) -> str:
        parts = ", ".join(f"{part} {seconds:.2f}" for part, seconds in self.parts_s.items())
        return f"{self.total_s:.2f} s ({parts})"


def move_tenant(slug: str, to: str, *, counts_only: bool = False, say: Say = lambda text: None) -> Moved:
    """Move the tenant, or go on with its move.

    Args:
        slug: of the tenant.
        to: name of the cell.
        counts_only: compare numbers of rows alone, which takes a fraction of the time.
        say: told each step.

    Raises:
        UnknownTenantError: there is none.
        MoveError: says why it cannot be moved, and what to do.
    """
    source, target = own_cell(), cell(to)
    if target == source:
        raise MoveError(f"{to!r} is this installation. Remedy: another cell.")
    try:
        citus.refuse("a tenant is moved between workers by Citus itself, and not to another cell")
    except CitusError as error:
        raise MoveError(str(error)) from None
    left = _left_before(slug, to)
    if left is not None:
        replication.withdraw(_ref_of(left))
        return Moved(slug, to, 0, None)
    tenant = find_tenant(slug)
    far = FarSide(target)
    try:
        with departure.alone(tenant.schema_name):
            move = departure.note(tenant, to)
            return _go_on(move, tenant.ref, far, counts_only=counts_only, say=say)
    finally:
        far.close()


def undo(slug: str) -> None:
    """Take a move back that has not arrived; does what is left to do where it was killed.

    Raises:
        UnknownTenantError: there is none.
        MoveError: nothing is to be taken back, or no more.
    """
    tenant = find_tenant(slug)
    with departure.alone(tenant.schema_name):
        with shared_scope():
            move = Move.objects.filter(schema_name=tenant.schema_name).first()
        if move is None:
            raise MoveError(f"{slug!r} is not on its way.")
        far = FarSide(cell(move.cell))
        try:
            _take_back(move, tenant.ref, far)
        finally:
            far.close()


def _go_on(move: Move, tenant: TenantRef, far: FarSide, *, counts_only: bool, say: Say) -> Moved:
    with far.entered():
        arrived = arrival.has_arrived(tenant.schema)
    rows, watch = 0, Stopwatch()
    if not arrived:
        _follow(move, tenant, far, say=say)
        rows, watch = _hand_over(move, tenant, far, counts_only=counts_only, say=say)
        time.sleep(max(0.0, FORGOTTEN_AFTER_S - watch.total_s))
    if move.step != Move.Step.ARRIVED:
        departure.step(move, Move.Step.ARRIVED)
    with far.entered():
        replication.unsubscribe(tenant)
    replication.withdraw(tenant)
    departure.leave(move, tenant)
    say("left nothing behind")
    return Moved(tenant.slug, far.cell.name, rows, None if arrived else watch.total_s, watch.parts_s)


def _follow(move: Move, tenant: TenantRef, far: FarSide, *, say: Say) -> None:
    """Have the other side hold all of the tenant but what was written in the last moment."""
    if move.step == Move.Step.FROZEN:
        # An earlier run was killed; until the other side has caught up, the tenant is served.
        departure.thaw(move, tenant)
    if not settings.ENGAGE_TENANT_ROLES:
        raise MoveError("Tenants without roles of their own are not moved. Remedy: ENGAGE_TENANT_ROLES.")
    replication.require_logical_log()
    domains = domains_of(tenant.id)
    here = _migrations()
    with far.entered():
        if _migrations() != here or _digest_of(tenant) not in (None, schema_digest()):
            raise MoveError(
                "Both sides are of different releases. Remedy: `manage.py migrate` with the same release on both."
            )
        arrival.require_room(tenant, domains)
    if _digest_of(tenant) != schema_digest():
        raise MoveError(f"{tenant.slug!r} lacks migrations. Remedy: `manage.py migrate`.")
    with tenant_scope(tenant, role="none", timeout_ms=0):
        script = [*dump_ddl(tenant.schema)]
    with far.entered():
        if not replication.follows(tenant):
            # Rows that nobody follows any more, of a move that was taken back by half.
            arrival.leave_nothing(tenant)
        arrival.make_schema(tenant, script, came_from=own_cell().name, status=move.former_status)
    say("made its schema there")
    replication.publish(tenant)
    with far.entered():
        replication.subscribe(tenant, own_cell())
    say("its tables follow")
    replication.catch_up(tenant, far, within_s=CATCH_UP_WITHIN_S)
    with far.entered():
        arrival.analyze(tenant)
    say("caught up")


def _hand_over(
    move: Move, tenant: TenantRef, far: FarSide, *, counts_only: bool, say: Say
) -> tuple[int, Stopwatch]:
    """Freeze, compare, arrive. Returns the rows that were compared, and the seconds without acceptance."""
    departure.record_begun(tenant, far.cell.name)
    watch = Stopwatch(departure.freeze(move, tenant))
    watch.lap("freeze")
    with _thawed_on_failure(move, tenant, far):
        replication.drain(tenant, far, within_s=DRAIN_WITHIN_S)
        watch.lap("drain")
        compared = comparison.compare(tenant, far, counts_only=counts_only)
        watch.lap("compare")
        with departure.packed(tenant, move, own_name=own_cell().name) as baggage, far.entered():
            watch.lap("pack")
            # Still following, though nothing comes any more: killed here, the same rows are caught up with.
            arrival.arrive(tenant, baggage)
        watch.lap("arrive")
    departure.step(move, Move.Step.ARRIVED)
    say(f"arrived: {compared.rows} rows in {compared.tables} tables are the same; {watch} frozen")
    return compared.rows, watch


@contextmanager
def _thawed_on_failure(move: Move, tenant: TenantRef, far: FarSide) -> Iterator[None]:
    """Serve the tenant here again where the block fails, unless it lives there by now or nobody can say."""
    try:
        yield
    except Exception as error:
        try:
            with far.entered():
                arrived = arrival.has_arrived(tenant.schema)
        except DATABASE_ERRORS:
            raise MoveError(
                f"The other side does not say whether {tenant.slug!r} has arrived, so that it stays frozen here. Remedy: "
                "bring its database back, then the same command again."
            ) from error
        if arrived:
            raise MoveError(
                f"{tenant.slug!r} has arrived, but the command failed. Remedy: the same again ends the move."
            ) from error
        departure.thaw(move, tenant)
        if isinstance(error, MoveError):
            _take_back(move, tenant, far)
            raise MoveError(f"{error} The move was taken back; the tenant is served here.") from error
        raise


def _take_back(move: Move, tenant: TenantRef, far: FarSide) -> None:
    with far.entered():
        if arrival.has_arrived(tenant.schema):
            raise MoveError(
                f"{tenant.slug!r} has arrived at {far.cell.name!r}. Remedy: `tenant move` again ends the move."
            )
        replication.unsubscribe(tenant)
        arrival.leave_nothing(tenant)
    replication.withdraw(tenant)
    departure.thaw(move, tenant)
    departure.forget(move)


def _left_before(slug: str, to: str) -> Move | None:
    """The note of a move that was all but ended when it was killed."""
    with shared_scope():
        if Tenant.objects.filter(slug=slug).exists():
            return None
        return Move.objects.filter(slug=slug, cell=to, step=Move.Step.LEFT).order_by("-changed_at").first()


def _ref_of(move: Move) -> TenantRef:
    return TenantRef(id=move.tenant_id, slug=move.slug, schema=move.schema_name, timezone="UTC")


def _migrations() -> frozenset[tuple[str, str]]:
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return frozenset(cursor.fetchall())


def _digest_of(tenant: TenantRef) -> str | None:
    with shared_scope():
        return (
            Tenant.objects.filter(schema_name=tenant.schema).values_list("schema_digest", flat=True).first()
        )
