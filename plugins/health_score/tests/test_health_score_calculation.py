"""From stored values to measurements: freshness, statuses, contributions, details and the portfolio."""

from datetime import date, timedelta
from typing import Any

import pytest
from engage_health_score.answers import portfolio
from engage_health_score.component import Component
from engage_health_score.config import Band, Cap, HealthScoreConfig
from engage_health_score.details import Portfolio
from engage_health_score.normalisation import Linear, Percentile
from engage_health_score.plugin import plugin

from engage_server.sdk import Contribution, Measurement, Status, account
from engage_server.sdk.details import encoded
from engage_server.sdk.testing import conformance_problems, request_for

MANIFEST = plugin.engage_manifest()
DAY = date(2026, 6, 30)
ONE_TO_ONE = Linear(low=0, high=100)


def component(key: str, **fields: Any) -> Component:
    settings = {"label": key.upper(), "group": "usage", "weight": 1, "normalisation": ONE_TO_ONE} | fields
    return Component(key=key, metric=f"source.{key}", **settings)


def value(key: str, subject: int, number: float | None, **fields: Any) -> dict[str, Any]:
    row = {
        "metric": f"source.{key}",
        "subject_kind": "account",
        "subject": subject,
        "day": DAY,
        "value": number,
    }
    return row | {"status": "OK", "n": 7} | fields


def measured(
    config: HealthScoreConfig, values: list[dict[str, Any]], accounts: tuple[int, ...] = (1,)
) -> list[Measurement]:
    request = request_for(
        MANIFEST,
        {
            "accounts": [{"account": pk, "plan": "basic", "stage": "CUSTOMER"} for pk in accounts],
            "values": values,
        },
        config=config,
        day=DAY,
    )
    assert conformance_problems(plugin, requests=[request]) == []
    return [m for m in plugin.engage_compute(request) if m.metric in ("score", "portfolio_quality")]


def part(measurement: Measurement, key: str) -> Contribution:
    return next(part for part in measurement.contributions if part.key == key)


AB = HealthScoreConfig(components=(component("a", weight=3), component("b")))


def test_contributions_carry_score_share_points_and_sample_size() -> None:
    score, _ = measured(AB, [value("a", 1, 80), value("b", 1, 40)])
    assert (score.subject, score.value, score.n, score.status) == (account(1), 70, 2, Status.OK)
    licensed = part(score, "a")
    assert (licensed.label, licensed.value, licensed.weight, licensed.points, licensed.n) == (
        "A",
        80,
        0.75,
        60,
        7,
    )


def test_details_name_band_coverage_mode_driver_and_raw_values() -> None:
    score, _ = measured(AB, [value("a", 1, 80.4), value("b", 1, 40)])
    assert encoded(score.details) == {
        "band": "YELLOW",
        "rounded": 70,
        "before_caps": score.value,
        "computed": score.value,
        "coverage": 1,
        "model": "weighted",
        "missing_mode": "EXCLUDE_REWEIGHT",
        "profile": "",
        "driver": "b",
        "components": [{"key": "a", "raw": 80.4}, {"key": "b", "raw": 40}],
        "groups": [{"group": "usage", "score": pytest.approx(score.value)}],
        "override": None,
    }


@pytest.mark.parametrize("status", ["NO_DATA", "SUPPRESSED"])
def test_a_withheld_value_is_a_missing_component_and_says_so(status: str) -> None:
    score, _ = measured(AB, [value("a", 1, 80), value("b", 1, None, status=status)])
    missing = part(score, "b")
    assert score.value == 80
    assert (missing.value, missing.weight, missing.points) == (None, 0, 0)
    assert missing.note == f"missing: {status} on 2026-06-30"


def test_an_immature_value_counts_and_is_marked() -> None:
    score, _ = measured(AB, [value("a", 1, 80), value("b", 1, 40, status="IMMATURE")])
    assert (score.value, part(score, "b").note) == (70, "IMMATURE")


def test_each_component_has_its_own_limit_of_age() -> None:
    config = HealthScoreConfig(
        components=(component("a", weight=3, max_age_days=2), component("b", max_age_days=30))
    )
    two_days_old, three_days_old = DAY - timedelta(days=2), DAY - timedelta(days=3)
    fresh, _ = measured(config, [value("a", 1, 80, day=two_days_old), value("b", 1, 40, day=three_days_old)])
    assert (fresh.value, part(fresh, "a").note) == (70, "value of 2026-06-28")
    stale, _ = measured(config, [value("a", 1, 80, day=three_days_old)])
    assert part(stale, "a").note == "missing: no value within 2 days"


def test_an_account_without_any_value_is_reported_as_unknown() -> None:
    _, silent, portfolio = measured(AB, [value("a", 1, 80)], accounts=(1, 2))
    assert (silent.subject, silent.value, silent.status) == (account(2), None, Status.NO_DATA)
    assert (silent.details.band, silent.details.coverage, silent.n) == ("UNKNOWN", 0, 0)
    assert [(p.points, p.weight) for p in silent.contributions] == [(None, None), (None, None)]
    assert portfolio.details.unknown == 1


def test_values_of_accounts_that_do_not_exist_are_left_out_of_score_and_percentile() -> None:
    config = HealthScoreConfig(components=(component("a", normalisation=Percentile(min_peers=1)),))
    score, _ = measured(config, [value("a", 1, 5), value("a", 99, 1)])
    assert (score.subject, score.value) == (account(1), 50)


def test_a_component_among_too_few_peers_is_missing_with_its_raw_value_kept() -> None:
    config = HealthScoreConfig(
        components=(component("a", normalisation=Percentile(min_peers=2)), component("b"))
    )
    score, _ = measured(config, [value("a", 1, 5), value("b", 1, 60)])
    assert (score.value, score.details.components[0].raw) == (60, 5)
    assert part(score, "a").note == "missing: too few accounts to compare with"


