"""What follows from the scores: trend, percentile, queue, roll-up, profiles, templates and overrides."""

from datetime import date
from math import fsum
from typing import Any

import pytest
from engage_health_score.config import HealthScoreConfig
from engage_health_score.examples import ONE, component, earlier, override, value
from engage_health_score.hierarchy import roll_up
from engage_health_score.peers import places
from engage_health_score.plugin import plugin
from engage_health_score.templates import STANDARD, TEMPLATES, Cadence
from engage_health_score.trend import is_falling
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.sdk import Measurement
from engage_server.sdk.testing import request_for

MANIFEST = plugin.engage_manifest()
DAY = date(2026, 6, 30)
GROUPS = {"retention", "advocacy", "usage", "expansion", "customer_effort", "vendor_effort"}


def measured(metric: str, fields: dict[str, Any], **rows: Any) -> dict[int, Measurement]:
    config = HealthScoreConfig.model_validate(fields)
    request = request_for(MANIFEST, rows, config=config, day=DAY)
    found = [m for m in plugin.engage_compute(request) if m.metric == metric and not m.is_absence]
    return {m.subject.id: m for m in found}


def customers(*ids: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"account": id, "stage": "CUSTOMER"} | fields for id in ids]


def mrr(number: float, id: int) -> dict[str, Any]:
    return value("mrr", number, id=id) | {"metric": "revenue.mrr"}


@pytest.mark.parametrize("cadence", Cadence)
def test_a_cadence_chooses_its_template_and_components_of_ones_own_win(cadence: Cadence) -> None:
    config = HealthScoreConfig.model_validate({"cadence": cadence.value})
    assert config.components == TEMPLATES[cadence]
    own = {"cadence": cadence.value, "components": [component("a", 1)]}
    assert [one.key for one in HealthScoreConfig.model_validate(own).components] == ["a"]
    assert HealthScoreConfig.model_validate_json(config.model_dump_json()) == config


def test_the_templates_hold_the_effort_of_both_sides() -> None:
    for components in TEMPLATES.values():
        assert {one.group for one in components} == GROUPS
        assert fsum(one.weight for one in components) == 100


def test_a_daily_product_is_weighed_by_frequency_and_another_by_what_of_it_is_used() -> None:
    weights = {
        cadence: {one.key: one.weight for one in components} for cadence, components in TEMPLATES.items()
    }
    assert weights[Cadence.DAILY]["frequency"] > weights[Cadence.DAILY]["features"]
    assert "frequency" not in weights[Cadence.MONTHLY]
    assert weights[Cadence.MONTHLY]["features"] > weights[Cadence.DAILY]["features"]


@pytest.mark.parametrize("cadence", Cadence)
def test_the_plugins_that_every_tenant_has_are_enough_of_a_template(cadence: Cadence) -> None:
    of_starters = {one.metric for one in STANDARD}
    enough = fsum(one.weight for one in TEMPLATES[cadence] if one.metric in of_starters)
    assert enough / 100 >= HealthScoreConfig().min_coverage


PROFILES: dict[str, Any] = {
    **ONE,
    "stages": ["CUSTOMER", "TRIAL"],
    "profiles": [
        {"key": "trials", "stages": ["TRIAL"], "components": [component("b", 1)]},
        {
            "key": "banks",
            "trait": {"name": "use_case", "any_of": ["tickets"]},
            "components": [component("c", 1)],
            "bands": {"yellow_from": 10, "green_from": 20},
        },
    ],
}


