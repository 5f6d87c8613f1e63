"""Worked examples and edge cases of the customer effort score."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from engage_ces.config import CesConfig
from engage_ces.plugin import plugin
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from engage_server.sdk import TENANT, Direction, Measurement, Status, Subject, account
from engage_server.sdk.details import encoded
from engage_server.sdk.surveys import TopBox
from engage_server.sdk.testing import Level, check, request_for

Row = Mapping[str, Any]


def answer(
    score: float | None, instrument: str = "ces", scale: tuple[int, int] = (1, 7), **columns: Any
) -> Row:
    low, high = scale
    known = {"account": 1, "scale_min": low, "scale_max": high, "direction": "UP", "dismissed": False}
    return known | {"instrument": instrument, "score": score} | columns


def computed(rows: Iterable[Row], **config: Any) -> dict[Subject, Measurement]:
    request = request_for(plugin.engage_manifest(), {"responses": rows}, config=CesConfig(**config))
    return {measurement.subject: measurement for measurement in plugin.engage_compute(request)}


def tenant(rows: Iterable[Row], **config: Any) -> Measurement:
    return computed(rows, **config)[TENANT]


CYS = [
    answer(score)
    for score, count in enumerate([80, 210, 140, 110, 160, 180, 120], start=1)
    for _ in range(count)
]


def test_a_thousand_answers_of_the_published_example_have_mean_4_08() -> None:
    effort = tenant(CYS)
    assert (effort.value, effort.n, effort.status) == (4.08, 1000, Status.OK)
    counts = [80, 210, 140, 110, 160, 180, 120]
    assert encoded(effort.details)["distribution"] == [
        {"score": score, "count": count} for score, count in enumerate(counts, start=1)
    ]


@pytest.mark.parametrize(("variant", "value"), [("top_box", 46), ("net", -13), ("normalised", 51.3333333333)])
def test_variants_of_the_published_example(variant: str, value: float) -> None:
    assert tenant(CYS, variant=variant).value == value


@pytest.mark.parametrize("variant", ["mean", "top_box", "net", "normalised"])
def test_details_name_every_variant_whatever_the_value_is(variant: str) -> None:
    details = encoded(tenant(CYS, variant=variant).details)
    assert details["variant"] == variant
    figures = {**details, "normalised": tenant(CYS, variant=variant).normalised}
    assert {key: figures[key] for key in ("mean", "top_box_share", "net", "normalised")} == {
        "mean": 4.08,
        "top_box_share": 0.46,
        "net": -13,
        "normalised": 51.3333333333,
    }
    assert (details["scale_min"], details["scale_max"], details["scale_direction"]) == (1, 7, "UP")


@pytest.mark.parametrize(("scale", "lowest_positive"), [((1, 5), 4), ((1, 7), 5), ((1, 10), 8)])
def test_default_boxes_of_the_known_scales(scale: tuple[int, int], lowest_positive: int) -> None:
    assert tenant([answer(lowest_positive, scale=scale)], variant="top_box").value == 100
    assert tenant([answer(lowest_positive - 1, scale=scale)], variant="top_box").value == 0


def test_boxes_are_configurable() -> None:
    strict = (TopBox(scale_min=1, scale_max=7, boxes=2),)
    assert tenant([answer(5), answer(6)], variant="top_box", top_boxes=strict).value == 50


def test_where_low_is_good_the_boxes_and_the_normalised_value_turn_round() -> None:
    rows = [answer(score, scale=(1, 5), direction="DOWN") for score in (1, 2, 3, 5)]
    assert tenant(rows, variant="top_box").value == 50
    assert tenant(rows, variant="normalised").value == 56.25
    assert tenant(rows, variant="mean").value == 2.75
    assert tenant(rows).details.scale_direction == "DOWN"


def test_where_low_is_good_net_turns_round() -> None:
    rows = [answer(score, direction="DOWN") for score in (1, 2, 3, 4, 5)]
    assert tenant(rows, variant="net").value == 20


@pytest.mark.parametrize(("score", "normalised"), [(1, 0), (4, 50), (7, 100)])
def test_normalised_runs_from_0_to_100(score: int, normalised: float) -> None:
    assert tenant([answer(score)], variant="normalised").value == normalised


TWO_SCALES = [answer(7), answer(5), answer(2, scale=(1, 5))]


@pytest.mark.parametrize("variant", ["mean", "top_box"])
def test_scales_are_never_averaged(variant: str) -> None:
    effort = tenant(TWO_SCALES, variant=variant)
    assert (effort.value, effort.status, effort.n) == (None, Status.SUPPRESSED, 3)
    assert "Scales differ (1-5, high is good; 1-7, high is good)" in str(effort.details.note)
    assert (effort.details.mean, effort.details.scale_max) == (None, None)
    assert effort.details.distribution == ()


def test_mixed_scales_still_show_each_group_without_points() -> None:
    parts = tenant(TWO_SCALES).contributions
    assert [(part.key, part.value, part.n, part.points) for part in parts] == [
        ("ces:1:5:UP", 2, 1, None),
        ("ces:1:7:UP", 6, 2, None),
    ]


def test_opposite_directions_of_one_scale_are_two_scales() -> None:
    assert tenant([answer(7), answer(1, direction="DOWN")]).status == Status.SUPPRESSED


def test_normalised_combines_scales_by_respondents() -> None:
    effort = tenant(TWO_SCALES, variant="normalised")
    assert effort.value == pytest.approx((25 + 100 + 200 / 3) / 3)
    assert effort.status == Status.OK
    assert sum(part.points or 0 for part in effort.contributions) == pytest.approx(effort.value)


def test_scales_mixed_over_accounts_leave_each_account_its_value() -> None:
    values = computed([answer(7, account=1), answer(2, scale=(1, 5), account=2)])
    assert values[TENANT].status == Status.SUPPRESSED
    assert (values[account(1)].value, values[account(2)].value) == (7, 2)


def test_instruments_of_one_scale_contribute_by_their_respondents() -> None:
    effort = tenant([answer(6, "ces_find_way"), answer(4, "ces_find_way"), answer(2, "ces_security")])
    assert effort.value == 4
    find_way, security = effort.contributions
    assert (find_way.label, find_way.value, find_way.n) == ("ces_find_way (1-7, high is good)", 5, 2)
    assert (security.value, security.n) == (2, 1)
    assert find_way.points == pytest.approx(10 / 3)
    assert security.weight == pytest.approx(1 / 3)
    details = effort.details.instruments
    assert [(one.key, one.top_box_share) for one in details] == [(find_way.key, 0.5), (security.key, 0)]


@pytest.mark.parametrize(("variant", "scale"), [("net", (1, 5)), ("net", (1, 10)), ("top_box", (0, 100))])
def test_a_variant_that_the_scale_does_not_define_is_withheld(variant: str, scale: tuple[int, int]) -> None:
    effort = tenant([answer(4, scale=scale)], variant=variant)
    assert (effort.value, effort.status) == (None, Status.SUPPRESSED)
    assert f"The variant {variant} is not defined on the scale" in str(effort.details.note)
    assert effort.contributions[0].note


@pytest.mark.parametrize(
    "odd",
    [
        answer(3.5),
        answer(0),
        answer(8),
        answer(None),
        answer(math.nan),
        answer(4, scale_min=None),
        answer(4, scale_max=math.inf),
        answer(4, scale_min=7, scale_max=7),
        answer(4, direction=None),
        answer(4, direction="SIDEWAYS"),
    ],
)
def test_answers_that_do_not_fit_a_known_scale_are_invalid(odd: Row) -> None:
    effort = tenant([answer(6), odd])
    assert (effort.value, effort.n, effort.details.invalid) == (6, 1, 1)


def test_dismissed_surveys_are_counted_outside_n() -> None:
    effort = tenant([answer(6), answer(None, dismissed=True), answer(None, dismissed=True, scale_min=None)])
    assert (effort.value, effort.n, effort.details.dismissed, effort.details.invalid) == (6, 1, 2, 0)


def test_nothing_asked_is_no_data_and_not_zero() -> None:
    assert computed([]).keys() == {TENANT}
    assert (tenant([]).value, tenant([]).n, tenant([]).status) == (None, 0, Status.NO_DATA)


def test_an_account_that_only_dismissed_has_no_data() -> None:
    values = computed([answer(6), answer(None, account=2, dismissed=True)])
    assert (values[account(2)].value, values[account(2)].status) == (None, Status.NO_DATA)
    assert values[account(2)].details.dismissed == 1


def test_respondents_are_persons_and_each_answer_without_one() -> None:
    rows = [answer(6, person=person) for person in (1, 1, 2, None, None)]
    effort = tenant([*rows, answer(None, person=3, dismissed=True)])
    assert (effort.n, effort.details.respondents) == (5, 4)


def test_a_person_of_two_accounts_is_one_respondent_of_the_tenant() -> None:
    values = computed([answer(6, person=1, account=1), answer(6, person=1, account=2)])
    assert [values[subject].details.respondents for subject in (TENANT, account(1), account(2))] == [
        1,
        1,
        1,
    ]


def test_answers_without_an_account_count_for_the_tenant_alone() -> None:
    values = computed([answer(6), answer(2, account=None)])
    assert (values[TENANT].value, values[TENANT].n) == (4, 2)
    assert values.keys() == {TENANT, account(1)}


@pytest.mark.parametrize(
    ("variant", "direction", "unit", "good"),
    [
        ("mean", "UP", "points of 1-7", "UP"),
        ("mean", "DOWN", "points of 1-7", "DOWN"),
        ("top_box", "UP", "%", "UP"),
        ("top_box", "DOWN", "%", "UP"),
        ("net", "DOWN", "points of -100 to 100", "UP"),
        ("normalised", "DOWN", "points of 0-100", "UP"),
    ],
)
def test_each_value_says_its_unit_and_which_way_is_good(
    variant: str, direction: str, unit: str, good: str
) -> None:
    effort = tenant([answer(6, direction=direction), answer(2, direction=direction)], variant=variant)
    assert (effort.unit, effort.direction) == (unit, good)
    (metric,) = plugin.engage_manifest().metrics
    assert metric.direction is Direction.VARIES


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_a_top_box_has_wilsons_interval(confidence: float) -> None:
    interval = tenant(CYS, variant="top_box", confidence=confidence).interval
    expected = proportion_confint(460, 1000, alpha=1 - confidence, method="wilson")
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx([100 * end for end in expected])


def test_net_has_adjusted_walds_interval() -> None:
    interval = tenant(CYS, variant="net").interval
    sample = DescrStatsW([1, 0, -1], weights=[300.75, 271.5, 430.75], ddof=0)
    error = 1.959963984540054 * math.sqrt(sample.var / sample.sum_weights)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(
        (100 * (sample.mean - error), 100 * (sample.mean + error))
    )


@pytest.mark.parametrize("variant", ["mean", "normalised"])
def test_means_have_no_interval(variant: str) -> None:
    assert tenant(CYS, variant=variant).interval is None


def test_is_gold() -> None:
    assert check(plugin).level >= Level.GOLD


def test_which_way_is_good_is_what_the_value_moves_when_an_answer_gets_easier() -> None:
    for variant in ("mean", "top_box", "net", "normalised"):
        for direction, hard, easy in (("UP", 2, 6), ("DOWN", 6, 2)):
            worse, better = (
                tenant([answer(4, direction=direction), answer(score, direction=direction)], variant=variant)
                for score in (hard, easy)
            )
            assert worse.value is not None
            assert better.value is not None
            rises = better.value > worse.value
            assert better.direction == ("UP" if rises else "DOWN"), (variant, direction)


def test_a_withheld_value_has_neither_unit_nor_direction() -> None:
    for effort in (tenant([]), tenant(TWO_SCALES)):
        assert (effort.unit, effort.direction) == (None, None)


@pytest.mark.parametrize(("top", "value"), [(8, 100), (7, 0)])
def test_the_top_boxes_of_1_to_10_are_three(top: int, value: float) -> None:
    assert tenant([answer(top, scale=(1, 10))], variant="top_box").value == value


def test_an_account_without_any_response_is_absent_and_keeps_no_older_score() -> None:
    rows: dict[str, list[Mapping[str, Any]]] = {
        "responses": [answer(6)],
        "accounts": [{"account": 1}, {"account": 2}],
    }
    *_, left = plugin.engage_compute(request_for(plugin.engage_manifest(), rows))
    assert (left.subject, left.value, left.status, left.is_absence) == (
        account(2),
        None,
        Status.NO_DATA,
        True,
    )
