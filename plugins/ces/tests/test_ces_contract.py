"""The plugin keeps the contract, and its configuration refuses what cannot be computed."""

import pytest
from engage_ces.config import CesConfig
from engage_ces.plugin import plugin
from pydantic import ValidationError

from engage_server.sdk import Accounts, SurveyResponses
from engage_server.sdk.testing import conformance_problems


def test_keeps_the_contract() -> None:
    assert conformance_problems(plugin) == []


def test_the_ambiguous_abbreviation_is_no_metric_id() -> None:
    assert [metric.id for metric in plugin.engage_manifest().metrics] == ["effort_score"]


def test_asks_by_default_for_every_response_of_all_effort_instruments() -> None:
    assert plugin.engage_manifest().inputs_for(CesConfig()) == {
        "responses": SurveyResponses(instrument="ces*", days=90, per_person="all"),
        "accounts": Accounts(),
    }


def test_configuration_reaches_the_input() -> None:
    config = CesConfig(instrument="ces_security", window_days=30, per_person="latest_as_of_window_end")
    assert plugin.engage_manifest().inputs_for(config) == {
        "responses": SurveyResponses(
            instrument="ces_security", days=30, per_person="latest_as_of_window_end"
        ),
        "accounts": Accounts(),
    }


@pytest.mark.parametrize(
    "values",
    [
        {"window_days": 0},
        {"variant": "median"},
        {"top_boxes": [{"scale_min": 1, "scale_max": 5, "boxes": 0}]},
        {"top_boxes": [{"scale_min": 1, "scale_max": 5, "boxes": 5}]},
    ],
)
def test_impossible_configuration_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CesConfig.model_validate(values)


def test_metric_is_titled_in_english_and_korean() -> None:
    (metric,) = plugin.engage_manifest().metrics
    assert metric.titles == {"en": "Customer Effort Score", "ko": "고객 노력 점수"}
