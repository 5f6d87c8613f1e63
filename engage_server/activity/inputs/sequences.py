"""Answers the input that follows persons along ordered steps, from person-days: one statement reads, columns follow."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import polars as pl

from engage_server.activity.inputs.person_activity import PERSON_DAYS, window_days
from engage_server.activity.inputs.registration import resolves
from engage_server.activity.inputs.sliced_statements import restricted
from engage_server.customers.frames import Column, query_columns
from engage_server.customers.slicers import slice_statements
from engage_server.sdk import Sequences, Window
from engage_server.sdk.inputs.base import UTC_TIME

STEPS: Final = f"""
    SELECT day.person, NULLIF(day.account, 0), name.name, event.at
    FROM ({PERSON_DAYS}) day CROSS JOIN LATERAL unnest(day.names, day.times) AS event (name, at)
    JOIN activity_eventname name ON name.id = event.name AND name.name = ANY(%(steps)s)
    WHERE day.names && (SELECT COALESCE(array_agg(id), '{{}}') FROM activity_eventname WHERE name = ANY(%(steps)s))::int[]
"""
STEP: Final[Mapping[str, Column]] = {
    "person": pl.Int64,
    "account": pl.Int64,
    "name": pl.String,
    "at": UTC_TIME,
}


@resolves(Sequences)
def _sequences(spec: Sequences, window: Window) -> pl.DataFrame:
    if not spec.steps or spec.within_hours < 1:
        raise ValueError(f"{spec!r} has no step or no time for them. Remedy: name one, and an hour at least.")
    done = query_columns(STEP, *restricted(STEPS, {**window_days(spec, window), "steps": list(spec.steps)}))
    firsts = done.filter(pl.col("name") == spec.steps[0]).sort("at", "account", nulls_last=True)
    reached = firsts.unique("person", keep="first", maintain_order=True).select(
        "person",
        "account",
        step_1="at",
        until=pl.col("at") + timedelta(hours=spec.within_hours),
    )
    for number, step in enumerate(spec.steps[1:], 2):
        before, now = f"step_{number - 1}", f"step_{number}"
        later = (
            reached.select("person", before, "until")
            .join(done.filter(pl.col("name") == step).select("person", "at"), on="person")
            .filter((pl.col("at") > pl.col(before)) & (pl.col("at") <= pl.col("until")))
            .group_by("person")
            .agg(pl.col("at").min().alias(now))
        )
        reached = reached.join(later, on="person", how="left")
    return reached.select([pl.col(name).cast(kind) for name, kind in spec.columns.items()])


# As if nothing else had happened: a step that was done in another account is none.
slice_statements(Sequences)
