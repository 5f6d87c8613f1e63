"""Whose voice a score is: accounts, money and those who did not answer."""

from decimal import Decimal
from typing import Any

import pytest
from engage_nps.cards import EXAMPLE, answers, dismissals
from engage_nps.config import NpsConfig
from engage_nps.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.sdk import TENANT, Accounts, Measurement, Seats, Status, account
from engage_server.sdk.testing import request_for

Row = dict[str, Any]


def measured(metric: str, rows: dict[str, list[Row]], **config: Any) -> Measurement:
    request = request_for(plugin.engage_manifest(), rows, config=NpsConfig(**config))
    return next(
        one for one in plugin.engage_compute(request) if (one.metric, one.subject) == (metric, TENANT)
    )


def coverage(
    *answered: int, seats: list[Row], stages: str = "CUSTOMER CUSTOMER LEAD", **config: Any
) -> Measurement:
    accounts = [{"account": id, "stage": stage} for id, stage in enumerate(stages.split(), start=1)]
    responses = [{**row, "account": id} for row in answers(9) for id in answered]
    rows = {"responses": responses, "accounts": accounts, "seats": seats}
    return measured("coverage", rows, measure_coverage=True, **config)


def paying(account: int, mrr: str, currency: str = "EUR", *, is_trial: bool = False) -> Row:
    return {"account": account, "mrr": mrr, "currency": currency, "is_trial": is_trial}


def test_one_big_account_is_half_the_accounts_and_most_of_the_money() -> None:
    found = coverage(1, seats=[paying(1, "900.10"), paying(2, "99.90"), paying(3, "5")])
    assert (found.value, found.n, found.details.answered_accounts) == (50, 2, 1)
    (money,) = found.details.money
    assert (money.mrr, money.answered_mrr) == (Decimal("1000.00"), Decimal("900.10"))
    assert found.details.mrr_share == pytest.approx(0.9001)


def test_currencies_are_never_added_up() -> None:
    found = coverage(1, seats=[paying(1, "10"), paying(2, "10", "USD")])
    assert found.details.mrr_share is None
    assert [(one.currency, one.share) for one in found.details.money] == [("EUR", 1), ("USD", 0)]


def test_trials_bring_no_money_and_other_stages_are_asked_for() -> None:
    found = coverage(3, seats=[paying(3, "10", is_trial=True)], covered_stages=("CUSTOMER", "LEAD"))
    assert found.value == pytest.approx(100 / 3)
    assert (found.details.money, found.details.mrr_share) == ((), None)


def test_an_account_that_dismissed_did_not_answer() -> None:
    rows = {"responses": dismissals(1), "accounts": [{"account": 1, "stage": "CUSTOMER"}]}
    assert measured("coverage", rows, measure_coverage=True).value == 0


def test_without_customers_there_is_no_coverage() -> None:
    found = coverage(stages="LEAD", seats=[])
    assert (found.value, found.status, found.n) == (None, Status.NO_DATA, 0)


def test_accounts_and_subscriptions_are_read_only_where_the_coverage_is_asked_for() -> None:
    manifest = plugin.engage_manifest()
    assert Seats() not in manifest.inputs_for(NpsConfig()).values()
    wanted = manifest.inputs_for(NpsConfig(measure_coverage=True))
    assert {"accounts": Accounts(), "seats": Seats()}.items() <= wanted.items()


def test_the_bounds_say_what_the_silent_could_have_changed() -> None:
    score = measured("score", {"responses": [*EXAMPLE, *dismissals(4)]})
    said = score.details
    assert (said.unanswered, said.response_rate, said.worst_case, said.best_case) == (4, 0.6, -20, 60)


def test_who_dismissed_once_and_answered_another_time_is_not_silent() -> None:
    both = [{**answers(9)[0], "person": 1}, {**dismissals(1)[0], "person": 1}]
    said = measured("score", {"responses": [*both, {**dismissals(1)[0], "person": None}]}).details
    assert (said.dismissed, said.unanswered, said.response_rate) == (2, 1, 0.5)


def test_a_dismissal_on_another_scale_would_not_have_counted() -> None:
    other = {**dismissals(1)[0], "scale_min": 1}
    said = measured("score", {"responses": [*answers(9), other]}).details
    assert (said.dismissed, said.unanswered, said.response_rate) == (1, 0, 1)


def test_all_silent_could_be_anything() -> None:
    score = measured("score", {"responses": dismissals(3)})
    said = score.details
    assert (score.value, said.response_rate, said.worst_case, said.best_case) == (None, 0, -100, 100)


def test_instruments_of_another_scale_are_named_for_the_account_and_the_tenant() -> None:
    old = {"scale_min": 1, "instrument": "nps_old"}
    rows = [*answers(9), {**answers(9)[0], **old}, {**answers(9)[0], **old, "account": 2}]
    request = request_for(plugin.engage_manifest(), {"responses": rows})
    found = {one.subject: one.details for one in plugin.engage_compute(request)}
    for subject in (TENANT, account(1), account(2)):
        assert found[subject].not_comparable_instruments == ("nps_old",)
    assert found[TENANT].not_comparable == 2


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 10), min_size=1, max_size=12), st.integers(0, 6), st.data())
def test_whatever_the_silent_say_the_score_of_all_lies_within_the_bounds(
    answered: list[int], silent: int, data: st.DataObject
) -> None:
    bounds = measured("score", {"responses": [*answers(*answered), *dismissals(silent)]}).details
    later = data.draw(st.lists(st.integers(0, 10), min_size=silent, max_size=silent))
    score = measured("score", {"responses": answers(*answered, *later)})
    assert score.value is not None
    assert bounds.worst_case - 1e-9 <= score.value <= bounds.best_case + 1e-9
