"""Has the tables of a tenant follow those of another installation, by PostgreSQL's own publication and subscription.

All of it is named after the schema, which no two installations share. Each step looks whether it was done before, so
that a move that was killed goes on.
"""

import time
from typing import Final

from django.db import OperationalError, connection, transaction
from psycopg import sql

from engage_server.operations.moves.far_side import FarSide
from engage_server.tenancy.cells import Cell
from engage_server.tenancy.exceptions import MoveError
from engage_server.tenancy.export import tables_of
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope

WITHOUT_IDENTITY: Final = """
    SELECT relname FROM pg_class c WHERE relnamespace = to_regnamespace(%s) AND relkind = 'r' AND relreplident = 'd'
    AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
"""
HAS_PUBLICATION: Final = "SELECT EXISTS (SELECT FROM pg_publication WHERE pubname = %s)"
HAS_SLOT: Final = (
    "SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = %s AND database = current_database())"
)
OF_SUBSCRIPTION: Final = """
    SELECT subenabled, (SELECT count(*) FROM pg_subscription_rel r WHERE r.srsubid = s.oid AND r.srsubstate <> 'r')
    FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid AND d.datname = current_database() WHERE subname = %s
"""
# Bytes of log that the other side has not confirmed yet.
BEHIND: Final = """
    SELECT pg_wal_lsn_diff(COALESCE(%s::pg_lsn, pg_current_wal_flush_lsn()), confirmed_flush_lsn)::bigint
    FROM pg_replication_slots WHERE slot_name = %s
"""
NEAR: Final = 1 << 20
LOOK_EVERY_S: Final = 0.1
LOOK_OFTEN_S: Final = 0.01
LET_GO_WITHIN_S: Final = 20.0


def name_for(tenant: TenantRef) -> str:
    """Of publication, slot and subscription."""
    return f"engage_{tenant.schema}"


def require_logical_log() -> None:
    """Raise unless this side's server writes what can be followed.

    Raises:
        MoveError: names the remedy.
    """
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('wal_level'), rolsuper OR rolreplication FROM pg_roles WHERE rolname = session_user"
        )
        level, may_replicate = cursor.fetchone()
    if level != "logical":
        raise MoveError(
            f"The database server of this installation has wal_level {level!r}, so that nobody can follow it. Remedy: "
            "ALTER SYSTEM SET wal_level = logical; then restart the server."
        )
    if not may_replicate:
        raise MoveError("The login may not be followed. Remedy: ALTER ROLE … REPLICATION.")


def publish(tenant: TenantRef) -> None:
    """This side: offer the tenant's tables, and keep the log from here on until it was read."""
    name = name_for(tenant)
    with tenant_scope(tenant, role="none", timeout_ms=0), connection.cursor() as cursor:
        if not _asked(HAS_PUBLICATION, name):
            with transaction.atomic():
                cursor.execute(WITHOUT_IDENTITY, [tenant.schema])
                for (table,) in cursor.fetchall():
                    statement = "ALTER TABLE {} REPLICA IDENTITY FULL"
                    cursor.execute(sql.SQL(statement).format(sql.Identifier(table)))
                tables = sql.SQL(", ").join(map(sql.Identifier, tables_of(tenant)))
                create = sql.SQL("CREATE PUBLICATION {} FOR TABLE {}")
                cursor.execute(create.format(sql.Identifier(name), tables))
        if not _asked(HAS_SLOT, name):
            # Waits for the transactions under way. By itself: the far side's own could not if both are one server.
            cursor.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", [name])


def subscribe(tenant: TenantRef, source: Cell) -> None:
    """The far side: copy the tables and follow them."""
    name = name_for(tenant)
    with shared_scope(timeout_ms=0), connection.cursor() as cursor:
        if _asked(OF_SUBSCRIPTION, name) is not None:
            return
        statement = sql.SQL(
            "CREATE SUBSCRIPTION {name} CONNECTION {source} PUBLICATION {name} WITH (create_slot = false,"
            " slot_name = {slot}, disable_on_error = true, synchronous_commit = on)"
        )
        cursor.execute(
            statement.format(
                name=sql.Identifier(name), slot=sql.Literal(name), source=sql.Literal(source.database)
            )
        )


