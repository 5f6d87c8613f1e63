"""Whether the database is a Citus cluster: a coordinator that we speak to, and workers on which the tenants' tables lie.

The one module that says so; others ask it. A tenant's schema lies whole on one worker, and the coordinator has its
tables without their rows. Shared tables lie on the coordinator alone (docs/scale-out.md).
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from engage_server.tenancy.exceptions import CitusError, NodeAwayError
from engage_server.tenancy.scope import current_scope, shared_scope

VERSION: Final = 14
# Where the extension is missing, so is the table of its nodes.
VERSION_THERE: Final = "SELECT extversion FROM pg_extension WHERE extname = 'citus'"
WORKERS: Final = """
    SELECT nodename || ':' || nodeport FROM pg_dist_node
    WHERE noderole = 'primary' AND isactive AND shouldhaveshards ORDER BY nodename, nodeport
"""
ASK: Final = "SELECT nodename || ':' || nodeport, success, result FROM run_command_on_workers(%s)"
# A worker that hangs is waited for as long, and no longer: beside the others, not after them.
PATIENCE: Final = "SELECT set_config('citus.node_connection_timeout', '2s', true)"
# Tables that are made in a schema that is made from here on lie on a worker. The audit log's trigger touches no other row
# than its own statement's, which is what makes triggers unsafe where tables are spread over nodes.
PREPARE: Final = (
    "SELECT set_config('citus.enable_schema_based_sharding', 'on', true),"
    " set_config('citus.enable_unsafe_triggers', 'on', true)"
)
LOGIN_IS_KNOWN: Final = """
    SELECT rolsuper OR EXISTS (
        SELECT FROM pg_dist_object WHERE classid = 'pg_authid'::regclass AND objid = role.oid)
    FROM pg_roles role WHERE rolname = session_user
"""
INTRODUCE: Final = (
    "SET citus.enable_schema_based_sharding = on",
    "CREATE SCHEMA IF NOT EXISTS engage_login",
    "CREATE TABLE IF NOT EXISTS engage_login.known (id integer)",
    "DROP SCHEMA engage_login CASCADE",
    "RESET citus.enable_schema_based_sharding",
)
ALONE_THERE: Final = "SET citus.enable_ddl_propagation = off"  # a worker's connection ends with the message
ALONE: Final = "SELECT set_config('citus.enable_ddl_propagation', %s, %s)"
WITH_ROWS: Final = """
    SELECT COALESCE(json_agg(DISTINCT n.nspname), '[]') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname ~ '^{}_[0-9]+$' AND c.relkind = 'r' AND pg_stat_get_live_tuples(c.oid) > 0
"""
REMEDY: Final = "Remedy: see docs/scale-out.md, «Citus»"
_known: Final[dict[tuple[str, str, str], bool]] = {}


@dataclass(frozen=True, slots=True)
class Node:
    """A worker by host and port, and what it answered; ``is_up`` is false where it answered nothing."""

    name: str
    is_up: bool
    answer: str


def in_use() -> bool:
    """Whether tenants' tables lie on workers; asked once by each process for a database."""
    key = _database()
    if key not in _known:
        _known[key] = _version() is not None and bool(worker_names())
        if current_scope() is not None:
            # A cursor that the caller has opened goes on in the caller's scope.
            connection.cursor().close()
    return _known[key]


def is_known_in_use() -> bool:
    """As ``in_use``, without asking: false until somebody has asked."""
    return _known.get(_database(), False)


def require_ready() -> None:
    """See at ``migrate`` what the database is, and that it is what was asked for.

    Raises:
        CitusError: ENGAGE_CITUS is set and something is missing, or the release is another one; says what to do.
    """
    version = _version()
    workers = [] if version is None else worker_names()
    _known[_database()] = bool(workers)
    if version is None:
        if settings.ENGAGE_CITUS:
            raise CitusError(
                "ENGAGE_CITUS is set, and the database has no extension citus. Remedy: as a superuser, CREATE EXTENSION "
                "citus in this database of each node, then on this one SELECT citus_add_node(host, port) for each worker."
            )
        return
    if not workers:
        if settings.ENGAGE_CITUS:
            raise CitusError(
                "The extension citus is there, and no worker. Remedy: as a superuser, SELECT citus_add_node(host, port)."
            )
        return
    if int(version.partition(".")[0]) < VERSION:
        raise CitusError(
            f"The database runs Citus {version}. Remedy: Citus {VERSION} or newer, or a plain PostgreSQL."
        )
    _introduce_login()


