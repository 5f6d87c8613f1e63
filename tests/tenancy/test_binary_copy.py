"""What COPY's binary format is written with, PostgreSQL reads as it was."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from engage_server.tenancy.postgresql.binary_copy import (
    HEADER,
    TRAILER,
    integer_array,
    microseconds_of,
    timestamp_array,
)
from engage_server.tenancy.scope import TenantRef, tenant_scope

TIMES = [datetime(1970, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, 12, 30, 15, 123_456, tzinfo=UTC)]


def read(field: bytes, kind: str, tenant: TenantRef) -> object:
    with tenant_scope(tenant, role="none"), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE one (value {kind}) ON COMMIT DROP")
        with cursor.copy("COPY one FROM STDIN (FORMAT binary)") as copy:
            copy.write(HEADER + b"\x00\x01" + field + TRAILER)
        cursor.execute("SELECT value FROM one")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("values", [[], [1], [0, -1, 2**31 - 1], [None], [7, None, 8]])
def test_numbers_are_read_as_they_were(acme: TenantRef, values: list[int | None]):
    assert read(integer_array(values), "integer[]", acme) == values


@pytest.mark.parametrize("values", [[], TIMES], ids=["none", "some"])
def test_times_are_read_as_they_were(acme: TenantRef, values: list[datetime]):
    assert read(timestamp_array(microseconds_of(values)), "timestamptz[]", acme) == values
