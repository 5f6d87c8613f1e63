"""What holds for any responses."""

import math
from decimal import Decimal
from typing import Any

from engage_ces.config import CesConfig
from engage_ces.plugin import plugin
from hypothesis import given
from hypothesis import strategies as st

from engage_server.sdk import Measurement, Status
from engage_server.sdk.testing import conformance_problems, request_for

scales = st.sampled_from([(1.0, 7.0), (1.0, 5.0)])
rows = st.lists(
    st.builds(
        lambda scale, row: row | {"scale_min": scale[0], "scale_max": scale[1]},
        scales,
        st.fixed_dictionaries(
            {
                "person": st.one_of(st.none(), st.integers(1, 5)),
                "account": st.one_of(st.none(), st.integers(1, 3)),
                "instrument": st.sampled_from(["ces_a", "ces_b", "ces_c"]),
                "direction": st.sampled_from(["UP", "DOWN"]),
                "score": st.one_of(st.integers(1, 7).map(float), st.sampled_from([None, 2.5, math.nan])),
                "dismissed": st.booleans(),
            }
        ),
    ),
    max_size=30,
)
one_scale = rows.map(
    lambda drawn: [row | {"scale_min": 1.0, "scale_max": 7.0, "direction": "UP"} for row in drawn]
)
configs = st.builds(CesConfig, variant=st.sampled_from(["mean", "top_box", "net", "normalised"]))
BOUNDS = {"mean": (1, 7), "top_box": (0, 100), "net": (-100, 100), "normalised": (0, 100)}


def compute(rows: list[dict[str, Any]], config: CesConfig) -> list[Measurement]:
    return list(
        plugin.engage_compute(request_for(plugin.engage_manifest(), {"responses": rows}, config=config))
    )


@given(rows, configs)
def test_every_measurement_keeps_the_contract(rows: list[dict[str, Any]], config: CesConfig) -> None:
    request = request_for(plugin.engage_manifest(), {"responses": rows}, config=config)
    assert conformance_problems(plugin, requests=[request]) == []


@given(st.one_of(rows, one_scale), configs)
def test_the_written_digits_of_the_contributions_add_up_exactly(
    rows: list[dict[str, Any]], config: CesConfig
) -> None:
    for measurement in compute(rows, config):
        if measurement.value is not None:
            points = (Decimal(str(part.points)) for part in measurement.contributions)
            assert sum(points) == Decimal(str(measurement.value))


@given(st.one_of(rows, one_scale), configs)
def test_values_stay_within_the_bounds_of_their_variant(
    rows: list[dict[str, Any]], config: CesConfig
) -> None:
    low, high = BOUNDS[config.variant]
    for measurement in compute(rows, config):
        if measurement.value is not None:
            assert low <= measurement.value <= high


@given(rows, configs)
def test_a_value_rests_on_one_scale_unless_normalised(rows: list[dict[str, Any]], config: CesConfig) -> None:
    for measurement in compute(rows, config):
        scales = {part.key.split(":", 1)[1] for part in measurement.contributions}
        if measurement.status is Status.OK and config.variant != "normalised":
            assert len(scales) == 1


@given(st.data(), rows, configs)
def test_the_order_of_responses_does_not_matter(
    data: st.DataObject, rows: list[dict[str, Any]], config: CesConfig
) -> None:
    assert compute(data.draw(st.permutations(rows)), config) == compute(rows, config)


@given(rows)
def test_tenant_is_the_sum_of_accounts_and_unknown(rows: list[dict[str, Any]]) -> None:
    tenant, *accounts = compute(rows, CesConfig(per_person="all"))
    unknown = compute([row for row in rows if row["account"] is None], CesConfig(per_person="all"))[0]
    assert tenant.n == sum(one.n for one in accounts) + unknown.n
