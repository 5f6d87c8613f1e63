"""What a backup holds of an installation, and whether it can be restored in this one."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from engage_server.operations.backups import people
from engage_server.operations.backups.archive import MANIFEST, Archive
from engage_server.operations.backups.backup import PEOPLE, folder_of
from engage_server.operations.exceptions import UnrestorableError
from engage_server.privacy.tombstones import FILE, Entries, read_tombstones
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import shared_scope
from engage_server.tenancy.versions import refuse_newer

Part = Mapping[str, Any]


def parts_of(archive: Archive, slug: str) -> list[Part]:
    """What the manifest says of the tenant of this slug, or of all of a backup of everything.

    Raises:
        UnrestorableError: the backup does not hold that.
    """
    parts: list[Part] = archive.facts["tenants"]
    if not slug and archive.facts["of"] != "all":
        raise UnrestorableError(
            f"This is a backup of one tenant. Remedy: restore it with --tenant {archive.facts['of']}."
        )
    found = [part for part in parts if not slug or part["slug"] == slug]
    if slug and not found:
        held = ", ".join(part["slug"] for part in parts) or "none"
        raise UnrestorableError(f"The backup holds no tenant {slug!r}. Remedy: one of these: {held}.")
    return found


def folder_to_check(parts: Sequence[Part], slug: str) -> str:
    """Below which folder the files are that are about to be read."""
    return folder_of(parts[0]["schema"]) if slug else ""


def require_restorable(archive: Archive, part: Part, *, slug: str = "") -> Tenant | None:
    """The tenant that is here and would be replaced, or None.

    Raises:
        UnrestorableError: somebody else has its slug, its schema or its keys; or its deletion was begun.
        NewerDatabaseError: it was written by a later release.
    """
    schema = archive.read_json(f"{folder_of(part['schema'])}/schema.json.gz")
    refuse_newer([(app, name) for app, name in schema["migrations"]], what="The backup")
    with shared_scope():
        present = Tenant.objects.filter(schema_name=part["schema"]).first()
        if present is not None:
            if present.status == Tenant.Status.DELETING:
                raise UnrestorableError(
                    f"The tenant {present.slug!r} is being deleted. Remedy: `manage.py tenant janitor --fix` ends that; "
                    "then restore."
                )
            return present
        wanted = slug or part["slug"]
        if Tenant.objects.filter(slug=wanted).exists():
            raise UnrestorableError(
                f"Another tenant is called {wanted!r} by now. Remedy: restore it with --slug and another slug."
            )
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regnamespace(%s) IS NOT NULL", [part["schema"]])
            if cursor.fetchone() == (True,):
                raise UnrestorableError(
                    f"There is a schema {part['schema']!r} that no tenant has. Remedy: `manage.py tenant janitor --fix` "
                    "exports and drops it; then restore."
                )
    return None


def restore_people(archive: Archive) -> int:
    """Make the people of a backup of everything known here; return how many were not."""
    with transaction.atomic(), shared_scope(timeout_ms=0):
        return people.take_in(archive, PEOPLE)


def known_tombstones(parts: Sequence[Part], *, exports: Path, file: Path | None) -> Entries:
    """Who was erased since the backup, by schema: from the file, and from what was kept of tenants deleted since.

    Raises:
        TombstoneFileError: a file is none, or was hashed with a key that is not known here.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    schemas = {part["schema"] for part in parts}
    files = [] if file is None else [file]
    for manifest in sorted(exports.glob(f"*/{MANIFEST}")) if exports.exists() else []:
        kept = manifest.parent / FILE
        if kept.exists() and json.loads(manifest.read_text()).get("schema") in schemas:
            files.append(kept)
    for path in files:
        for schema, entries in read_tombstones(path).items():
            found.setdefault(schema, []).extend(entries)
    return found
