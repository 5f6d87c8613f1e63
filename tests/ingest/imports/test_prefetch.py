"""The next batch is prepared while one is stored: in order, one ahead, and with its faults at its own place."""

from collections.abc import Iterator

import pytest

from engage_server.ingest.imports.prefetch import prefetch


def test_batches_come_in_order_and_at_most_one_is_read_ahead() -> None:
    read: list[int] = []

    def batches() -> Iterator[int]:
        for number in range(50):
            read.append(number)
            yield number

    for number, (batch, square) in enumerate(prefetch(batches(), lambda one: one * one)):
        assert (batch, square) == (number, number * number)
        assert len(read) <= number + 2
    assert read == list(range(50))


def test_no_batches_are_none() -> None:
    assert list(prefetch([], str)) == []


def test_what_goes_wrong_with_a_batch_is_raised_after_the_batches_before_it() -> None:
    coming = prefetch([2, 1, 0, 1], lambda one: 1 // one)
    assert [next(coming), next(coming)] == [(2, 0), (1, 1)]
    with pytest.raises(ZeroDivisionError):
        next(coming)


def test_whoever_stops_early_leaves_nothing_open() -> None:
    closed: list[bool] = []

    def batches() -> Iterator[int]:
        try:
            yield from range(50)
        finally:
            closed.append(True)

    coming = prefetch(batches(), str)
    next(coming)
    coming.close()
    del coming
    assert closed == [True]
