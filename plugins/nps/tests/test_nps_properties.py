"""What holds for any responses."""

import math
from decimal import Decimal
from typing import Any

from engage_nps.config import NpsConfig
from engage_nps.plugin import plugin
from hypothesis import given
from hypothesis import strategies as st

from engage_server.sdk import TENANT, Measurement
from engage_server.sdk.details import encoded
from engage_server.sdk.testing import conformance_problems, request_for

scores = st.one_of(st.integers(0, 10).map(float), st.sampled_from([None, 3.5, 11.0, -1.0, math.nan]))
rows = st.lists(
    st.fixed_dictionaries(
        {
            "person": st.one_of(st.none(), st.integers(1, 9)),
            "account": st.one_of(st.none(), st.integers(1, 4)),
            "scale_min": st.sampled_from([0.0, 0.0, 0.0, 1.0]),
            "scale_max": st.just(10.0),
            "direction": st.just("UP"),
            "score": scores,
            "dismissed": st.booleans(),
        }
    ),
    max_size=40,
)
configs = st.builds(
    NpsConfig,
    per_person=st.just("all"),
    account_mode=st.sampled_from(["respondent_weighted", "mean_of_accounts"]),
    interval=st.sampled_from(["adjusted_wald", "wald"]),
)


def compute(rows: list[dict[str, Any]], config: NpsConfig) -> list[Measurement]:
    return list(
        plugin.engage_compute(request_for(plugin.engage_manifest(), {"responses": rows}, config=config))
    )


@given(rows, configs)
def test_every_measurement_keeps_the_contract(rows: list[dict[str, Any]], config: NpsConfig) -> None:
    request = request_for(plugin.engage_manifest(), {"responses": rows}, config=config)
    assert conformance_problems(plugin, requests=[request]) == []


@given(rows, configs)
def test_the_written_digits_of_the_contributions_add_up_exactly(
    rows: list[dict[str, Any]], config: NpsConfig
) -> None:
    for measurement in compute(rows, config):
        if measurement.value is not None:
            points = (Decimal(str(part.points)) for part in measurement.contributions)
            assert sum(points) == Decimal(str(measurement.value))


@given(rows, configs)
def test_value_and_interval_stay_within_a_hundred(rows: list[dict[str, Any]], config: NpsConfig) -> None:
    for measurement in compute(rows, config):
        if measurement.value is not None:
            assert -100 <= measurement.value <= 100
        if measurement.interval is not None:
            low, high = float(measurement.interval.low), float(measurement.interval.high)
            assert measurement.value is not None
            assert -100 <= low <= high <= 100
            # The middle of the default is drawn towards 0, so that it leaves out the extreme of very few answers.
            if config.interval == "wald" or measurement.n > 2:
                assert low - 1e-9 <= measurement.value <= high + 1e-9


@given(st.data(), rows, configs)
def test_the_order_of_responses_does_not_matter(
    data: st.DataObject, rows: list[dict[str, Any]], config: NpsConfig
) -> None:
    assert compute(data.draw(st.permutations(rows)), config) == compute(rows, config)


@given(rows)
def test_tenant_is_the_sum_of_accounts_and_unknown(rows: list[dict[str, Any]]) -> None:
    tenant, *accounts = compute(rows, NpsConfig(per_person="all"))
    assert tenant.subject == TENANT
    details = encoded(tenant.details)
    assert tenant.n == sum(one.n for one in accounts) + details["without_account"]


@given(rows, configs)
def test_every_response_is_of_exactly_one_kind(rows: list[dict[str, Any]], config: NpsConfig) -> None:
    _, *accounts = compute(rows, config)
    outside = ("dismissed", "not_comparable", "invalid")
    details = [encoded(one.details) for one in accounts]
    counted = sum(one.n for one in accounts) + sum(one[kind] for one in details for kind in outside)
    assert counted == sum(row["account"] is not None for row in rows)
