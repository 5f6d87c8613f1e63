"""Values reach their table as they were computed, or are refused with a reason."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage_server.metrics.bulk_copy import Lineage
from engage_server.metrics.exceptions import UnstorableValueError
from engage_server.metrics.models import MetricValue
from engage_server.metrics.writer import NewValue, write_values
from engage_server.sdk import TENANT, Contribution, Measurement
from engage_server.tenancy.scope import tenant_scope
from tests.metrics.values import DAY

START = datetime(2026, 3, 31, tzinfo=UTC)
LINEAGE = Lineage(
    run_id=1, day=DAY, timezone="UTC", window_end=START + timedelta(days=1), plugin_version="1\t\\N\n2",
    configuration_version=1, input_digest="0" * 32, data_as_of=None,
)  # fmt: skip
# PostgreSQL's texts hold no NUL, and lone surrogates are no text at all.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
# Beyond 2^53 a whole float comes back as the integer that its digits are.
NUMBERS = st.integers(-(2**70), 2**70) | st.floats(-1e15, 1e15)


class Ratio(float):
    """As numbers of other libraries are: a float by descent alone."""


def write(value, **fields):
    measurement = Measurement("score", TENANT, value, n=1, **fields)
    return write_values(
        [NewValue("mood.score", measurement, 1, START)], LINEAGE, metrics=["mood.score"], reason="a\tb\\"
    )


@given(
    details=st.dictionaries(TEXTS, st.none() | st.booleans() | TEXTS | NUMBERS, max_size=4),
    label=TEXTS,
    points=NUMBERS,
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)
def test_any_text_and_number_that_explains_a_value_is_stored_as_it_was(acme, details, label, points):
    with tenant_scope(acme):
        write(Decimal("1.5"), details=details, contributions=(Contribution("key", label, 1, points),))
        stored = MetricValue.objects.get(superseded_at=None)
    assert (stored.value, stored.details) == (Decimal("1.5"), details)
    assert stored.contributions == [
        {"key": "key", "label": label, "value": 1, "points": points, "weight": None, "n": None, "note": ""}
    ]
    assert (stored.plugin_version, stored.data_as_of) == (LINEAGE.plugin_version, None)
    assert (stored.window_start, stored.window_end) == (START, LINEAGE.window_end)


def test_numbers_of_other_makes_are_numbers_and_the_same_ones_write_nothing_twice(acme):
    details = {"share": Decimal("0.10"), "mean": Ratio(2.5)}
    with tenant_scope(acme):
        assert write(Ratio(0.1), details=details).rows == 1
        assert write(0.1, details={"share": 0.1, "mean": 2.5}).rows == 0
        assert write(0.2, details=details).superseded == 1
        former, newest = MetricValue.objects.order_by("revision")
    assert former.details == {"share": 0.1, "mean": 2.5}
    assert (newest.revision, newest.reason) == (2, "a\tb\\")


@pytest.mark.parametrize(
    ("value", "details"), [(1e18, {}), (1, {"name": "\ud800"}), (1, {"object": object()}), (1, {None: 1})]
)
def test_what_fits_no_column_is_refused_by_name(acme, value, details):
    with tenant_scope(acme), pytest.raises(UnstorableValueError, match=r"mood.score of tenant 0 .* Remedy"):
        write(value, details=details)
