"""The sources of a tenant: on which side of the wire they are, and whether they count."""

from dataclasses import dataclass
from typing import Final

from django.db import connection

from engage_server.activity.exceptions import InvalidSourceError, SourceInUseError
from engage_server.activity.models import Event, Source
from engage_server.tenancy.scope import current_tenant
from engage_server.tenancy.ttl_cache import TtlCache

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
_known: Final[TtlCache[tuple[int, str], SourceKind]] = TtlCache(capacity=4_096)


def source_kind(name: str) -> SourceKind:
    """What the source of this name is, of the tenant in scope; asks the database at most once in four seconds."""
    tenant_id = current_tenant().id
    return _known.get_or_load((tenant_id, name), lambda: (tenant_id, _read_kind(name)))


def _read_kind(name: str) -> SourceKind:
    with connection.cursor() as cursor:
        cursor.execute("SELECT side, environment FROM activity_source WHERE name = %s", [name])
        row = cursor.fetchone()
    return PLAIN if row is None else SourceKind(Source.Side(row[0]), Source.Environment(row[1]))


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
    _known.invalidate(current_tenant().id)
    return source
