"""A change is significant only where the interval of the difference excludes 0."""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import pytest
from engage_nps.cards import answers
from engage_nps.config import NpsConfig
from engage_nps.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.weightstats import DescrStatsW

from engage_server.sdk import TENANT, Measurement, Status, Subject, SurveyResponses, account
from engage_server.sdk.testing import Level, check, request_for

Row = dict[str, Any]
Counted = tuple[int, int, int]


def changes(now: Sequence[Row], before: Sequence[Row], **config: Any) -> dict[Subject, Measurement]:
    chosen = NpsConfig(compare_windows=True, **config)
    request = request_for(plugin.engage_manifest(), {"responses": now, "previous": before}, config=chosen)
    return {one.subject: one for one in plugin.engage_compute(request) if one.metric == "change"}


def said(promoters: int, passives: int, detractors: int) -> list[Row]:
    return answers(*[10] * promoters, *[8] * passives, *[0] * detractors)


def test_is_gold() -> None:
    assert check(plugin).level >= Level.GOLD


def test_it_is_off_unless_it_is_asked_for_so_that_the_score_reads_one_window_alone() -> None:
    assert [one.metric for one in plugin.engage_compute(request_for(plugin.engage_manifest(), {}))] == [
        "score"
    ]


def test_the_window_before_is_the_one_of_the_same_length_that_ends_where_the_other_begins() -> None:
    inputs = plugin.engage_manifest().inputs_for(NpsConfig(compare_windows=True, window_days=30))
    assert inputs["responses"] == SurveyResponses("nps", days=30)
    assert inputs["previous"] == SurveyResponses("nps", days=30, ends_before=30)


@pytest.mark.parametrize(
    ("now", "before"), [((60, 20, 20), (40, 30, 30)), ((3, 0, 0), (0, 0, 3)), ((5, 4, 1), (5, 4, 1))]
)
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_interval_is_that_of_the_difference_of_two_samples_with_the_added_answers(
    now: Counted, before: Counted, confidence: float
) -> None:
    samples = [
        DescrStatsW([1, 0, -1], weights=[p + 0.75, passive + 1.5, d + 0.75], ddof=0)
        for p, passive, d in (now, before)
    ]
    middle = 100 * (samples[0].mean - samples[1].mean)
    error = 100 * math.sqrt(sum(sample.var / sample.sum_weights for sample in samples))
    margin = NormalDist().inv_cdf((1 + confidence) / 2) * error
    change = changes(said(*now), said(*before), confidence=confidence)[TENANT]
    assert change.interval is not None
    expected = (max(-200, middle - margin), min(200, middle + margin))
    assert (change.interval.low, change.interval.high) == pytest.approx(expected)
    assert change.details.significant == (expected[0] > 0 or expected[1] < 0)


def test_twenty_points_are_chance_of_thirty_answers_and_news_of_three_hundred() -> None:
    few = changes(said(15, 9, 6), said(12, 9, 9))[TENANT]
    many = changes(said(150, 90, 60), said(120, 90, 90))[TENANT]
    assert few.value == many.value == pytest.approx(20)
    assert (few.details.significant, many.details.significant) == (False, True)


def test_without_an_answer_in_one_of_the_windows_there_is_no_change() -> None:
    measured = changes(answers(9), [])
    for subject in (TENANT, account(1)):
        one = measured[subject]
        assert (one.value, one.status, one.n, one.interval) == (None, Status.NO_DATA, 0, None)
        assert (one.details.score, one.details.previous_score, one.details.significant) == (100, None, None)


def test_n_is_the_smaller_of_both_so_that_one_former_answer_is_withheld_as_one_answer() -> None:
    assert changes(answers(9, 9, 9), answers(1))[TENANT].n == 1


def test_each_account_is_compared_with_itself() -> None:
    other = [{**row, "account": 2} for row in answers(0)]
    measured = changes([*answers(10), *other], [*answers(0), *other])
    assert (measured[account(1)].value, measured[account(2)].value) == (200, 0)


def test_the_mean_of_accounts_has_a_change_and_no_significance() -> None:
    big = [{**row, "account": 2} for row in answers(0, 0, 0)]
    change = changes([*answers(10), *big], [*answers(0), *big], account_mode="mean_of_accounts")[TENANT]
    assert (change.value, change.interval, change.details.significant) == (100, None, None)


COUNTED = st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))


@settings(max_examples=30, deadline=None)
@given(COUNTED, COUNTED)
def test_a_change_and_its_way_back_mirror_each_other(now: Counted, before: Counted) -> None:
    there, back = changes(said(*now), said(*before))[TENANT], changes(said(*before), said(*now))[TENANT]
    assert there.details.significant == back.details.significant
    if there.value is not None:
        assert back.value is not None
        assert there.value == pytest.approx(-back.value)
