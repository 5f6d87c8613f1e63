"""The sources of a tenant: on which side of the wire they are, and whether they count."""

import threading
import time
from dataclasses import dataclass
from typing import Final

from django.db import connection

from engage_server.activity.exceptions import InvalidSourceError, SourceInUseError
from engage_server.activity.models import Event, Source
from engage_server.tenancy.scope import current_tenant
from engage_server.tenancy.tenant_cache import on_invalidate

# Longest time for which another process goes by what a source was before.
REMEMBERED_FOR_S: Final = 4.0
MOST_SOURCES: Final = 4_096
LONGEST_NAME: Final = 63


@dataclass(frozen=True, slots=True)
class SourceKind:
    """What a source is; one that nobody described is a live one on the server's side."""

    side: Source.Side = Source.Side.SERVER
    environment: Source.Environment = Source.Environment.LIVE

    @property
    def is_test(self) -> bool:
        """Whether what comes in counts nowhere."""
        return self.environment is Source.Environment.TEST


PLAIN: Final = SourceKind()
_known: dict[tuple[int, str], tuple[SourceKind, float]] = {}
_lock: Final = threading.Lock()


def source_kind(name: str) -> SourceKind:
    """What the source of this name is, of the tenant in scope; asked of the database once in four seconds."""
    place = (current_tenant().id, name)
    known = _known.get(place)
    if known is not None and time.monotonic() < known[1]:
        return known[0]
    until = time.monotonic() + REMEMBERED_FOR_S
    with connection.cursor() as cursor:
        cursor.execute("SELECT side, environment FROM activity_source WHERE name = %s", [name])
        row = cursor.fetchone()
    kind = PLAIN if row is None else SourceKind(Source.Side(row[0]), Source.Environment(row[1]))
    with _lock:
        if len(_known) >= MOST_SOURCES:
            _known.clear()
        _known[place] = (kind, until)
    return kind


def describe_source(name: str, *, side: str | None = None, environment: str | None = None) -> Source:
    """Say what a source is; None leaves a field as it is. A source that is not known yet is made.

    Raises:
        InvalidSourceError: the name is no source's.
        SourceInUseError: the environment of a source with events would change, and with it what they count for.
    """
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidSourceError(
            f"A source's name has 1 to {LONGEST_NAME} characters. Remedy: that of its key."
        )
    source, _ = Source.objects.select_for_update().get_or_create(name=name)
    source.refresh_from_db()
    if environment not in {None, source.environment} and Event.objects.filter(source=source).exists():
        raise SourceInUseError(
            f"The source {name!r} has events, which would count otherwise. Remedy: another source for a key of the "
            "other environment."
        )
    source.side = side or source.side
    source.environment = environment or source.environment
    source.save(update_fields=["side", "environment"])
    _forget(current_tenant().id)
    return source


def _forget(tenant_id: int) -> None:
    with _lock:
        for place in [place for place in _known if place[0] == tenant_id]:
            del _known[place]


on_invalidate(_forget)
