"""Readers of single values: numbers, yes and no, intervals, scales, JSON objects."""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec
import polars as pl

from engage_server.customers.exceptions import InvalidTagsError, UnknownStatusError
from engage_server.customers.statuses import STATUSES, read_status
from engage_server.customers.tags import clean_tags, require_metric_id
from engage_server.ingest.imports.columns import Column, Context, texts
from engage_server.ingest.imports.exceptions import InvalidValueError

YES: Final = frozenset({"true", "t", "yes", "y", "on", "1", "1.0"})
NO: Final = frozenset({"false", "f", "no", "n", "off", "0", "0.0"})
INTERVALS: Final = {
    "month": 1,
    "monthly": 1,
    "quarter": 3,
    "quarterly": 3,
    "semiannual": 6,
    "half-yearly": 6,
    "year": 12,
    "yearly": 12,
    "annual": 12,
    "annually": 12,
}
SCALE: Final = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:-|–|\.\.|to)\s*(-?\d+(?:\.\d+)?)\Z")
INT4_MAX: Final = 2**31 - 1
INT2_MAX: Final = 2**15 - 1


def yes_no(cell: str) -> bool:
    """A boolean written as a word or as 1 and 0."""
    word = cell.lower()
    if word not in YES | NO:
        raise InvalidValueError("INVALID_BOOLEAN", "is neither yes nor no; use true or false")
    return word in YES


def decimal(digits: int, places: int) -> Callable[[str], Decimal]:
    """A number that fits a column of so many digits and places."""
    limit = Decimal(10) ** (digits - places)

    def parse(cell: str) -> Decimal:
        try:
            number = Decimal(cell)
        except InvalidOperation:
            raise InvalidValueError("INVALID_NUMBER", "is no number; use digits such as 1234.50") from None
        if not number.is_finite() or abs(number) >= limit:
            raise InvalidValueError("INVALID_NUMBER", f"is not between -{limit:f} and {limit:f}")
        return number

    return parse


def whole(cell: str, *, least: int, most: int) -> int:
    """A whole number within bounds."""
    try:
        number = Decimal(cell)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number != number.to_integral_value() or not least <= number <= most:
        raise InvalidValueError("INVALID_NUMBER", f"is no whole number from {least} to {most}")
    return int(number)


def seats(cell: str) -> int | None:
    """A number of seats; ``unlimited`` is None, as is a blank."""
    return None if cell.lower() == "unlimited" else whole(cell, least=0, most=INT4_MAX)


def subscription_status(cell: str) -> str:
    """A billing system's word for where a subscription stands."""
    try:
        return read_status(cell)
    except UnknownStatusError:
        raise InvalidValueError("INVALID_STATUS", f"is no status; use one of {', '.join(STATUSES)}") from None


def interval_months(cell: str) -> int:
    """Months of a billing interval, as a number or as a word."""
    months = INTERVALS.get(cell.lower())
    if months is not None:
        return months
    if not cell.lstrip("-").replace(".", "", 1).isdecimal():
        raise InvalidValueError(
            "INVALID_INTERVAL", f"is no interval; use a number of months or one of {', '.join(INTERVALS)}"
        )
    return whole(cell, least=1, most=INT2_MAX)


def scale(cell: str) -> tuple[Decimal, Decimal]:
    """Both ends of a scale such as ``0-10``."""
    match = SCALE.match(cell)
    if match is None:
        raise InvalidValueError("INVALID_SCALE", "is no scale; use lowest and highest score such as 0-10")
    return Decimal(match[1]), Decimal(match[2])


def tags(cell: str) -> tuple[str, ...]:
    """Tags between semicolons or commas, or a JSON list of them."""
    words = _decode(cell) if cell.startswith("[") else re.split("[;,]", cell)
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise InvalidValueError("INVALID_TAGS", "is no list of tags; write them as billing;slow")
    try:
        return clean_tags(words)
    except InvalidTagsError as error:
        raise InvalidValueError("INVALID_TAGS", f"cannot be taken: {error}") from None


def metric_id(cell: str) -> str:
    """The full id of a metric."""
    try:
        return require_metric_id(cell)
    except InvalidTagsError as error:
        raise InvalidValueError("INVALID_METRIC", f"cannot be taken: {error}") from None


def choice(*allowed: str) -> Callable[[str], str]:
    """One of several upper-case words, in any case."""

    def parse(cell: str) -> str:
        word = cell.upper()
        if word not in allowed:
            raise InvalidValueError("INVALID_CHOICE", f"is none of {', '.join(allowed)}")
        return word

    return parse


def currency(cell: str) -> str:
    """An ISO 4217 code, in upper case."""
    code = cell.upper()
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise InvalidValueError("INVALID_CURRENCY", "is no currency code; use three letters such as USD")
    return code


def json_object(column: pl.Series, context: Context) -> Column:
    """Objects of an NDJSON file, structs of a Parquet file, or JSON text."""
    values: list[Any] = []
    problems: dict[int, InvalidValueError] = {}
    for row, cell in enumerate(column.to_list()):
        value = _decode(cell) if isinstance(cell, str) else _json(cell)
        if value is not None and not isinstance(value, dict):
            problems[row], value = InvalidValueError("INVALID_OBJECT", "is no JSON object"), None
        values.append(value)
    return Column(values, problems)


def _json(value: object) -> Any:
    """The value in JSON's types: a time becomes text, NaN becomes null."""
    return msgspec.json.decode(msgspec.json.encode(value))


def _decode(cell: str) -> Any:
    if not cell.strip():
        return None
    try:
        return msgspec.json.decode(cell)
    except msgspec.DecodeError:
        return cell


def as_is(column: pl.Series, context: Context) -> Column:
    """A trait or property as the file has it: text of a CSV stays text, typed values keep their JSON type."""
    if column.dtype in (pl.String, pl.Categorical, pl.Enum):
        return Column(texts(column).to_list())
    return Column([None if value == "" else _json(value) for value in column.to_list()])


def number(cell: str) -> int | float:
    """A JSON number."""
    value = decimal(30, 0)(cell)
    return int(value) if value == value.to_integral_value() else float(value)