def _introduce_login() -> None:
    """Have Citus make the login known on the workers, once; needs statements of their own, outside a transaction.

    It does so for a table's owner, with more rights than the login has, where nothing else is made in the transaction.
    """
    with shared_scope(timeout_ms=0), connection.cursor() as cursor:
        cursor.execute(LOGIN_IS_KNOWN)
        if cursor.fetchone() != (True,):
            for statement in INTRODUCE:
                cursor.execute(statement)


def worker_names() -> list[str]:
    """The nodes on which tenants may lie, ``host:port`` each; needs the extension."""
    with shared_scope(timeout_ms=2_000), connection.cursor() as cursor:
        cursor.execute(WORKERS)
        return [name for (name,) in cursor.fetchall()]


def ask_workers(question: str) -> list[Node]:
    """Ask each worker a question that it answers with one value, all at the same time.

    Args:
        question: SQL without parameters; of the tenants' tables it sees the parts (``activity_event_102008``).
    """
    with shared_scope(timeout_ms=10_000), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PATIENCE)
        cursor.execute(ASK, [question])
        return [Node(name, is_up, answer or "") for name, is_up, answer in cursor.fetchall()]


def nodes() -> list[Node]:
    """The workers, and whether each answers; none on a plain PostgreSQL."""
    return ask_workers("SELECT 1") if in_use() else []


def require_nodes(what: str) -> None:
    """Raise where a worker is away and the cluster would refuse what is to be done; it changes all of them or none.

    Raises:
        NodeAwayError: names the nodes.
    """
    if away := [node.name for node in nodes() if not node.is_up]:
        raise NodeAwayError(
            f"A node of the database is away ({', '.join(away)}), and {what} concerns all nodes. Nothing was changed; "
            "who is served by the others notices nothing. Remedy: start it, then do the same again."
        )


def refuse(what: str) -> None:
    """Raise on a cluster, for what cannot be done there.

    Raises:
        CitusError: says so.
    """
    if in_use():
        raise CitusError(f"The database is a Citus cluster, on which {what}. {REMEDY}.")


def lay_out_by_schema() -> None:
    """Have the schemas that this transaction makes lie on workers; nothing on a plain PostgreSQL."""
    if in_use():
        _set(PREPARE, [])


def keep_to_coordinator() -> None:
    """Have what this transaction makes, and takes back again, made on this node alone; nothing on a plain PostgreSQL."""
    if in_use():
        _set(ALONE, ["off", True])


@contextmanager
def shared_tables_alone() -> Iterator[None]:
    """Have the block's DDL, of shared tables, done on this node alone; on a plain PostgreSQL all of it is."""
    if not in_use():
        yield
        return
    _set(ALONE, ["off", False])
    try:
        yield
    finally:
        _set(ALONE, ["on", False])


def schemas_with_rows(table: str) -> list[str]:
    """The schemas whose table of this name holds rows, as the workers' own statistics count them.

    Of those on workers that are away nothing is known.
    """
    found: list[str] = []
    for node in ask_workers(WITH_ROWS.format(table)):
        if node.is_up:
            found += json.loads(node.answer)
    return found


def commit_together(copy: str) -> None:
    """Have what this transaction wrote on the worker and here be committed in two phases, together or not at all.

    Else the worker commits first, and what follows here is lost where this node crashes in between. A COPY of no rows is
    what has Citus do so. Nothing on a plain PostgreSQL.

    Args:
        copy: COPY … FROM STDIN of one of the tenant's tables.
    """
    if in_use():
        with connection.cursor() as cursor, cursor.copy(copy):
            pass


def _database() -> tuple[str, str, str]:
    wrapped = connection.settings_dict
    return str(wrapped["HOST"]), str(wrapped["PORT"]), str(wrapped["NAME"])


def _set(statement: str, values: Sequence[str | bool]) -> None:
    with shared_scope(timeout_ms=0), connection.cursor() as cursor:
        cursor.execute(statement, values)


def _version() -> str | None:
    with shared_scope(timeout_ms=2_000), connection.cursor() as cursor:
        cursor.execute(VERSION_THERE)
        row = cursor.fetchone()
    return None if row is None else str(row[0])