def test_the_first_profile_that_fits_scores_an_account_with_its_own_bands() -> None:
    rows = {
        "accounts": [*customers(1, 2), *customers(3, stage="TRIAL"), *customers(4)],
        "values": [value(key, 10 + place, id=id) for id in (1, 2, 3, 4) for place, key in enumerate("abc")],
        "history": [
            {"account": 2, "attribute": "traits.use_case", "value": "tickets", "first": "2026-06-01"},
            {"account": 3, "attribute": "traits.use_case", "value": "tickets"},
            # What it was until the day before decides nothing.
            {"account": 4, "attribute": "traits.use_case", "value": "tickets", "until": "2026-06-30"},
        ],
    }
    found = measured("score", PROFILES, **rows)
    assert {id: (m.value, m.details.profile, m.details.band) for id, m in found.items()} == {
        1: (10, "", "RED"),
        2: (12, "banks", "YELLOW"),
        3: (11, "trials", "RED"),
        4: (10, "", "RED"),
    }


def test_percentiles_of_a_component_may_be_among_the_same_stage() -> None:
    ranked = component("a", 1, kind="percentile", peers="stage", min_peers=1)
    rows = {
        "accounts": [*customers(1, 2), *customers(3, stage="TRIAL")],
        "values": [value("a", 10 * id, id=id) for id in (1, 2, 3)],
    }
    found = measured("score", {"components": [ranked], "stages": ["CUSTOMER", "TRIAL"]}, **rows)
    assert {id: m.value for id, m in found.items()} == {1: 25, 2: 75, 3: 50}


def test_an_override_is_a_part_of_its_own_and_the_computed_score_stays() -> None:
    rows = {"accounts": customers(1), "values": [value("a", 80)], "overrides": [override(30)]}
    score = measured("score", ONE, **rows)[1]
    assert [(p.key, p.points) for p in score.contributions] == [("a", 80), ("override.manual", -50)]
    assert (score.details.override.reason, score.details.override.author) == (
        "their sponsor left",
        "user:7",
    )
    assert measured("queue", ONE, **rows)[1].details.score == 30


def test_an_override_gives_an_unknown_score_a_value_unless_it_may_only_lower() -> None:
    rows: dict[str, Any] = {"accounts": customers(1), "values": []}
    score = measured("score", ONE, **rows, overrides=[override(30)])[1]
    assert (score.value, score.details.computed, score.details.band) == (30, None, "RED")
    lower = measured("score", ONE, **rows, overrides=[override(30, only_lower=True)])[1]
    assert (lower.value, lower.details.band, lower.details.override.holds) == (None, "UNKNOWN", False)


@settings(max_examples=30)
@given(st.floats(0, 100), st.floats(-50, 150), st.booleans())
def test_only_lower_never_raises_and_parts_add_up(computed: float, set_to: float, only_lower: bool) -> None:
    rows = {"accounts": customers(1), "values": [value("a", computed)]}
    score = measured("score", ONE, **rows, overrides=[override(set_to, only_lower=only_lower)])[1]
    assert score.value is not None
    assert 0 <= score.value <= 100
    assert score.details.computed == pytest.approx(computed)
    # What was computed, and not what was given: the line from 0 to 100 rounds its last digit.
    assert not only_lower or score.value <= score.details.computed
    assert fsum(part.points or 0 for part in score.contributions) == pytest.approx(score.value, abs=1e-9)


def test_sustained_drops_come_before_low_levels_and_those_by_what_is_at_risk() -> None:
    rows = {
        "accounts": customers(1, 2, 3, 4, 5, 6),
        "values": [
            *(value("a", number, id=id) for id, number in enumerate([20, 40, 78, 90, 30, 10], start=1)),
            *(mrr(number, id) for id, number in ((1, 100), (2, 1000), (3, 5), (4, 9999), (5, 10))),
        ],
        "earlier": [row | {"subject": 3} for row in earlier(d7=79, d30=95)],
    }
    found = measured("queue", ONE, **rows)
    # 3 has been falling; 2 has 600 at risk, 1 has 80, 5 has 7, and of 6 nobody knows the worth; 4 is green.
    assert sorted(found, key=lambda id: found[id].value or 0) == [3, 2, 1, 5, 6]
    assert [found[id].details.at_risk for id in (2, 1, 5, 6)] == [600, 80, 7, None]
    assert (found[3].details.band, found[3].details.is_falling) == ("GREEN", True)


