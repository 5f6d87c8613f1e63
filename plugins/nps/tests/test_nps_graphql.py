"""The typed GraphQL fields, asked through a schema of the plugin's own types."""

import math
from typing import Any

import pytest
import strawberry
from engage_nps import graphql, plugin

from engage_server.sdk.testing import StoredMeasurements, request_for


@strawberry.type
class Account(graphql.NpsAccountFields):
    pk: int


@strawberry.type
class Query(graphql.NpsQuery):
    @strawberry.field
    def account(self, pk: int) -> Account:
        return Account(pk=pk)


def ask(query: str, scores: list[int]) -> dict[str, Any]:
    rows = [
        {"account": 7, "scale_min": 0, "scale_max": 10, "direction": "UP", "score": score} for score in scores
    ]
    manifest = plugin.engage_manifest()
    measurements = plugin.engage_compute(request_for(manifest, {"responses": rows}))
    context = StoredMeasurements(manifest, measurements).context()
    answer = strawberry.Schema(query=Query).execute_sync(query, context_value=context)
    assert answer.errors is None
    assert answer.data is not None
    return answer.data


def test_score_comes_with_its_three_shares_and_counts() -> None:
    query = """{ nps(on: "2026-06-30") {
        metric score value responses promoters passives detractors critics
        promoterShare passiveShare detractorShare criticShare marginOfError accountMode
        contributions { key points }
    } }"""
    assert ask(query, [9, 10, 8, 6]) == {
        "nps": {
            "metric": "nps.score",
            "score": 25,
            "value": 25,
            "responses": 4,
            "promoters": 2,
            "passives": 1,
            "detractors": 1,
            "critics": 1,
            "promoterShare": 0.5,
            "passiveShare": 0.25,
            "detractorShare": 0.25,
            "criticShare": 0.25,
            "marginOfError": pytest.approx(1.96 * 100 * math.sqrt((4.5 / 7 - (1 / 7) ** 2) / 7), abs=0.01),
            "accountMode": "respondent_weighted",
            "contributions": [
                {"key": "promoters", "points": 50},
                {"key": "passives", "points": 0},
                {"key": "detractors", "points": -25},
            ],
        }
    }


def test_an_account_has_its_own_score() -> None:
    assert ask("{ account(pk: 7) { nps { score } } }", [10]) == {"account": {"nps": {"score": 100}}}
    assert ask("{ account(pk: 8) { nps { score } } }", [10]) == {"account": {"nps": None}}


def test_no_answer_is_null_with_its_status() -> None:
    query = "{ nps { score status responses promoters promoterShare intervalMethod } }"
    assert ask(query, []) == {
        "nps": {
            "score": None,
            "status": "NO_DATA",
            "responses": 0,
            "promoters": 0,
            "promoterShare": None,
            "intervalMethod": None,
        }
    }


def test_a_day_without_a_stored_value_is_null() -> None:
    assert ask('{ nps(on: "2026-06-29") { score } }', [10]) == {"nps": None}
