"""The list of who was erased, kept outside the database: after a backup is restored it has them erased again."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction

from engage_server.customers.cache_epoch import bump_epoch
from engage_server.customers.canonical_persons import find_merge_group
from engage_server.customers.erasure import hide_persons
from engage_server.privacy import erasure, requests
from engage_server.privacy.exceptions import TombstoneFileError
from engage_server.suppression.hashing import key_id, privacy_keys
from engage_server.suppression.models import SuppressedName
from engage_server.suppression.register import keys_in_use, suppressed_among
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.private_files import create_private
from engage_server.tenancy.scope import TenantRef, current_tenant, shared_scope, tenant_scope

VERSION: Final = 1
FILE: Final = "tombstones.ndjson"
Entries = Mapping[str, Sequence[Mapping[str, Any]]]
NAMES_AT_ONCE: Final = 10_000
NAMES: Final = """
    SELECT name FROM (
        SELECT alias AS name FROM customers_personalias UNION SELECT external_id FROM customers_person) one
    WHERE name > %s ORDER BY name LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to: entries that the list had lost, and stored persons who had come back and were erased."""

    tenant: str
    entries: int
    persons: int


def export_tombstones(path: Path, *, of: TenantRef | None = None) -> int:
    """Write the lists of all tenants, or of one, to a file of JSON lines, hashes alone; return how many entries."""
    with shared_scope(timeout_ms=0), TextIOWrapper(create_private(path), encoding="utf-8") as file:
        listed = (
            SuppressedName.objects.order_by("id")
            if of is None
            else SuppressedName.objects.filter(tenant_id=of.id)
        )
        rows = listed.values_list("tenant__schema_name", "key_id", "digest", "is_erased", "purpose")
        count = 0
        file.write(json.dumps({"engage_tombstones": VERSION}) + "\n")
        for schema, key, digest, is_erased, purpose in rows.iterator(chunk_size=2_000):
            entry = {"schema": schema, "key": key, "digest": bytes(digest).hex(), "erased": is_erased}
            if purpose != SuppressedName.Purpose.INTAKE:
                entry["purpose"] = purpose
            file.write(json.dumps(entry) + "\n")
            count += 1
    return count


def replay_tombstones(path: Path | None = None) -> Iterator[Replayed]:
    """Put back what the lists have lost and erase those who came back; tenant by tenant, safe to repeat.

    Args:
        path: an exported file; None: the lists as they are in the database, which a restored tenant did not touch.

    Raises:
        TombstoneFileError: the file is none, or was hashed with a key that is not known here.
    """
    entries = {} if path is None else read_tombstones(path)
    with shared_scope():
        unreachable = [Tenant.Status.DELETING, Tenant.Status.MOVING]
        tenants = [tenant.ref for tenant in Tenant.objects.exclude(status__in=unreachable)]
    for tenant in tenants:
        with tenant_scope(tenant, timeout_ms=0):
            replayed = replay_into(tenant, entries.get(tenant.schema, []))
        yield replayed


def replay_into(tenant: TenantRef, entries: Sequence[Mapping[str, Any]]) -> Replayed:
    """``replay_tombstones`` for the tenant in scope; ``entries`` are those of its list that may be missing here."""
    added = _put_back(entries)
    return Replayed(tenant.slug, added, _erase_again())


def keep_list(tenant: TenantRef, folder: Path) -> None:
    """Write a tenant's list beside its last export: when it is restored one day, the list has to be as well."""
    (folder / FILE).touch(mode=0o600)
    export_tombstones(folder / FILE, of=tenant)


def read_tombstones(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The entries of an exported file by schema.

    Raises:
        TombstoneFileError: the file is none, or was hashed with a key that is not known here.
    """
    known = {key_id(key) for key in privacy_keys()}
    entries: dict[str, list[dict[str, Any]]] = {}
    with path.open() as file:
        try:
            if json.loads(next(file, "null")) != {"engage_tombstones": VERSION}:
                raise TombstoneFileError(f"{path.name} is no list of tombstones that this release can read.")
            for line in file:
                entry = json.loads(line)
                entries.setdefault(entry["schema"], []).append(entry)
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise TombstoneFileError(
                f"{path.name} is damaged. Remedy: export it again, or take an older one."
            ) from error
    missing = {entry["key"] for part in entries.values() for entry in part} - known
    if missing:
        raise TombstoneFileError(
            f"{path.name} was hashed with the key {', '.join(sorted(missing))}, which is not known here. "
            "Remedy: add it to ENGAGE_PRIVACY_KEYS, or copy privacy-key into the data directory."
        )
    return entries


def _put_back(entries: Sequence[Mapping[str, Any]]) -> int:
    """Enter what is missing from the list of the tenant in scope; return how many entries."""
    tenant = current_tenant()
    with transaction.atomic():
        bump_epoch()
        with shared_scope():
            ours = SuppressedName.objects.filter(tenant_id=tenant.id)
            known = {(purpose, bytes(digest)) for purpose, digest in ours.values_list("purpose", "digest")}
            # Files of former releases name no purpose: all that they list is kept from coming in.
            digests = {
                (entry.get("purpose", SuppressedName.Purpose.INTAKE), bytes.fromhex(entry["digest"])): entry
                for entry in entries
            }
            SuppressedName.objects.bulk_create(
                (
                    SuppressedName(
                        tenant_id=tenant.id,
                        key_id=entry["key"],
                        purpose=purpose,
                        digest=digest,
                        is_erased=entry["erased"],
                    )
                    for (purpose, digest), entry in digests.items()
                    if (purpose, digest) not in known
                ),
                batch_size=2_000,
                ignore_conflicts=True,
            )
            erased = [one[1] for one, entry in digests.items() if entry["erased"] and one in known]
            ours.filter(purpose=SuppressedName.Purpose.INTAKE, digest__in=erased, is_erased=False).update(
                is_erased=True
            )
    return len(digests.keys() - known)


def _erase_again() -> int:
    """Hide the suppressed and erase the erased, in the tenant in scope; return how many were erased."""
    persons, hidden = 0, set[int]()
    for names in _names():
        group = find_merge_group(suppressed_among(names)).persons
        hide_persons(group)
        hidden.update(group)
        returned = suppressed_among(names, erased_only=True)
        if returned:
            with transaction.atomic():
                request = requests.open_erasure(sorted(returned))
            erasure.erase(request.id)
            persons += len(request.persons)
    if keys_in_use():
        erasure.empty_quarantine(sorted(hidden))
    return persons


def _names() -> Iterator[list[str]]:
    """Every name of the tenant in scope, some thousands at once."""
    last = ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(NAMES, [last, NAMES_AT_ONCE])
            names = [name for (name,) in cursor.fetchall()]
        if not names:
            return
        yield names
        last = names[-1]
