"""What explains a value comes back as it was packed, in Python and in the view alike."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage_server.metrics.layouts import pack, pack_stored, unpack
from engage_server.metrics.models import MetricValue
from engage_server.sdk import Contribution
from engage_server.tenancy.scope import tenant_scope
from tests.metrics.values import remove, store

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
SCALARS = st.none() | st.booleans() | TEXTS | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9, width=32)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
)
DETAILS = st.dictionaries(TEXTS | st.just("normalised"), JSON, max_size=4)
NUMBERS = st.none() | st.floats(-1e9, 1e9, width=32)
PARTS = st.lists(
    st.builds(
        dict, key=TEXTS, label=TEXTS, value=NUMBERS, points=NUMBERS, weight=NUMBERS, n=st.none() | st.integers(0, 99),
        note=TEXTS,
    ),
    max_size=3,
)  # fmt: skip


@given(details=DETAILS, parts=PARTS)
def test_what_was_packed_comes_back(details, parts):
    packed = pack_stored(parts, details)
    assert unpack(packed.layout.decode(), packed.figures.decode()) == (parts, details)


@given(details=DETAILS, parts=PARTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
def test_the_view_says_the_same(acme, details, parts):
    with tenant_scope(acme):
        remove()
        store("mood.score", 1, details=details, contributions=parts)
        value = MetricValue.objects.get()
    assert (value.contributions, value.details) == (parts, details)


def test_figures_hold_no_name_and_no_label():
    packed = pack([Contribution("promoters", "Promoters", 3, points=1.5)], {"share": 0.5})
    assert packed.figures == b'[0.5,3,1.5,null,null,""]'
    assert b"Promoters" in packed.layout


def test_a_character_that_the_database_refuses_is_refused_before():
    with pytest.raises(ValueError, match="NUL"):
        pack([], {"text": "a\x00"})
    assert pack([], {"text": "a\\u0000"}).figures == b'["a\\\\u0000"]'
