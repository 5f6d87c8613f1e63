"""Placeholder ids are distinguished from real ones, however they are spelt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage_server.customers.placeholder_ids import is_placeholder, may_hold_placeholder

WRITTEN_BY_PROGRAMS = [
    "undefined", "Null", " none ", "NIL", "NaN", "0", "true", "False", "anonymous", "Guest", "n/a", "N/A", "None",
    "[object Object]", "00000000-0000-0000-0000-000000000000", "(null)", '"undefined"', "not set", "\tnull\n",
]  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN_BY_PROGRAMS)
def test_what_programs_write_without_an_id_stands_for_nobody(text):
    assert is_placeholder(text)
    assert may_hold_placeholder({"ada", text, None})


@pytest.mark.parametrize(
    "text", ["ada", "00", "nullable", "none-such", "10", "guest-7", "true north", "user null"]
)
def test_ids_that_only_look_so_are_ids(text):
    assert not is_placeholder(text)


def test_a_tenant_has_more_of_its_own():
    own = frozenset({"not known"})
    assert is_placeholder(" Not Known", own)
    assert may_hold_placeholder({"ada", "NOT known"}, own)
    assert not is_placeholder("not known")
    assert not may_hold_placeholder({"ada", "bob"}, own)


def test_what_was_looked_at_for_one_tenant_is_looked_at_for_another():
    assert not may_hold_placeholder({"unbekannt"})
    assert may_hold_placeholder({"unbekannt"}, frozenset({"unbekannt"}))


@given(st.sets(st.sampled_from(WRITTEN_BY_PROGRAMS) | st.text(max_size=8)))
def test_the_look_at_many_misses_none_however_often(ids):
    for _ in range(2):
        assert may_hold_placeholder(ids) or not any(map(is_placeholder, ids))
