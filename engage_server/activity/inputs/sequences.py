"""Answers the input that follows persons along ordered steps, from person-days: two statements read, columns follow."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

import polars as pl

from engage_server.activity.inputs.event_arrays import read_arrays
from engage_server.activity.inputs.person_activity import NAMED, PERSON_DAYS, window_days
from engage_server.activity.inputs.registration import resolves
from engage_server.activity.inputs.sliced_statements import restricted
from engage_server.customers.frames import Column, query_columns
from engage_server.customers.slicers import slice_statements
from engage_server.sdk import Sequences, Window

NUMBERS: Final = "SELECT name, id FROM activity_eventname WHERE name = ANY(%(names)s)"
NUMBER: Final[Mapping[str, Column]] = {"step": pl.String, "name": pl.Int64}
STEPS: Final = f"{PERSON_DAYS} AND day.names && {NAMED}"


@resolves(Sequences)
def _sequences(spec: Sequences, window: Window) -> pl.DataFrame:
    if problem := next(_problems(spec), None):
        raise ValueError(f"{spec!r} {problem}")
    numbers = query_columns(NUMBER, NUMBERS, {"names": list(spec.steps)})
    params = {**window_days(spec, window), "names": list(spec.steps)}
    events = read_arrays(*restricted(STEPS, params), with_names=True)
    # One pass for each name, and not one over all for each step.
    done = {step: events.filter(pl.col("name") == name).drop("name") for step, name in numbers.iter_rows()}
    never = events.clear().drop("name")
    reached = (
        done.get(spec.steps[0], never)
        .sort("at", "account", nulls_last=True)
        .unique("person", keep="first", maintain_order=True)
        .select("person", "account", step_1="at", until=pl.col("at") + timedelta(hours=spec.within_hours))
    )
    for number in range(2, len(spec.steps) + 1):
        later = _next(reached, done.get(spec.steps[number - 1], never), spec, number)
        reached = reached.join(later, on="person", how="left")
    return reached.select([pl.col(name).cast(kind) for name, kind in spec.columns.items()])


def _next(reached: pl.DataFrame, events: pl.DataFrame, spec: Sequences, number: int) -> pl.DataFrame:
    """Who came to the step of this number, and when: columns person and step_<number>."""
    before, at = pl.col(f"step_{number - 1}"), pl.col("at")
    is_after = at >= before if spec.equal_times == "together" else at > before
    # The last step of the same name may have been done at the same time, by the very event.
    same = [earlier for earlier in range(1, number) if spec.steps[earlier - 1] == spec.steps[number - 1]]
    known = {f"step_{number - 1}", *(f"step_{earlier}" for earlier in same[-1:])}
    for earlier in same[-1:]:
        is_after &= at > pl.col(f"step_{earlier}")
    hours = spec.step_hours[number - 2] if number - 2 < len(spec.step_hours) else None
    if hours is not None:
        is_after &= at <= before + timedelta(hours=hours)
    waiting = reached.filter(before.is_not_null()).select("person", "until", *sorted(known))
    return (
        events.select("person", "at")
        .join(waiting, on="person")
        .filter(is_after & (at <= pl.col("until")))
        .group_by("person")
        .agg(at.min().alias(f"step_{number}"))
    )


def _problems(spec: Sequences) -> Iterator[str]:
    if not spec.steps or spec.within_hours < 1:
        yield "has no step or no time for them. Remedy: name one, and an hour at least."
    if len(spec.step_hours) >= max(len(spec.steps), 1):
        yield "has more times than steps after the first. Remedy: one for each of these at most."
    if any(hours is not None and hours < 1 for hours in spec.step_hours):
        yield "gives a step no time. Remedy: an hour at least, or None."


# As if nothing else had happened: a step that was done in another account is none.
slice_statements(Sequences)
