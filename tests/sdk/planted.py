"""A good plugin, and the same with one mistake each: by the rule that it breaks, and words of the finding."""

import datetime
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Annotated, Any

import polars as pl
import strawberry
from pydantic import ConfigDict, Field

from engage_server import sdk
from engage_server.sdk import (
    TENANT,
    Answer,
    Benchmark,
    Card,
    Computation,
    Contribution,
    GraphQLContribution,
    InputSpec,
    Interval,
    Lifecycle,
    MetricValues,
    PersonDays,
    Plugin,
    PluginConfig,
    Subject,
    SurveyResponses,
    Vector,
    account,
)
from engage_server.sdk.days import VALUES
from engage_server.sdk.intervals import wilson


class Config(PluginConfig):
    days: int = Field(90, ge=1, description="Trailing days.")


@dataclass(frozen=True, slots=True)
class Share:
    good: Annotated[int, "Answers of 9 and 10."]


ANSWERS = [{"account": 1, "score": 10}, {"account": 1, "score": 9}, {"account": 2, "score": 3}]
CARD = Card(
    formula="100 x answers of 9 and 10 / answers",
    source="own",
    edge_rules=("No answer: null, NO_DATA.",),
    vectors=(Vector("two good of three", "66.67", "own", rows={"answers": ANSWERS}, measured={"value": 200 / 3, "n": 3}),),
    benchmarks=(Benchmark("Half is usual.", "own"),),
    vanity_risk="Ask only who is happy.",
)  # fmt: skip
ANYTHING: Any = None


def share(rows: Computation[Config]) -> Answer | None:
    scores = rows["answers"]["score"].drop_nulls()
    good = int((scores >= 9).sum())
    if not len(scores):
        return None
    parts = (Contribution("good", "Good", good, points=100 * good / len(scores), n=good),)
    return Answer(
        100 * good / len(scores),
        n=len(scores),
        details=Share(good),
        parts=parts,
        interval=wilson(good, len(scores)),
    )


def made(
    measure: Callable[[Computation[Config]], Any] = share,
    *,
    of_all: bool = False,
    manifest: Mapping[str, Any] = {},
    **metric: Any,
) -> Plugin[Config]:
    """The good plugin, except for what the arguments replace."""
    said: dict[str, Any] = {
        "sdk": ">=1,<3", "config": Config, "title": {"en": "Share", "ko": "비율"}, "owner": "us@example.com",
        "licence": "Apache-2.0", "homepage": "https://example.com",
        "inputs": lambda config: {"answers": SurveyResponses("nps", days=config.days)},
    }  # fmt: skip
    plugin: Plugin[Config] = Plugin("share", **{**said, **manifest})
    declared: dict[str, Any] = {
        "title": {"en": "Share", "ko": "비율"},
        "unit": "%",
        "card": CARD,
        "details": Share,
    }
    plugin.metric("good", of_all=of_all, **{**declared, **metric})(measure)
    return plugin


def answering(**changes: Any) -> Callable[[Computation[Config]], Answer | None]:
    def measure(rows: Computation[Config]) -> Answer | None:
        answer = share(rows)
        return None if answer is None else replace(answer, **changes)

    return measure


def nan(rows: Computation[Config]) -> Answer:
    scores = rows["answers"]["score"].drop_nulls()
    return Answer(sum(scores) / len(scores) if len(scores) else float("nan"), n=0)


def divides(rows: Computation[Config]) -> Answer:
    return Answer(100 / rows["answers"]["score"].sum(), n=1)


def first_row(rows: Computation[Config]) -> Answer | None:
    scores = rows["answers"]["score"].drop_nulls()
    return Answer(float(scores[0]), n=1) if len(scores) else None


def second_row(rows: Computation[Config]) -> Answer | None:
    return None if not rows["answers"].height else Answer(rows["answers"].row(1)[0] or 0, n=1)


def rounded(rows: Computation[Config]) -> Answer | None:
    answer = share(rows)
    return answer and replace(answer, value=round(float(answer.value or 0), 1), parts=())


def by_person(rows: Computation[Config]) -> Answer:
    return Answer(rows["answers"]["person"].sum() or 0, n=1)


def counted(calls: list[int]) -> Callable[[Computation[Config]], Answer]:
    def measure(rows: Computation[Config]) -> Answer:
        calls.append(1)
        return Answer(len(calls), n=1)

    return measure


def by_chance(rows: Computation[Config]) -> Answer:
    return Answer(random.random(), n=1)


def forgetful(rows: Computation[Config]) -> Answer:
    return rows.alike("good", lambda: Answer(rows.day.day, n=1))


