"""Runs the tenant apps' migrations through Django on the schema in scope, and records the SQL that did it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration, SeparateDatabaseAndState
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from psycopg import sql

from engage_server.tenancy.digests import tenant_app_labels
from engage_server.tenancy.exceptions import UnsuitableMigrationError
from engage_server.tenancy.versions import refuse_newer

# Seen outside the schema editor these change nothing; the path is set by django-tenants' introspection.
UNNOTED: Final = ("SELECT", "SHOW", "EXPLAIN", "SET SEARCH_PATH", "RELEASE")


@dataclass(frozen=True, slots=True)
class PythonPart:
    """What a migration that is more than SQL is applied with: itself and the models before it."""

    migration: Migration
    before: ProjectState


@dataclass(frozen=True, slots=True)
class Step:
    """One migration as it was run: its writes in order, the names it is recorded under, its Python if it has any."""

    names: tuple[tuple[str, str], ...]
    statements: tuple[str, ...]
    python: PythonPart | None

    def __str__(self) -> str:
        return ", ".join(".".join(name) for name in self.names)


@dataclass(frozen=True, slots=True)
class Recording:
    """What brought a schema from the migrations that it had (``before``) to those that the code has."""

    before: frozenset[tuple[str, str]]
    preamble: tuple[str, ...]
    steps: tuple[Step, ...]


def record_migrations() -> Recording:
    """Migrate the schema in scope; must run inside a transaction.

    Raises:
        UnsuitableMigrationError: a migration asks to run outside a transaction.
        NewerDatabaseError: a later release has migrated the schema.
    """
    writes = _Writes()
    with writes.seen():
        MigrationRecorder(connection).ensure_schema()
    preamble = writes.take()
    executor = _RecordingExecutor(writes)
    before = frozenset(executor.loader.applied_migrations)
    refuse_newer(before, what="The tenant's schema")
    labels = tenant_app_labels()
    executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] in labels])
    known = before.union(*(step.names for step in executor.steps))
    if squashes := tuple(executor.recorder.applied_migrations().keys() - known):
        executor.steps.append(Step(names=squashes, statements=(), python=None))
    return Recording(before, preamble, tuple(executor.steps))


class _Writes:
    """Notes what a block writes: all that the schema editor sends, and of the rest what is no reading."""

    def __init__(self) -> None:
        self._statements: list[str] = []
        self._savepoints: dict[str, int] = {}
        self._from_editor = False
        self.beside_editor = False

    def take(self) -> tuple[str, ...]:
        taken = tuple(self._statements)
        self._statements.clear()
        self.beside_editor = False
        return taken

    @contextmanager
    def seen(self) -> Iterator[None]:
        original: type[BaseDatabaseSchemaEditor] = connection.SchemaEditorClass
        connection.SchemaEditorClass = self._editor(original)
        try:
            with connection.execute_wrapper(self._note):
                yield
        finally:
            connection.SchemaEditorClass = original

    def _editor(self, original: type[Any]) -> type[Any]:
        writes = self

        class Editor(original):
            """Says of each statement that it is a migration's own, even where it reads like a question."""

            def execute(self, sql: Any, params: Any = ()) -> None:
                writes._from_editor = True
                try:
                    super().execute(sql, params)
                finally:
                    writes._from_editor = False

        return Editor

    def _note(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        word, name = (str(sql).upper().split(maxsplit=1)[0], str(sql).rsplit(maxsplit=1)[-1])
        if word == "SAVEPOINT":
            self._savepoints[name] = len(self._statements)
        elif word == "ROLLBACK":
            del self._statements[self._savepoints[name] :]
        elif self._from_editor or not str(sql).lstrip().upper().startswith(UNNOTED):
            self.beside_editor |= not self._from_editor
            rows: Iterable[Any] = params if many else [params]
            texts = [context["cursor"].mogrify(sql, row) if row else str(sql) for row in rows]
            self._statements.extend(text.rstrip("; \n") for text in texts)
        return execute(sql, params, many, context)


class _RecordingExecutor(MigrationExecutor):
    """Django's executor, which also tells step by step what it did."""

    def __init__(self, writes: _Writes) -> None:
        super().__init__(connection)
        self._writes = writes
        self._names: tuple[tuple[str, str], ...] = ()
        self.steps: list[Step] = []

    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        if not migration.atomic:
            raise UnsuitableMigrationError(
                f"The migration {migration} has atomic = False, but a tenant is migrated in one transaction. "
                "Remedy: remove it; build indexes without CONCURRENTLY, which on one tenant's tables is short."
            )
        before = state.clone()
        with naming(str(migration)), self._writes.seen():
            after = super().apply_migration(state, migration, fake, fake_initial)
        mark_applied(self._names)
        runs_python = self._writes.beside_editor or not _is_sql(migration.operations)
        self.steps.append(
            Step(
                names=self._names,
                statements=self._writes.take(),
                python=PythonPart(migration, before) if runs_python else None,
            )
        )
        return after

    def record_migration(self, migration: Migration) -> None:  # type: ignore[override]  # the stubs are of an older Django
        self._names = tuple(migration.replaces) or ((migration.app_label, migration.name),)


@contextmanager
def naming(migration: str) -> Iterator[None]:
    """Add the migration's name to whatever is raised in it."""
    try:
        yield
    except Exception as error:
        error.add_note(f"In the migration {migration}.")
        raise


def mark_applied(names: Iterable[tuple[str, str]]) -> None:
    """Enter migrations in the schema's own record of them, and check what they left to the transaction's end."""
    with connection.cursor() as cursor:
        cursor.execute(";\n".join(marking(names)))


def marking(names: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The statements of ``mark_applied``, to be sent with others."""
    rows = sql.SQL(", ").join([sql.SQL("({}, {}, now())").format(*name) for name in names])
    note = sql.SQL("INSERT INTO django_migrations (app, name, applied) VALUES {}").format(rows)
    # A table with open checks cannot be altered by the next migration.
    return "SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED", note.as_string(None)


def _is_sql(operations: Iterable[Operation]) -> bool:
    return all(
        _is_sql(operation.database_operations)
        if isinstance(operation, SeparateDatabaseAndState)
        else operation.reduces_to_sql
        for operation in operations
    )
