"""Answers inputs about accounts, subscriptions, surveys and the ledger for a range of days, by one statement each."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import polars as pl

from engage_server.customers.frames import query_columns
from engage_server.customers.input_resolvers import Cut, resolves_range
from engage_server.customers.inputs import (
    ACCOUNTS,
    ALL_TERMS,
    LEDGER,
    RESPONSES,
    SEATS,
    in_utc,
    instrument_of,
    ledger_params,
    seat_params,
    window_end,
    window_start,
)
from engage_server.sdk import Accounts, InputSpec, Ledger, Seats, Subscriptions, SurveyResponses, Window

# The statement of a day, asked for each of them in turn; its parameters ``day`` and ``end`` are the columns of the days.
EACH_DAY: Final = """
    SELECT asked.day, answer.* FROM unnest(%(days)s::date[], %(ends)s::timestamptz[]) AS asked (day, end_of_day)
    CROSS JOIN LATERAL ({statement}) answer
"""
ONCE: Final = ["person", "scale_min", "scale_max", "direction", "dismissed"]


def by_day(spec: InputSpec, statement: str, params: Mapping[str, Any], windows: Sequence[Window]) -> Cut:
    """Ask a statement about single days for all days at once."""
    asked = statement.replace("%(day)s", "asked.day").replace("%(end)s", "asked.end_of_day")
    days = {"days": [window.day for window in windows], "ends": [window.end for window in windows]}
    rows = query_columns(
        {"asked_on": pl.Date, **spec.columns}, EACH_DAY.format(statement=asked), {**params, **days}
    )
    frames = {key[0]: frame for key, frame in rows.partition_by("asked_on", as_dict=True).items()}

    def cut(window: Window) -> pl.DataFrame:
        return frames.get(window.day, rows.clear()).drop("asked_on")

    return cut


@resolves_range(Accounts)
def _accounts(spec: Accounts, windows: Sequence[Window]) -> Cut:
    return by_day(spec, ACCOUNTS, {}, windows)


@resolves_range(Seats)
def _seats(spec: Seats, windows: Sequence[Window]) -> Cut:
    if not spec.ends_before:
        return by_day(spec, SEATS, seat_params(), windows)
    cut = by_day(spec, SEATS, seat_params(), [_shifted(spec, window) for window in windows])
    return lambda window: cut(_shifted(spec, window))


def _shifted(spec: InputSpec, window: Window) -> Window:
    return replace(window, day=spec.ends_on(window.day))


@resolves_range(Subscriptions)
def _subscriptions(spec: Subscriptions, windows: Sequence[Window]) -> Cut:
    known = {**spec.columns, "begin": pl.Date, "next_from": pl.Date}
    last = max(window.day for window in windows)
    rows = query_columns(known, ALL_TERMS, {"last": last, **seat_params()})

    def cut(window: Window) -> pl.DataFrame:
        day, first = window.day, spec.first_day(window.day)
        begin, starts, ends, until = (
            pl.col(name) for name in ("begin", "starts_on", "ends_on", "valid_until")
        )
        asked = (ends.is_null() | (ends > first)) & (until.is_null() | (until > first))
        return (
            rows.filter((starts <= day) & (begin <= day))
            .with_columns(valid_until=pl.when(pl.col("next_from") <= day).then(pl.col("next_from")))
            .filter((ends.is_null() | (begin < ends)) & (until.is_null() | (until > starts)))
            .filter(pl.lit(spec.ever) | asked)
            .with_columns(
                valid_from=pl.max_horizontal(begin, starts), valid_until=pl.min_horizontal(until, ends)
            )
            .drop("begin", "next_from")
        )

    return cut


@resolves_range(Ledger)
def _ledger(spec: Ledger, windows: Sequence[Window]) -> Cut:
    first = min(spec.first_day(window.day) for window in windows)
    last = max(window.day for window in windows)
    rows = query_columns(spec.columns, LEDGER, ledger_params(spec, first=first, last=last))

    def cut(window: Window) -> pl.DataFrame:
        upto = rows.filter(pl.col("day") <= window.day)
        return upto if spec.ever else upto.filter(pl.col("day") >= spec.first_day(window.day))

    return cut


@resolves_range(SurveyResponses)
def _survey_responses(spec: SurveyResponses, windows: Sequence[Window]) -> Cut:
    params = {
        "instrument": spec.instrument.removesuffix("*"),
        "start": min(window_start(spec, window) for window in windows),
        "end": max(window_end(spec, window) for window in windows),
    }
    statement = RESPONSES.format(instrument=instrument_of(spec))
    rows = query_columns({"id": pl.Int64, **spec.columns}, statement, params).sort("occurred_at", "id")
    is_latest = spec.per_person == "latest_as_of_window_end"

    def cut(window: Window) -> pl.DataFrame:
        inside = rows.filter(pl.col("occurred_at").is_between(*in_utc(spec, window), closed="left"))
        if is_latest:
            known = inside.filter(pl.col("person").is_not_null()).unique(
                ONCE, keep="last", maintain_order=True
            )
            inside = pl.concat([known, inside.filter(pl.col("person").is_null())])
        return inside.drop("id")

    return cut
