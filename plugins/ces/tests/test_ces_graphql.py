"""The typed GraphQL fields, asked through a schema of the plugin's own types."""

from typing import Any

import strawberry
from engage_ces import graphql, plugin

from engage_server.sdk.testing import StoredMeasurements, request_for


@strawberry.type
class Account(graphql.EffortScoreAccountFields):
    pk: int


@strawberry.type
class Query(graphql.EffortScoreQuery):
    @strawberry.field
    def account(self, pk: int) -> Account:
        return Account(pk=pk)


def ask(query: str, scores: list[tuple[str, int]]) -> dict[str, Any]:
    rows = [
        {
            "account": 7,
            "instrument": instrument,
            "scale_min": 1,
            "scale_max": 7,
            "direction": "UP",
            "score": score,
        }
        for instrument, score in scores
    ]
    manifest = plugin.engage_manifest()
    measurements = plugin.engage_compute(request_for(manifest, {"responses": rows}))
    context = StoredMeasurements(manifest, measurements).context()
    answer = strawberry.Schema(query=Query).execute_sync(query, context_value=context)
    assert answer.errors is None
    assert answer.data is not None
    return answer.data


ANSWERS = [("ces_find_way", 6), ("ces_find_way", 4), ("ces_security", 2), ("score_board", 4)]


def test_score_comes_with_its_variants_scale_and_distribution() -> None:
    query = """{ effortScore(on: "2026-06-30") {
        metric value unit good n status variant note mean topBoxShare net normalised
        scaleMin scaleMax direction respondents distribution { score count }
    } }"""
    assert ask(query, ANSWERS) == {
        "effortScore": {
            "metric": "ces.effort_score",
            "value": 4,
            "unit": "points of 1-7",
            "good": "UP",
            "n": 4,
            "status": "OK",
            "variant": "mean",
            "note": "",
            "mean": 4,
            "topBoxShare": 0.25,
            "net": 0,
            "normalised": 50,
            "scaleMin": 1,
            "scaleMax": 7,
            "direction": "UP",
            "respondents": 4,
            "distribution": [{"score": 2, "count": 1}, {"score": 4, "count": 2}, {"score": 6, "count": 1}],
        }
    }


def test_instruments_are_listed_with_their_own_figures() -> None:
    query = "{ effortScore { byInstrument { instrument scaleMin scaleMax direction value points n topBoxShare } } }"
    find_way, security, _ = ask(query, ANSWERS)["effortScore"]["byInstrument"]
    assert find_way == {
        "instrument": "ces_find_way",
        "scaleMin": 1,
        "scaleMax": 7,
        "direction": "UP",
        "value": 5,
        "points": 2.5,
        "n": 2,
        "topBoxShare": 0.5,
    }
    assert (security["instrument"], security["value"], security["points"]) == ("ces_security", 2, 0.5)


def test_one_instrument_can_be_picked() -> None:
    query = '{ account(pk: 7) { effortScore { byInstrument(instrument: "ces_security") { value n } } } }'
    assert ask(query, ANSWERS) == {"account": {"effortScore": {"byInstrument": [{"value": 2, "n": 1}]}}}


def test_no_answer_is_null_with_its_status() -> None:
    query = "{ effortScore { value status scaleMin respondents distribution { score } byInstrument { n } } }"
    assert ask(query, []) == {
        "effortScore": {
            "value": None,
            "status": "NO_DATA",
            "scaleMin": None,
            "respondents": 0,
            "distribution": [],
            "byInstrument": [],
        }
    }


def test_a_day_without_a_stored_value_is_null() -> None:
    assert ask('{ effortScore(on: "2026-06-29") { value } }', ANSWERS) == {"effortScore": None}
