"""Which host and which key lives in which cell, as the cells' own databases say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from django.db import connection

from engage_server.operations.moves.far_side import FarSide
from engage_server.tenancy.cells import Cell, cells, own_cell
from engage_server.tenancy.database_errors import DATABASE_ERRORS
from engage_server.tenancy.exceptions import MoveError
from engage_server.tenancy.scope import shared_scope

# Of a tenant that has arrived elsewhere and was not dropped yet both sides have the rows: those that are served count last.
HOSTS: Final = """
    SELECT domain, tenant.status <> 'MOVING' FROM tenancy_domain JOIN tenancy_tenant tenant ON tenant.id = tenant_id
"""
# Those whose text does not say where they live: they came with a tenant, or were made before the cell had a name.
KEYS: Final = """
    SELECT public_id, tenant.status <> 'MOVING' FROM access_apikey JOIN tenancy_tenant tenant ON tenant.id = tenant_id
    WHERE cell <> %s AND revoked_at IS NULL AND expires_at > clock_timestamp()
"""
# What is put into a proxy's configuration, where other signs have a meaning.
HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\Z")
PUBLIC_ID: Final = re.compile(r"[0-9A-Za-z]{12}\Z")


@dataclass(slots=True)
class Directory:
    """All cells, and the names of the cells by host and by keys' public id."""

    cells: Mapping[str, Cell]
    hosts: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)


def directory() -> Directory:
    """Ask every cell.

    Raises:
        MoveError: there are no cells, or one cannot be asked; names it.
    """
    here, found = own_cell(), Directory(cells())
    entries = [entry for cell in found.cells.values() for entry in _asked(cell, is_here=cell == here)]
    for entry in sorted(entries, key=lambda entry: entry.is_served):
        if entry.what == "host" and HOST.match(entry.name):
            found.hosts[entry.name] = entry.cell
        if entry.what == "key" and PUBLIC_ID.match(entry.name):
            found.keys[entry.name] = entry.cell
    return found


@dataclass(frozen=True, slots=True)
class _Entry:
    what: str
    name: str
    cell: str
    is_served: bool


def _asked(cell: Cell, *, is_here: bool) -> list[_Entry]:
    if is_here:
        return _entries(cell.name)
    far = FarSide(cell)
    try:
        with far.entered():
            return _entries(cell.name)
    except DATABASE_ERRORS as error:
        raise MoveError(
            f"The database of the cell {cell.name!r} cannot be asked where tenants live. Nothing was written. "
            "Remedy: bring it back, or correct it in the cells' file; then again."
        ) from error
    finally:
        far.close()


def _entries(cell: str) -> list[_Entry]:
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(HOSTS)
        hosts = [_Entry("host", name, cell, served) for name, served in cursor.fetchall()]
        cursor.execute(KEYS, [cell])
        return hosts + [_Entry("key", name, cell, served) for name, served in cursor.fetchall()]
