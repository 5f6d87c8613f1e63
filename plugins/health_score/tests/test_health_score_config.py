"""The configuration: what is refused, in which words, and what the inputs become."""

from pathlib import Path
from typing import Any

import pytest
from engage_health_score.config import HealthScoreConfig
from engage_health_score.plugin import plugin
from pydantic import ValidationError

from engage_server.sdk import AccountHistory, Accounts, MetricValues, Overrides
from engage_server.sdk.testing import Level, check_package, conformance_problems

COMPONENT = {
    "key": "logins",
    "label": "Logins",
    "metric": "stickiness.ratio",
    "group": "usage",
    "weight": 2,
    "normalisation": {"kind": "linear", "low": 0, "high": 40},
}


def test_the_plugin_keeps_the_contract() -> None:
    assert conformance_problems(plugin) == []


def test_is_gold() -> None:
    report = check_package(Path(__file__).parents[1])  # its exemption is the package's
    assert report.level >= Level.GOLD, [one for one in report.findings if one.rule != "homepage"]


@pytest.mark.parametrize(
    ("fields", "place", "message"),
    [
        ({"components": []}, ("components",), "at least one component"),
        ({"components": [COMPONENT, COMPONENT]}, ("components",), "Two components have the key logins"),
        ({"components": [COMPONENT | {"weight": 0}]}, ("components", 0, "weight"), "greater than 0"),
        ({"components": [COMPONENT | {"weight": float("inf")}]}, ("components", 0, "weight"), "finite"),
        ({"components": [COMPONENT | {"metric": "ratio"}]}, ("components", 0, "metric"), "match pattern"),
        (
            {"components": [COMPONENT | {"metric": "health_score.score"}]},
            ("components", 0, "metric"),
            "circle",
        ),
        ({"components": [COMPONENT], "group_weights": {"advocacy": 1}}, ("group_weights",), "group usage"),
        (
            {"components": [COMPONENT], "group_weights": {"usage": 1, "advocacy": 1}},
            ("group_weights",),
            "No component belongs to the group advocacy",
        ),
        ({"caps": [{"component": "x", "below": 20, "at_most": 40}]}, ("caps",), "No component has the key x"),
        ({"bands": {"yellow_from": 75, "green_from": 75}}, ("bands",), "no score would be yellow"),
        ({"bands": {"yellow_from": 0}}, ("bands", "yellow_from"), "greater than 0"),
        ({"stages": []}, ("stages",), "name at least CUSTOMER"),
        ({"stages": ["LOST"]}, ("stages", 0), "CHURNED"),
        ({"min_coverage": 1.01}, ("min_coverage",), "less than or equal to 1"),
        ({"missing": "IGNORE"}, ("missing",), "EXCLUDE_REWEIGHT"),
        ({"colour": "red"}, ("colour",), "not permitted"),
        ({"cadence": "YEARLY"}, ("cadence",), "MONTHLY"),
        ({"cadence": ["MONTHLY"]}, ("cadence",), "MONTHLY"),
        ({"profiles": [{"key": "all"}]}, ("profiles", 0), "is for every account"),
        ({"profiles": 2 * [{"key": "a", "plans": ["x"]}]}, ("profiles",), "Two profiles have the key a"),
        ({"min_peers": 1}, ("min_peers",), "greater than or equal to 2"),
    ],
)
def test_a_bad_setting_is_refused_at_its_field(
    fields: dict[str, Any], place: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        HealthScoreConfig.model_validate(fields)
    (error,) = refusal.value.errors()
    assert error["loc"] == place
    assert message in error["msg"]


def test_the_kind_of_normalisation_chooses_its_fields() -> None:
    with pytest.raises(ValidationError, match=r"normalisation\.steps\.low"):
        HealthScoreConfig.model_validate(
            {"components": [COMPONENT | {"normalisation": {"kind": "steps", "low": 0}}]}
        )


def test_the_inputs_follow_the_components_with_one_statement_for_all_values() -> None:
    older = COMPONENT | {"key": "older", "metric": "nps.score", "max_age_days": 90}
    config = HealthScoreConfig.model_validate({"components": [COMPONENT, older]})
    assert plugin.engage_manifest().inputs_for(config) == {
        "accounts": Accounts(),
        "values": MetricValues(metrics=("nps.score", "revenue.mrr", "stickiness.ratio"), max_age_days=90),
        "earlier": MetricValues(metrics=("health_score.score",), ago=(7, 30, 90)),
        "overrides": Overrides(metric="health_score.score"),
    }
    by_trait = {"key": "banks", "trait": {"name": "industry", "any_of": ["bank"]}, "components": [COMPONENT]}
    config = HealthScoreConfig.model_validate({"profiles": [by_trait]})
    assert plugin.engage_manifest().inputs_for(config)["history"] == AccountHistory()


def test_the_configuration_survives_a_round_trip_through_json() -> None:
    config = HealthScoreConfig()
    assert HealthScoreConfig.model_validate_json(config.model_dump_json()) == config


def test_every_nested_setting_is_described_for_the_form() -> None:
    definitions = HealthScoreConfig.model_json_schema()["$defs"]
    described = {
        f"{model}.{name}": "description" in field
        for model, schema in definitions.items()
        for name, field in schema.get("properties", {}).items()
    }
    assert [name for name, has_description in described.items() if not has_description] == []


def test_titles_are_given_in_english_and_korean() -> None:
    titles = {metric.id: metric.titles for metric in plugin.engage_manifest().metrics}
    assert titles["score"] == {"en": "Customer health score", "ko": "고객 건강 점수"}
    assert set(titles["portfolio_quality"]) == {"en", "ko"}
