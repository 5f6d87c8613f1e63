"""Stores subscriptions under the external id that the tenant gives them; the latest word stands."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.db import connection


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A subscription as it is stored; ``account`` is an id. The order of the fields is the statement's."""

    external_id: str
    account: int
    plan: str
    seats: int | None
    amount: Decimal
    currency: str
    interval_months: int
    is_trial: bool
    status: str
    starts_on: date
    ends_on: date | None


UPSERT: Final = """
    INSERT INTO customers_subscription AS known
        (external_id, account_id, plan, seats, amount, currency, interval_months, is_trial, status, starts_on, ends_on)
    SELECT * FROM unnest(%s::text[], %s::int[], %s::text[], %s::int[], %s::numeric[], %s::text[], %s::smallint[],
                         %s::boolean[], %s::text[], %s::date[], %s::date[]) AS given (external_id)
    ORDER BY external_id
    ON CONFLICT (external_id) DO UPDATE
    SET account_id = EXCLUDED.account_id, plan = EXCLUDED.plan, seats = EXCLUDED.seats, amount = EXCLUDED.amount,
        currency = EXCLUDED.currency, interval_months = EXCLUDED.interval_months, is_trial = EXCLUDED.is_trial,
        status = EXCLUDED.status, starts_on = EXCLUDED.starts_on, ends_on = EXCLUDED.ends_on
"""


def write_subscriptions(rows: Mapping[str, SubscriptionRow]) -> None:
    """Store the rows, by external id."""
    if not rows:
        return
    columns = [list(column) for column in zip(*map(astuple, rows.values()), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, columns)
