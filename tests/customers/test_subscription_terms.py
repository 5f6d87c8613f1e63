"""The history of a subscription: terms by the day, in whatever order they come; the past keeps what was believed."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engage_server.customers.subscription_terms import EVER, Terms, TermsHistory

START = date(2026, 1, 1)
TERMS = Terms(1, "pro", 10, Decimal(100), "USD", 1, False, "active")


def day(number: int) -> date:
    return START + timedelta(days=number)


def seats(number: int) -> Terms:
    return replace(TERMS, seats=number)


def test_the_first_terms_hold_ever_since_and_later_ones_from_their_day():
    history = TermsHistory(START)
    assert history.enter(seats(10), on=EVER) == START
    assert history.enter(seats(40), on=day(60)) == day(60)
    assert [history.at(day(n)).seats for n in (-5, 0, 59, 60, 400)] == [10, 10, 10, 40, 40]


def test_the_same_terms_again_change_no_day():
    history = TermsHistory(START)
    history.enter(seats(10), on=START)
    assert history.enter(seats(10), on=day(60)) is None


def test_terms_of_the_same_day_replace_each_other():
    history = TermsHistory(START)
    history.enter(seats(10), on=START)
    assert history.enter(seats(40), on=START) == START
    assert history.at(day(9)) == seats(40)


def test_a_period_that_moves_tells_the_first_day_that_it_gains_or_loses():
    history = TermsHistory()
    assert history.move(START, None) == START
    assert history.move(START, None) is None
    assert history.move(day(9), None) == START  # days 0 to 8 no longer count
    assert history.move(day(5), day(90)) == day(5)
    assert history.move(day(5), day(80)) == day(80)
    assert history.move(day(5), None) == day(80)


@given(
    st.data(),
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 4)), unique_by=lambda told: told[0], min_size=1),
)
def test_dated_terms_may_be_told_in_any_order(data, told):
    histories = [TermsHistory(START), TermsHistory(START)]
    for history, order in zip(histories, (told, data.draw(st.permutations(told))), strict=True):
        for on, number in order:
            history.enter(seats(number), on=day(on))
    assert [histories[0].at(day(n)) for n in range(25)] == [histories[1].at(day(n)) for n in range(25)]


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 3))))
def test_no_day_before_the_one_that_is_told_changes(told):
    history = TermsHistory(START)
    for on, number in told:
        before = [history.at(day(n)) for n in range(25)]
        first = history.enter(seats(number), on=day(on))
        changed = [n for n in range(25) if history.at(day(n)) != before[n]]
        assert bool(changed) == (first is not None)
        assert first is None or first <= day(min(changed))
