"""The arithmetic of one score: vectors, bands, missing components, worst-of, groups, caps."""

from typing import Any

import pytest
from engage_health_score.answers import biggest_drag, round_half_up
from engage_health_score.component import Component
from engage_health_score.config import Band, Bands, Cap, HealthScoreConfig, MissingMode, Model
from engage_health_score.normalisation import Linear
from engage_health_score.scoring import scorer


def component(key: str, weight: float = 1, group: str = "usage") -> Component:
    return Component(
        key=key,
        label=key.upper(),
        metric=f"source.{key}",
        group=group,
        weight=weight,
        normalisation=Linear(low=0, high=100),
    )


def config(*components: Component, **fields: Any) -> HealthScoreConfig:
    return HealthScoreConfig(components=components, **fields)


GAINSIGHT = (component("a", 20), component("b", 15), component("c", 22))


def test_gainsights_vector_is_40_12_and_shows_as_40() -> None:
    score = scorer(config(*GAINSIGHT))({"a": 47, "b": 59, "c": 21})
    assert score.value == pytest.approx(40.12, abs=0.005)
    assert score.value is not None
    assert round_half_up(score.value) == 40


def test_a_missing_component_is_left_out_and_the_rest_reweighted() -> None:
    score = scorer(config(*GAINSIGHT))({"a": 47, "b": 59, "c": None})
    assert score.value == pytest.approx((20 * 47 + 15 * 59) / 35)
    assert score.value == pytest.approx(52.14, abs=0.005)
    assert score.coverage == pytest.approx(35 / 57)


@pytest.mark.parametrize(
    ("missing", "expected"),
    [(MissingMode.EXCLUDE_REWEIGHT, 80.0), (MissingMode.ZERO, 40.0), (MissingMode.NEUTRAL, 65.0)],
)
def test_each_missing_mode_fills_in_its_own_way(missing: MissingMode, expected: float) -> None:
    score = scorer(config(component("a"), component("b"), missing=missing))({"a": 80, "b": None})
    assert score.value == expected


def test_block_gives_no_score_while_anything_is_missing() -> None:
    score = scorer(config(component("a", 99), component("b"), missing="BLOCK"))
    assert (score({"a": 80}).value, score({"a": 80}).band) == (None, Band.UNKNOWN)
    assert score({"a": 80, "b": 80}).value == 80


@pytest.mark.parametrize("missing", list(MissingMode))
def test_too_little_coverage_is_unknown_and_not_red_in_every_mode(missing: MissingMode) -> None:
    score = scorer(config(component("a", 49), component("b", 51), missing=missing))({"a": 0})
    assert (score.value, score.band, score.coverage) == (None, Band.UNKNOWN, 0.49)


def test_coverage_equal_to_the_minimum_is_enough_even_for_weights_that_binary_cannot_hold() -> None:
    score = scorer(config(component("a", 0.1), component("b", 0.2), component("c", 0.3)))
    assert score({"a": 10, "b": 10}).value == 10
    assert score({"c": 10}).value == 10


def test_without_any_component_the_score_is_unknown_even_if_no_coverage_is_asked_for() -> None:
    score = scorer(config(component("a"), missing="ZERO", min_coverage=0))
    assert score({"a": None}).band is Band.UNKNOWN


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (0, Band.RED),
        (49.999999, Band.RED),
        (50, Band.YELLOW),
        (74.999999, Band.YELLOW),
        (75, Band.GREEN),
        (100, Band.GREEN),
        (None, Band.UNKNOWN),
    ],
)
def test_bands_are_half_open_and_belong_to_the_unrounded_score(score: float | None, band: Band) -> None:
    assert Bands().band(score) is band


def test_a_score_that_rounds_up_to_an_edge_stays_below_it() -> None:
    score = scorer(config(component("a")))({"a": 49.7})
    assert score.value is not None
    assert (round_half_up(score.value), score.band) == (50, Band.RED)


def test_a_mean_of_fifty_is_yellow_whatever_the_weights() -> None:
    score = scorer(config(component("a", 0.1), component("b", 0.7), component("c", 1.1)))
    assert score({"a": 50, "b": 50, "c": 50}).band is Band.YELLOW


@pytest.mark.parametrize(
    ("score", "shown"), [(0.5, 1), (1.5, 2), (2.5, 3), (49.5, 50), (0.49999999999999994, 0)]
)
def test_rounding_is_half_up(score: float, shown: int) -> None:
    assert round_half_up(score) == shown


@pytest.mark.parametrize(
    ("scores", "band"),
    [
        ({"a": 90, "b": 80, "c": 30}, Band.RED),
        ({"a": 90, "b": 80, "c": 75}, Band.GREEN),
        ({"a": 90, "b": 80, "c": 60}, Band.YELLOW),
    ],
)
def test_worst_of_is_poor_if_any_is_poor_good_if_all_are_good_else_average(
    scores: dict[str, float], band: Band
) -> None:
    score = scorer(config(*GAINSIGHT, model=Model.WORST_OF))(scores)
    assert (score.value, score.band) == (min(scores.values()), band)


def test_two_levels_weigh_within_the_group_and_then_the_groups() -> None:
    two_levels = config(
        component("a", 1, "usage"),
        component("b", 3, "usage"),
        component("c", 5, "advocacy"),
        group_weights={"usage": 1, "advocacy": 1},
    )
    score = scorer(two_levels)
    assert score({"a": 100, "b": 0, "c": 75}).value == (25 + 75) / 2
    assert score({"a": None, "b": 0, "c": 75}).value == 75 / 2
    assert score({"a": 100, "b": 0, "c": None}).value == 25


def test_a_cap_holds_the_total_down_while_its_component_is_below_the_limit() -> None:
    capped = scorer(
        config(component("a", 9), component("b"), caps=(Cap(component="b", below=20, at_most=40),))
    )
    held = capped({"a": 100, "b": 19.9})
    assert (held.value, held.band) == (40, Band.RED)
    assert held.before_caps == pytest.approx(91.99)
    assert capped({"a": 100, "b": 20}).cap is None


def test_a_cap_never_raises_and_does_not_hold_for_a_missing_component() -> None:
    capped = scorer(
        config(component("a", 9), component("b"), caps=(Cap(component="b", below=20, at_most=40),))
    )
    assert capped({"a": 10, "b": 10}).value == 10
    assert capped({"a": 100, "b": None}).value == 100


def test_the_lowest_of_several_caps_decides() -> None:
    caps = (Cap(component="b", below=20, at_most=40), Cap(component="b", below=10, at_most=15))
    assert scorer(config(component("a", 9), component("b"), caps=caps))({"a": 100, "b": 5}).value == 15


def test_the_biggest_drag_is_the_component_that_costs_most_points_not_the_lowest() -> None:
    score = scorer(config(component("a", 10), component("b", 1)))
    assert biggest_drag(score({"a": 60, "b": 0})) == "a"
    assert biggest_drag(score({"a": 100, "b": 100})) is None
    assert biggest_drag(score({})) is None


def test_what_a_cap_costs_counts_for_the_component_it_watches() -> None:
    score = scorer(
        config(component("a", 9), component("b"), caps=(Cap(component="b", below=99, at_most=20),))
    )
    assert biggest_drag(score({"a": 80, "b": 98})) == "b"
