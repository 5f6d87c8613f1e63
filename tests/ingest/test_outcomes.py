"""One outcome per item, in the items' order; what a client reads is derived from them."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage_server.ingest.limits import MAX_REJECTS_LISTED
from engage_server.ingest.outcomes import (
    CONFLICT,
    DUPLICATE,
    STORED,
    AllStored,
    Outcome,
    OutcomeKind,
    divide,
    least_favourable,
    outcomes_of,
    receipt_of,
)

REFUSED = Outcome(OutcomeKind.REFUSED, "invalid", "It is no call.")
DROPPED = Outcome(OutcomeKind.DROPPED, "suppressed", "The person is suppressed.")
INCOMPLETE = Outcome(OutcomeKind.INCOMPLETE, "traits_full", "No trait of it was kept.")
OUTCOMES = st.lists(st.sampled_from([STORED, DUPLICATE, INCOMPLETE, CONFLICT, REFUSED, DROPPED]))


@given(size=st.integers(0, 20), start=st.integers(-25, 25), end=st.integers(-25, 25))
def test_all_stored_reads_as_the_list_that_it_stands_for(size: int, start: int, end: int) -> None:
    short, long = AllStored(size), [STORED] * size
    assert (list(short), len(short), short.count(STORED)) == (long, size, size)
    assert list(short[start:end]) == long[start:end]
    if -size <= start < size:
        assert short[start] is STORED
    else:
        with pytest.raises(IndexError):
            short[start]


@given(outcomes=OUTCOMES)
def test_outcomes_by_place_are_those_of_the_list(outcomes: list[Outcome]) -> None:
    others = {place: one for place, one in enumerate(outcomes) if one is not STORED}
    found = outcomes_of(len(outcomes), others)
    assert list(found) == outcomes
    assert isinstance(found, AllStored) == (not others)


@given(parts=st.lists(OUTCOMES))
def test_outcomes_of_joined_batches_are_divided_where_the_batches_meet(parts: list[list[Outcome]]) -> None:
    joined = [one for part in parts for one in part]
    assert list(divide(joined, map(len, parts))) == parts


@pytest.mark.parametrize(
    ("several", "one"),
    [
        ([], STORED),
        ([STORED, DUPLICATE], DUPLICATE),
        ([DUPLICATE, INCOMPLETE], INCOMPLETE),
        ([CONFLICT, INCOMPLETE, STORED], CONFLICT),
        ([DROPPED, CONFLICT, REFUSED], DROPPED),
    ],
)
def test_of_several_outcomes_the_least_favourable_counts(several: Sequence[Outcome], one: Outcome) -> None:
    assert least_favourable(several) is one


@given(outcomes=OUTCOMES)
def test_every_item_is_counted_once_and_rejects_keep_their_order(outcomes: list[Outcome]) -> None:
    receipt = receipt_of(outcomes)
    assert receipt.accepted == outcomes.count(STORED)
    assert receipt.duplicates == outcomes.count(DUPLICATE)
    assert [(one.index, one.code) for one in receipt.rejected] == [
        (place, one.code) for place, one in enumerate(outcomes) if one not in (STORED, DUPLICATE)
    ]


def test_of_very_many_rejects_the_first_are_listed_and_the_others_counted() -> None:
    receipt = receipt_of([REFUSED] * (MAX_REJECTS_LISTED + 3))
    assert len(receipt.listed()) == MAX_REJECTS_LISTED
    assert receipt.remarks() == {"unlisted": 3}
    assert receipt_of(AllStored(3)).remarks() == {}
