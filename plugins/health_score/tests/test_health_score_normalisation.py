"""From a metric's unit to 0..100."""

import polars as pl
import pytest
from engage_health_score.normalisation import Linear, Percentile, Steps

from engage_server.sdk.testing.requests import DAY


def scores(
    normalisation: Linear | Steps | Percentile, values: list[float], plans: list[str] | None = None
) -> list[float]:
    rows = {"on": [DAY] * len(values), "value": values, "plan": plans or ["basic"] * len(values)}
    frame = pl.DataFrame(rows)
    return frame.select(score=normalisation.scores())["score"].to_list()


def test_a_line_is_cut_off_at_both_ends() -> None:
    assert scores(Linear(low=0, high=80), [-5.0, 0.0, 40.0, 80.0, 120.0]) == [0, 0, 50, 100, 100]


def test_a_line_turns_round_where_low_is_good() -> None:
    assert scores(Linear(low=1, high=5, good="DOWN"), [1.0, 2.0, 5.0]) == [100, 75, 0]


def test_a_line_without_length_is_rejected() -> None:
    with pytest.raises(ValueError, match=r"low \(5\) must be below high \(5\)"):
        Linear(low=5, high=5)


def test_steps_are_100_60_and_0_and_a_threshold_belongs_to_the_better_step() -> None:
    assert scores(Steps(good_at=10, average_at=5), [4.9, 5.0, 9.9, 10.0]) == [0, 60, 60, 100]


def test_steps_turn_round_where_low_is_good() -> None:
    assert scores(Steps(good_at=5, average_at=10, good="DOWN"), [5.0, 5.1, 10.0, 10.1]) == [100, 60, 60, 0]


@pytest.mark.parametrize("good", ["UP", "DOWN"])
def test_steps_at_one_value_are_rejected(good: str) -> None:
    with pytest.raises(ValueError, match="average_at"):
        Steps(good_at=5, average_at=5, good=good)


def test_percentile_ties_share_the_middle_rank() -> None:
    assert scores(Percentile(min_peers=1), [1.0, 2.0, 2.0, 3.0]) == [12.5, 50, 50, 87.5]


def test_percentiles_turn_round_where_low_is_good() -> None:
    assert scores(Percentile(min_peers=1, good="DOWN"), [1.0, 2.0]) == [75, 25]


def test_a_small_group_has_no_percentile() -> None:
    assert scores(Percentile(min_peers=10), [1.0] * 9) == [None] * 9
    assert scores(Percentile(min_peers=10), [1.0] * 10) == [50] * 10


def test_percentiles_by_plan_compare_trials_with_trials() -> None:
    by_plan = Percentile(min_peers=2, peers="plan")
    assert scores(by_plan, [1.0, 100.0, 2.0, 200.0, 7.0], ["trial", "pro", "trial", "pro", "free"]) == [
        25,
        25,
        75,
        75,
        None,
    ]
