"""Reads columns of times and dates: vectorised for the usual forms, Python's ISO 8601 reader for the rest.

A time with an offset is taken at its word; one without is local time of the tenant; a date alone is the
tenant's local midnight. Of an ambiguous local time the first is meant, and one that the clock skipped moves
forward by the gap (RFC 5545, section 3.3.5). A number of 9 to 13 digits counts seconds since 1970, or
milliseconds from 10^11 on; shorter ones are refused rather than guessed.
"""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from engage_server.ingest.imports.columns import Column, Context, texts
from engage_server.ingest.imports.exceptions import InvalidValueError

EPOCH_MIN_S: Final = 1e8  # 1973-03-03; below stand zeros for "none" and dates such as 20240131
EPOCH_MIN_MS: Final = 1e11  # read as seconds it would be the year 5138
EPOCH_MAX_MS: Final = 1e13 - 1
EARLIEST: Final = datetime(1, 1, 2, tzinfo=UTC)
LATEST: Final = datetime(9999, 12, 30, tzinfo=UTC)
EXAMPLE: Final = "use ISO 8601 such as 2024-01-31T09:30:00+01:00, or seconds or milliseconds since 1970"
UTC_TYPE: Final = pl.Datetime("us", "UTC")


def time(column: pl.Series, context: Context) -> Column:
    """Aware datetimes in UTC; INVALID_TIME where there is a value that cannot be read."""
    moments, given = _moments(column, context.zone)
    return Column(moments.to_list(), _unread(moments, given))


def past_time(column: pl.Series, context: Context) -> Column:
    """As ``time``, and FUTURE_TIME where it lies further ahead than the tolerance."""
    moments, given = _moments(column, context.zone)
    late = InvalidValueError(
        "FUTURE_TIME", f"lies more than {context.future_tolerance.total_seconds() / 3600:g} h in the future"
    )
    limit = context.now + context.future_tolerance
    problems = dict.fromkeys((moments > limit).arg_true(), late)
    return Column(moments.to_list(), _unread(moments, given) | problems)


def day(column: pl.Series, context: Context) -> Column:
    """Dates; a time stands for its local date in the tenant's zone."""
    moments, given = _moments(column, context.zone)
    days = moments.dt.convert_time_zone(context.zone.key).dt.date()
    return Column(days.to_list(), _unread(days, given))


def _unread(found: pl.Series, given: pl.Series) -> dict[int, InvalidValueError]:
    problem = InvalidValueError("INVALID_TIME", f"is no time; {EXAMPLE}")
    return dict.fromkeys((found.is_null() & given).arg_true(), problem)


def _moments(column: pl.Series, zone: ZoneInfo) -> tuple[pl.Series, pl.Series]:
    """The column in UTC, null where blank or unreadable, and which rows have a value at all."""
    if isinstance(column.dtype, pl.Datetime):
        given = column.is_not_null()
        moments = _localised(column, zone) if column.dtype.time_zone is None else column
    elif column.dtype == pl.Date:
        given, moments = column.is_not_null(), _localised(column, zone)
    elif column.dtype.is_float():
        given, moments = column.is_not_null() & column.is_not_nan(), _from_epoch(column)
    else:
        cells = texts(column)
        given, moments = cells.is_not_null(), _from_texts(cells, zone)
    moments = moments.cast(pl.Datetime("us", moments.dtype.time_zone)).dt.convert_time_zone("UTC")  # type: ignore[attr-defined]
    return moments.set(~moments.is_between(EARLIEST, LATEST), None), given


def _from_texts(cells: pl.Series, zone: ZoneInfo) -> pl.Series:
    """Each usual form is tried on the whole column, and the next only if something is left to read."""
    iso = cells.str.replace(r"^(\d{4}-\d\d-\d\d) ", "${1}T")
    moments = iso.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", strict=False, time_unit="us", time_zone="UTC")
    for pattern in ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d"):
        if moments.null_count() > cells.null_count():
            naive = iso.str.to_datetime(pattern, strict=False, time_unit="us")
            moments = moments.zip_with(moments.is_not_null(), _localised(naive, zone))
    if moments.null_count() > cells.null_count():
        numbers = cells.set(~cells.str.contains(r"^\d{9,13}(\.\d+)?$"), None).cast(pl.Float64)
        moments = moments.zip_with(moments.is_not_null(), _from_epoch(numbers))
    return _filled(moments, {row: _iso(cells[row], zone) for row in _left(moments, cells)})


def _from_epoch(numbers: pl.Series) -> pl.Series:
    in_range = numbers.is_between(EPOCH_MIN_S, EPOCH_MAX_MS)
    usable = numbers.set(~in_range, None)
    seconds = usable.zip_with(usable < EPOCH_MIN_MS, usable / 1000)
    return (seconds * 1e6).round().cast(pl.Int64).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _localised(naive: pl.Series, zone: ZoneInfo) -> pl.Series:
    naive = naive.cast(pl.Datetime("us"))
    local = naive.dt.replace_time_zone(zone.key, ambiguous="earliest", non_existent="null")
    moments = local.dt.convert_time_zone("UTC")
    return _filled(moments, {row: _in_utc(naive[row].replace(tzinfo=zone)) for row in _left(moments, naive)})


def _left(moments: pl.Series, given: pl.Series) -> list[int]:
    return (moments.is_null() & given.is_not_null()).arg_true().to_list()


def _filled(moments: pl.Series, found: dict[int, datetime | None]) -> pl.Series:
    if not found:
        return moments
    return moments.scatter(list(found), pl.Series(list(found.values()), dtype=UTC_TYPE))


def _iso(cell: str, zone: ZoneInfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        return None
    return _in_utc(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def _in_utc(moment: datetime) -> datetime | None:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None
