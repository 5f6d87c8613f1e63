"""The scores of many days at once are those of each day."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from engage_health_score.config import HealthScoreConfig
from engage_health_score.examples import component
from engage_health_score.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.sdk import DaysRequest, Plugin, PluginConfig
from engage_server.sdk.testing import request_for
from engage_server.sdk.testing.requests import frame

DAYS = tuple(date(2026, 6, 28) + timedelta(days=later) for later in range(3))
KEYS = ("a", "b", "c")
MANIFEST = plugin.engage_manifest()
PROFILES = [
    {"key": "small", "plans": ["basic"], "components": [component("a", 1)], "bands": {"green_from": 60}},
    {"key": "farms", "trait": {"name": "industry", "any_of": ["farming"]}, "model": "worst_of"},
]
PERCENTILE = {"kind": "percentile", "peers": "plan", "min_peers": 2}

configurations = st.fixed_dictionaries(
    {
        "components": st.just(
            [component("a", 1), component("b", 0.1), {**component("c", 3), "normalisation": PERCENTILE}]
        ),
        "model": st.sampled_from(["weighted", "worst_of"]),
        "missing": st.sampled_from(["EXCLUDE_REWEIGHT", "ZERO", "NEUTRAL", "BLOCK"]),
        "min_coverage": st.sampled_from([0, 0.5, 1]),
        "caps": st.sampled_from([[], [{"component": "a", "below": 30, "at_most": 20}]]),
        "profiles": st.sampled_from([[], PROFILES]),
        "stages": st.sampled_from([["CUSTOMER"], ["CUSTOMER", "TRIAL"]]),
    }
)
accounts = st.lists(
    st.tuples(st.sampled_from(["basic", "pro"]), st.sampled_from(["CUSTOMER", "TRIAL"])), max_size=4
)
measured = st.lists(
    st.tuples(
        st.integers(1, 5),
        st.sampled_from(KEYS),
        st.sampled_from(["OK", "IMMATURE", "NO_DATA"]),
        st.integers(0, 9),
        st.none() | st.floats(0, 100),
    ),
    max_size=15,
    unique_by=lambda row: row[:2],
)
overrides = st.lists(
    st.tuples(st.integers(1, 4), st.floats(-10, 120), st.booleans()), max_size=2, unique_by=lambda row: row[0]
)


def rows_of(day: date, known: Any, values: Any, set_by_hand: Any) -> dict[str, list[dict[str, Any]]]:
    return {
        "accounts": [
            {"account": id, "plan": plan, "stage": stage} for id, (plan, stage) in enumerate(known, start=1)
        ],
        "values": [
            {"metric": f"other.{key}", "subject_kind": "account", "subject": id, "status": status, "n": 3,
             "day": day - timedelta(days=age), "value": None if status == "NO_DATA" else value}
            for id, key, status, age, value in values
        ],
        "overrides": [
            {"account": id, "value": value, "only_lower": only_lower, "reason": "r", "author": "a",
             "ends_on": day + timedelta(days=1)}
            for id, value, only_lower in set_by_hand
        ],
        "history": [
            {"account": 1, "attribute": "traits.industry", "value": "farming", "first": day, "until": None}
        ],
    }  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(configurations, st.tuples(*[st.tuples(accounts, measured, overrides)] * len(DAYS)))
def test_the_scores_of_many_days_at_once_are_those_of_each_day(fields: Any, days: Any) -> None:
    config = HealthScoreConfig.model_validate(fields)
    specs = MANIFEST.inputs_for(config)
    singly: dict[tuple[date, int], tuple[Any, str]] = {}
    inputs: dict[str, list[pl.DataFrame]] = {name: [] for name in specs}
    for day, of_day in zip(DAYS, days, strict=True):
        rows = {name: given for name, given in rows_of(day, *of_day).items() if name in specs}
        for one in plugin.engage_compute(request_for(MANIFEST, rows, config=config, day=day)):
            if one.metric == "score" and not one.is_absence:
                singly[day, one.subject.id] = (one.value, one.details.band.name)
        for name, spec in specs.items():
            inputs[name].append(frame(spec, rows.get(name, ())).select(pl.lit(day).alias("on"), pl.all()))
    request = DaysRequest(
        config, DAYS, {name: pl.concat(frames) for name, frames in inputs.items()}, frozenset({"score"})
    )
    frames = plugin.engage_compute_days(request)
    assert frames is not None
    at_once = {(on, id): (value, band) for on, _, id, value, band in frames["score"].iter_rows()}
    assert at_once == singly


def test_a_metric_that_does_not_know_days_says_so_and_one_that_is_none_is_refused() -> None:
    specs = MANIFEST.inputs_for(HealthScoreConfig())
    empty = {name: frame(spec).select(pl.lit(DAYS[0]).alias("on"), pl.all()) for name, spec in specs.items()}
    asked = frozenset({"score", "queue"})
    assert plugin.engage_compute_days(DaysRequest(HealthScoreConfig(), DAYS, empty, asked)) is None
    with pytest.raises(ValueError, match="those of no metric"):
        Plugin("bare", sdk=">=2,<3", config=PluginConfig, title="Bare").days_of("score")
