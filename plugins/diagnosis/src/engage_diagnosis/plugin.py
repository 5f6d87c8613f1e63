"""Hints at causes: rules over the values of several metrics, judged for the tenant, accounts and features."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import polars as pl

from engage_diagnosis.card import CARD
from engage_diagnosis.config import DiagnosisConfig, Rule
from engage_server.sdk import (
    TENANT,
    Answer,
    Computation,
    Contribution,
    InputSpec,
    MetricValues,
    Plugin,
    Sample,
    Subject,
    catalogues_beside,
)

KINDS: Final = ("tenant", "account", "feature")
plugin = Plugin(
    "diagnosis",
    sdk=">=2,<3",
    config=DiagnosisConfig,
    title={"en": "Diagnosis", "ko": "진단"},
    schedule="30 5 * * *",
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_diagnosis"),
)


@dataclass(frozen=True, slots=True)
class Hint:
    """A rule that holds."""

    rule: Annotated[str, "Its id."]
    cause: Annotated[str, "What may be behind it, and what to look at."]
    cause_ko: Annotated[str, "The same in Korean; empty where the rule has none."]
    evidence: Annotated[str, "The conditions, each with the value that it holds of."]


@dataclass(frozen=True, slots=True)
class Hints:
    """What the rules say of a subject."""

    rules: Annotated[tuple[str, ...], "Ids of the rules that hold."]
    hints: Annotated[tuple[Hint, ...], "The rules that hold, in their order."]
    unknown: Annotated[tuple[str, ...], "Ids of the rules that could not be judged, for lack of values."]


def _inputs(config: DiagnosisConfig) -> Mapping[str, InputSpec]:
    asked = {
        kind: tuple(sorted({one.metric for rule in config.of(kind) for one in rule.conditions}))
        for kind in KINDS
        if config.of(kind)
    }
    newest = {
        kind: MetricValues(metrics=metrics, subject_kind=kind, max_age_days=config.max_age_days)
        for kind, metrics in asked.items()
    }
    before = {
        _before(kind): MetricValues(metrics=metrics, subject_kind=kind, days=config.period_age_days)
        for kind, metrics in asked.items()
    }
    return {**newest, **before}


def _before(kind: str) -> str:
    return f"{kind}_before"


@plugin.metric(
    "hints",
    title={"en": "Hints at causes", "ko": "원인 힌트"},
    unit={"en": "hints", "ko": "개"},
    direction="DOWN",
    card=CARD,
    details=Hints,
    subjects=KINDS,
    inputs=_inputs,
    of_all=True,
    category="diagnosis",
    sample=Sample.THINGS,
    no_interval="It is a number of rules; the values that they judge have intervals of their own.",
)
def hints(rows: Computation[DiagnosisConfig]) -> Iterator[tuple[Subject, Answer]]:
    """The hints of every subject of which a rule could be judged."""
    for kind in KINDS:
        rules = rows.config.of(kind)
        if not rules:
            continue
        known = _whole(rows[kind], rows[_before(kind)]).filter(
            (pl.col("subject_kind") == kind)
            & pl.col("value").is_not_null()
            & (pl.col("n") >= rows.config.minimum_n)
        )
        values: dict[int, dict[str, float]] = {}
        for subject, metric, value in (
            known.sort("metric", "value").select("subject", "metric", "value").iter_rows()
        ):
            values.setdefault(subject, {})[metric] = value
        for subject in sorted(values):
            answer = judge(rules, values[subject])
            if answer.n:
                yield (TENANT if kind == TENANT.kind else Subject(kind, subject)), answer


def _whole(newest: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """The newest values; for one of a period that is not over, the newest OK one before: that of the last whole period.

    A month's churn is small on its first days and grows until the last: held against a mark of a month it says nothing.
    """
    key = ["subject_kind", "subject", "metric"]
    is_ok = pl.col("status") == "OK"
    running = newest.filter(pl.col("status") == "PARTIAL")
    ended = before.filter(is_ok).join(running, on=key, how="semi").sort("day").unique(key, keep="last")
    return pl.concat([newest.filter(is_ok), ended.select(newest.columns)])


def judge(rules: Sequence[Rule], values: Mapping[str, float]) -> Answer:
    """What the rules say of one subject's values by metric."""
    judged = [rule for rule in rules if all(one.metric in values for one in rule.conditions)]
    held = [rule for rule in judged if all(one.holds(values[one.metric]) for one in rule.conditions)]
    found = tuple(
        Hint(
            rule.id,
            rule.cause,
            rule.cause_ko,
            "; ".join(f"{one}: {values[one.metric]:g}" for one in rule.conditions),
        )
        for rule in held
    )
    details = Hints(
        rules=tuple(rule.id for rule in held),
        hints=found,
        unknown=tuple(rule.id for rule in rules if rule not in judged),
    )
    parts = tuple(Contribution(hint.rule, hint.cause, 1, points=1, note=hint.evidence) for hint in found)
    return Answer(len(held), n=len(judged), details=details, parts=parts)
