"""Worked examples and edge cases of the Net Promoter Score."""

import math
from collections.abc import Iterable, Mapping
from statistics import NormalDist
from typing import Any

import pytest
from engage_nps.config import Interval, NpsConfig
from engage_nps.plugin import plugin

from engage_server.sdk import TENANT, Measurement, Status, Subject, account
from engage_server.sdk.details import encoded
from engage_server.sdk.intervals import net_margin
from engage_server.sdk.testing import request_for

Row = Mapping[str, Any]


def answer(
    score: float | None, account: int | None = 1, scale: tuple[int, int] = (0, 10), **columns: Any
) -> Row:
    low, high = scale
    known = {"instrument": "nps", "scale_min": low, "scale_max": high, "direction": "UP", "dismissed": False}
    return known | {"account": account, "score": score} | columns


def computed(rows: Iterable[Row], **config: Any) -> dict[Subject, Measurement]:
    request = request_for(plugin.engage_manifest(), {"responses": rows}, config=NpsConfig(**config))
    return {measurement.subject: measurement for measurement in plugin.engage_compute(request)}


def test_half_promoters_a_third_passives_a_sixth_detractors_score_33() -> None:
    tenant = computed(map(answer, [9, 10, 9, 7, 8, 6]))[TENANT]
    assert tenant.value == 33.3333333333
    assert tenant.n == 6
    assert {key: encoded(tenant.details)[key] for key in ("promoters", "passives", "detractors")} == {
        "promoters": 3,
        "passives": 2,
        "detractors": 1,
    }
    assert tenant.details.promoter_share == 1 / 2
    assert tenant.details.passive_share == 1 / 3
    assert tenant.details.detractor_share == 1 / 6


def test_margin_at_a_hundred_answers_of_these_shares_is_14_6_points() -> None:
    rows = [answer(score) for score in [9, 10, 9, 7, 8, 6] for _ in range(6)]
    tenant = computed(rows, interval="wald")[TENANT]
    details = encoded(tenant.details)
    assert tenant.value is not None
    at_hundred = details["margin_of_error"] * math.sqrt(tenant.n / 100)
    assert at_hundred == pytest.approx(1.96 * 100 * math.sqrt(5 / 9 / 100), abs=1e-3)
    assert round(at_hundred, 1) == 14.6
    assert tenant.interval is not None
    assert tenant.interval.method == "wald"
    assert tenant.interval.low == pytest.approx(float(tenant.value) - details["margin_of_error"])


@pytest.mark.parametrize(
    ("score", "kind"),
    [
        (0, "detractors"),
        (6, "detractors"),
        (7, "passives"),
        (8, "passives"),
        (9, "promoters"),
        (10, "promoters"),
    ],
)
def test_edges_of_the_three_groups(score: int, kind: str) -> None:
    details = encoded(computed([answer(score)])[TENANT].details)
    assert [key for key in ("promoters", "passives", "detractors") if details[key]] == [kind]


@pytest.mark.parametrize("score", [7.5, -1, 11, None, math.nan, math.inf])
def test_scores_that_are_no_whole_number_of_the_scale_are_invalid(score: float | None) -> None:
    tenant = computed([answer(10), answer(score)])[TENANT]
    assert (tenant.value, tenant.n, tenant.details.invalid) == (100, 1, 1)


@pytest.mark.parametrize(
    "other",
    [
        answer(10, scale=(1, 10)),
        answer(5, scale=(1, 5)),
        answer(0, direction="DOWN"),
        answer(9, scale_min=None),
    ],
)
def test_another_scale_is_not_comparable(other: Row) -> None:
    tenant = computed([answer(0), other])[TENANT]
    assert (tenant.value, tenant.n, tenant.details.not_comparable) == (-100, 1, 1)


def test_dismissed_surveys_are_counted_outside_n() -> None:
    tenant = computed([answer(9), answer(None, dismissed=True)])[TENANT]
    assert (tenant.value, tenant.n, tenant.details.dismissed) == (100, 1, 1)


def test_nothing_asked_is_no_data_and_not_zero() -> None:
    assert computed([]).keys() == {TENANT}
    tenant = computed([])[TENANT]
    assert (tenant.value, tenant.n, tenant.status) == (None, 0, Status.NO_DATA)
    assert tenant.details.margin_of_error is None


def test_an_account_that_only_dismissed_has_no_data() -> None:
    values = computed([answer(9, account=1), answer(None, account=2, dismissed=True)])
    assert (values[account(2)].value, values[account(2)].status) == (None, Status.NO_DATA)
    assert values[account(2)].details.dismissed == 1
    assert values[account(1)].value == 100


BIG_UNHAPPY_SMALL_HAPPY = [answer(0, account=1)] * 9 + [answer(10, account=2)] + [answer(0, account=None)] * 2


def test_respondents_weigh_alike_by_default() -> None:
    tenant = computed(BIG_UNHAPPY_SMALL_HAPPY)[TENANT]
    assert tenant.value == pytest.approx(100 * (1 - 11) / 12)
    assert tenant.details.account_mode == "respondent_weighted"
    assert tenant.details.without_account == 2