def test_a_filled_component_says_what_it_counts_as() -> None:
    config = HealthScoreConfig(components=AB.components, missing="NEUTRAL")
    score, _ = measured(config, [value("a", 1, 80)])
    assert (score.value, part(score, "b").value, part(score, "b").points) == (72.5, None, 12.5)
    assert part(score, "b").note == "missing: no value within 7 days; counts as 50"


def test_a_cap_is_a_contribution_of_its_own_with_negative_points() -> None:
    config = HealthScoreConfig(components=AB.components, caps=(Cap(component="b", below=50, at_most=45),))
    score, _ = measured(config, [value("a", 1, 80), value("b", 1, 40)])
    cap = part(score, "cap.b")
    assert (score.value, cap.points, score.details.before_caps) == (45, -25, 70)
    assert cap.note == "capped at 45: B scores below 50"


def test_the_worst_component_has_all_the_points_of_a_worst_of_score() -> None:
    config = HealthScoreConfig(components=AB.components, model="worst_of")
    score, _ = measured(config, [value("a", 1, 80), value("b", 1, 40)])
    assert [(p.key, p.points, p.weight) for p in score.contributions] == [("a", 0, 0), ("b", 40, 1)]
    assert score.details.driver == "b"


def test_totangos_portfolio_of_5_good_3_average_2_poor_is_76() -> None:
    quality = portfolio({Band.GREEN: 5, Band.YELLOW: 3, Band.RED: 2, Band.UNKNOWN: 90})
    assert (quality.value, quality.n) == (76, 10)
    assert quality.details == Portfolio(green=5, yellow=3, red=2, unknown=90)
    assert sum(part.points or 0 for part in quality.parts) == 76


def test_a_portfolio_of_which_nothing_is_known_has_no_quality() -> None:
    (quality,) = measured(AB, [], accounts=())
    assert (quality.metric, quality.value, quality.status) == ("portfolio_quality", None, Status.NO_DATA)


def test_the_default_components_give_a_full_score() -> None:
    rows = {
        "license_utilization.utilization": (85.0, None),
        "adoption.features_used": (25, None),
        "ces.effort_score": (3, 50),
        "nps.score": (0, None),
    }
    score, _ = measured(
        HealthScoreConfig(),
        [value("a", 1, v, normalised=place) | {"metric": m} for m, (v, place) in rows.items()],
    )
    assert (score.value, score.details.coverage, score.details.driver) == (67.5, 1, "features")


STAGES = {1: "CUSTOMER", 2: "CHURNED", 3: "TRIAL", 4: "LEAD"}


def of_stages(config: HealthScoreConfig) -> dict[int, Measurement]:
    """Four accounts of different stages, the one that left the worst."""
    accounts = [{"account": pk, "stage": stage} for pk, stage in STAGES.items()]
    values = [value("a", pk, 80 if pk == 1 else 10) for pk in STAGES]
    request = request_for(MANIFEST, {"accounts": accounts, "values": values}, config=config, day=DAY)
    assert conformance_problems(plugin, requests=[request]) == []
    wanted = ("score", "portfolio_quality")
    return {m.subject.id: m for m in plugin.engage_compute(request) if m.metric in wanted}


def test_who_left_and_who_is_no_customer_yet_have_no_score_and_do_not_weigh_on_the_portfolio() -> None:
    found = of_stages(HealthScoreConfig(components=(component("a"),)))
    assert {pk: (m.value, m.is_absence) for pk, m in found.items() if pk} == {
        1: (80, False),
        2: (None, True),
        3: (None, True),
        4: (None, True),
    }
    assert (found[0].value, found[0].n, found[0].details.unknown) == (100, 1, 0)


def test_trials_can_be_scored_with_the_customers() -> None:
    found = of_stages(HealthScoreConfig(components=(component("a"),), stages=("CUSTOMER", "TRIAL")))
    assert [found[pk].value for pk in STAGES] == [80, None, 10, None]
    assert found[0].n == 2


def test_the_place_among_accounts_is_among_those_of_the_stages() -> None:
    config = HealthScoreConfig(components=(component("a", normalisation=Percentile(min_peers=1)),))
    assert of_stages(config)[1].value == 50


EFFORT = HealthScoreConfig().components[2]


@pytest.mark.parametrize(
    ("mean", "low", "high", "is_up", "expected"),
    [
        (4.08, 1, 7, True, 51.33),
        (4.08, 1, 5, True, 77),
        (4.08, 1, 5, False, 23),
        (30, 0, 100, True, 30),
        (1, 1, 10, False, 100),
    ],
)
def test_effort_is_scored_on_the_scale_that_was_asked_by_default(
    mean: float, low: float, high: float, is_up: bool, expected: float
) -> None:
    place = 100 * (mean - low if is_up else high - mean) / (high - low)
    rows = [value("x", 1, mean, normalised=place) | {"metric": EFFORT.metric}]
    score, _ = measured(HealthScoreConfig(components=(EFFORT,)), rows)
    assert score.value == pytest.approx(expected, abs=0.005)
    assert score.details.components[0].raw == mean


def test_a_metric_that_does_not_say_where_its_value_lies_is_a_missing_component_and_no_guess() -> None:
    score, _ = measured(
        HealthScoreConfig(components=(EFFORT,)), [value("x", 1, 4.08) | {"metric": EFFORT.metric}]
    )
    assert (score.value, score.details.components[0].raw) == (None, 4.08)
    assert "does not say where its value lies" in part(score, "effort").note
