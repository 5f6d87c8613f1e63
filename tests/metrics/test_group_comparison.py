"""Groups that lie apart are found, those that chance explains are not, and bounds agree with statsmodels."""

import random
from datetime import UTC, datetime
from statistics import NormalDist

import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from engage_server.metrics.group_comparison import GroupState, compare_groups
from engage_server.sdk import TENANT, Direction, Interval, Status
from engage_server.sdk.graphql import StoredValue
from engage_server.sdk.intervals import wilson
from tests.metrics.values import DAY

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def value(number: float | None, n: int, interval: Interval | None) -> StoredValue:
    return StoredValue(
        metric="mood.share", subject=TENANT, label="", day=DAY, value=number, status=Status.OK, n=n,
        window_start=NOON, window_end=NOON, timezone="UTC", definition_version=1, configuration_version=1, revision=1,
        computed_at=NOON, data_as_of=None, contributions=(), details={}, unit=None, direction=None, interval=interval,
        normalised=None,
    )  # fmt: skip


def share(successes: int, n: int) -> StoredValue:
    return value(100 * successes / n, n, wilson(successes, n))


def states(found, direction: Direction = Direction.UP) -> dict[str, GroupState]:
    return {one.group: one.state for one in compare_groups(found, direction)}


def test_groups_that_lie_apart_thrive_or_are_at_risk_by_the_way_that_is_good():
    found = [
        ("pro", share(180, 200)),
        ("team", share(100, 200)),
        ("free", share(40, 200)),
        ("tiny", share(5, 5)),
    ]
    assert states(found) == {
        "free": GroupState.AT_RISK, "pro": GroupState.THRIVING, "team": GroupState.LIKE_OTHERS,
        "tiny": GroupState.UNTESTED,
    }  # fmt: skip
    assert list(states(found)) == ["free", "pro", "team", "tiny"]
    assert states(found, Direction.DOWN)["free"] is GroupState.THRIVING
    assert states(found, Direction.TARGET)["free"] is GroupState.APART


def test_the_difference_of_two_groups_has_newcombes_interval():
    _, first = compare_groups([("a", share(45, 100)), ("b", share(30, 120))], Direction.UP)
    low, high = confint_proportions_2indep(45, 100, 30, 120, method="newcomb", compare="diff")
    assert (first.group, first.difference) == ("a", pytest.approx(20))
    assert (first.low, first.high) == (
        pytest.approx(100 * low, abs=1e-6),
        pytest.approx(100 * high, abs=1e-6),
    )


def test_groups_that_are_alike_are_seldom_called_apart():
    apart = 0
    for seed in range(200):
        chance = random.Random(seed)
        found = [(f"g{n}", share(sum(chance.random() < 0.4 for _ in range(150)), 150)) for n in range(8)]
        apart += any(state is not GroupState.LIKE_OTHERS for state in states(found).values())
    assert apart / 200 <= 0.06


def test_intervals_of_another_level_are_brought_to_one():
    wide, narrow = wilson(45, 100, level=0.99), wilson(45, 100, level=0.95)
    of_two = [("a", value(45.0, 100, wide)), ("b", share(30, 120))]
    one = next(found for found in compare_groups(of_two, Direction.UP) if found.group == "a")
    other = next(
        found
        for found in compare_groups([("a", value(45.0, 100, narrow)), ("b", share(30, 120))], Direction.UP)
        if found.group == "a"
    )
    assert NormalDist().inv_cdf(0.995) > NormalDist().inv_cdf(0.975)
    assert one.low == pytest.approx(other.low, abs=0.2)


def test_nothing_to_hold_against_is_untested():
    assert states([("a", share(5, 50))]) == {"a": GroupState.UNTESTED}
    bare = [("a", value(5.0, 50, None)), ("b", value(None, 0, None)), ("c", share(5, 50))]
    assert set(states(bare).values()) == {GroupState.UNTESTED}
