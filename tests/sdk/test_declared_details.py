"""The contract names details that are not as their metric declares them."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from engage_server.sdk import shape_of
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
