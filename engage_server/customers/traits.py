"""Bounds what is kept of a person's or an account's traits, so that a row that everybody rewrites stays small."""

import json
from collections.abc import Mapping
from typing import Any, Final, Literal, Protocol

from django.db import connection

MOST_TRAITS: Final = 1_000
MOST_BYTES: Final = 64 * 1024  # as PostgreSQL stores them, uncompressed
# A row that was larger before there was a bound is not even unpacked.
FULL: Final = """
    SELECT known.id FROM {table} known
    JOIN unnest(%s::int[], %s::jsonb[], %s::jsonb[]) AS change (id, traits, defaults) ON change.id = known.id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN pg_column_size(known.traits) <= %s
               THEN change.defaults || known.traits || change.traits END AS traits) merged
    WHERE merged.traits IS NULL OR pg_column_size(merged.traits) > %s
       OR cardinality(ARRAY(SELECT jsonb_object_keys(merged.traits))) > %s
"""


class Described(Protocol):
    """A change with traits to set, and those that stand only where none is known."""

    @property
    def traits(self) -> Mapping[str, Any]: ...
    @property
    def defaults(self) -> Mapping[str, Any]: ...


def full_rows(
    table: Literal["customers_person", "customers_account"], changes: Mapping[int, Described]
) -> frozenset[int]:
    """Those of the rows, by id, that would have too many traits after the change; the caller has locked them."""
    described = {row: change for row, change in changes.items() if change.traits or change.defaults}
    if not described:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(
            FULL.format(table=table),
            [
                list(described),
                [json.dumps(change.traits) for change in described.values()],
                [json.dumps(change.defaults) for change in described.values()],
                MOST_BYTES,
                MOST_BYTES,
                MOST_TRAITS,
            ],
        )
        return frozenset(row for (row,) in cursor.fetchall())
