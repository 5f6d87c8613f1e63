"""Feature adoption and the features an account uses: edge rules, vectors, properties."""

from datetime import date, timedelta
from typing import Any

import pytest
from engage_adoption.config import AdoptionConfig
from engage_adoption.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engage_server.sdk import Measurement, Status
from engage_server.sdk.details import encoded
from engage_server.sdk.testing import conformance_problems, request_for

Rows = list[dict[str, Any]]
MANIFEST = plugin.engage_manifest()
DAY = date(2026, 6, 30)


def use(
    person: int,
    feature: int,
    *,
    account: int | None = 1,
    uses: int = 1,
    active_days: int = 1,
    person_days: int = 0,
) -> dict[str, Any]:
    return {
        "person": person,
        "account": account,
        "feature": feature,
        "feature_name": f"feature {feature}",
        "uses": uses,
        "active_days": active_days,
        "person_days": person_days or active_days,
    }


def listed(feature: int, *, released: int | None = None, known: int = 400) -> dict[str, Any]:
    """A feature of the dictionary, released and known so many days ago."""
    return {
        "feature": feature,
        "feature_name": f"feature {feature}",
        "released_on": None if released is None else DAY - timedelta(days=released),
        "known_since": DAY - timedelta(days=known),
    }


def persons(*ids: int, account: int | None = 1) -> Rows:
    return [{"person": id, "account": account, "day": DAY} for id in ids]


def compute(**rows: Any) -> list[Measurement]:
    config = AdoptionConfig(**rows.pop("config", {}))
    return list(plugin.engage_compute(request_for(MANIFEST, rows, config=config, day=DAY)))


def only(metric: str, measurements: list[Measurement]) -> dict[int, Measurement]:
    return {m.subject.id: m for m in measurements if m.metric == metric}


def of_feature(**rows: Any) -> Measurement:
    return only("feature_adoption", compute(**rows))[7]


def test_keeps_the_contract() -> None:
    assert conformance_problems(plugin) == []


def test_feature_adoption_is_users_over_active_users() -> None:
    measurement = of_feature(uses=[use(p, 7) for p in (1, 2, 3)], active=persons(*range(1, 13)))
    assert (measurement.value, measurement.n, measurement.status) == (25, 12, Status.OK)


def test_a_person_in_two_accounts_counts_once_above_and_below_the_line() -> None:
    uses = [use(1, 7, account=1), use(1, 7, account=2)]
    active = persons(1, 2, account=1) + persons(1, account=2) + persons(1, account=None)
    assert of_feature(uses=uses, active=active).value == 50


@pytest.mark.parametrize(("person_days", "adopters"), [(1, 0), (2, 1)])
def test_active_days_of_one_person_are_the_distinct_days_of_all_accounts(
    person_days: int, adopters: int
) -> None:
    uses = [use(1, 7, account=account, person_days=person_days) for account in (1, 2)]
    assert of_feature(uses=uses, active=persons(1)).details.adopters == adopters


def since(day: int, *ids: int, account: int = 1) -> Rows:
    """Who was active once, so many days ago."""
    return [{"person": id, "account": account, "day": DAY - timedelta(days=day)} for id in ids]


def test_the_denominator_of_a_new_feature_is_who_was_active_since_its_release() -> None:
    rows = {
        "features": [listed(7, released=5), listed(8, released=60), listed(9)],
        "uses": [use(person, feature) for person in range(30) for feature in (7, 8, 9)],
        "active": since(5, *range(60)) + since(6, *range(60, 100)),
    }
    found = only("feature_adoption", compute(**rows))
    assert [(found[id].value, found[id].n) for id in (7, 8, 9)] == [(50, 60), (30, 100), (30, 100)]


def test_who_was_active_only_before_the_release_is_in_neither_part() -> None:
    rows = {"features": [listed(7, released=5)], "uses": [use(1, 7), use(2, 7)]}
    found = of_feature(**rows, active=since(9, 1) + since(2, 2, 3))
    assert (found.value, found.details.users, found.n) == (50, 1, 2)
    assert of_feature(**rows, active=since(9, 1, 2)).status is Status.NO_DATA


def test_plan_and_release_narrow_the_denominator_together() -> None:
    rows = {
        "features": [listed(7, released=5)],
        "uses": [use(1, 7), use(4, 7, account=2)],
        "active": since(1, 1, 2) + since(9, 3) + since(1, 4, account=2),
        "plans": [{"account": 1, "plan": "pro"}, {"account": 2, "plan": "free"}],
    }
    found = of_feature(**rows, config={"entitlements": {"feature 7": ("pro",)}})
    assert (found.value, found.n, found.details.is_entitled) == (50, 2, True)


def test_only_eligible_persons_can_adopt() -> None:
    measurement = of_feature(uses=[use(1, 7), use(2, 7)], active=persons(2, 3), config={"eligible": "VALUE"})
    assert (measurement.value, measurement.details.users) == (50, 1)


def test_nobody_active_gives_no_data_instead_of_zero() -> None:
    measurement = of_feature(features=[listed(7)])
    assert (measurement.value, measurement.status, measurement.contributions) == (None, Status.NO_DATA, ())
    assert measurement.details.hint is None


def test_a_feature_nobody_uses_any_more_falls_to_zero() -> None:
    measurement = of_feature(features=[listed(7)], active=persons(1))
    assert (measurement.value, measurement.status) == (0, Status.OK)
    assert measurement.details.adopted_share is None
    assert measurement.details.uses_per_adopter is None


