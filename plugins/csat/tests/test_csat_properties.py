"""What holds for any responses, and the contract."""

import math
from typing import Any

import pytest
from engage_csat.config import CsatConfig
from engage_csat.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engage_server.sdk import TENANT, Measurement, SurveyResponses
from engage_server.sdk.testing import Level, check, conformance_problems, request_for

QUICK = settings(max_examples=30, deadline=None)
rows = st.lists(
    st.builds(
        lambda high, row: row | {"scale_min": 1.0, "scale_max": high},
        st.sampled_from([3.0, 5.0, 9.0]),
        st.fixed_dictionaries(
            {
                "person": st.none() | st.integers(1, 5),
                "account": st.none() | st.integers(1, 3),
                "instrument": st.sampled_from(["csat", "csat_stars"]),
                "direction": st.sampled_from(["UP", "UP", "DOWN"]),
                "score": st.integers(1, 5).map(float) | st.sampled_from([None, 2.5, math.nan]),
                "dismissed": st.booleans(),
            }
        ),
    ),
    max_size=30,
)
configs = st.builds(CsatConfig, pool_scales=st.booleans())


def compute(rows: list[dict[str, Any]], config: CsatConfig) -> list[Measurement]:
    request = request_for(plugin.engage_manifest(), {"responses": rows}, config=config)
    return list(plugin.engage_compute(request))


def test_is_gold() -> None:
    assert check(plugin).level >= Level.GOLD


def test_configuration_reaches_the_input() -> None:
    inputs = plugin.engage_manifest().inputs_for(CsatConfig(instrument="csat_shop", window_days=7))
    assert inputs["responses"] == SurveyResponses("csat_shop", days=7, per_person="all")


@pytest.mark.parametrize(
    "wrong",
    [{"window_days": 0}, {"confidence": 1}, {"top_boxes": [{"scale_min": 1, "scale_max": 5, "boxes": 5}]}],
)
def test_impossible_configuration_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CsatConfig.model_validate(wrong)


@QUICK
@given(rows, configs)
def test_every_measurement_keeps_the_contract(rows: list[dict[str, Any]], config: CsatConfig) -> None:
    request = request_for(plugin.engage_manifest(), {"responses": rows}, config=config)
    assert conformance_problems(plugin, requests=[request]) == []


@QUICK
@given(rows, configs)
def test_a_value_rests_on_one_scale_unless_they_are_pooled(
    rows: list[dict[str, Any]], config: CsatConfig
) -> None:
    for one in compute(rows, config):
        scales = {part.key.split(":", 1)[1] for part in one.contributions}
        if one.value is not None and not (config.pool_scales and one.metric == "score"):
            assert len(scales) == 1


@QUICK
@given(rows)
def test_every_answer_is_counted_once(rows: list[dict[str, Any]]) -> None:
    score = next(
        one for one in compute(rows, CsatConfig()) if one.subject == TENANT and one.metric == "score"
    )
    said = score.details
    assert score.n + said.dismissed + said.invalid + said.not_comparable == len(rows)


@QUICK
@given(st.data(), rows)
def test_the_order_of_responses_does_not_matter(data: st.DataObject, rows: list[dict[str, Any]]) -> None:
    assert compute(data.draw(st.permutations(rows)), CsatConfig()) == compute(rows, CsatConfig())