def since_yesterday(days: list[datetime.date]) -> Callable[[Computation[Config]], Answer]:
    def measure(rows: Computation[Config]) -> Answer:
        days.append(rows.day)
        return Answer(int(days[-2:][0] < rows.day), n=1)

    return measure


def strangers(rows: Computation[Config]) -> Iterator[tuple[Subject, Answer]]:
    for id in range(1, 6):
        yield account(id), Answer(1, n=1)


def of_the_machine(rows: Computation[Config]) -> Answer:
    return Answer(datetime.datetime(2026, 1, 1).astimezone().utcoffset().total_seconds(), n=1)  # type: ignore[union-attr]


def twice_is_too_much(rows: Computation[Config]) -> Answer:
    answers = rows["answers"]
    if answers.is_duplicated().any() and answers.height > 100:
        raise LookupError("two of a kind")
    return Answer(1, n=1)


def no_zero(rows: Computation[Config]) -> Answer | None:
    scores = rows["answers"]["score"].drop_nulls()
    return Answer(sum(scores) / max(scores), n=1) if len(scores) else None


def at_the_end(rows: Computation[Config]) -> Answer:
    times = rows["answers"]["occurred_at"].drop_nulls()
    if len(times) and (rows.window.end.astimezone(UTC) - times.max()).total_seconds() < 1:  # type: ignore[operator,union-attr]
        raise OverflowError("too late")
    return Answer(1, n=1)


def of_one_person_alone(rows: Computation[Config]) -> Answer:
    if 2 not in rows["answers"]["person"] and 1 in rows["answers"]["person"] and rows["answers"].height > 40:
        raise KeyError(2)
    return Answer(1, n=1)


def slow(rows: Computation[Config]) -> Answer:
    return Answer(sum(range(200_000)) * 0 + 1, n=1)


def by_place(rows: Computation[Config]) -> Iterator[tuple[Subject, Answer]]:
    known = rows["answers"]["account"].drop_nulls().unique().sort()
    for place, id in enumerate(known):
        yield account(id), Answer(place, n=1)


def by_account(rows: Computation[Config]) -> Answer:
    return Answer(rows["answers"]["account"].max() or 0, n=1)  # type: ignore[arg-type]


def of_most(most: list[int]) -> Callable[[Computation[Config]], Answer]:
    def measure(rows: Computation[Config]) -> Answer:
        most.append(max([*most[-1:], rows["answers"].height]))
        return Answer(rows["answers"].height / (most[-1] or 1), n=1)

    return measure


def no_slice(rows: Computation[Config]) -> Answer:
    if (
        rows.subject == TENANT
        and 0 < rows["answers"]["account"].n_unique() < 4
        and rows["answers"].height > 9
    ):
        raise IndexError("an account is missing")
    return Answer(1, n=1)


def by_summer_time(rows: Computation[Config]) -> Answer:
    hours = (rows.window.end.astimezone(UTC) - rows.window.start.astimezone(UTC)).total_seconds() / 3600
    return Answer(
        1 / (24 - hours) if hours != 24 else 1, n=1, status=None if hours == 24 else sdk.Status.NO_DATA
    )


@dataclass(frozen=True, slots=True)
class Own(InputSpec):
    """An input of the plugin's own, with a column that the SDK knows."""

    columns = {"account": pl.Int64}  # noqa: RUF012  # as the SDK's specifications have it


class Wrong(PluginConfig):
    days: int = Field("many", description="Trailing days.")  # type: ignore[assignment]


class Lax(PluginConfig):
    model_config = ConfigDict(extra="ignore")
    days: int = Field(90, description="Trailing days.")


class Changing(PluginConfig):
    days: int = Field(90, description="Trailing days.")
    tags: Any = Field(frozenset({"a"}), description="Comes back as a list.")


@dataclass(frozen=True, slots=True)
class Bare:
    good: int


@strawberry.type
class Figures:
    @strawberry.field
    def figure(self) -> int | None:
        return 1


@strawberry.type
class ShareQuery:
    @strawberry.field
    def share_queue(self) -> int:
        return 1


@strawberry.type
class ShareRaising:
    @strawberry.field
    def share_queue(self, info: strawberry.Info) -> int | None:
        return int(info.context.metrics.latest("share.good", TENANT).value)


def contributing(query: type) -> Plugin[Config]:
    plugin = made()
    plugin.graphql(lambda: GraphQLContribution(query=query))
    return plugin


def card(**changes: Any) -> dict[str, Any]:
    return {"card": replace(CARD, **changes)}


def of_days(frame: pl.DataFrame) -> Plugin[Config]:
    """The good plugin, and what it says of many days at once."""
    plugin = made()
    plugin.days_of("good")(lambda rows: frame)
    return plugin


