"""Percentiles among peers: middle ranks for ties, none in a small group."""

from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.sdk.ranks import percentile


def percentiles(
    values: Sequence[float | None], groups: list[str] | None = None, min_peers: int = 1
) -> list[float | None]:
    rows = pl.DataFrame(
        {"value": pl.Series(values, dtype=pl.Float64), "group": groups or ["x"] * len(values)}
    )
    return (
        rows.select(percentile(pl.col("value"), among=("group",), min_peers=min_peers)).to_series().to_list()
    )


@settings(max_examples=60)
@given(st.lists(st.one_of(st.none(), st.integers(0, 5).map(float)), max_size=15))
def test_it_is_the_share_below_and_half_of_the_equal_ones(values: list[float | None]) -> None:
    known = [value for value in values if value is not None]
    expected = [
        None
        if value is None
        else pytest.approx(
            100 * (sum(v < value for v in known) + sum(v == value for v in known) / 2) / len(known)
        )
        for value in values
    ]
    assert percentiles(values) == expected


def test_groups_are_compared_each_by_itself_and_small_ones_not_at_all() -> None:
    values = [1.0, 2.0, 3.0, 4.0, 9.0]
    groups = ["trial", "trial", "customer", "customer", "lead"]
    assert percentiles(values, groups, min_peers=2) == [25, 75, 25, 75, None]


def test_who_has_no_value_makes_no_group_bigger() -> None:
    assert percentiles([1.0, None], min_peers=2) == [None, None]


def test_without_groups_all_are_peers() -> None:
    rows = pl.DataFrame({"value": [5.0, 5.0]})
    assert rows.select(percentile(pl.col("value"), min_peers=2)).to_series().to_list() == [50, 50]
