"""Reads entries of the ledger out of track calls.

- ``track("Cost Recorded", {id, amount, currency?, category?, on?, included_in_crc?})``
- ``track("Revenue Recorded", {id, amount, currency?, category?, on?})``: what is earned beside subscriptions
- ``track("Opportunity Updated", {id, stage, amount?, currency?, category?, on?, closes_on?})``: a stage that it reached

``on`` is the day, that of the call where there is none. The account stands in ``context.groupId``; costs may have none.
"""

from collections.abc import Mapping
from datetime import date, tzinfo
from typing import Any, Final

from engage_server.customers.models import LedgerEntry
from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.items import LedgerItem
from engage_server.ingest.protocols.segment.property_values import (
    amount_of,
    currency_of,
    day_of,
    flag_of,
    id_of,
    text_of,
)
from engage_server.ingest.protocols.segment.surveys import invalid_property

KINDS: Final[Mapping[str, LedgerEntry.Kind]] = {
    "Cost Recorded": LedgerEntry.Kind.COST,
    "Revenue Recorded": LedgerEntry.Kind.REVENUE,
    "Opportunity Updated": LedgerEntry.Kind.OPPORTUNITY,
}
LONGEST: Final = 100


def read_entry(
    name: str, properties: Mapping[str, Any], *, account: str | None, today: date, zone: tzinfo
) -> LedgerItem:
    """The entry in the properties of an event of this name; ``today`` is the day of the call, days those of the zone.

    Raises:
        ItemError: a property is missing or wrong, the message names it; or an opportunity is no account's.
    """
    kind = KINDS[name]
    is_opportunity = kind is LedgerEntry.Kind.OPPORTUNITY
    if is_opportunity and account is None:
        raise ItemError(
            "missing_group", "The opportunity is nobody's. Remedy: send its account in context.groupId."
        )
    if not is_opportunity and properties.get("amount") is None:
        raise invalid_property("amount", "must be there")
    stage = text_of(properties, "stage", longest=LONGEST) if is_opportunity else ""
    if is_opportunity and not stage:
        raise invalid_property("stage", "must say which stage was reached")
    return LedgerItem(
        kind=kind,
        external_id=id_of(properties),
        amount=amount_of(properties),
        occurred_on=day_of(properties, "on", zone) or today,
        account=account,
        category=text_of(properties, "category", longest=LONGEST),
        currency=currency_of(properties),
        stage=stage,
        closes_on=day_of(properties, "closes_on", zone) if is_opportunity else None,
        included_in_crc=flag_of(properties, "included_in_crc", default=True),
    )
