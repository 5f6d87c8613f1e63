"""The installations ("cells") that stand beside one another, as the file says that ENGAGE_CELLS names.

Each is whole: a database with its own shared tables, web processes, a worker. A tenant lives in one of them.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from engage_server.tenancy.exceptions import MoveError

NAME: Final = re.compile(r"[a-z][a-z0-9]{0,15}\Z")
ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9.\[\]:-]{1,253}\Z")
DATABASES: Final = ("postgresql://", "postgres://")


@dataclass(frozen=True, slots=True)
class Cell:
    """An installation.

    ``address``: where its web processes answer the others, without a path. ``database``: as libpq reads it, the same for
    whoever moves tenants and for the other cells' database servers; it may hold a password, so that it is never shown.
    """

    name: str
    address: str
    database: str = field(default="", repr=False)


def cells() -> Mapping[str, Cell]:
    """All cells by name, this one included; none where ENGAGE_CELLS is empty.

    Raises:
        MoveError: the file cannot be read, or what it says is no list of cells.
    """
    return _read(Path(settings.ENGAGE_CELLS)) if settings.ENGAGE_CELLS else {}


def cell(name: str) -> Cell:
    """The cell of this name.

    Raises:
        MoveError: there is none.
    """
    found = cells().get(name)
    if found is None:
        known = ", ".join(cells()) or "none, since ENGAGE_CELLS names no file"
        raise MoveError(f"There is no cell {name[:40]!r}. Remedy: one of these: {known}.")
    return found


def own_name() -> str:
    """What this installation is called; empty where it stands alone.

    Raises:
        MoveError: keys could not carry it.
    """
    name: str = settings.ENGAGE_CELL
    if name and not NAME.match(name):
        raise MoveError(
            f"ENGAGE_CELL is {name[:40]!r}, which keys cannot carry. Remedy: 1 to 16 lower-case letters and digits."
        )
    return name


def own_cell() -> Cell:
    """This installation.

    Raises:
        MoveError: ENGAGE_CELL does not name one of those in the file.
    """
    if not settings.ENGAGE_CELL:
        raise MoveError(
            "This installation has no name. Remedy: set ENGAGE_CELL to its name in the file that ENGAGE_CELLS names."
        )
    return cell(settings.ENGAGE_CELL)


@lru_cache(maxsize=4)
def _read(path: Path) -> Mapping[str, Cell]:
    try:
        content = tomllib.loads(path.read_text())
    except OSError as error:
        raise MoveError(
            f"The cells' file {path} cannot be read ({error.strerror}). Remedy: correct ENGAGE_CELLS."
        ) from error
    except ValueError as error:
        raise MoveError(f"The cells' file {path} is no TOML: {error}.") from error
    return {name: _cell(name, facts) for name, facts in content.items()}


def _cell(name: str, facts: Any) -> Cell:
    if not NAME.match(name):
        raise MoveError(
            f"The cell {name[:40]!r} has no name that keys can carry. Remedy: 1 to 16 lower-case letters and digits."
        )
    if not isinstance(facts, dict) or not facts.keys() <= {"address", "database"}:
        raise MoveError(f"The cell {name!r} has other facts than `address` and `database`.")
    address, database = facts.get("address", ""), facts.get("database", "")
    if not isinstance(address, str) or not ADDRESS.match(address):
        raise MoveError(
            f"The address of the cell {name!r} is none. Remedy: scheme, host and port, such as http://10.0.0.2:8000."
        )
    if not isinstance(database, str) or not database.startswith(DATABASES):
        raise MoveError(
            f"The database of the cell {name!r} is no address such as postgresql://engage@db2/engage."
        )
    return Cell(name, address, database)
