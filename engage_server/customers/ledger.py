"""Stores entries of the ledger under the external ids that the tenant gives them. Inside the tenant's scope."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.db import connection


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """An entry as it is stored; ``account`` is an id. The order of the fields is the statement's."""

    kind: str
    external_id: str
    stage: str
    account: int | None
    category: str
    amount: Decimal
    currency: str
    occurred_on: date
    closes_on: date | None
    included_in_crc: bool


# Returns the days that the entries lay on before and lie on now, of those that are not as they were.
ENTER: Final = """
    WITH told AS (
        SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::int[], %s::text[], %s::numeric[], %s::text[],
                             %s::date[], %s::date[], %s::boolean[])
            AS told (kind, external_id, stage, account_id, category, amount, currency, occurred_on, closes_on,
                     included_in_crc)
    ),
    former AS (
        SELECT known.kind, known.external_id, known.stage, known.occurred_on FROM told
        JOIN customers_ledgerentry known USING (kind, external_id, stage)
    ),
    entered AS (
        INSERT INTO customers_ledgerentry AS known
            (kind, external_id, stage, account_id, category, amount, currency, occurred_on, closes_on, included_in_crc)
        SELECT * FROM told ORDER BY kind, external_id, stage
        ON CONFLICT ON CONSTRAINT ledger_entry_once DO UPDATE
        SET account_id = EXCLUDED.account_id, category = EXCLUDED.category, amount = EXCLUDED.amount,
            currency = EXCLUDED.currency, occurred_on = EXCLUDED.occurred_on, closes_on = EXCLUDED.closes_on,
            included_in_crc = EXCLUDED.included_in_crc
        WHERE (known.account_id, known.category, known.amount, known.currency, known.occurred_on, known.closes_on,
               known.included_in_crc)
              IS DISTINCT FROM
              (EXCLUDED.account_id, EXCLUDED.category, EXCLUDED.amount, EXCLUDED.currency, EXCLUDED.occurred_on,
               EXCLUDED.closes_on, EXCLUDED.included_in_crc)
        RETURNING known.kind, known.external_id, known.stage, known.occurred_on
    )
    SELECT occurred_on FROM entered
    UNION SELECT former.occurred_on FROM entered JOIN former USING (kind, external_id, stage)
"""


def write_ledger(rows: Sequence[LedgerRow]) -> frozenset[date]:
    """Store the rows, of several of one entry the last; return the days of the entries that are not as they were."""
    if not rows:
        return frozenset()
    latest = {(row.kind, row.external_id, row.stage): row for row in rows}
    columns = [list(column) for column in zip(*map(astuple, latest.values()), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(ENTER, columns)
        return frozenset(day for (day,) in cursor.fetchall())
