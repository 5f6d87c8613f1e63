"""Activation: conjunctions, cohorts and their time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from engage_activation.config import ActivationConfig
from engage_activation.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engage_server.sdk import TENANT, Accounts, Measurement, SignupMilestones, Status, Subject, account
from engage_server.sdk.testing import Level, check, conformance_problems, request_for

MANIFEST = plugin.engage_manifest()
END = datetime(2026, 7, 1, tzinfo=UTC)
BOTH = [{"event": "Recorded"}, {"event": "Shared"}]
Row = dict[str, Any]


def signup(ago: float, *took: float | None, of: int | None = 1) -> Row:
    """A sign-up so many days ago, and the days that each milestone took."""
    at = END - timedelta(days=ago)
    times = {f"milestone_{n}": None if t is None else at + timedelta(days=t) for n, t in enumerate(took, 1)}
    return {"account": of, "signed_up_at": at, **times}


def compute(rows: list[Row], **config: Any) -> dict[Subject, Measurement]:
    request = request_for(MANIFEST, {"signups": rows}, config=ActivationConfig(**config))
    return {one.subject: one for one in plugin.engage_compute(request)}


def test_is_gold() -> None:
    assert check(plugin).level >= Level.GOLD


def test_the_rate_is_activated_over_sign_ups_of_one_cohort() -> None:
    found = compute([signup(20, 3 if n < 4 else None) for n in range(10)])[TENANT]
    assert (found.value, found.n, found.status) == (40, 10, Status.OK)


def test_recorded_and_shared_activates_only_who_did_both() -> None:
    rows = [signup(20, 1, 2), signup(20, 1, None), signup(20, None, 2), signup(20, 6, 7)]
    found = compute(rows, milestones=BOTH)[TENANT]
    assert found.value == 25
    assert [(milestone.event, milestone.reached) for milestone in found.details.milestones] == [
        ("Recorded", 3),
        ("Shared", 2),
    ]


def test_frequency_and_milestone_reach_the_input() -> None:
    config = ActivationConfig(
        milestones=[{"event": "Report Built", "times": 5}], signup_event="Signed Up", cohort_days=10
    )
    assert MANIFEST.inputs_for(config) == {
        "signups": SignupMilestones((("Report Built", 5),), 7, 17, "Signed Up", 30),
        "accounts": Accounts(),
    }


def test_a_matured_cohort_leaves_out_who_is_still_in_time_and_a_trailing_one_is_immature() -> None:
    rows = [signup(2, 1), signup(2, None), signup(9, None)]
    assert compute(rows)[TENANT].n == 1
    trailing = compute(rows, cohort="trailing")[TENANT]
    assert (trailing.n, trailing.status, trailing.details.open) == (3, Status.IMMATURE, 1)
    assert trailing.value == pytest.approx(100 / 3)


def test_each_account_has_its_own_and_who_has_none_counts_for_the_tenant() -> None:
    found = compute([signup(20, 1, of=1), signup(20, None, of=2), signup(20, 1, of=None)])
    values = {subject: one.value for subject, one in found.items()}
    assert values == {TENANT: pytest.approx(200 / 3), account(1): 100, account(2): 0}


@pytest.mark.parametrize(
    "wrong", [{"milestones": []}, {"milestones": [{"event": ""}]}, {"within_days": 0}, {"cohort": "all"}]
)
def test_an_impossible_configuration_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ActivationConfig(**wrong)


signups = st.lists(
    st.builds(
        signup,
        st.integers(0, 40),
        st.none() | st.integers(0, 9),
        st.none() | st.integers(0, 9),
        of=st.none() | st.integers(1, 3),
    ),
    max_size=15,
)


@settings(max_examples=25, deadline=None)
@given(signups, st.sampled_from(["matured", "trailing"]))
def test_any_sign_ups_keep_the_contract_and_no_milestone_is_rarer_than_all_of_them(
    rows: list[Row], cohort: str
) -> None:
    config = ActivationConfig(milestones=BOTH, cohort=cohort)
    request = request_for(MANIFEST, {"signups": rows}, config=config)
    assert conformance_problems(plugin, requests=[request]) == []
    for one in compute(rows, milestones=BOTH, cohort=cohort).values():
        assert one.value is None or 0 <= one.value <= 100
        assert all(
            one.details.activated <= milestone.reached <= one.n for milestone in one.details.milestones
        )
