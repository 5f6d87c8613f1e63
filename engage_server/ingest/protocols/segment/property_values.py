"""Reads what track calls about money have in common out of their properties."""

from collections.abc import Mapping
from datetime import date, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from engage_server.ingest.limits import MAX_ID_LENGTH
from engage_server.ingest.protocols.leniency import id_text
from engage_server.ingest.protocols.segment.surveys import invalid_property
from engage_server.ingest.timestamps import parse_time

MAX_AMOUNT: Final = Decimal(10) ** 12
SMALLEST_AMOUNT: Final = Decimal("0.0001")


def id_of(properties: Mapping[str, Any]) -> str:
    """The id.

    Raises:
        ItemError: the property is wrong, the message names it.
    """
    text = id_text(properties.get("id"))
    if not text or len(text) > MAX_ID_LENGTH:
        raise invalid_property("id", f"must be an id of 1 to {MAX_ID_LENGTH} characters")
    return text


def amount_of(properties: Mapping[str, Any]) -> Decimal:
    """The amount, 0 where there is none.

    Raises:
        ItemError: the property is wrong, the message names it.
    """
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
        raise invalid_property("amount", f"must be an amount of money below {MAX_AMOUNT:f}")
    return amount.quantize(SMALLEST_AMOUNT)


def currency_of(properties: Mapping[str, Any]) -> str:
    """The currency, USD where none is named.

    Raises:
        ItemError: the property is wrong, the message names it.
    """
    value = properties.get("currency")
    if value is None:
        return "USD"
    if not isinstance(value, str) or len(value) != 3 or not (value.isascii() and value.isalpha()):
        raise invalid_property("currency", "must be three letters, e.g. EUR")
    return value.upper()


def flag_of(properties: Mapping[str, Any], key: str, *, default: bool = False) -> bool:
    """Whether it is so.

    Raises:
        ItemError: the property is wrong, the message names it.
    """
    value = properties.get(key)
    if value is not None and not isinstance(value, bool):
        raise invalid_property(key, "must be true or false")
    return default if value is None else value


def text_of(properties: Mapping[str, Any], key: str, *, longest: int) -> str:
    """A text, empty where there is none.

    Raises:
        ItemError: the property is wrong, the message names it.
    """
    value = properties.get(key)
    text = "" if value is None else id_text(value)
    if text is None or isinstance(value, bool) or len(text) > longest:
        raise invalid_property(key, f"must be a text of at most {longest} characters")
    return text


def day_of(properties: Mapping[str, Any], key: str, zone: tzinfo) -> date | None:
    """A day: of a time, that of the zone.

    Raises:
        ItemError: the property is wrong, the message names it.
    """
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
