"""The database backend: django-tenants' wrapper made to fail closed.

What differs from django-tenants, and why (each was reproduced with 4.0.1):
- it starts with no schema, where theirs starts in ``public`` and a new thread silently reads shared tables;
- the schema is that of the context's scope, where theirs stays on a re-used thread after the request;
- a failed SET is raised and the connection closed, where theirs is swallowed, as in django-tenant-schemas since its
  pull request 193, and the query runs elsewhere;
- path, role and timeout are sent together and only when the scope changed, where theirs are sent per cursor.
"""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from django.conf import settings
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base as django_postgresql
from django.db.utils import DatabaseErrorWrapper, OperationalError
from django.utils.functional import cached_property
from django_tenants.postgresql_backend import base as django_tenants_backend
from psycopg.pq import TransactionStatus

from engage_server.tenancy import citus, embedded
from engage_server.tenancy.exceptions import NoTenantError, TenancyError
from engage_server.tenancy.postgresql.remote_errors import as_told_by_text
from engage_server.tenancy.scope import Scope, TenantRef, current_scope

# What is prepared (see ``prepared``) is planned once. Left to itself, PostgreSQL plans some of it anew each time, where it
# takes a guess at the parameters for worth it: that took a series of a year longer than reading it.
PLANNED_ONCE: Final = "SET plan_cache_mode = force_generic_plan"
APPLY = (
    "SELECT set_config('role', %s, false), set_config('search_path', %s, false),"
    " set_config('statement_timeout', %s, false)"
)
# PostgreSQL remembers each table that a connection touched, some 24 kB of memory each.
SCHEMAS_A_CONNECTION: Final = 200
# A Citus coordinator besides keeps a connection to the worker for each role that a connection of ours was.
SCHEMAS_ON_CITUS: Final = 16


def settings_of(scope: Scope) -> tuple[str, str, str]:
    """The parameters of APPLY."""
    return scope.role, f'"{scope.schema}"', str(scope.timeout_ms)


class LostConnections(DatabaseErrorWrapper):
    """Django's translation of errors; of whatever comes of a lost connection it says that.

    Where the loss cut an exchange in the middle, psycopg complains of too many results, as a programmer's error, an
    internal one or a ValueError. Only here, before the connection is replaced, can the cause be seen.
    """

    wrapper: "DatabaseWrapper"

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        """Raise Django's error in the place of psycopg's."""
        if isinstance(error, Exception) and self._is_of_a_loss(error):
            self.wrapper.errors_occurred = True
            raise OperationalError(f"The connection to the database was lost: {error}") from error
        if (told := as_told_by_text(error)) is not None:
            super().__exit__(type(told), told, traceback)
        super().__exit__(kind, error, traceback)

    def _is_of_a_loss(self, error: Exception) -> bool:
        said_by_server = isinstance(error, psycopg.Error) and error.sqlstate is not None
        connection: psycopg.Connection[Any] | None = self.wrapper.connection
        return not said_by_server and connection is not None and connection.closed


