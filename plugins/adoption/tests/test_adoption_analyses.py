"""Breadth, releases, time to the first use; regular and entitled users; accounts that use a feature together."""

from datetime import date, timedelta
from typing import Any

import pytest
from engage_adoption.config import AdoptionConfig
from engage_adoption.plugin import plugin
from pydantic import ValidationError
from scipy.stats import CensoredData, ecdf
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from engage_server.sdk import Measurement, PersonDays, Status, Subject
from engage_server.sdk.details import encoded
from engage_server.sdk.testing import Level, check, request_for

MANIFEST = plugin.engage_manifest()
DAY = date(2026, 6, 30)


def compute(metric: str, rows: dict[str, Any], **config: Any) -> dict[int, Measurement]:
    request = request_for(MANIFEST, rows, config=AdoptionConfig(**config), day=DAY)
    return {m.subject.id: m for m in plugin.engage_compute(request) if m.metric == metric}


def use(person: int, feature: int, *, account: int = 1) -> dict[str, Any]:
    common = {"uses": 1, "active_days": 1, "person_days": 1}
    return {"person": person, "account": account, "feature": feature, "feature_name": f"f{feature}", **common}


def active(*persons: int, account: int = 1) -> list[dict[str, Any]]:
    return [{"person": person, "account": account} for person in persons]


def test_is_gold() -> None:
    assert check(plugin).level >= Level.GOLD


def test_among_regular_users_alone() -> None:
    days = [
        {"person": person, "account": 1, "day": DAY - timedelta(days=before)}
        for person, number in ((1, 4), (2, 4), (3, 3), (4, 1))
        for before in range(number)
    ]
    rows = {"uses": [use(1, 7), use(3, 7)], "active": days}
    said = compute("feature_adoption", rows, eligible="regular", regular_days=4)[7]
    assert (said.value, said.n) == (50, 2)
    assert MANIFEST.inputs_for(AdoptionConfig(eligible="regular"))["active"] == PersonDays(days=30)
    with pytest.raises(ValidationError):
        AdoptionConfig(eligible="regular", regular_days=31)


def test_entitled_users_are_the_denominator_where_plans_decide() -> None:
    rows = {
        "uses": [use(1, 7), use(3, 7, account=2), use(1, 8)],
        "active": active(1, 2) + active(3, 4, 5, account=2),
        "plans": [{"account": 1, "plan": "pro"}, {"account": 2, "plan": "free"}],
    }
    said = compute("feature_adoption", rows, entitlements={"f7": ("pro",)})
    assert (said[7].value, said[7].n, encoded(said[7].details)["is_entitled"]) == (50, 2, True)
    assert (said[8].value, said[8].n, encoded(said[8].details)["is_entitled"]) == (20, 5, False)


def test_nobody_entitled_is_no_data_and_no_zero() -> None:
    rows = {"uses": [use(1, 7)], "active": active(1), "plans": [{"account": 1, "plan": "free"}]}
    said = compute("feature_adoption", rows, entitlements={"f7": ("pro",)})[7]
    assert (said.value, said.status) == (None, Status.NO_DATA)


def test_accounts_collaborate_where_two_use_a_feature() -> None:
    uses = [use(1, 7), use(2, 7), use(3, 7, account=2), use(1, 7, account=3), use(3, 7, account=3)]
    details = encoded(compute("feature_adoption", {"uses": uses, "active": active(1, 2, 3)})[7].details)
    assert (details["accounts"], details["collaborating_accounts"]) == (3, 2)


def test_breadth_lists_features_with_intervals_and_its_parts_add_up() -> None:
    rows = {"uses": [use(1, 7), use(2, 7), use(1, 8), use(1, 9)], "active": active(1, 2, 3, 4)}
    said = compute("breadth", rows, listed_features=2)[0]
    details = encoded(said.details)
    assert said.value == pytest.approx(100 * 4 / 12)
    assert sum(float(part.points or 0) for part in said.contributions) == pytest.approx(
        float(said.value or 0)
    )
    first = details["features"][0]
    assert (first["name"], first["users"], first["share"]) == ("f7", 2, 0.5)
    assert (first["low"], first["high"]) == pytest.approx(proportion_confint(2, 4, method="wilson"))
    assert len(details["features"]) == 2


def test_a_release_is_judged_by_the_share_before_and_after_with_newcombes_interval() -> None:
    row = {
        "feature": 7, "released_on": DAY - timedelta(days=40), "days_after": 30,
        "users_before": 10, "active_before": 100, "users_after": 30, "active_after": 120,
    }  # fmt: skip
    said = compute("release_effect", {"releases": [row]})[7]
    assert said.value == pytest.approx(15)
    assert said.interval is not None
    wanted = confint_proportions_2indep(30, 120, 10, 100, method="newcomb", compare="diff")
    assert (said.interval.low / 100, said.interval.high / 100) == pytest.approx(wanted)
    lonely = compute("release_effect", {"releases": [{**row, "active_before": 0, "users_before": 0}]})[7]
    assert (lonely.value, lonely.status, lonely.contributions) == (None, Status.NO_DATA, ())


def test_the_time_to_adopt_keeps_those_who_wait() -> None:
    reached, waiting = [0, 2, 2, 5, 6, 8], [3, 3, 9]
    rows = [{"feature": 7, "days": days, "used": True, "persons": 1} for days in reached]
    rows += [{"feature": 7, "days": days, "used": False, "persons": 1} for days in waiting]
    said = compute("time_to_adopt", {"first_uses": rows})[7]
    oracle = ecdf(CensoredData(uncensored=reached, right=waiting)).cdf
    median = next(
        at for at, share in zip(oracle.quantiles, oracle.probabilities, strict=True) if share >= 0.5
    )
    details = encoded(said.details)
    assert (said.value, said.n, details["waiting"]) == (median, 9, 3)
    assert details["reached_in_7_days"] == pytest.approx(float(oracle.evaluate(7)))
    # Those who reached it alone would say 3.5 days.
    assert said.value == 5


def test_the_time_to_adopt_is_off_without_new_users() -> None:
    assert "first_uses" not in MANIFEST.inputs_for(AdoptionConfig(new_users_days=0))


def test_sunset_candidates_are_below_five_per_cent_after_six_months() -> None:
    features = [
        {
            "feature": id,
            "feature_name": f"f{id}",
            "released_on": DAY - timedelta(days=age),
            "known_since": DAY,
        }
        for id, age in ((7, 182), (8, 181), (9, 400))
    ]
    uses = [use(person, 9) for person in range(1, 6)]
    said = compute("feature_adoption", {"features": features, "uses": uses, "active": active(*range(1, 101))})
    hints = {id: encoded(one.details)["hint"] for id, one in said.items()}
    assert hints == {7: "CONSIDER_REMOVAL", 8: "TOO_YOUNG", 9: "CHECK_VISIBILITY"}


def test_unused_modules_of_an_account_are_named() -> None:
    rows = {"uses": [use(1, 7), use(2, 8, account=2)], "active": active(1) + active(2, account=2)}
    request = request_for(MANIFEST, rows, day=DAY)
    (said,) = [
        m
        for m in plugin.engage_compute(request)
        if m.metric == "features_used" and m.subject == Subject("account", 1)
    ]
    assert [part.label for part in said.contributions if part.key.startswith("unused.")] == ["f8"]
