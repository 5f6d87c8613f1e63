"""Answers the input that adds up events by account and name, capped by day and aged."""

from typing import Any, Final

import polars as pl

from engage_server.activity.inputs.person_activity import PERSON_DAYS, window_days
from engage_server.activity.inputs.registration import resolves
from engage_server.activity.inputs.sliced_statements import restricted_frame
from engage_server.customers.slicers import slice_statements
from engage_server.sdk import WeightedEvents, Window

# What an event of a day counts, as a whole number: floating point would add up to other digits in another order.
UNIT: Final = 10**9
PLAIN: Final = f"""
    SELECT day.account, event.name, count(*) AS events, count(*) * {UNIT} AS counted
    FROM ({PERSON_DAYS}) day CROSS JOIN LATERAL unnest(day.names) AS event (name)
    GROUP BY day.account, event.name
"""
BY_DAY: Final = f"""
    SELECT account, name, sum(events) AS events,
           sum(LEAST(events, COALESCE(own.cap, %(cap)s::bigint, events)) * aged.units) AS counted
    FROM (
        SELECT day.day, day.person, day.account, event.name, count(*) AS events
        FROM ({PERSON_DAYS}) day CROSS JOIN LATERAL unnest(day.names) AS event (name)
        GROUP BY day.day, day.person, day.account, event.name
    ) daily
    JOIN unnest(%(days)s::date[], %(units)s::bigint[]) AS aged (day, units) USING (day)
    LEFT JOIN (
        SELECT entry.id AS name, asked.cap
        FROM unnest(%(capped)s::text[], %(caps)s::bigint[]) AS asked (name, cap)
        JOIN activity_eventname entry ON entry.name = asked.name
    ) own USING (name)
    GROUP BY account, name
"""
TOTALS: Final = f"""
    SELECT NULLIF(total.account, 0), entry.name, total.events::bigint, total.counted::float8 / {UNIT},
           entry.weight::float8, entry.polarity
    FROM ({{counted}}) total JOIN activity_eventname entry ON entry.id = total.name
"""


@resolves(WeightedEvents)
def _weighted_events(spec: WeightedEvents, window: Window) -> pl.DataFrame:
    _require_positive(spec)
    if spec.daily_cap is None and not spec.daily_caps and spec.half_life_days is None:
        return restricted_frame(spec, TOTALS.format(counted=PLAIN), window_days(spec, window))
    days = pl.date_range(spec.first_day(window.day), window.day, eager=True).to_list()
    params: dict[str, Any] = {
        **window_days(spec, window),
        "days": days,
        "units": [_units(spec, age) for age in range(len(days) - 1, -1, -1)],
        "cap": spec.daily_cap,
        "capped": [name for name, _ in spec.daily_caps],
        "caps": [cap for _, cap in spec.daily_caps],
    }
    return restricted_frame(spec, TOTALS.format(counted=BY_DAY), params)


def _require_positive(spec: WeightedEvents) -> None:
    caps = [spec.daily_cap, *(cap for _, cap in spec.daily_caps)]
    if any(cap is not None and cap < 1 for cap in caps) or (spec.half_life_days or 1) <= 0:
        raise ValueError(f"{spec} has a cap below 1 or a half-life that is not positive. Remedy: raise it.")


def _units(spec: WeightedEvents, age: int) -> int:
    return UNIT if spec.half_life_days is None else round(UNIT * 0.5 ** (age / spec.half_life_days))


slice_statements(WeightedEvents)
