"""COPY's binary format: numbers and times that the server need not read as texts, at half of what the texts cost it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from struct import pack
from typing import Final, cast

HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER: Final = b"\xff\xff"
NULL: Final = b"\xff\xff\xff\xff"
FIRST_MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
INTEGER, TIMESTAMPTZ = 23, 1184  # their numbers among PostgreSQL's types
INTEGER_BYTES, TIMESTAMPTZ_BYTES = 4, 8


def microseconds_of(times: Sequence[datetime]) -> list[int]:
    """The times as PostgreSQL stores them: in microseconds since 2000."""
    return [(time - FIRST_MOMENT) // MICROSECOND for time in times]


def integer_array(values: Sequence[int | None]) -> bytes:
    """A field of type integer[]."""
    if None not in values:
        fields: list[int] = [INTEGER_BYTES] * (2 * len(values))
        fields[1::2] = cast("Sequence[int]", values)
        return _array(pack(f">{len(fields)}i", *fields), INTEGER, size=len(values))
    body = [NULL if value is None else pack(">ii", INTEGER_BYTES, value) for value in values]
    return _array(b"".join(body), INTEGER, size=len(values), has_nulls=True)


def timestamp_array(values: Sequence[int]) -> bytes:
    """A field of type timestamptz[], of microseconds since 2000."""
    fields = [TIMESTAMPTZ_BYTES] * (2 * len(values))
    fields[1::2] = values
    return _array(pack(">" + "iq" * len(values), *fields), TIMESTAMPTZ, size=len(values))


def _array(body: bytes, kind: int, *, size: int, has_nulls: bool = False) -> bytes:
    if not size:
        return pack(">iiii", 12, 0, 0, kind)
    # The bytes that follow, dimensions, whether it has nulls, type, length, first index.
    return pack(">iiiiii", len(body) + 20, 1, has_nulls, kind, size, 1) + body
