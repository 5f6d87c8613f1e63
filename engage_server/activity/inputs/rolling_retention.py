"""Who was born when, and who came back by the rolling clock, which needs the times of events."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from engage_server.activity.inputs.first_events import FIRST_EVER, FIRST_OF_NAME
from engage_server.activity.inputs.person_activity import window_days
from engage_server.activity.inputs.sliced_statements import restricted
from engage_server.activity.retention_counts import Cell, Counts, cohort_of
from engage_server.customers.frames import Column, query_columns
from engage_server.customers.inputs import window_start
from engage_server.customers.slicers import rows_of
from engage_server.customers.slices import WHOLE, Slice, sliced_by
from engage_server.sdk import Retention, Window
from engage_server.sdk.inputs.base import UTC_TIME

SECONDS: Final = {"day": 86_400, "week": 7 * 86_400}
PERIODS: Final = """
    SELECT DISTINCT born.person, floor(extract(epoch FROM event.at - born.at) / %(seconds)s)::bigint
    FROM unnest(%(persons)s::int[], %(times)s::bigint[]) AS one (person, microseconds)
    CROSS JOIN LATERAL (
        SELECT one.person, timestamptz 'epoch' + one.microseconds * interval '1 microsecond' AS at) born
    JOIN activity_personstate state ON state.root = born.person AND state.is_counted
    JOIN activity_personday day ON day.person = state.person
        AND day.day BETWEEN (born.at AT TIME ZONE %(zone)s)::date AND %(last)s
    CROSS JOIN LATERAL unnest(day.names, day.times) AS event (name, at)
    WHERE event.at >= born.at AND (%(event)s::text IS NULL OR event.name =
          (SELECT id FROM activity_eventname WHERE name = %(event)s))
"""


def births(spec: Retention, window: Window, part: Slice) -> pl.DataFrame:
    """Columns person, account, at and day of who was born in the slice; when that was is a matter of the whole."""
    params = {
        **window_days(spec, window),
        "start": window_start(spec, window),
        "end": window.end,
        "zone": window.timezone,
        "signup": spec.birth_event,
        "settling": 0,
    }
    columns: Mapping[str, Column] = {"person": pl.Int64, "account": pl.Int64, "at": UTC_TIME}
    statement = FIRST_EVER if spec.birth_event is None else FIRST_OF_NAME
    found = query_columns(columns, statement, params)
    day = pl.col("at").dt.convert_time_zone(window.timezone).dt.date()
    return rows_of(found, part, account="account", person="person").with_columns(day=day)


def count_rolling_clock(spec: Retention, window: Window, part: Slice) -> Counts:
    """As ``count_retained``, where periods are hours after each person's own first event."""
    members, back = _members_and_returns(spec, window, part)
    counts: Counts = {}
    for first, past in spec.stretches:
        eligible = members.filter(pl.col("whole") > past)
        came = _came_back(spec, back, first, past)
        table = (
            members.group_by("cohort")
            .len("size")
            .join(eligible.group_by("cohort").len("eligible"), on="cohort", how="left")
            .join(
                eligible.join(came, on="person", how="semi").group_by("cohort").len("retained"),
                on="cohort",
                how="left",
            )
            .fill_null(0)
        )
        counts |= {(cohort, first): list(numbers) for cohort, *numbers in table.iter_rows()}
    return counts


def persons_of_cell(spec: Retention, window: Window, cell: Cell) -> tuple[list[int], list[int], list[int]]:
    """Of one cell the persons that ``count_rolling_clock`` counts: members, those whose period is over, who came back."""
    cohort, offset = cell
    ((first, past),) = (one for one in spec.stretches if one[0] == offset)
    everybody, back = _members_and_returns(spec, window, WHOLE)
    members = everybody.filter(pl.col("cohort") == cohort)
    eligible = members.filter(pl.col("whole") > past)
    came = eligible.join(_came_back(spec, back, first, past), on="person", how="semi")
    found = [frame["person"].to_list() for frame in (members, eligible, came)]
    return found[0], found[1], found[2]


def _members_and_returns(spec: Retention, window: Window, part: Slice) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Columns person, cohort and ``whole``, the periods that are over; and each period of each person once."""
    seconds = SECONDS[spec.unit]
    born = births(spec, window, part)
    params: dict[str, Any] = {
        **window_days(spec, window),
        "persons": born["person"].to_list(),
        "times": born["at"].to_physical().to_list(),
        "seconds": seconds,
        "zone": window.timezone,
        "event": spec.event,
    }
    with sliced_by(part):
        back = query_columns({"person": pl.Int64, "period": pl.Int64}, *restricted(PERIODS, params))
    cohorts = born["day"].map_elements(lambda day: cohort_of(spec, day), return_dtype=pl.Date)
    observed = (pl.lit(window.end).dt.convert_time_zone("UTC") - pl.col("at")).dt.total_microseconds()
    return born.select("person", cohort=cohorts, whole=observed // (seconds * 1_000_000)), back


def _came_back(spec: Retention, back: pl.DataFrame, first: int, past: int) -> pl.DataFrame:
    """The persons who were active as the mode asks; ``back`` has each period of each person once."""
    lowest = min(1, past) if spec.mode in {"on_or_before", "streak"} else first
    inside = back.filter(pl.col("period") >= lowest)
    if spec.mode != "on_or_after":
        inside = inside.filter(pl.col("period") <= past)
    needed = past - lowest + 1 if spec.mode == "streak" else 1
    return inside.group_by("person").len("periods").filter(pl.col("periods") >= needed)
