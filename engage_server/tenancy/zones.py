"""Time zones that everybody who calculates in them knows: Python (schedules, days), PostgreSQL (roll-ups), polars."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from importlib import import_module
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import connection

from engage_server.tenancy.exceptions import UnknownZoneError
from engage_server.tenancy.scope import shared_scope

LONGEST_NAME: Final = 64
NAME: Final = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}\Z")
# Files of zone databases that are no zones of their own: the machine's own, and the zones once more with other rules.
NO_ZONES: Final = frozenset({"localtime", "posixrules", "Factory"})
COPIES: Final = ("posix/", "right/")


def require_zone(name: str) -> None:
    """Go on only if the name is a time zone's to everybody.

    Raises:
        UnknownZoneError: says who does not know it.
    """
    if unknown := strangers_to(name):
        shown = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}..."
        raise UnknownZoneError(
            f"The time zone {shown!r} is not known to {unknown}. "
            "Remedy: an IANA name such as Europe/Berlin or UTC, in its own spelling."
        )


@lru_cache(maxsize=1_024)
def strangers_to(name: str) -> str:
    """Who does not know a time zone of this name; empty where all do."""
    if len(name) > LONGEST_NAME or not NAME.match(name) or name in NO_ZONES or name.startswith(COPIES):
        return "the IANA time zone database"
    knows = {"Python": _python_knows, "PostgreSQL": _postgresql_knows, "polars": _polars_knows}
    return next((who for who, does in knows.items() if not does(name)), "")


def _python_knows(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _postgresql_knows(name: str) -> bool:
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = %s)", [name])
        return bool(cursor.fetchone()[0])


def _polars_knows(name: str) -> bool:
    pl: Any = import_module("polars")  # by name: whoever has only to find a tenant does not load it
    try:
        pl.Series([datetime(2026, 1, 1, tzinfo=UTC)]).dt.convert_time_zone(name)
    except pl.exceptions.PolarsError:
        return False
    return True
