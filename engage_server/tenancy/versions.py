"""Whether code and database are of one release, judged by the migrations that each knows of."""

from collections.abc import Collection
from functools import cache
from typing import Final

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from engage_server.tenancy.exceptions import NewerDatabaseError, OlderDatabaseError
from engage_server.tenancy.scope import shared_scope

NAMED: Final = 3
Name = tuple[str, str]


def require_same_release() -> None:
    """Raise unless the shared schema has exactly the migrations of this code.

    Raises:
        NewerDatabaseError: a later release has been here.
        OlderDatabaseError: ``migrate`` is to be run first.
    """
    applied = applied_migrations()
    refuse_newer(applied)
    if missing := sorted(_own()[0] - applied):
        raise OlderDatabaseError(
            f"The database lacks {len(missing)} migrations of this release, such as {_text(missing[-1])}. "
            "Remedy: `manage.py migrate`."
        )


def refuse_newer(applied: Collection[Name], *, what: str = "The database") -> None:
    """Raise where there are migrations that this code does not know.

    Raises:
        NewerDatabaseError: names some, and the remedy.
    """
    if unknown := unknown_migrations(applied):
        raise NewerDatabaseError(
            f"{what} is of a later release than this code: it has {len(unknown)} migrations that are not known here "
            f"({', '.join(map(_text, unknown[:NAMED]))}). Nothing was changed. "
            "Remedy: start that release or a later one, or restore a backup that was made before it."
        )


def unknown_migrations(applied: Collection[Name]) -> list[Name]:
    """Those of the migrations that belong to an app of ours and are not known to this code."""
    _, known, labels = _own()
    return sorted({(app, name) for app, name in applied if app in labels} - known)


def applied_migrations() -> frozenset[Name]:
    """What the shared schema says it has; nothing where it is empty."""
    with shared_scope():
        return frozenset(MigrationRecorder(connection).applied_migrations())


@cache
def _own() -> tuple[frozenset[Name], frozenset[Name], frozenset[str]]:
    """The migrations that have to be there, those that may be (squashed ones among them), and the apps' labels."""
    disk = MigrationLoader(None).disk_migrations
    squashed = {name for migration in disk.values() for name in migration.replaces}
    return (
        frozenset(disk) - squashed,
        frozenset(disk) | squashed,
        frozenset(label for label, _ in disk),
    )


def _text(name: Name) -> str:
    return ".".join(name)