def manifest(**changes: Any) -> Plugin[Config]:
    return made(manifest=changes)


ODD = Vector("two good of three", "67", "own", rows={"answers": ANSWERS}, measured={"value": 67})
STRANGE = Vector("of another input", "67", "own", rows={"questions": ANSWERS}, measured={"value": 67})
FORMER = {"values": MetricValues(metrics=("good",))}

PLANTED: list[tuple[str, Plugin[Any], str]] = [
    ("null-not-nan", made(nan), "nan is no number"),
    ("empty", made(lambda rows: Answer(1 / rows["answers"].height, n=1)), "raised ZeroDivisionError"),
    ("measurements", made(answering(n=-1)), "sample size -1 is negative"),
    ("measurements", made(answering(details={"good": "many"})), "detail 'good' is 'many'"),
    ("measurements", made(answering(interval=Interval(2, 1))), "interval from 2 to 1"),
    ("contributions", made(answering(value=1.0)), "add up to"),
    ("purity", made(counted([])), "The same request gave two answers"),
    ("purity", made(by_chance), "The same request gave two answers"),
    ("zero", made(no_zero), "raised ZeroDivisionError"),
    ("single", made(second_row), "raised OutOfBoundsError"),
    ("edges", made(at_the_end), "raised OverflowError: too late"),
    ("duplicate", made(twice_is_too_much), "raised LookupError"),
    ("duplicate", made(by_place, of_all=True), "with the same rows under other ids"),
    ("permuted", made(first_row), "The order of the rows matters"),
    ("zones", made(of_the_machine), "The machine's zone matters"),
    ("zones", made(by_summer_time), "2026-03-08 in America/New_York"),
    ("merged", made(by_person), "The persons' numbers matter"),
    ("merged", made(of_one_person_alone), "two persons that were merged"),
    ("range", made(since_yesterday([])), "depends on the days before it"),
    ("range", made(forgetful), "is another where it follows the days before it"),
    ("range", of_days(pl.DataFrame(schema=VALUES)), "good of many days at once is another: account 1 on"),
    ("range", of_days(pl.DataFrame({"on": [1]})), "The days of share.good: they are {'on': Int64}"),
    ("slice", made(strangers, of_all=True), "measures the accounts [3, 4, 5]"),
    ("slice", made(no_slice), "raised IndexError"),
    ("slice", made(by_account), "where the accounts have other ids"),
    ("slice", made(of_most([])), "once the whole was asked for"),
    ("cost", made(slow, manifest={"cpu_seconds": 0.01}), "1,000 accounts took"),
    ("unrounded", made(rounded), "at most three decimals"),
    ("interval", made(answering(interval=None)), "No value of good has an interval"),
    ("vectors", made(**card(vectors=())), "no worked example"),
    ("vectors-hold", made(**card(vectors=(ODD,))), "value is 66.6"),
    ("vectors-hold", made(**card(vectors=(STRANGE,))), "declares no input questions"),
    ("card", made(**card(edge_rules=())), "names no edge rule"),
    ("benchmarks", made(**card(benchmarks=(), vanity_risk="")), "no benchmark and no vanity risk"),
    ("details", made(answering(details=None), details=Bare), "Bare.good of good have no description"),
    ("languages", made(title="Share"), "no translation of the title of good"),
    ("languages", made(unit="points"), "no translation of the unit of good"),
    ("owner", manifest(licence=""), "names no licence"),
    ("homepage", manifest(homepage=""), "names no homepage"),
    ("stable", manifest(lifecycle=Lifecycle.EXPERIMENTAL), "share: not stable"),
    ("sdk-range", manifest(sdk=">=7,<8"), "needs the SDK >=7,<8"),
    ("sdk-range", manifest(sdk="seven"), "no version range"),
    ("schedule", manifest(schedule="every day"), "no cron expression"),
    ("schedule", manifest(schedule="61 3 * * *"), "no cron expression"),
    ("configuration", manifest(config=Lax), "takes fields it does not know"),
    ("configuration-round-trip", manifest(config=Changing), "is another one after it was stored"),
    ("manifest", made(lambda rows: None, inputs=FORMER), "asks for the metric 'good'"),
    ("manifest", made(lambda rows: None, inputs={"own": Own()}), "is a Own, which no server answers"),
    ("manifest", made(lambda rows: None, inputs={"days": PersonDays(days=0)}), "0 days"),
    ("manifest", made(subjects=("galaxy",)), "has subjects ('galaxy',)"),
    ("graphql", contributing(Figures), "The type Figures is not named after the plugin"),
    ("graphql", contributing(ShareQuery), "root field shareQueue is not nullable"),
    ("graphql", contributing(ShareRaising), "The field shareQueue raised"),
]  # fmt: skip
