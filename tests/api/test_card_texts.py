"""Definition cards in the reader's language, and in English where a plugin does not say it."""

from dataclasses import replace

from engage_server.access.models import ApiKey
from engage_server.operations.keys import create_key
from engage_server.plugin_host.registry import registry
from engage_server.sdk import CardText
from engage_server.sdk.contract import manifest_problems
from tests.api.conftest import Caller


def test_a_card_says_in_korean_what_its_plugin_says_and_the_rest_in_english(acme):
    caller = Caller(acme, create_key(acme, ApiKey.Kind.QUERY), "acme.localhost")
    told = 'formula edgeRules ko: formula(language: "ko-KR") rules: edgeRules(language: "ko") fr: formula(language: "fr")'
    card = caller.data(f'{{ metric(id: "nps.score") {{ definition {{ card {{ {told} }} }} }} }}')["metric"][
        "definition"
    ]["card"]
    assert card["ko"].startswith("0~10 척도")
    assert card["rules"] == card["edgeRules"]
    assert card["fr"] == card["formula"]


def test_a_card_that_translates_some_of_its_edge_rules_is_refused():
    manifest = registry().plugins["nps"].manifest
    metric = manifest.metrics[0]
    card = replace(metric.card, translations={"ko": CardText(edge_rules=("하나",))})
    (problem,) = manifest_problems(replace(manifest, metrics=(replace(metric, card=card),)))
    assert "translate each, or none" in problem
