"""Rows become columns as they are: nulls, quotes, times of any zone, and none at all."""

from dataclasses import dataclass
from datetime import UTC, date
from typing import ClassVar

import polars as pl
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engage_server.customers.frames import query_frame
from engage_server.sdk import InputSpec
from engage_server.sdk.inputs.base import UTC_TIME
from engage_server.tenancy.scope import tenant_scope


@dataclass(frozen=True, slots=True)
class Everything(InputSpec):
    """A column of each kind."""

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "whole": pl.Int64,
        "number": pl.Float64,
        "text": pl.String,
        "flag": pl.Boolean,
        "day": pl.Date,
        "at": UTC_TIME,
    }


ROWS = """
    SELECT * FROM unnest(%(whole)s::int8[], %(number)s::float8[], %(text)s::text[], %(flag)s::bool[],
        %(day)s::date[], %(at)s::timestamptz[])
"""
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
KINDS = (
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    TEXTS | st.sampled_from(["", "NULL", '"', "{}", "\\", "a,b", "\\N"]),
    st.booleans(),
    st.dates(date(1, 1, 1)),
    st.datetimes(timezones=st.just(UTC)),
)


@given(st.lists(st.tuples(*(st.none() | kind for kind in KINDS)), max_size=5))
@example([])
@example([(None,) * 6])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)
def test_a_frame_has_the_rows_of_its_statement(acme, rows):
    columns = zip(*rows, strict=True) if rows else [()] * len(KINDS)
    params = dict(zip(Everything.columns, map(list, columns), strict=True))
    with tenant_scope(acme):
        frame = query_frame(Everything(), ROWS, params)
    assert frame.schema == Everything.columns
    assert frame.rows() == rows
