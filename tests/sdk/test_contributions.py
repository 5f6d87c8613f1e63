"""Contributions are held against the contract together where that is sure, and one by one otherwise: with one outcome."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.sdk import Contribution, contract

NUMBERS = (
    st.none()
    | st.integers(-(10**400), 10**400)
    | st.floats()
    | st.sampled_from([0, 0.1, 0.2, 0.3, 1e308, True, Decimal("0.1"), Decimal("NaN"), "1"])
)
PARTS = st.lists(
    st.builds(Contribution, st.just("a"), st.just("A"), NUMBERS, points=NUMBERS, weight=NUMBERS), max_size=3
)


@settings(max_examples=100, deadline=None)
@given(NUMBERS, PARTS)
def test_what_is_told_together_is_told_one_by_one_as_well(value: Any, parts: list[Contribution]) -> None:
    if contract._are_sound(value, tuple(parts)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(contract, "_are_sound", lambda value, parts: False)
            assert list(contract._contribution_problems(value, tuple(parts))) == []


@pytest.mark.parametrize(
    ("value", "points", "says"),
    [
        (1.0, [0.5, 0.5], ""),
        (1.0, [0.5, 0.4], "add up to 0.9, not to 1.0"),
        (Decimal(1), [0.5, 0.4], "add up to 0.9, not to 1"),
        (1.0, [float("nan"), 1], "which is no number"),
        (1.0, [float("inf"), float("-inf")], "which is no number"),
        (None, [0.5, 0.4], ""),
        (1.0, [0.5, None], ""),
    ],
)
def test_points_that_are_no_numbers_or_do_not_add_up_are_told(
    value: Any, points: list[Any], says: str
) -> None:
    parts = tuple(Contribution("a", "A", 1.0, points=one) for one in points)
    told = list(contract._contribution_problems(value, parts))
    assert bool(told) == bool(says)
    assert says in " ".join(told)
