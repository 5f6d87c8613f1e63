"""Reads subscriptions out of track calls.

``track("Subscription Updated", {id, seats, starts_at, ends_at?, plan?, amount?, currency?, interval_months?,
is_trial?, status?})`` with the account in ``context.groupId`` is the whole of a subscription as it is from then on.
"""

from collections.abc import Mapping
from datetime import date, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.items import SubscriptionItem
from engage_server.ingest.limits import MAX_ID_LENGTH
from engage_server.ingest.protocols.leniency import id_text
from engage_server.ingest.protocols.segment.surveys import invalid_property
from engage_server.ingest.timestamps import parse_time

UPDATED: Final = "Subscription Updated"
MAX_SEATS: Final = 2**31 - 1
MAX_MONTHS: Final = 1_200
MAX_AMOUNT: Final = Decimal(10) ** 12
SMALLEST_AMOUNT: Final = Decimal("0.0001")
LONGEST_PLAN: Final = 100
LONGEST_STATUS: Final = 20


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
    starts_on, ends_on = _day(properties, "starts_at", zone), _day(properties, "ends_at", zone)
    if starts_on is None:
        raise invalid_property("starts_at", "must be a day or a time in ISO 8601")
    if ends_on is not None and ends_on < starts_on:
        raise invalid_property("ends_at", "must not lie before starts_at")
    return SubscriptionItem(
        external_id=_id(properties),
        account=account,
        starts_on=starts_on,
        ends_on=ends_on,
        seats=_seats(properties),
        plan=_text(properties, "plan", longest=LONGEST_PLAN),
        amount=_amount(properties),
        currency=_currency(properties),
        interval_months=_months(properties),
        is_trial=_is_trial(properties),
        status=_text(properties, "status", longest=LONGEST_STATUS) or "active",
    )


def _id(properties: Mapping[str, Any]) -> str:
    text = id_text(properties.get("id"))
    if not text or len(text) > MAX_ID_LENGTH:
        raise invalid_property("id", f"must be the subscription's id, of 1 to {MAX_ID_LENGTH} characters")
    return text


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


def _amount(properties: Mapping[str, Any]) -> Decimal:
    value = properties.get("amount")
    if value is None:
        return Decimal(0)
    try:
        amount = (
            Decimal(str(value)) if isinstance(value, str | int | float) and len(str(value)) <= 40 else None
        )
    except InvalidOperation:
        amount = None
    if amount is None or isinstance(value, bool) or not amount.is_finite() or abs(amount) >= MAX_AMOUNT:
        raise invalid_property("amount", f"must be the price of one interval, below {MAX_AMOUNT:f}")
    return amount.quantize(SMALLEST_AMOUNT)


def _currency(properties: Mapping[str, Any]) -> str:
    value = properties.get("currency")
    if value is None:
        return "USD"
    if not isinstance(value, str) or len(value) != 3 or not (value.isascii() and value.isalpha()):
        raise invalid_property("currency", "must be three letters, e.g. EUR")
    return value.upper()


def _is_trial(properties: Mapping[str, Any]) -> bool:
    value = properties.get("is_trial")
    if value is not None and not isinstance(value, bool):
        raise invalid_property("is_trial", "must be true or false")
    return bool(value)


def _text(properties: Mapping[str, Any], key: str, *, longest: int) -> str:
    value = properties.get(key)
    text = "" if value is None else id_text(value)
    if text is None or isinstance(value, bool) or len(text) > longest:
        raise invalid_property(key, f"must be a text of at most {longest} characters")
    return text


def _day(properties: Mapping[str, Any], key: str, zone: tzinfo) -> date | None:
    value = properties.get(key)
    if value is None:
        return None
    try:
        if isinstance(value, str) and len(value) == len("2026-01-31"):
            return date.fromisoformat(value)
        time = parse_time(value)
        if time is not None:
            return time.astimezone(zone).date()
    except (ValueError, OverflowError):
        pass  # said below, as of all that is no day
    raise invalid_property(key, "must be a day or a time in ISO 8601")
