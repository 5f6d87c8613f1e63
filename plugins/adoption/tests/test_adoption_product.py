"""Product adoption: cohorts, maturity, vectors, properties."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from engage_adoption.config import AdoptionConfig
from engage_adoption.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.sdk import Activation, Measurement, Status, Subject
from engage_server.sdk.testing import request_for

MANIFEST = plugin.engage_manifest()
END = datetime(2026, 7, 1, tzinfo=UTC)


def signup(
    *, days_ago: float, activated: bool = False, account: int | None = 1, person: int = 1
) -> dict[str, Any]:
    signed_up_at = END - timedelta(days=days_ago)
    activated_at = signed_up_at + timedelta(hours=1) if activated else None
    return {"person": person, "account": account, "signed_up_at": signed_up_at, "activated_at": activated_at}


def compute(
    signups: list[dict[str, Any]], *, cohort: str = "matured", **more: Any
) -> dict[Subject, Measurement]:
    config = AdoptionConfig(activation_event="Report Shared", cohort=cohort)
    request = request_for(MANIFEST, {"signups": signups, **more}, config=config, day=date(2026, 6, 30))
    measured = plugin.engage_compute(request)
    return {m.subject: m for m in measured if m.metric == "product_adoption"}


def of_tenant(signups: list[dict[str, Any]], *, cohort: str = "matured") -> Measurement:
    return compute(signups, cohort=cohort)[Subject("tenant", 0)]


def test_product_adoption_is_activated_over_signups_of_one_cohort() -> None:
    measurement = of_tenant([signup(days_ago=20, activated=i < 4) for i in range(10)])
    assert (measurement.value, measurement.n, measurement.status) == (40, 10, Status.OK)


def test_a_matured_cohort_leaves_out_signups_that_are_still_in_time() -> None:
    measurement = of_tenant([signup(days_ago=14), signup(days_ago=13.99, activated=True)])
    assert (measurement.value, measurement.n) == (0, 1)


def test_a_trailing_cohort_is_immature_while_a_signup_may_still_activate() -> None:
    signups = [signup(days_ago=2, activated=True), signup(days_ago=2)]
    measurement = of_tenant(signups, cohort="trailing")
    assert (measurement.value, measurement.status, measurement.details.open) == (50, Status.IMMATURE, 1)


def test_a_trailing_cohort_is_mature_once_nobody_can_change_it() -> None:
    signups = [signup(days_ago=2, activated=True), signup(days_ago=14)]
    assert of_tenant(signups, cohort="trailing").status is Status.OK


def test_the_parts_are_what_became_of_the_signups_and_add_up_to_the_value() -> None:
    signups = [
        signup(days_ago=2, activated=True),
        signup(days_ago=2),
        signup(days_ago=20),
        signup(days_ago=20),
    ]
    measurement = of_tenant(signups, cohort="trailing")
    assert [(part.key, part.value, part.points) for part in measurement.contributions] == [
        ("activated", 1, 25),
        ("open", 1, 0),
        ("lapsed", 2, 0),
    ]
    assert of_tenant([]).contributions == ()


def test_without_signups_there_is_no_data() -> None:
    measured = compute([], accounts=[{"account": 5}])
    assert set(measured) == {Subject("tenant", 0), Subject("account", 5)}
    assert {(m.value, m.status) for m in measured.values()} == {(None, Status.NO_DATA)}


def test_signups_without_an_account_count_for_the_tenant_alone() -> None:
    measured = compute([signup(days_ago=20, account=None), signup(days_ago=20, activated=True)])
    assert [m.value for m in measured.values()] == [50, 100]


def test_activation_is_off_until_its_event_is_named() -> None:
    assert "signups" not in MANIFEST.inputs_for(AdoptionConfig())
    measured = plugin.engage_compute(request_for(MANIFEST))
    assert [m.metric for m in measured] == ["breadth"]


@pytest.mark.parametrize(("cohort", "days"), [("matured", 44), ("trailing", 30)])
def test_the_input_reaches_back_over_the_whole_cohort(cohort: str, days: int) -> None:
    config = AdoptionConfig(activation_event="Report Shared", cohort=cohort)
    assert MANIFEST.inputs_for(config)["signups"] == Activation(
        activation_event="Report Shared", times=1, within_days=14, days=days, signup_event=None,
        settling_days=30,
    )  # fmt: skip


SIGNUPS = st.lists(
    st.builds(
        signup,
        days_ago=st.integers(1, 44),
        activated=st.booleans(),
        account=st.none() | st.integers(1, 3),
    ),
    max_size=20,
)


@settings(deadline=None)
@given(signups=SIGNUPS, cohort=st.sampled_from(["matured", "trailing"]))
def test_product_adoption_never_exceeds_100(signups: list[dict[str, Any]], cohort: str) -> None:
    for measurement in compute(signups, cohort=cohort).values():
        assert measurement.value is None or 0 <= measurement.value <= 100
        assert sum(part.points or 0 for part in measurement.contributions) == (measurement.value or 0)


@settings(deadline=None)
@given(signups=SIGNUPS)
def test_a_matured_cohort_has_nobody_left_who_may_activate(signups: list[dict[str, Any]]) -> None:
    assert {m.details.open for m in compute(signups).values()} == {0}
