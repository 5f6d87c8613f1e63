"""Progress of persons, from their own sign-up on."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from engage_onboarding.config import OnboardingConfig
from engage_onboarding.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.sdk import TENANT, Measurement, SignupMilestones, Status, Subject, account
from engage_server.sdk.testing import conformance_problems, request_for

MANIFEST = plugin.engage_manifest()
END = datetime(2026, 7, 1, tzinfo=UTC)
STEPS = [
    {"key": "profile", "title": "Fill in your profile", "event": "Profile Filled"},
    {"key": "report", "title": "Build a report", "event": "Report Built", "times": 2},
]
Row = dict[str, Any]
CONFIG = OnboardingConfig(
    checklists=[{"version": "1", "steps": STEPS}], signup_event="Signed Up", cohort_days=60
)


def signup(ago: int, *reached: bool, of: int | None = 1) -> Row:
    """A sign-up so many days ago, and whether each step is done."""
    at = END - timedelta(days=ago)
    times = {
        f"milestone_{n}": at + timedelta(hours=1) if is_done else None for n, is_done in enumerate(reached, 1)
    }
    return {"account": of, "signed_up_at": at, **times}


def compute(rows: list[Row]) -> dict[Subject, Measurement]:
    request = request_for(MANIFEST, {"signups": rows}, config=CONFIG, day=date(2026, 6, 30))
    return {one.subject: one for one in plugin.engage_compute(request) if one.metric == "of_persons"}


def test_asks_for_the_steps_from_each_sign_up_on() -> None:
    spec = SignupMilestones((("Profile Filled", 1), ("Report Built", 2)), 61, 60, "Signed Up", 30)
    assert MANIFEST.inputs_for(CONFIG)["signups"] == spec


def test_the_mean_is_of_persons_and_each_account_has_its_own() -> None:
    found = compute(
        [signup(5, True, True), signup(5, True, False), signup(5, False, False, of=2), signup(5, of=None)]
    )
    assert {subject: one.value for subject, one in found.items()} == {
        TENANT: 37.5,
        account(1): 75,
        account(2): 0,
    }
    assert (found[TENANT].details.complete_share, found[TENANT].details.stuck_at) == (0.25, "profile")


def test_without_sign_ups_there_is_no_data() -> None:
    assert compute([])[TENANT].status is Status.NO_DATA


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.builds(signup, st.integers(1, 50), st.booleans(), st.booleans(), of=st.none() | st.integers(1, 3)),
        max_size=9,
    ),
    st.randoms(),
)
def test_any_sign_ups_in_any_order_keep_the_contract(rows: list[Row], chance: Any) -> None:
    assert (
        conformance_problems(plugin, requests=[request_for(MANIFEST, {"signups": rows}, config=CONFIG)]) == []
    )
    found, again = compute(rows), compute(chance.sample(rows, len(rows)))
    assert {s: one.value for s, one in again.items()} == {s: one.value for s, one in found.items()}
