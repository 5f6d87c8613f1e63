"""Unused sign-ups: who counts as used, and when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from engage_unused_signups.config import UnusedSignupsConfig
from engage_unused_signups.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engage_server.sdk import TENANT, Direction, Measurement, Status, Subject, account
from engage_server.sdk.testing import Level, check, conformance_problems, request_for

MANIFEST = plugin.engage_manifest()
END = datetime(2026, 7, 1, tzinfo=UTC)
Row = dict[str, Any]


def signup(ago: float, *took: float | None, of: int | None = 1) -> Row:
    """A sign-up so many days ago, and the days after which each thing of value was done."""
    at = END - timedelta(days=ago)
    times = {f"milestone_{n}": None if t is None else at + timedelta(days=t) for n, t in enumerate(took, 1)}
    return {"account": of, "signed_up_at": at, **times}


def compute(rows: list[Row], **config: Any) -> dict[Subject, Measurement]:
    request = request_for(MANIFEST, {"signups": rows}, config=UnusedSignupsConfig(**config))
    return {one.subject: one for one in plugin.engage_compute(request)}


def test_is_gold_and_low_is_good() -> None:
    assert check(plugin).level >= Level.GOLD
    assert MANIFEST.metrics[0].direction is Direction.DOWN


def test_who_does_nothing_of_value_in_time_is_unused() -> None:
    found = compute([signup(20, 1), signup(20, 7), signup(20, None), signup(20, 6.99)])[TENANT]
    assert (found.value, found.details.unused, found.details.used) == (50, 2, 2)


def test_any_one_of_the_things_of_value_is_enough() -> None:
    value = [{"event": "Recorded"}, {"event": "Shared", "times": 3}]
    rows = [signup(20, 1, None), signup(20, None, 1), signup(20, 8, 2), signup(20, None, None)]
    assert compute(rows, value=value)[TENANT].value == 25


def test_who_is_still_in_time_is_not_unused_yet() -> None:
    rows = [signup(3, None), signup(9, None)]
    assert (compute(rows)[TENANT].n, compute(rows)[TENANT].value) == (1, 100)
    trailing = compute(rows, cohort="trailing")[TENANT]
    assert (trailing.value, trailing.details.open, trailing.status) == (50, 1, Status.IMMATURE)


def test_each_account_has_its_own() -> None:
    found = compute([signup(20, 1, of=1), signup(20, None, of=2)])
    assert {subject: one.value for subject, one in found.items()} == {
        TENANT: 50,
        account(1): 0,
        account(2): 100,
    }


@pytest.mark.parametrize("wrong", [{"value": []}, {"after_days": 0}, {"cohort_days": 0}])
def test_an_impossible_configuration_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        UnusedSignupsConfig(**wrong)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.builds(
            signup, st.integers(0, 40), st.none() | st.integers(0, 9), of=st.none() | st.integers(1, 3)
        ),
        max_size=15,
    ),
    st.randoms(),
)
def test_any_sign_ups_in_any_order_keep_the_contract(rows: list[Row], chance: Any) -> None:
    assert conformance_problems(plugin, requests=[request_for(MANIFEST, {"signups": rows})]) == []
    found = compute(rows)
    assert compute(chance.sample(rows, len(rows))) == found
    for one in found.values():
        assert one.details.used + one.details.unused + one.details.open == one.n