class DatabaseWrapper(django_tenants_backend.DatabaseWrapper):
    """A connection that obeys the scope of the code that uses it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._applied: Scope | None = None
        self._transaction_control = False
        self._touched: set[str] = set()
        super().__init__(*args, **kwargs)

    # -- django-tenants' way of choosing a schema, closed -----------------------------------------------

    @property
    def schema_name(self) -> str | None:
        """The schema of the scope in force; what django-tenants' migration router asks for."""
        scope = current_scope()
        return None if scope is None else scope.schema

    @schema_name.setter
    def schema_name(self, value: object) -> None:
        """The parent class assigns None while it is made; there is nothing to keep."""

    @property
    def tenant(self) -> TenantRef | None:
        """The tenant of the scope in force."""
        scope = current_scope()
        return None if scope is None else scope.tenant

    @tenant.setter
    def tenant(self, value: object) -> None:
        """See ``schema_name``."""

    def set_schema_to_public(self) -> None:
        """Called once by the parent's constructor; a connection of ours starts with no schema."""

    def set_tenant(self, tenant: object, include_public: bool = True) -> None:
        """Refused: a tenant is entered by ``tenant_scope`` and nothing else."""
        raise TenancyError("A tenant is entered with tenant_scope(). Remedy: replace set_tenant/set_schema.")

    @cached_property
    def wrap_database_errors(self) -> LostConnections:
        """Django's hook around whatever is said to the server."""
        return LostConnections(self)

    # -- applying the scope -----------------------------------------------------------------------------

    def get_connection_params(self) -> dict[str, Any]:
        """Django's, after making sure that the embedded server runs where it is the one in use."""
        params: dict[str, Any] = super().get_connection_params()
        # A connection with a host is one to another installation's server.
        if settings.ENGAGE_EMBEDDED_POSTGRES and not self.settings_dict["HOST"]:
            params["host"] = str(embedded.ensure_running(settings.ENGAGE_DATA_DIR, settings.ENGAGE_DATABASE))
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Django's; where the embedded server was killed at this moment, a connection to the one that follows it."""
        try:
            return super().get_new_connection(conn_params)
        except psycopg.OperationalError as error:
            if not settings.ENGAGE_EMBEDDED_POSTGRES or error.sqlstate is not None:
                raise
        host = embedded.ensure_answering(settings.ENGAGE_DATA_DIR, settings.ENGAGE_DATABASE)
        return super().get_new_connection({**conn_params, "host": str(host)})

    def init_connection_state(self) -> None:
        """Django's questions to a new connection (its version, its time zone) touch no table."""
        with self._controlling():
            super().init_connection_state()
        connection: psycopg.Connection[Any] = self.connection
        connection.execute(PLANNED_ONCE)
        if not connection.autocommit:
            connection.commit()

    @cached_property
    def pg_version(self) -> int:
        """Django's; its checks of the models ask for the version, before any scope."""
        with self._controlling():
            version: int = super().pg_version
        return version

    def _cursor(self, name: str | None = None) -> Any:
        free = self.alias == NO_DB_ALIAS or self._transaction_control
        scope = None if free else self._required_scope()
        # The grandparent's method: the parent's would send its own SET search_path.
        cursor = django_postgresql.DatabaseWrapper._cursor(self, name)  # type: ignore[attr-defined]
        if scope is not None:
            self._apply(scope)
        return cursor

    def scoped(self) -> psycopg.Connection[Any]:
        """psycopg's connection with the scope applied, for those who need no cursor."""
        scope = self._required_scope()
        self.close_if_health_check_failed()
        self.ensure_connection()
        self._apply(scope)
        raw: psycopg.Connection[Any] = self.connection
        return raw

    def _required_scope(self) -> Scope:
        scope = current_scope()
        if scope is None:
            raise NoTenantError(
                "Database code ran outside any scope. Remedy: run it inside `with tenant_scope(tenant):`, "
                "or `with shared_scope():` for tenants, keys, schedules and runs."
            )
        return scope

    def _apply(self, scope: Scope) -> None:
        if scope == self._applied:
            return
        connection: psycopg.Connection[Any] = self.connection
        if connection.info.transaction_status == TransactionStatus.INERROR:
            # Whatever follows fails as well, save the rollback, which must not be kept from running.
            self._applied = None
            return
        self._applied = None
        try:
            with self.wrap_database_errors:
                connection.execute(APPLY, settings_of(scope))
        except BaseException:
            # Unknown state: neither this statement nor a later one may run on this connection.
            self.close()
            raise
        self._applied = scope
        self._touched.add(scope.schema)

    def close_if_unusable_or_obsolete(self) -> None:
        """Django's, between requests and jobs; a connection that saw many tenants gives way to a lean one too."""
        most = SCHEMAS_ON_CITUS if citus.is_known_in_use() else SCHEMAS_A_CONNECTION
        if len(self._touched) > most and not self.in_atomic_block:
            self.close()
        super().close_if_unusable_or_obsolete()

    def is_usable(self) -> bool:
        """Whether the connection still stands, without a question to the server before each request.

        Nothing is to be read from an idle connection unless the server has ended it, or has something to say that
        nobody waits for; either way another connection is the better one.
        """
        connection: psycopg.Connection[Any] | None = self.connection
        if connection is None or connection.closed:
            return False
        waiting = select.poll()
        waiting.register(connection.fileno(), select.POLLIN)
        return not waiting.poll(0)

    def close(self) -> None:
        """Forget what was applied along with the connection."""
        self._applied = None
        self._touched.clear()
        super().close()

    # -- transactions: a SET dies with the transaction that it was sent in --------------------------------

    @contextmanager
    def _controlling(self) -> Iterator[None]:
        """For statements that touch no table: they run in any state of the scope."""
        former, self._transaction_control = self._transaction_control, True
        try:
            yield
        finally:
            self._transaction_control = former

    def check_constraints(self, table_names: Any = None) -> None:
        """Django's; deferred constraints are checked as their tables' owner, whatever the scope."""
        with self._controlling():
            super().check_constraints(table_names)

    def _rollback(self) -> Any:
        self._applied = None
        return super()._rollback()

    def _savepoint(self, sid: str) -> None:
        with self._controlling():
            super()._savepoint(sid)

    def _savepoint_commit(self, sid: str) -> None:
        with self._controlling():
            super()._savepoint_commit(sid)

    def _savepoint_rollback(self, sid: str) -> None:
        self._applied = None
        with self._controlling():
            super()._savepoint_rollback(sid)
