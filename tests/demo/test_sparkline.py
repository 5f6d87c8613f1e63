"""Series as block characters."""

from hypothesis import given
from hypothesis import strategies as st

from engage_server.demo.sparkline import BLOCKS, GAP, sparkline

SERIES = st.lists(st.none() | st.floats(-1e6, 1e6), max_size=40)


@given(values=SERIES, span=st.floats(0.1, 1e6))
def test_every_value_has_one_character_and_missing_ones_a_dot(values: list[float | None], span: float):
    line = sparkline(values, span=span)
    assert len(line) == len(values)
    assert [character == GAP for character in line] == [value is None for value in values]


@given(values=SERIES, span=st.floats(0.1, 1e6))
def test_a_greater_value_never_has_a_lower_block(values: list[float | None], span: float):
    pairs = zip(values, sparkline(values, span=span), strict=True)
    blocks = [BLOCKS.index(block) for value, block in sorted(p for p in pairs if p[0] is not None)]
    assert blocks == sorted(blocks)


def test_a_rise_over_the_whole_span_uses_all_blocks():
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7], span=7) == BLOCKS


def test_a_wobble_smaller_than_the_span_stays_in_the_middle():
    assert set(sparkline([50.0, 50.4, 49.8], span=30)) <= {"▄", "▅"}
