"""Reads subscriptions out of track calls.

``track("Subscription Updated", {id, seats, starts_at, ends_at?, plan?, amount?, currency?, interval_months?,
is_trial?, status?, channel?, cancel_reason?})``
with the account in ``context.groupId`` is the whole of a subscription as it is from then on.
"""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, Final

from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.items import SubscriptionItem
from engage_server.ingest.protocols.segment.property_values import (
    amount_of,
    currency_of,
    day_of,
    flag_of,
    id_of,
    text_of,
)
from engage_server.ingest.protocols.segment.surveys import invalid_property

UPDATED: Final = "Subscription Updated"
MAX_SEATS: Final = 2**31 - 1
MAX_MONTHS: Final = 1_200
LONGEST_PLAN: Final = 100
LONGEST_STATUS: Final = 20
LONGEST_CHANNEL: Final = 100
LONGEST_REASON: Final = 200


def read_subscription(
    properties: Mapping[str, Any], *, account: str | None, zone: tzinfo
) -> SubscriptionItem:
    """The subscription in the properties of such an event; its days are those of the zone.

    Raises:
        ItemError: a property is missing or wrong, the message names it; or the event names no account.
    """
    if account is None:
        raise ItemError(
            "missing_group", "The subscription is nobody's. Remedy: send its account in context.groupId."
        )
    starts_on, ends_on = day_of(properties, "starts_at", zone), day_of(properties, "ends_at", zone)
    if starts_on is None:
        raise invalid_property("starts_at", "must be a day or a time in ISO 8601")
    if ends_on is not None and ends_on < starts_on:
        raise invalid_property("ends_at", "must not lie before starts_at")
    return SubscriptionItem(
        external_id=id_of(properties),
        account=account,
        starts_on=starts_on,
        ends_on=ends_on,
        seats=_seats(properties),
        plan=text_of(properties, "plan", longest=LONGEST_PLAN),
        amount=amount_of(properties),
        currency=currency_of(properties),
        interval_months=_months(properties),
        is_trial=flag_of(properties, "is_trial"),
        status=text_of(properties, "status", longest=LONGEST_STATUS) or "active",
        channel=text_of(properties, "channel", longest=LONGEST_CHANNEL),
        cancel_reason=text_of(properties, "cancel_reason", longest=LONGEST_REASON),
    )


def _seats(properties: Mapping[str, Any]) -> int | None:
    if "seats" not in properties:
        raise invalid_property("seats", "must be there: how many, or null where they are unlimited")
    return _whole(properties["seats"], "seats", least=0, most=MAX_SEATS)


def _months(properties: Mapping[str, Any]) -> int:
    return _whole(properties.get("interval_months"), "interval_months", least=1, most=MAX_MONTHS) or 1


def _whole(value: Any, key: str, *, least: int, most: int) -> int | None:
    if value is None:
        return None
    is_whole = isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
    if not is_whole or not least <= value <= most:
        raise invalid_property(key, f"must be a whole number from {least} to {most}")
    return int(value)