def test_accounts_weigh_alike_in_the_mean_of_accounts() -> None:
    tenant = computed(BIG_UNHAPPY_SMALL_HAPPY, account_mode="mean_of_accounts")[TENANT]
    assert (tenant.value, tenant.n) == (0, 10)
    assert tenant.details.account_mode == "mean_of_accounts"
    assert (tenant.details.accounts, tenant.details.without_account) == (2, 2)
    assert tenant.details.margin_of_error is None


def test_an_account_is_respondent_weighted_under_either_mode() -> None:
    for mode in ("respondent_weighted", "mean_of_accounts"):
        big = computed(BIG_UNHAPPY_SMALL_HAPPY, account_mode=mode)[account(1)]
        assert (big.value, big.details.account_mode) == (-100, "respondent_weighted")


def as_weighted_scores(
    promoters: float, passives: float, detractors: float, confidence: float
) -> list[float]:
    """The normal interval by definition: weighted mean and variance of answers that count +1, 0 and -1."""
    weights, marks = (promoters, passives, detractors), (1, 0, -1)
    n = sum(weights)
    mean = sum(weight * mark for weight, mark in zip(weights, marks, strict=True)) / n
    variance = sum(weight * (mark - mean) ** 2 for weight, mark in zip(weights, marks, strict=True)) / n
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    return [max(-100, min(100, 100 * (mean + side * z * math.sqrt(variance / n)))) for side in (-1, 1)]


@pytest.mark.parametrize("answers", [(3, 0, 0), (0, 0, 3), (0, 5, 0), (1, 0, 0), (75, 77, 44), (9, 1, 0)])
@pytest.mark.parametrize(("method", "added"), [("adjusted_wald", (0.75, 1.5, 0.75)), ("wald", (0, 0, 0))])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_interval_is_that_of_the_answers_with_those_that_the_method_adds(
    answers: tuple[int, int, int], method: Interval, added: tuple[float, float, float], confidence: float
) -> None:
    rows = [answer(score) for score, times in zip((10, 8, 0), answers, strict=True) for _ in range(times)]
    interval = computed(rows, interval=method, confidence=confidence)[TENANT].interval
    promoters, passives, detractors = (a + b for a, b in zip(answers, added, strict=True))
    expected = as_weighted_scores(promoters, passives, detractors, confidence)
    assert interval is not None
    assert [interval.low, interval.high] == pytest.approx(expected)
    assert (interval.level, interval.method) == (confidence, method)


def test_three_unanimous_answers_leave_much_open_by_default() -> None:
    unanimous = computed([answer(10)] * 3)[TENANT]
    assert unanimous.interval is not None
    assert unanimous.details.margin_of_error == pytest.approx(56.58, abs=0.01)
    assert (round(unanimous.interval.low, 1), unanimous.interval.high) == (-6.6, 100)
    plain = computed([answer(10)] * 3, interval="wald")[TENANT]
    assert plain.interval is not None
    assert (plain.details.margin_of_error, plain.interval.low, plain.interval.high) == (0, 100, 100)


def coverage(n: int, *, promoters: float, detractors: float, method: Interval) -> float:
    """How often the 95% interval holds the true score: all samples of n answers, each with its probability."""
    covered = 0.0
    for p, d in ((some, others) for some in range(n + 1) for others in range(n + 1 - some)):
        middle, margin = net_margin(p, d, n, added=3 if method == "adjusted_wald" else 0)
        if abs(middle - 100 * (promoters - detractors)) <= margin:
            passives = 1 - promoters - detractors
            ways = math.comb(n, p) * math.comb(n - p, d)
            covered += ways * promoters**p * detractors**d * passives ** (n - p - d)
    return covered


@pytest.mark.parametrize("shares", [(0.5, 1 / 6), (0.9, 0.02), (0.8, 0.05), (0.2, 0.6)])
@pytest.mark.parametrize("n", [5, 10, 30])
def test_the_default_interval_holds_the_true_score_nearly_as_often_as_it_says_and_plain_wald_less(
    n: int, shares: tuple[float, float]
) -> None:
    promoters, detractors = shares
    adjusted = coverage(n, promoters=promoters, detractors=detractors, method="adjusted_wald")
    plain = coverage(n, promoters=promoters, detractors=detractors, method="wald")
    assert adjusted > 0.91
    assert adjusted > plain


def test_an_account_without_any_response_is_absent_and_keeps_no_older_score() -> None:
    request = request_for(
        plugin.engage_manifest(), {"responses": [answer(9)], "accounts": [{"account": 1}, {"account": 2}]}
    )
    *_, left = plugin.engage_compute(request)
    assert (left.subject, left.value, left.status, left.is_absence) == (
        account(2),
        None,
        Status.NO_DATA,
        True,
    )


def test_interval_is_clamped() -> None:
    interval = computed([answer(10)] * 9 + [answer(0)], interval="wald")[TENANT].interval
    assert interval is not None
    assert interval.high == 100


def test_a_higher_confidence_widens_the_interval() -> None:
    rows = [answer(10), answer(0)]
    narrow = encoded(computed(rows, confidence=0.9)[TENANT].details)
    wide = encoded(computed(rows, confidence=0.99)[TENANT].details)
    assert narrow["margin_of_error"] < wide["margin_of_error"]


def test_window_length_is_reported() -> None:
    assert computed([answer(9)], window_days=30)[TENANT].window_days == 30
