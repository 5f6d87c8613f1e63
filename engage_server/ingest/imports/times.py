"""Reads columns of times and dates: vectorised for the usual forms, Python's ISO 8601 reader for the rest.

A time with an offset is taken at its word; one without is local time of the tenant; a date alone is the
tenant's local midnight. Of an ambiguous local time the first is meant, and one that the clock skipped moves
forward by the gap (RFC 5545, section 3.3.5). A number of 9 to 13 digits counts seconds since 1970, or
milliseconds from 10^11 on; shorter ones are refused rather than guessed.

Databases write an open end as ``infinity`` or in the year 9999, an open start as ``-infinity`` or in the year 1. Where
something starts or ends these are read so; elsewhere they are no times.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl

from engage_server.ingest.imports.columns import Column, Context, texts
from engage_server.ingest.imports.exceptions import InvalidValueError

EPOCH_MIN_S: Final = 1e8  # 1973-03-03; below stand zeros for "none" and dates such as 20240131
EPOCH_MIN_MS: Final = 1e11  # read as seconds it would be the year 5138
EPOCH_MAX_MS: Final = 1e13 - 1
EARLIEST_US: Final = (date(2, 1, 1) - date(1970, 1, 1)).days * 86_400_000_000
LATEST_US: Final = (date(9999, 1, 1) - date(1970, 1, 1)).days * 86_400_000_000
# What has been so from the beginning has been so since before there was anything to count.
OPEN_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
OPEN_START_DAY: Final = date(1970, 1, 1)
AFTER_ALL: Final = frozenset({"infinity", "+infinity", "inf"})
BEFORE_ALL: Final = frozenset({"-infinity", "-inf"})
NO_DATE: Final = "0000-00-00"  # how MySQL writes that there is none
EXAMPLE: Final = "use ISO 8601 such as 2024-01-31T09:30:00+01:00, or seconds or milliseconds since 1970"
UTC_TYPE: Final = pl.Datetime("us", "UTC")


@dataclass(frozen=True, slots=True)
class _Moments:
    """A column in UTC, null where blank, unreadable, or beyond all times; ``given`` says where there is a value."""

    found: pl.Series
    given: pl.Series
    before_all: pl.Series
    after_all: pl.Series

    def column(self, values: list[Any], *, also_read: pl.Series | None = None) -> Column:
        """The values, with INVALID_TIME where one is given and none was read."""
        unread = self.found.is_null() & self.given
        if also_read is not None:
            unread = unread & ~also_read
        problem = InvalidValueError("INVALID_TIME", f"is no time; {EXAMPLE}")
        return Column(values, dict.fromkeys(unread.arg_true(), problem))


def time(column: pl.Series, context: Context) -> Column:
    """Aware datetimes in UTC, none for an open start; INVALID_TIME where there is a value that cannot be read."""
    moments = _moments(column, context.zone)
    return moments.column(moments.found.to_list(), also_read=moments.before_all)


def past_time(column: pl.Series, context: Context) -> Column:
    """As ``time``, and FUTURE_TIME where it lies further ahead than the tolerance."""
    parsed = _moments(column, context.zone)
    read = parsed.column(parsed.found.to_list())
    late = InvalidValueError(
        "FUTURE_TIME", f"lies more than {context.future_tolerance.total_seconds() / 3600:g} h in the future"
    )
    limit = context.now + context.future_tolerance
    return Column(read.values, read.problems | dict.fromkeys((parsed.found > limit).arg_true(), late))


def start(column: pl.Series, context: Context) -> Column:
    """As ``time``; an open start is long before everything else."""
    moments = _moments(column, context.zone)
    opened = moments.found.set(moments.before_all, OPEN_START)
    return moments.column(opened.to_list(), also_read=moments.before_all)


def end(column: pl.Series, context: Context) -> Column:
    """As ``time``; an open end is none."""
    moments = _moments(column, context.zone)
    return moments.column(moments.found.to_list(), also_read=moments.after_all)


def start_day(column: pl.Series, context: Context) -> Column:
    """Dates; a time stands for its local date in the tenant's zone, an open start for the first of all."""
    moments = _moments(column, context.zone)
    days = _local_dates(moments.found, context.zone).set(moments.before_all, OPEN_START_DAY)
    return moments.column(days.to_list(), also_read=moments.before_all)


def end_day(column: pl.Series, context: Context) -> Column:
    """As ``start_day``; an open end is none."""
    moments = _moments(column, context.zone)
    days = _local_dates(moments.found, context.zone)
    return moments.column(days.to_list(), also_read=moments.after_all)


def _local_dates(moments: pl.Series, zone: ZoneInfo) -> pl.Series:
    return moments.dt.convert_time_zone(zone.key).dt.date()