@pytest.mark.parametrize(
    ("score", "before", "falls"),
    [
        (70, {7: 70, 30: 80}, True),
        (70.1, {7: 70, 30: 80}, False),
        (70, {7: 70.1, 30: 80}, False),
        (70, {30: 80}, False),
        (70, {7: 70}, False),
        (None, {7: 70, 30: 80}, False),
    ],
)
def test_a_drop_is_sustained_where_both_days_lie_low(score: float, before: Any, falls: bool) -> None:
    assert is_falling(score, before, points=10) is falls


def test_who_has_no_earlier_score_has_no_trend() -> None:
    rows: dict[str, Any] = {"accounts": customers(1, 2), "values": [value("a", 50), value("a", 50, id=2)]}
    rows["earlier"] = earlier(d7=40)
    found = measured("trend", ONE, **rows)
    assert {id: (m.value, m.details.days_7) for id, m in found.items()} == {1: (None, 10)}


trees = st.dictionaries(st.integers(2, 12), st.integers(1, 12), max_size=11)


@settings(max_examples=100)
@given(trees, st.dictionaries(st.integers(1, 12), st.floats(0, 100)), st.booleans(), st.data())
def test_children_add_up_to_their_parent_whose_own_score_is_left_out_and_circles_end(
    parents: dict[int, int], scores: dict[int, float], by_value: bool, data: st.DataObject
) -> None:
    worth = data.draw(st.dictionaries(st.integers(1, 12), st.floats(0, 1e6))) if by_value else None
    for id, rolled in roll_up(scores, parents, worth).items():
        if rolled.children:
            assert fsum(child.share for child in rolled.children) == pytest.approx(1)
            assert fsum(child.share * child.score for child in rolled.children) == pytest.approx(rolled.score)
            assert {child.account for child in rolled.children} <= {c for c, p in parents.items() if p == id}
            assert min(child.score for child in rolled.children) - 1e-9 <= rolled.score
        else:
            assert rolled.score == scores[id]


def test_a_grandparent_weighs_whole_trees_and_counts_of_scored_accounts() -> None:
    parents, scores = {2: 1, 3: 1, 4: 3, 5: 3}, {2: 0.0, 4: 100.0, 5: 40.0}
    assert roll_up(scores, parents, None)[1].score == pytest.approx((1 * 0 + 2 * 70) / 3)
    by_value = roll_up(scores, parents, {2: 10, 3: 5, 4: 15, 5: 10})
    assert by_value[3].score == pytest.approx((15 * 100 + 10 * 40) / 25)
    assert by_value[1].score == pytest.approx((10 * 0 + 30 * 76) / 40)


def test_accounts_in_a_circle_have_no_roll_up() -> None:
    assert roll_up({1: 50.0, 2: 60.0}, {1: 2, 2: 1}, None) == {}


def test_few_persons_behind_a_child_are_told_with_its_part() -> None:
    rows = {
        "accounts": [*customers(1), *customers(2, parent=1)],
        "values": [value("a", 50, id=2) | {"n": 2}],
    }
    (part,) = measured("roll_up", ONE, **rows)[1].contributions
    assert (part.key, part.n) == ("account.2", 2)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from("xy"), st.floats(0, 100)), min_size=1, max_size=30))
def test_percentiles_are_mid_ranks(scores: list[tuple[str, float]]) -> None:
    found = places(dict(enumerate(scores)), min_peers=2)
    for id, (group, score) in enumerate(scores):
        others = [other for its, other in scores if its == group]
        below, same = sum(other < score for other in others), others.count(score)
        expected = 100 * (below + same / 2) / len(others) if len(others) >= 2 else None
        assert found[id].peers == len(others)
        assert found[id].percentile == pytest.approx(expected)
