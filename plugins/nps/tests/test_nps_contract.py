"""The plugin keeps the contract, and its manifest asks for the responses that the configuration names."""

import pytest
from engage_nps.config import NpsConfig
from engage_nps.plugin import plugin
from pydantic import ValidationError

from engage_server.sdk import Accounts, SurveyResponses
from engage_server.sdk.testing import conformance_problems


def test_keeps_the_contract() -> None:
    assert conformance_problems(plugin) == []


def test_asks_by_default_for_the_last_answer_per_person_as_of_the_window_end() -> None:
    assert plugin.engage_manifest().inputs_for(NpsConfig()) == {
        "responses": SurveyResponses(instrument="nps", days=90, per_person="latest_as_of_window_end"),
        "accounts": Accounts(),
    }


def test_configuration_reaches_the_input() -> None:
    config = NpsConfig(instrument="nps*", window_days=30, per_person="all")
    assert plugin.engage_manifest().inputs_for(config) == {
        "responses": SurveyResponses(instrument="nps*", days=30, per_person="all"),
        "accounts": Accounts(),
    }


@pytest.mark.parametrize(
    "values",
    [
        {"window_days": 0},
        {"window_days": 367},
        {"confidence": 1},
        {"interval": "guess"},
        {"account_mode": "median"},
        {"instrument": ""},
    ],
)
def test_impossible_configuration_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        NpsConfig.model_validate(values)


def test_metric_is_titled_in_english_and_korean() -> None:
    metric, *_ = plugin.engage_manifest().metrics
    assert metric.titles == {"en": "Net Promoter Score", "ko": "순추천고객지수"}
