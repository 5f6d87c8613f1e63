"""Definition cards, forms and labels in the reader's language, and in English where a plugin does not say it."""

from dataclasses import replace

import pytest

from engage_server.access.models import ApiKey
from engage_server.operations.keys import create_key
from engage_server.plugin_host.registry import registry
from engage_server.sdk import CardText
from engage_server.sdk.contract import manifest_problems
from tests.api.conftest import Caller


@pytest.fixture
def caller(acme):
    return Caller(acme, create_key(acme, ApiKey.Kind.QUERY), "acme.localhost")


def test_a_card_says_in_korean_what_its_plugin_says_and_in_english_what_nobody_translates(caller):
    told = 'formula edgeRules ko: formula(language: "ko-KR") rules: edgeRules(language: "ko") fr: formula(language: "fr")'
    told += ' source origin: source(language: "ko")'
    asked = f'{told} benchmarks {{ statement ko: statement(language: "ko") fr: statement(language: "fr") }}'
    card = caller.data(f'{{ metric(id: "nps.score") {{ definition {{ card {{ {asked} }} }} }} }}')["metric"][
        "definition"
    ]["card"]
    assert card["ko"].startswith("0~10 척도")
    assert len(card["rules"]) == len(card["edgeRules"])
    assert card["rules"] != card["edgeRules"]
    assert card["fr"] == card["formula"]
    assert card["origin"].startswith("Delighted 도움말 531")
    assert card["source"].startswith("Delighted help centre")
    (first, *_) = card["benchmarks"]
    assert first["ko"].startswith("0을 넘으면 좋고")
    assert first["fr"] == first["statement"]


def test_a_form_is_told_in_korean_and_stays_the_same_form(caller):
    asked = '{ plugins { id schema ko: schema(language: "ko-KR") fr: schema(language: "fr") } }'
    plugins = {one["id"]: one for one in caller.data(asked)["plugins"]}
    score = plugins["health_score"]
    bands = score["ko"]["properties"]["bands"]
    assert (bands["title"], bands["description"]) == ("밴드", "빨강, 노랑, 초록의 경계입니다.")
    assert score["ko"]["$defs"]["Model"]["enumNames"] == ["가중 평균", "가장 낮은 요소"]
    assert score["ko"]["$defs"]["Model"]["enum"] == score["schema"]["$defs"]["Model"]["enum"]
    assert score["fr"] == score["schema"]


def test_labels_of_parts_are_told_of_the_plugins_that_the_tenant_has_on(caller):
    labels = caller.data('{ labels(language: "ko") }')["labels"]
    assert labels["Features used"] == "사용한 기능"
    assert labels["{}, of {} days"] == "{}, {}일"
    assert "Lost before {}" not in labels, "the funnel is off"
    assert caller.data('{ labels(language: "fr") }')["labels"] == {}


def test_a_card_that_translates_some_of_its_edge_rules_is_refused():
    manifest = registry().plugins["nps"].manifest
    metric = manifest.metrics[0]
    card = replace(metric.card, translations={"ko": CardText(edge_rules=("하나",))})
    (problem,) = manifest_problems(replace(manifest, metrics=(replace(metric, card=card),)))
    assert "translate each, or none" in problem
