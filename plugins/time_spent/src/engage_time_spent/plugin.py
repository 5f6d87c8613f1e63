"""Active minutes, sessions, their duration and the bounce rate, of the tenant and of every account."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import polars as pl

from engage_server.sdk import (
    TENANT,
    ActiveMinutes,
    Answer,
    Computation,
    Direction,
    Events,
    InputSpec,
    MetricValues,
    Plugin,
    Sessions,
    Subject,
    account,
    catalogues_beside,
)
from engage_server.sdk.intervals import wilson
from engage_time_spent import card
from engage_time_spent.bounces import is_bounce, with_counts
from engage_time_spent.config import TimeSpentConfig

plugin = Plugin(
    "time_spent",
    sdk=">=2,<3",
    config=TimeSpentConfig,
    title={"en": "Time spent", "ko": "이용 시간"},
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_time_spent"),
)
Rows = Computation[TimeSpentConfig]
Answers = Iterator[tuple[Subject, Answer]]
Row = Mapping[str, Any]
MAX_HOURS: Final = 24 * 366
"""A stretch without idling is cut by nothing else."""
PERSONS: Final = pl.col("person").drop_nulls().n_unique().alias("persons")


@dataclass(frozen=True, slots=True)
class ActiveTime:
    """Active minutes by person."""

    persons: Annotated[int, "Persons with an event."]
    minutes_per_person: Annotated[float, "Mean of their active minutes."]
    minutes_per_active_day: Annotated[float | None, "Mean over persons' active days; null with gaps."]
    method: Annotated[str, "distinct_minutes or gaps."]


@dataclass(frozen=True, slots=True)
class SessionCount:
    """Sessions by person."""

    persons: Annotated[int, "Persons with a session."]
    sessions_per_person: Annotated[float, "Mean of their sessions."]


@dataclass(frozen=True, slots=True)
class Duration:
    """How long sessions last, in seconds."""

    median: Annotated[float | None, "Half of the sessions are longer."]
    p90: Annotated[float | None, "A tenth of the sessions is longer."]
    counted_sessions: Annotated[int, "Sessions that make the mean."]
    single_event_sessions: Annotated[int, "Sessions of one event, whether they are part of it or not."]
    completion: Annotated[float | None, "Value of the metric named beside it; null where it is not measured."]
    completion_metric: Annotated[str, "Which metric that is; empty for none."]


@dataclass(frozen=True, slots=True)
class Bounces:
    """Sessions by what became of them."""

    counted_sessions: Annotated[int, "Sessions in the denominator."]
    bounces: Annotated[int, "Sessions that are bounces."]
    null_sessions: Annotated[int, "Sessions without a page, which are in neither part."]
    variant: Annotated[str, "single_page, posthog or ga4."]


def each(frame: pl.DataFrame, *aggregates: pl.Expr) -> Iterator[tuple[Subject, Row]]:
    """The aggregates of all rows, where there are any, and of each account's, by id."""
    if not frame.is_empty():
        yield TENANT, frame.select(*aggregates).row(0, named=True)
    by_account = frame.drop_nulls("account").group_by("account", maintain_order=True).agg(*aggregates)
    for row in by_account.sort("account").iter_rows(named=True):
        yield account(row["account"]), row


def active_time(config: TimeSpentConfig) -> dict[str, InputSpec]:
    """Minutes with an event; or stretches that no pause interrupts."""
    if config.method == "distinct_minutes":
        return {"minutes": ActiveMinutes(days=config.window_days)}
    stretches = Sessions(days=config.window_days, idle_minutes=config.idle_minutes, max_hours=MAX_HOURS)
    return {"stretches": stretches}


def sessions(config: TimeSpentConfig) -> Sessions:
    """The sessions of the window."""
    idle, longest = config.session_idle_minutes, config.session_max_hours
    return Sessions(days=config.window_days, idle_minutes=idle, max_hours=longest)


def with_completion(config: TimeSpentConfig) -> dict[str, InputSpec]:
    """The sessions, and the metric that is named beside their duration."""
    found: dict[str, InputSpec] = {"sessions": sessions(config)}
    if config.completion_metric:
        beside = (config.completion_metric,)
        found |= {
            f"completion_of_{kind}": MetricValues(beside, subject_kind=kind) for kind in ("tenant", "account")
        }
    return found


def with_events(config: TimeSpentConfig) -> dict[str, InputSpec]:
    """The sessions, and the events that tell bounces."""
    names = tuple(sorted({*config.page_events, *config.capture_events, *config.key_events}))
    return {"sessions": sessions(config), "events": Events(names, days=config.window_days)}