def follows(tenant: TenantRef) -> bool:
    """The far side: whether it follows, or did until it met an error."""
    with shared_scope():
        return _asked(OF_SUBSCRIPTION, name_for(tenant)) is not None


def catch_up(tenant: TenantRef, far: FarSide, *, within_s: float) -> None:
    """Wait until the far side has all rows and is less than a megabyte of log behind.

    Raises:
        MoveError: it stopped, or does not get there in time.
    """
    deadline = time.monotonic() + within_s
    while True:
        with far.entered():
            missing = _tables_missing(tenant)
        if not missing and _behind(tenant) < NEAR:
            return
        if time.monotonic() > deadline:
            raise MoveError(
                f"After {within_s:.0f} s {missing} tables are not copied or {_behind(tenant)} bytes of log not read. "
                "Nothing was changed. Remedy: the same command again goes on, with --undo it takes everything back."
            )
        time.sleep(LOOK_EVERY_S)


def drain(tenant: TenantRef, far: FarSide, *, within_s: float) -> None:
    """Wait until the far side has confirmed everything up to now; the tenant is frozen.

    Raises:
        MoveError: it stopped, or does not get there in time.
    """
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_flush_lsn()::text")
        (until,) = cursor.fetchone()
    deadline = time.monotonic() + within_s
    while _behind(tenant, until) > 0:
        if time.monotonic() > deadline:
            with far.entered():
                _tables_missing(tenant)
            raise MoveError(f"The last of the log was not read within {within_s:.0f} s.")
        time.sleep(LOOK_OFTEN_S)


def unsubscribe(tenant: TenantRef) -> None:
    """The far side: follow no more; does nothing where nobody follows."""
    name = sql.Identifier(name_for(tenant))
    with shared_scope(timeout_ms=0), connection.cursor() as cursor:
        if _asked(OF_SUBSCRIPTION, name_for(tenant)) is None:
            return
        # Without its slot, which is the other side's to drop: that server may be the same, or away.
        for statement in (
            "ALTER SUBSCRIPTION {} DISABLE", "ALTER SUBSCRIPTION {} SET (slot_name = NONE)", "DROP SUBSCRIPTION {}",
        ):  # fmt: skip
            cursor.execute(sql.SQL(statement).format(name))


def withdraw(tenant: TenantRef) -> None:
    """This side: keep no log any more and offer nothing; does nothing where that is so.

    Raises:
        MoveError: somebody reads it who does not let go.
    """
    name = name_for(tenant)
    deadline = time.monotonic() + LET_GO_WITHIN_S
    with shared_scope(timeout_ms=0), connection.cursor() as cursor:
        while _asked(HAS_SLOT, name):
            try:
                with transaction.atomic():
                    cursor.execute("SELECT pg_drop_replication_slot(%s)", [name])
            except OperationalError as error:
                if time.monotonic() > deadline:
                    raise MoveError(
                        f"The replication slot {name} is read by somebody. Remedy: the same command again."
                    ) from error
                time.sleep(LOOK_EVERY_S)
        cursor.execute(sql.SQL("DROP PUBLICATION IF EXISTS {}").format(sql.Identifier(name)))


def _tables_missing(tenant: TenantRef) -> int:
    """The far side: tables whose rows are not all there.

    Raises:
        MoveError: it does not follow any more.
    """
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(OF_SUBSCRIPTION, [name_for(tenant)])
        found = cursor.fetchone()
    if found is None or not found[0]:
        raise MoveError(
            "The other side does not follow any more; the log of its database server says why. Nothing was changed here. "
            "Remedy: `--undo` takes everything back; then again."
        )
    return int(found[1])


def _behind(tenant: TenantRef, until: str | None = None) -> int:
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(BEHIND, [until, name_for(tenant)])
        found = cursor.fetchone()
    if found is None:
        raise MoveError("The log is not kept any more. Remedy: `--undo`; then again.")
    return int(found[0])


def _asked(question: str, name: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(question, [name])
        found = cursor.fetchone()
    return None if found is None else found[0]
