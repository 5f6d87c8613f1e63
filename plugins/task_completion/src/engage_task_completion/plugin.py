"""Which share of tasks is completed in time, and how long those take that are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

import polars as pl

from engage_server.sdk import (
    TENANT,
    Answer,
    Computation,
    Direction,
    Events,
    InputSpec,
    Plugin,
    Subject,
    account,
    catalogues_beside,
)
from engage_server.sdk.cohorts import Cohort, Wording, count_cohorts, share
from engage_task_completion import card
from engage_task_completion.attempts import attempts, count_unnamed
from engage_task_completion.config import TaskCompletionConfig

plugin = Plugin(
    "task_completion",
    sdk=">=2,<3",
    config=TaskCompletionConfig,
    title={"en": "Task completion", "ko": "작업 완료"},
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_task_completion"),
)
Rows = Computation[TaskCompletionConfig]
Answers = Iterator[tuple[Subject, Answer]]
WORDING: Final = Wording("Completed in time", "Still in time", "Abandoned")
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Completion:
    """What became of the tasks that were begun."""

    started: Annotated[int, "Attempts of the cohort; a task and its retries are one."]
    completed: Annotated[int, "Completed in time."]
    abandoned: Annotated[int, "Not completed, and the time is over."]
    open: Annotated[int, "Not completed yet, but still in time."]
    retried: Annotated[int, "Attempts that were started more than once."]
    unnamed: Annotated[
        int, "Starts that do not name their attempt though a property is configured; not counted."
    ]


@dataclass(frozen=True, slots=True)
class TimeOnTask:
    """How long completed tasks took."""

    completed: Annotated[int, "Attempts that were completed in time."]
    mean: Annotated[float | None, "Minutes."]
    p90: Annotated[float | None, "Minutes in which nine of ten were completed."]
    completed_share: Annotated[float | None, "Completed / started, 0 to 1: short times of few say little."]


def inputs(config: TaskCompletionConfig) -> dict[str, InputSpec]:
    """Starts and completions of the cohort, of the time that they have, and of as much time before."""
    properties = ((config.attempt_property, "str"),) if config.attempt_property else ()
    before = -(-config.within // timedelta(days=1))
    return {
        "events": Events(
            (config.start_event, config.completion_event),
            properties=properties,  # type: ignore[arg-type]  # "str" is one of the kinds
            days=config.days_read(config.within) + before,
        )
    }


@plugin.metric(
    "rate",
    title={"en": "Task completion rate", "ko": "작업 완료율"},
    unit="%",
    card=card.RATE,
    details=Completion,
    inputs=inputs,
    of_all=True,
    category="effort",
)
def rate(rows: Rows) -> Answers:
    """For the tenant and each account: attempts completed in time / attempts begun."""
    table, unnamed = rows.once(attempts), rows.once(count_unnamed)
    retried = table.filter(pl.col("starts") > 1).group_by("account").len()
    more = {TENANT: (int(retried["len"].sum()), int(unnamed["unnamed"].sum()))}
    for id, *counts in (
        retried.join(unnamed, on="account", how="full", coalesce=True).fill_null(0).iter_rows()
    ):
        if id is not None:
            more[account(id)] = (counts[0], counts[1])
    for subject, cohort in count_cohorts(table, accounts=rows["accounts"]):
        details = Completion(
            cohort.entrants, cohort.reached, cohort.lapsed, cohort.open, *more.get(subject, (0, 0))
        )
        yield subject, share(cohort, wording=WORDING, details=details)


@plugin.metric(
    "time_on_task",
    title={"en": "Time on task", "ko": "작업 소요 시간"},
    unit={"en": "minutes", "ko": "분"},
    direction=Direction.DOWN,
    card=card.TIME_ON_TASK,
    details=TimeOnTask,
    inputs=inputs,
    of_all=True,
    category="effort",
    no_interval="The figure of the completed tasks as they are; who gives up would bias any interval of it.",
)
def time_on_task(rows: Rows) -> Answers:
    """For the tenant and each account: the median minutes of those who completed."""
    table = rows.once(attempts)
    minutes = table.filter("reached").select(
        "account", minutes=(pl.col("completed_at") - pl.col("started_at")) / MINUTE
    )
    figures = (
        pl.col("minutes").median().alias("median"),
        pl.col("minutes").mean().alias("mean"),
        pl.col("minutes").quantile(0.9, "linear").alias("p90"),
    )
    found = {TENANT: minutes.select(*figures).row(0)}
    for id, *values in minutes.drop_nulls("account").group_by("account").agg(*figures).iter_rows():
        found[account(id)] = (values[0], values[1], values[2])
    for subject, cohort in count_cohorts(table, accounts=rows["accounts"]):
        yield subject, _time_of(cohort, *found.get(subject, (None, None, None)))


def _time_of(cohort: Cohort, median: float | None, mean: float | None, p90: float | None) -> Answer:
    completed_share = cohort.reached / cohort.entrants if cohort.entrants else None
    return Answer(median, n=cohort.reached, details=TimeOnTask(cohort.reached, mean, p90, completed_share))