def _moments(column: pl.Series, zone: ZoneInfo) -> _Moments:
    before = after = pl.repeat(False, len(column), dtype=pl.Boolean, eager=True)
    if isinstance(column.dtype, pl.Datetime):
        given = column.is_not_null()
        moments = _localise(column, zone) if column.dtype.time_zone is None else column
    elif column.dtype == pl.Date:
        given, moments = column.is_not_null(), _localise(column, zone)
    elif column.dtype.is_float():
        given, moments = column.is_not_null() & column.is_not_nan(), _from_epoch(column)
    else:
        cells = texts(column)
        moments = _from_texts(cells, zone)
        if moments.null_count() > cells.null_count():
            cells = cells.set(cells.str.starts_with(NO_DATE), None)
            words = cells.str.to_lowercase()
            before = words.is_in(list(BEFORE_ALL)).fill_null(value=False)
            after = words.is_in(list(AFTER_ALL)).fill_null(value=False)
        given = cells.is_not_null()
    moments = moments.cast(pl.Datetime("us", moments.dtype.time_zone)).dt.convert_time_zone("UTC")  # type: ignore[attr-defined]
    physical = moments.to_physical()
    if not physical.is_between(EARLIEST_US, LATEST_US, closed="left").all():
        before = before | (physical < EARLIEST_US).fill_null(value=False)
        after = after | (physical >= LATEST_US).fill_null(value=False)
        moments = moments.set(before | after, None)
    return _Moments(moments, given, before, after)


def _from_texts(cells: pl.Series, zone: ZoneInfo) -> pl.Series:
    """Each usual form is tried on the whole column, and the next only if something is left to read."""
    iso = cells.str.replace(r"^(\d{4}-\d\d-\d\d) ", "${1}T")
    moments = iso.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", strict=False, time_unit="us", time_zone="UTC")
    for pattern in ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d"):
        if moments.null_count() > cells.null_count():
            naive = iso.str.to_datetime(pattern, strict=False, time_unit="us")
            moments = moments.zip_with(moments.is_not_null(), _localise(naive, zone))
    if moments.null_count() > cells.null_count():
        numbers = cells.set(~cells.str.contains(r"^\d{9,13}(\.\d+)?$"), None).cast(pl.Float64)
        moments = moments.zip_with(moments.is_not_null(), _from_epoch(numbers))
    if moments.null_count() > cells.null_count():
        respelt = _respelt(cells.set(moments.is_not_null(), None))
        moments = moments.zip_with(moments.is_not_null(), respelt)
    return _fill(moments, {row: _iso(cells[row], zone) for row in _left(moments, cells)})


def _respelt(cells: pl.Series) -> pl.Series:
    """Times with an offset in the spellings of databases and languages: ``10:00:00 UTC``, ``+02``, ``t`` and ``z``."""
    spelt = cells.str.to_uppercase().str.replace(r"^(\d{4}-\d\d-\d\d)[T ]", "${1}T")
    spelt = spelt.str.replace(r"(T\d\d:\d\d:\d\d(?:\.\d+)?) ?(?:Z|UTC|GMT)$", "${1}+00:00")
    spelt = spelt.str.replace(
        r"(T\d\d:\d\d:\d\d(?:\.\d+)?) ?([+-]\d\d)(?::?(\d\d))?(?: UTC)?$", "${1}${2}:${3}"
    )
    spelt = spelt.str.replace(r":$", ":00")
    return spelt.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", strict=False, time_unit="us", time_zone="UTC")


def _from_epoch(numbers: pl.Series) -> pl.Series:
    in_range = numbers.is_between(EPOCH_MIN_S, EPOCH_MAX_MS)
    usable = numbers.set(~in_range, None)
    seconds = usable.zip_with(usable < EPOCH_MIN_MS, usable / 1000)
    return (seconds * 1e6).round().cast(pl.Int64).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _localise(naive: pl.Series, zone: ZoneInfo) -> pl.Series:
    naive = naive.cast(pl.Datetime("us"))
    local = naive.dt.replace_time_zone(zone.key, ambiguous="earliest", non_existent="null")
    moments = local.dt.convert_time_zone("UTC")
    return _fill(moments, {row: _in_utc(naive[row].replace(tzinfo=zone)) for row in _left(moments, naive)})


def _left(moments: pl.Series, given: pl.Series) -> list[int]:
    return (moments.is_null() & given.is_not_null()).arg_true().to_list()


def _fill(moments: pl.Series, found: Mapping[int, datetime | None]) -> pl.Series:
    if not found:
        return moments
    return moments.scatter(list(found), pl.Series(list(found.values()), dtype=UTC_TYPE))


def _iso(cell: str, zone: ZoneInfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(cell.upper())
    except ValueError:
        return None
    return _in_utc(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # on the first or last day of all
        return moment.replace(tzinfo=UTC)