@plugin.metric(
    "active_minutes",
    title={"en": "Active time", "ko": "활성 이용 시간"},
    unit={"en": "minutes", "ko": "분"},
    card=card.ACTIVE_MINUTES,
    details=ActiveTime,
    inputs=active_time,
    of_all=True,
    no_interval="All minutes are counted; there is no sample.",
)
def active_minutes(rows: Rows) -> Answers:
    """Active minutes of all persons together."""
    by_gaps = rows.config.method == "gaps"
    # Seconds are added in the order of their size, so that the sum does not hang on that of the rows.
    minutes = pl.col("seconds").sort().sum() / 60 if by_gaps else pl.col("active_minutes").sum()
    days = pl.lit(None, pl.Int64) if by_gaps else pl.col("active_days").sum()
    frame = rows["stretches" if by_gaps else "minutes"].drop_nulls("person")
    for subject, row in each(frame, minutes.alias("minutes"), days.alias("days"), PERSONS):
        found, persons = row["minutes"], row["persons"]
        a_day = found / row["days"] if row["days"] else None
        details = ActiveTime(persons, found / persons, a_day, rows.config.method)
        yield subject, Answer(found, n=persons, details=details)


@plugin.metric(
    "sessions",
    title={"en": "Sessions", "ko": "세션 수"},
    unit={"en": "sessions", "ko": "회"},
    card=card.SESSIONS,
    details=SessionCount,
    inputs=lambda config: {"sessions": sessions(config)},
    of_all=True,
    no_interval="All sessions are counted; there is no sample.",
)
def session_count(rows: Rows) -> Answers:
    """Sessions of the window."""
    for subject, row in each(rows["sessions"].drop_nulls("person"), pl.len().alias("sessions"), PERSONS):
        details = SessionCount(row["persons"], row["sessions"] / row["persons"])
        yield subject, Answer(row["sessions"], n=row["persons"], details=details)


@plugin.metric(
    "session_duration",
    title={"en": "Session duration", "ko": "세션 시간"},
    unit={"en": "seconds", "ko": "초"},
    direction="VARIES",
    card=card.DURATION,
    details=Duration,
    inputs=with_completion,
    of_all=True,
    no_interval="Sessions of a person hang together; all are counted.",
)
def session_duration(rows: Rows) -> Answers:
    """Mean, median and 90th percentile of the sessions' seconds."""
    config = rows.config
    single = pl.col("events") <= 1
    counted = (
        pl.col("seconds")
        .filter(~single if config.single_event_sessions == "exclude" else pl.lit(True))
        .sort()
    )
    completion = _completions(rows)
    aggregates = (
        counted.mean().alias("mean"),
        counted.median().alias("median"),
        counted.quantile(0.9, "linear").alias("p90"),
        counted.len().alias("counted"),
        single.sum().alias("single"),
        PERSONS,
    )
    for subject, row in each(rows["sessions"].drop_nulls("person"), *aggregates):
        details = Duration(
            row["median"],
            row["p90"],
            row["counted"],
            row["single"],
            completion.get(subject),
            config.completion_metric,
        )
        direction = Direction(config.duration_direction)
        yield subject, Answer(row["mean"], n=row["persons"], details=details, direction=direction)


def _completions(rows: Rows) -> dict[Subject, float]:
    """The value of the metric beside the duration, by subject."""
    if not rows.config.completion_metric:
        return {}
    both = pl.concat([rows["completion_of_tenant"], rows["completion_of_account"]])
    known = both.select("subject_kind", "subject", "value").drop_nulls().sort(pl.all())
    return {Subject(kind, id): value for kind, id, value in known.iter_rows()}


@plugin.metric(
    "bounce_rate",
    title={"en": "Bounce rate", "ko": "이탈률"},
    unit="%",
    direction="DOWN",
    card=card.BOUNCE,
    details=Bounces,
    inputs=with_events,
    of_all=True,
)
def bounce_rate(rows: Rows) -> Answers:
    """Sessions that are bounces among those that can be."""
    counted = with_counts(rows["sessions"].drop_nulls("person"), rows["events"], rows.config)
    told = counted.with_columns(bounce=is_bounce(rows.config))
    aggregates = (
        pl.col("bounce").count().alias("sessions"),
        pl.col("bounce").sum().cast(pl.Int64).alias("bounces"),
        pl.col("bounce").null_count().alias("nulls"),
        PERSONS,
    )
    for subject, row in each(told, *aggregates):
        of, bounces = row["sessions"], row["bounces"]
        yield (
            subject,
            Answer(
                100 * bounces / of if of else None,
                n=row["persons"],
                details=Bounces(of, bounces, row["nulls"], rows.config.bounce),
                interval=wilson(bounces, of),
            ),
        )