def test_adopters_need_enough_uses_on_enough_days() -> None:
    uses = [use(1, 7, uses=5, active_days=3), use(2, 7, uses=2), use(3, 7)]
    details = encoded(of_feature(uses=uses, active=persons(1, 2, 3)).details)
    assert (details["adopters"], details["trial_users"], details["uses_per_adopter"]) == (1, 2, 5)
    assert details["adopted_share"] == pytest.approx(100 / 3)


@pytest.mark.parametrize(
    ("users", "hint"),
    [
        (0, "CONSIDER_REMOVAL"),
        (4, "CONSIDER_REMOVAL"),
        (5, "CHECK_VISIBILITY"),
        (29, "CHECK_VISIBILITY"),
        (30, None),
    ],
)
def test_hints_change_exactly_at_their_edges(users: int, hint: str | None) -> None:
    measurement = of_feature(
        uses=[use(p, 7) for p in range(users)], active=persons(*range(100)), features=[listed(7)]
    )
    assert measurement.details.hint == hint


@pytest.mark.parametrize(
    ("released", "known", "hint"),
    [
        (1, 1, "TOO_YOUNG"),
        (181, 181, "TOO_YOUNG"),
        (182, 1, "CONSIDER_REMOVAL"),
        (1, 400, "TOO_YOUNG"),
        (None, 181, "TOO_YOUNG"),
        (None, 182, "CONSIDER_REMOVAL"),
    ],
)
def test_a_young_feature_that_nobody_uses_is_no_candidate_for_removal(
    released: int | None, known: int, hint: str
) -> None:
    feature = listed(7, released=released, known=known)
    measurement = of_feature(features=[feature], active=persons(1))
    assert (measurement.value, measurement.details.hint) == (0, hint)
    assert measurement.details.feature_age_days == (known if released is None else released)


def test_a_feature_used_before_its_release_is_too_young() -> None:
    assert of_feature(uses=[use(1, 7)], active=persons(*range(30))).details.hint == "TOO_YOUNG"


def test_a_configuration_from_before_features_came_from_the_dictionary_still_holds() -> None:
    assert AdoptionConfig.model_validate({"known_days": 90}) == AdoptionConfig()


def test_an_account_is_told_its_share_and_the_widest_used_of_its_unused_features() -> None:
    uses = [use(1, f) for f in (1, 2)] + [
        use(p, f, account=2) for f in range(3, 9) for p in range(10, 10 + f)
    ]
    measurement = only("features_used", compute(uses=uses, config={"suggestions": 2}))[1]
    assert (measurement.value, measurement.details.unused_features) == (25, 6)
    assert [(part.label, part.points, part.n) for part in measurement.contributions] == [
        ("Features used", 25, 2),
        ("feature 8", 0, 8),
        ("feature 7", 0, 7),
    ]


def test_an_account_that_used_nothing_has_zero_and_is_not_left_out() -> None:
    measured = only("features_used", compute(uses=[use(1, 7, account=1)], accounts=[{"account": 2}]))
    assert (measured[2].value, measured[2].status) == (0, Status.OK)


def test_without_any_feature_in_use_an_account_has_no_data() -> None:
    measurement = only("features_used", compute(accounts=[{"account": 2}]))[2]
    assert (measurement.value, measurement.status) == (None, Status.NO_DATA)


@pytest.mark.parametrize(
    "wrong",
    [
        {"removal_after_days": -1},
        {"window_days": 1},
        {"removal_below": 31},
        {"window_days": 0},
        {"windowdays": 3},
    ],
)
def test_a_contradictory_configuration_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        AdoptionConfig(**wrong)


USES = st.lists(
    st.builds(
        use,
        person=st.integers(1, 8),
        feature=st.integers(1, 5),
        account=st.none() | st.integers(1, 3),
        uses=st.integers(1, 9),
        active_days=st.integers(1, 5),
    ),
    max_size=30,
    unique_by=lambda row: (row["person"], row["account"], row["feature"]),
)
ACTIVE = st.lists(st.integers(1, 12), max_size=12).map(lambda ids: persons(*ids))


@settings(deadline=None)
@given(uses=USES, active=ACTIVE)
def test_any_rows_keep_the_contract_and_the_parts_add_up(uses: Rows, active: Rows) -> None:
    features = [listed(feature) for feature in {row["feature"] for row in uses}]
    request = request_for(MANIFEST, {"uses": uses, "features": features, "active": active})
    assert conformance_problems(plugin, requests=[request]) == []


@settings(deadline=None)
@given(uses=USES, active=ACTIVE)
def test_shares_stay_within_0_and_100(uses: Rows, active: Rows) -> None:
    values = [m.value for m in compute(uses=uses, active=active) if m.value is not None]
    assert all(0 <= value <= 100 for value in values)


@settings(deadline=None)
@given(uses=USES, active=ACTIVE, data=st.data())
def test_the_order_of_rows_does_not_matter(uses: Rows, active: Rows, data: st.DataObject) -> None:
    shuffled = compute(uses=data.draw(st.permutations(uses)), active=data.draw(st.permutations(active)))
    assert shuffled == compute(uses=uses, active=active)


@settings(deadline=None)
@given(uses=USES)
def test_used_and_unused_features_of_an_account_make_up_all_in_use(uses: Rows) -> None:
    in_use = {row["feature"] for row in uses}
    for id, measurement in only("features_used", compute(uses=uses, config={"suggestions": 50})).items():
        used = {row["feature"] for row in uses if row["account"] == id}
        first, *unused = measurement.contributions
        assert (first.key, first.points) == ("used", measurement.value)
        assert {part.label for part in unused} == {f"feature {f}" for f in in_use - used}
        assert measurement.details.used_features == len(used)
