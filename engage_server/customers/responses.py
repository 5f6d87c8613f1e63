"""Stores survey responses, each once."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Final

from django.db import connection
from psycopg.types.json import Jsonb


@dataclass(frozen=True, slots=True)
class ResponseRow:
    """A response as it is stored; person and account are ids. The order of the fields is the statement's."""

    external_id: str
    instrument: str
    person: int | None
    account: int | None
    scale_min: Decimal | None
    scale_max: Decimal | None
    direction: str
    score: Decimal | None
    text: str
    occurred_at: datetime
    given_by: str
    tags: Jsonb
    metric: str


INSERT: Final = """
    INSERT INTO customers_surveyresponse
        (external_id, instrument, person_id, account_id, scale_min, scale_max, direction, score, text, occurred_at,
         given_by, tags, metric)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::int[], %s::int[], %s::numeric[], %s::numeric[], %s::text[],
                         %s::numeric[], %s::text[], %s::timestamptz[], %s::text[], %s::jsonb[], %s::text[])
         AS given (external_id)
    ORDER BY external_id
    ON CONFLICT (external_id) DO NOTHING
    RETURNING external_id
"""


# Without the copies that ``astuple`` makes of every value.
in_order: Final = attrgetter(*(field.name for field in fields(ResponseRow)))


def write_responses(rows: Mapping[str, ResponseRow]) -> set[str]:
    """Store the rows, by external id; return the external ids that were known already."""
    if not rows:
        return set()
    columns = [list(column) for column in zip(*map(in_order, rows.values()), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, columns)
        return set(rows) - {external_id for (external_id,) in cursor.fetchall()}
