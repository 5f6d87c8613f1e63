"""The contract names details that are not as their metric declares them."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engage_server.sdk import Contribution, shape_of
from engage_server.sdk.contract import measurement_problems
from tests.sdk.test_conformance import MANIFEST, METRIC, ONE, Share, only

# What no type checker would let pass.
NOTHING: Any = None


@dataclass(frozen=True, slots=True)
class Other:
    """Details that no metric declares."""

    share: float


@pytest.mark.parametrize(
    ("details", "sentence"),
    [
        (Share(float("nan")), "Share.share is nan, not float"),
        (Share(NOTHING), "Share.share is None, not float"),
        (Other(0.5), "details are Other and the metric declares Share"),
        ({"share": "much"}, "detail 'share' is 'much', not float"),
        ({"share": 0.5, "parts": 1}, "a field 'parts' that the class Share does not declare"),
        ({}, "detail 'share' is null"),
    ],
)
def test_details_that_are_not_as_the_metric_declares_are_named(details: Any, sentence: str) -> None:
    manifest = replace(MANIFEST, metrics=(replace(METRIC, details=shape_of(Share)),))
    assert sentence in only(list(measurement_problems(manifest, replace(ONE, details=details))))


def test_details_as_declared_are_no_fault_in_either_form() -> None:
    manifest = replace(MANIFEST, metrics=(replace(METRIC, details=shape_of(Share)),))
    for details in (Share(0.5), {"share": 0.5}, None):
        assert list(measurement_problems(manifest, replace(ONE, details=details))) == []


NUMBERS = st.floats(-1e9, 1e9) | st.integers(-(10**9), 10**9) | st.decimals(-(10**6), 10**6, places=8)


@given(st.lists(NUMBERS, min_size=1, max_size=6), st.floats(-2e-6, 2e-6))
@example([1e308, 1e308], 0.0)
@example([Decimal("0.1"), 0.2], 0.0)
@example([1], 1e-6)
def test_parts_are_refused_exactly_where_their_decimal_sum_is_off(points: list[Any], off: float) -> None:
    total = sum((Decimal(str(point)) for point in points), Decimal(0))
    value = total + Decimal(str(off))
    parts = tuple(Contribution(f"a{n}", "A", None, points=point) for n, point in enumerate(points))
    told = list(measurement_problems(MANIFEST, replace(ONE, value=value, contributions=parts)))
    is_off = abs(total - value) > Decimal("1e-6")
    assert any("add up to" in problem for problem in told) == is_off
