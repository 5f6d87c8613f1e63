"""What a measurement says of itself lies beside its details, and comes back apart from them."""

import json
from dataclasses import dataclass, replace
from decimal import Decimal

from engage_server.metrics.bulk_copy import as_json
from engage_server.metrics.reader import StoredMetricReader
from engage_server.metrics.stored_details import Said, as_said, as_stored
from engage_server.metrics.writer import NewValue, write_values
from engage_server.sdk import TENANT, Direction, Interval, Measurement, shape_of
from engage_server.sdk.contract import measurement_problems
from engage_server.tenancy.scope import tenant_scope
from tests.metrics.test_writer import LINEAGE, START
from tests.sdk.test_conformance import MANIFEST, METRIC


@dataclass(frozen=True, slots=True)
class Share:
    share: float
    money: Decimal


FULL = Measurement(
    "score", TENANT, 4, n=2, details=Share(0.5, Decimal("0.10")), interval=Interval(3, 5.5, 0.9, "Wilson"),
    unit="points of 1-7", direction=Direction.DOWN, normalised=50,
)  # fmt: skip
SAID = Said(
    {"share": 0.5, "money": "0.10"}, "points of 1-7", Direction.DOWN, Interval(3, 5.5, 0.9, "Wilson"), 50
)


def test_what_is_stored_together_is_told_apart():
    assert as_said(json.loads(as_json(as_stored(FULL)))) == SAID
    assert as_stored(Measurement("score", TENANT, 4, n=2)) == {}
    assert as_said({"share": 1}) == Said({"share": 1})


def test_a_measurement_is_stored_as_it_was_checked_and_its_successor_as_it_is_itself():
    manifest = replace(MANIFEST, metrics=(replace(METRIC, id="score", details=shape_of(Share)),))
    checked = replace(FULL, unit=None)
    assert list(measurement_problems(manifest, checked)) == []
    assert as_stored(checked) == as_stored(replace(FULL, unit=None))
    assert as_stored(replace(checked, details=Share(0.75, Decimal(1))))["share"] == 0.75
    assert (checked, repr(checked)) == (replace(checked), repr(replace(checked)))


def test_what_an_older_release_wrote_there_never_fails():
    strange = {
        "value_unit": 3,
        "value_direction": [],
        "value_interval": {"low": "x"},
        "normalised": "51",
        "kept": 1,
    }
    assert as_said(strange) == Said({"kept": 1})


def test_a_value_is_read_with_what_it_said_by_its_tenant_alone(acme, globex):
    with tenant_scope(acme):
        write_values(
            [NewValue("mood.score", FULL, 1, START)], LINEAGE, metrics=["mood.score"], reason="computed"
        )
        found = StoredMetricReader().latest("mood.score", TENANT)
    assert (found.details, found.unit, found.direction, found.interval, found.normalised) == (
        SAID.details, SAID.unit, SAID.direction, SAID.interval, SAID.normalised,
    )  # fmt: skip
    with tenant_scope(globex):
        assert StoredMetricReader().latest("mood.score", TENANT) is None
