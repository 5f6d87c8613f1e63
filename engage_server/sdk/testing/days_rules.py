"""The rule of days that are measured at once, or one after another: they say what is measured of each by itself."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

import polars as pl

from engage_server.sdk.compute import ComputeRequest, Subject
from engage_server.sdk.days import ON, DaysRequest, band_of, days_problems
from engage_server.sdk.recent import Recent
from engage_server.sdk.testing.findings import Finding
from engage_server.sdk.testing.trial import Answers, Trial, difference, is_alike

REMEDY: Final = "answer with the same values as for single days"
Values = dict[tuple[date, Subject], tuple[Any, str | None]]


def days_together(
    trial: Trial, requests: Mapping[date, ComputeRequest[Any]], answers: Mapping[date, Answers]
) -> Iterator[Finding]:
    """Compare what the plugin measures of these days at once with its ``answers`` to each of them."""
    metrics = frozenset(metric.id for metric in trial.manifest.metrics if metric.of_days)
    if not metrics:
        return
    days = tuple(sorted(requests))
    inputs = {
        name: pl.concat([requests[day].inputs[name].select(pl.lit(day).alias(ON), pl.all()) for day in days])
        for name in trial.specs
    }
    request = DaysRequest(trial.config, days, inputs, metrics)
    (frames,) = trial.hooks.engage_compute_days(request=request) or (None,)
    if frames is None:
        return
    problems = list(days_problems(trial.manifest, request, frames))
    yield from (Finding.of("range", problem) for problem in problems)
    if problems:
        return
    for metric in sorted(metrics):
        at_once: Values = {
            (day, Subject(kind, id)): (value, band)
            for day, kind, id, value, band in frames[metric].iter_rows()
        }
        singly: Values = {
            (day, one.subject): (one.value, band_of(one.details))
            for day in days
            for one in answers[day].values()
            if one.metric == metric and not one.is_absence
        }
        if found := _difference(at_once, singly):
            yield Finding("range", f"{metric} of many days at once is another: {found}.", REMEDY)


def days_one_after_another(
    trial: Trial, requests: Mapping[date, ComputeRequest[Any]], answers: Mapping[date, Answers]
) -> Iterator[Finding]:
    """Compare what the plugin measures with what it made for the day before at hand with its ``answers``."""
    recent = Recent()
    for day in sorted(requests):
        recent.begin()
        if found := difference(answers[day], trial.answers(replace(requests[day], recent=recent))):
            yield Finding(
                "range",
                f"{day} is another where it follows the days before it: {found}.",
                "give `rows.alike` a key that holds all that the answer depends on",
            )
            return


def _difference(at_once: Values, singly: Values) -> str:
    for key in sorted(at_once.keys() | singly.keys()):
        first, second = at_once.get(key), singly.get(key)
        if first is None or second is None or not is_alike(first, second):
            day, subject = key
            return f"{subject.kind} {subject.id} on {day} has {first!r}, and {second!r} of the day alone"
    return ""
