"""Makes attempts of the events that start and complete tasks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Final

import polars as pl

from engage_server.sdk import Computation
from engage_server.sdk.cohorts import outcomes
from engage_task_completion.config import TaskCompletionConfig

Event = tuple[Any, ...]
ATTEMPT: Final = {
    "account": pl.Int64(),
    "started_at": pl.Datetime("us", "UTC"),
    "completed_at": pl.Datetime("us", "UTC"),
    "starts": pl.Int64(),
}


@dataclass(slots=True)
class Attempt:
    """A task that somebody began, with its retries."""

    account: int | None
    started_at: datetime
    completed_at: datetime | None = None
    starts: int = 1

    @property
    def row(self) -> tuple[int | None, datetime, datetime | None, int]:
        """As a row of the frame."""
        return (self.account, self.started_at, self.completed_at, self.starts)


def attempts(rows: Computation[TaskCompletionConfig]) -> pl.DataFrame:
    """The attempts of the cohort: ``account``, ``started_at``, ``completed_at``, ``starts``, ``reached``, ``over``.

    An attempt begins with a start where none of the same key is running, and runs until it is completed or its time is
    over. Starts in between are retries. The key is the person, and the property that names the attempt where there is one.
    """
    config = rows.config
    events = rows["events"].drop_nulls(["person", "at"])
    keys = ["person"]
    if config.attempt_property:
        keys.append(config.property_column)
        events = events.drop_nulls(config.property_column)
    is_completion = pl.col("event") == config.completion_event
    # At one moment a start comes before what completes it.
    ordered = events.with_columns(is_completion=is_completion).sort(*keys, "at", "is_completion", "account")
    table = ordered.select(*keys, "account", "at", "is_completion")
    found = [
        attempt.row
        for _, group in groupby(table.iter_rows(), key=lambda row: row[: len(keys)])
        for attempt in _attempts_of((row[len(keys) :] for row in group), config.within)
    ]
    frame = pl.DataFrame(found, schema=ATTEMPT, orient="row")
    # What began before the cohort is read only to tell its retries from attempts of their own.
    first = rows.window.start - timedelta(days=config.days_read(config.within) - 1)
    return outcomes(
        frame.filter(pl.col("started_at") >= first.astimezone(UTC)),
        entered="started_at",
        reached="completed_at",
        within=config.within,
        window=rows.window,
        config=config,
    )


def _attempts_of(events: Iterable[Event], within: timedelta) -> Iterator[Attempt]:
    """The attempts in the events of one key, in order of time."""
    running: Attempt | None = None
    for account, at, is_completion in events:
        if running is not None and at >= running.started_at + within:
            yield running
            running = None
        if is_completion:
            if running is not None:
                running.completed_at = at
                yield running
                running = None
        elif running is None:
            running = Attempt(account, at)
        else:
            running.starts += 1
    if running is not None:
        yield running


def count_unnamed(rows: Computation[TaskCompletionConfig]) -> pl.DataFrame:
    """Starts that do not name their attempt where they should, per account: ``account`` and ``unnamed``."""
    events = rows["events"].filter(pl.col("event") == rows.config.start_event)
    if not rows.config.attempt_property:
        events = events.clear()
    unnamed = events.filter(pl.col(rows.config.property_column).is_null()) if events.height else events
    return unnamed.group_by("account").agg(unnamed=pl.len())
