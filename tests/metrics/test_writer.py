"""Values reach their table as they were computed, or are refused with a reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage_server.metrics import writer
from engage_server.metrics.bulk_copy import Lineage
from engage_server.metrics.exceptions import UnstorableValueError
from engage_server.metrics.layouts import pack
from engage_server.metrics.models import MeasuredValue, MetricValue, Wording
from engage_server.metrics.writer import NEIGHBOURS, NewValue, write_values
from engage_server.sdk import TENANT, Contribution, Measurement, account
from engage_server.sdk.recent import Recent
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


# What days have in common


def write_day(offset: int, value: float, **fields):
    measurement = Measurement("score", TENANT, value, n=1, details={"share": value}, **fields)
    end = START + timedelta(days=offset + 1)
    lineage = replace(LINEAGE, day=DAY + timedelta(days=offset), window_end=end, run_id=offset + 1)
    new = NewValue("mood.score", measurement, 1, START + timedelta(days=offset))
    return write_values([new], lineage, metrics=["mood.score"])


def test_what_stays_the_same_is_measured_once_and_told_for_every_day(acme):
    with tenant_scope(acme):
        for offset, value in enumerate((1, 1, 2, 2, 1)):
            write_day(offset, value)
        assert MeasuredValue.objects.count() == 3
        rows = MetricValue.objects.order_by("day")
        assert [(row.value, row.details["share"], row.run_id) for row in rows] == [
            (1, 1, 1), (1, 1, 2), (2, 2, 3), (2, 2, 4), (1, 1, 5),
        ]  # fmt: skip
        assert [row.window_start for row in rows] == [START + timedelta(days=n) for n in range(5)]


def test_a_revision_of_one_day_changes_no_other_day_that_said_the_same(acme):
    with tenant_scope(acme):
        for offset in range(3):
            write_day(offset, 1)
        assert write_day(1, 7).superseded == 1
        in_force = MetricValue.objects.filter(superseded_at=None).order_by("day")
        assert list(in_force.values_list("value", "revision")) == [(1, 1), (7, 2), (1, 1)]
        assert MetricValue.objects.get(revision=1, superseded_at__isnull=False).value == 1


def test_one_day_after_another_in_any_order_gives_the_same_values(acme):
    with tenant_scope(acme):
        for offset in (2, 0, 4, 1, 3):
            write_day(offset, 1 if offset < 3 else 2)
        values = MetricValue.objects.order_by("day").values_list("value", flat=True)
        assert list(values) == [1, 1, 1, 2, 2]
        assert [write_day(offset, 1 if offset < 3 else 2).rows for offset in range(5)] == [0] * 5
        assert MeasuredValue.objects.count() == 2


@pytest.mark.one_server  # a cluster's coordinator has the plan of the worker as one node
def test_the_neighbours_of_a_day_are_looked_for_once_however_many_values_there_are(acme):
    with tenant_scope(acme), connection.cursor() as cursor:
        for offset in range(6):
            values = [
                NewValue("mood.score", Measurement("score", account(id), 0.5, n=1), 1, START)
                for id in range(20)
            ]
            day = DAY - timedelta(days=offset + 1)
            write_values(values, replace(LINEAGE, day=day), metrics=["mood.score"], reason="computed")
        asked = {"metrics": ["mood.score"], "day": DAY, "days": 31}
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {NEIGHBOURS}", asked)
        lookups = [node for node in nodes(cursor.fetchone()[0][0]["Plan"]) if node["Node Type"] == "Limit"]
    assert [node["Actual Loops"] for node in lookups] == [1, 1]


def nodes(plan):
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def test_tenants_share_no_measurement_and_no_text(acme, globex):
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            write_day(0, 1)
    with tenant_scope(acme):
        write_day(1, 5)
        assert Wording.objects.count() == 2
    with tenant_scope(globex):
        assert MeasuredValue.objects.count() == 1
        write_day(1, 1)
        assert [row.value for row in MetricValue.objects.order_by("day")] == [1, 1]


def test_what_is_said_of_many_subjects_and_days_alike_is_packed_once_and_stored_for_each(acme, monkeypatch):
    packed, parts, recent = [], (Contribution("all", "All", 1.5, 1.5),), Recent()
    monkeypatch.setattr(writer, "pack", lambda *said: packed.append(said) or pack(*said))
    same = {"value": 1.5, "n": 2, "contributions": parts, "details": {"share": 0.5}}
    with tenant_scope(acme):
        for later in range(2):
            recent.begin()
            start = START + timedelta(days=later)
            values = [
                NewValue("mood.score", Measurement("score", account(id), **same), 1, start) for id in (1, 2)
            ]
            lineage = replace(LINEAGE, day=DAY + timedelta(days=later), window_end=start + timedelta(days=1))
            write_values(values, lineage, metrics=["mood.score"], packed=recent)
        stored = list(MetricValue.objects.order_by("day", "subject_id"))
    assert len(packed) == 1
    assert [(one.day, one.subject_id) for one in stored] == [
        (DAY + timedelta(days=later), id) for later in range(2) for id in (1, 2)
    ]
    assert [one.window_start for one in stored] == [START, START, *[START + timedelta(days=1)] * 2]
    assert {(one.value, one.n, one.details["share"]) for one in stored} == {(Decimal("1.5"), 2, 0.5)}
