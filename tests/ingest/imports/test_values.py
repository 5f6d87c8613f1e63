"""Single values are read strictly, and a refusal says what would be right."""

from datetime import UTC, datetime
from decimal import Decimal

import polars as pl
import pytest

from engage_server.ingest.imports import values
from engage_server.ingest.imports.columns import cell_text, each, join_columns, text, texts
from engage_server.ingest.imports.exceptions import InvalidValueError


@pytest.mark.parametrize(
    ("cell", "expected"), [("True", True), ("yes", True), ("1", True), ("N", False), ("off", False)]
)
def test_yes_and_no_are_understood_as_words_and_digits(cell, expected):
    assert values.yes_no(cell) is expected


@pytest.mark.parametrize(
    ("cell", "months"),
    [("monthly", 1), ("Annual", 12), ("quarterly", 3), ("yearly", 12), ("6", 6), ("12.0", 12)],
)
def test_intervals_are_months_or_words(cell, months):
    assert values.interval_months(cell) == months


@pytest.mark.parametrize(
    ("cell", "scale"), [("0-10", (0, 10)), ("1 – 5", (1, 5)), ("-2..2", (-2, 2)), ("1 to 7", (1, 7))]
)
def test_a_scale_names_both_ends(cell, scale):
    assert values.scale(cell) == scale


@pytest.mark.parametrize(
    ("read", "cell", "code"),
    [
        (values.yes_no, "maybe", "INVALID_BOOLEAN"),
        (values.interval_months, "fortnightly", "INVALID_INTERVAL"),
        (values.interval_months, "0", "INVALID_NUMBER"),
        (values.interval_months, "1.5", "INVALID_NUMBER"),
        (values.seats, "-1", "INVALID_NUMBER"),
        (values.seats, str(2**31), "INVALID_NUMBER"),
        (values.scale, "ten", "INVALID_SCALE"),
        (values.currency, "EURO", "INVALID_CURRENCY"),
        (values.choice("UP", "DOWN"), "sideways", "INVALID_CHOICE"),
        (values.decimal(9, 3), "1e6", "INVALID_NUMBER"),
        (values.decimal(9, 3), "NaN", "INVALID_NUMBER"),
        (values.decimal(9, 3), "7,5", "INVALID_NUMBER"),
    ],
)
def test_other_values_are_refused(read, cell, code):
    with pytest.raises(InvalidValueError) as refusal:
        read(cell)
    assert refusal.value.code == code


def test_blank_and_unlimited_seats_are_none(context):
    assert each(values.seats)(pl.Series(["5", "", "unlimited"]), context).values == [5, None, None]


def test_a_number_keeps_its_kind():
    assert [values.number(cell) for cell in ("9", "9.5", "-1")] == [9, 9.5, -1]


def test_ids_that_a_tool_wrote_as_floats_lose_the_point():
    assert [cell_text(value) for value in (17850.0, 0.5, float("nan"), True, 3)] == [
        "17850",
        "0.5",
        None,
        "true",
        "3",
    ]
    assert texts(pl.Series([17850.0, None])).to_list() == ["17850", None]


def test_joined_columns_are_blank_where_a_part_is():
    left, right = pl.Series(["a", "b", ""]), pl.Series([1, None, 3])
    assert join_columns([left, right]).to_list() == ["a:1", None, None]


def test_text_is_trimmed_and_refused_where_postgresql_could_not_store_it(context):
    parsed = text(3)(pl.Series([" ab ", "", "abcd", "a\0"]), context)
    assert parsed.values[:2] == ["ab", None]
    assert {row: problem.code for row, problem in parsed.problems.items()} == {
        2: "TOO_LONG",
        3: "INVALID_TEXT",
    }


def test_json_objects_come_as_text_as_struct_or_as_they_are(context):
    assert values.json_object(pl.Series(['{"a": 1}', ""]), context).values == [{"a": 1}, None]
    assert values.json_object(pl.Series([{"a": float("nan")}]), context).values == [{"a": None}]
    assert values.json_object(pl.Series([{"a": [1]}], dtype=pl.Object), context).values == [{"a": [1]}]
    assert values.json_object(pl.Series(["[1]", "{"]), context).problems.keys() == {0, 1}


def test_extra_columns_keep_their_json_types(context):
    assert values.as_is(pl.Series(["007", ""]), context).values == ["007", None]
    assert values.as_is(pl.Series([7, None]), context).values == [7, None]
    assert values.as_is(pl.Series([datetime(2024, 1, 1, tzinfo=UTC)]), context).values == [
        "2024-01-01T00:00:00Z"
    ]
    assert values.as_is(pl.Series([float("nan")]), context).values == [None]
    assert values.as_is(pl.Series([Decimal("1.5")]), context).values == ["1.5"]
