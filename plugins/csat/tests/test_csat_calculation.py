"""Worked examples and edge cases of customer satisfaction."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from engage_csat.card import answers
from engage_csat.config import CsatConfig
from engage_csat.plugin import plugin
from statsmodels.stats.proportion import proportion_confint

from engage_server.sdk import TENANT, Direction, Measurement, Status, Subject, account
from engage_server.sdk.details import encoded
from engage_server.sdk.surveys import TopBox
from engage_server.sdk.testing import request_for

Row = Mapping[str, Any]


def answer(score: float | None, scale: tuple[int, int] = (1, 5), **columns: Any) -> Row:
    low, high = scale
    known = {"account": 1, "instrument": "csat", "direction": "UP", "dismissed": False}
    return known | {"scale_min": low, "scale_max": high, "score": score} | columns


def computed(rows: Iterable[Row], metric: str = "score", **config: Any) -> dict[Subject, Measurement]:
    request = request_for(plugin.engage_manifest(), {"responses": rows}, config=CsatConfig(**config))
    return {one.subject: one for one in plugin.engage_compute(request) if one.metric == metric}


def tenant(rows: Iterable[Row], metric: str = "score", **config: Any) -> Measurement:
    return computed(rows, metric, **config)[TENANT]


@pytest.mark.parametrize(
    ("scale", "lowest_satisfied"),
    [((1, 3), 3), ((1, 4), 3), ((1, 5), 4), ((1, 6), 5), ((1, 7), 6), ((1, 10), 8), ((0, 10), 8)],
)
def test_how_many_of_the_best_scores_are_satisfied(scale: tuple[int, int], lowest_satisfied: int) -> None:
    assert tenant([answer(lowest_satisfied, scale)]).value == 100
    assert tenant([answer(lowest_satisfied - 1, scale)]).value == 0


def test_boxes_are_configurable() -> None:
    best_alone = (TopBox(scale_min=1, scale_max=5, boxes=1),)
    assert tenant([answer(4), answer(5)], top_boxes=best_alone).value == 50


def test_where_low_is_good_the_lowest_scores_are_satisfied() -> None:
    rows = [answer(score, direction="DOWN") for score in (1, 2, 3, 5)]
    assert tenant(rows).value == 50
    mean = tenant(rows, "mean")
    assert (mean.value, mean.direction, mean.normalised) == (2.75, Direction.DOWN, 56.25)


def test_stars_and_emojis_are_read_out_by_instrument() -> None:
    stars, emojis = answers(0, 0, 1, 0, 3), answers(1, 0, 1, instrument="csat_emoji")
    both = tenant([*stars, *emojis])
    assert (both.value, both.status, both.interval, both.n) == (None, Status.SUPPRESSED, None, 6)
    assert "Scales differ (1-3, high is good; 1-5, high is good)" in both.details.note
    assert [(part.key, part.value, part.points) for part in both.contributions] == [
        ("csat:1:5:UP", 75, None),
        ("csat_emoji:1:3:UP", 50, None),
    ]
    assert [(one.instrument, one.n, one.mean) for one in both.details.instruments] == [
        ("csat", 4, 4.5),
        ("csat_emoji", 2, 2),
    ]


def test_a_mean_of_mixed_scales_is_withheld_but_its_place_on_0_to_100_is_known() -> None:
    both = tenant([answer(5), answer(1, (1, 3))], "mean")
    assert (both.value, both.unit, both.direction) == (None, None, None)
    assert (both.status, both.normalised) == (Status.SUPPRESSED, 50)


def test_pooled_scales_are_judged_each_by_its_own_boxes() -> None:
    pooled = tenant([answer(4), answer(4), answer(2, (1, 3)), answer(3, (1, 3))], pool_scales=True)
    assert (pooled.value, pooled.n, pooled.status) == (75, 4, Status.OK)
    assert [part.points for part in pooled.contributions] == [25, 50]


def test_a_scale_without_boxes_leaks_into_nothing() -> None:
    measured = tenant([answer(5), answer(90, (0, 100))])
    assert (measured.value, measured.n, measured.details.not_comparable) == (100, 1, 1)
    alone = tenant([answer(90, (0, 100))])
    assert (alone.value, alone.status, alone.n) == (None, Status.NO_DATA, 0)


def test_dismissed_surveys_are_counted_outside_n() -> None:
    measured = tenant([answer(5), answer(None, dismissed=True)])
    assert (measured.value, measured.n, measured.details.dismissed) == (100, 1, 1)


@pytest.mark.parametrize(
    "odd", [answer(3.5), answer(0), answer(6), answer(math.nan), answer(4, direction=None)]
)
def test_answers_that_do_not_fit_their_scale_are_invalid(odd: Row) -> None:
    measured = tenant([answer(4), odd])
    assert (measured.value, measured.n, measured.details.invalid) == (100, 1, 1)


def test_nothing_asked_is_no_data_and_not_zero() -> None:
    for metric in ("score", "mean"):
        assert (tenant([], metric).value, tenant([], metric).status) == (None, Status.NO_DATA)


def test_the_distribution_stands_beside_the_mean() -> None:
    mean = tenant(answers(1, 0, 0, 0, 3), "mean")
    assert (mean.value, mean.unit) == (4, "points of 1-5")
    (instrument,) = encoded(mean.details)["instruments"]
    assert instrument["distribution"] == [{"score": 1, "count": 1}, {"score": 5, "count": 3}]


def test_each_account_has_its_own_value() -> None:
    values = computed(
        [answer(5), answer(1, account=2), answer(1, (1, 3), account=3), answer(5, account=None)]
    )
    assert values[TENANT].status == Status.SUPPRESSED
    assert [values[account(id)].value for id in (1, 2, 3)] == [100, 0, 0]
    assert values.keys() == {TENANT, account(1), account(2), account(3)}


@pytest.mark.parametrize(("satisfied", "n"), [(0, 7), (7, 7), (1, 1), (779, 1175), (33, 100)])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_interval_is_wilsons(satisfied: int, n: int, confidence: float) -> None:
    interval = tenant(answers(n - satisfied, 0, 0, 0, satisfied), confidence=confidence).interval
    low, high = proportion_confint(satisfied, n, alpha=1 - confidence, method="wilson")
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((100 * low, 100 * high), abs=1e-9)
    assert (interval.level, interval.method) == (confidence, "Wilson")
