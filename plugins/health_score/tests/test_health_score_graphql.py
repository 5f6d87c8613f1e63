"""The typed fields over stored values."""

from datetime import date
from typing import Any

import pytest
import strawberry
from engage_health_score import graphql, plugin
from engage_health_score.config import Component, HealthScoreConfig
from engage_health_score.normalisation import Linear

from engage_server.sdk import Subject
from engage_server.sdk.testing import StoredMeasurements, request_for

MANIFEST = plugin.engage_manifest()
DAY = date(2026, 6, 30)
SCORES = {1: 90.0, 2: 60.0, 3: 20.0, 4: None}


@strawberry.type
class Account(graphql.HealthScoreAccountFields):
    pk: int


@strawberry.type
class Query(graphql.HealthScoreQuery):
    @strawberry.field
    def account(self, pk: int) -> Account:
        return Account(pk=pk)


SCHEMA = strawberry.Schema(query=Query)


@pytest.fixture(scope="module")
def reader() -> StoredMeasurements:
    config = HealthScoreConfig(
        components=(
            Component(
                key="a",
                label="Usage",
                metric="source.a",
                group="usage",
                weight=1,
                normalisation=Linear(low=0, high=100),
            ),
        )
    )
    rows = [
        {"metric": "source.a", "subject_kind": "account", "subject": pk, "day": DAY, "value": value, "n": 5}
        | {"status": "OK"}
        for pk, value in SCORES.items()
        if value is not None
    ]
    request = request_for(
        MANIFEST,
        {"accounts": [{"account": pk, "stage": "CUSTOMER"} for pk in SCORES], "values": rows},
        config=config,
        day=DAY,
    )
    labels = {Subject("account", pk): f"account {pk}" for pk in SCORES}
    return StoredMeasurements(MANIFEST, plugin.engage_compute(request), day=DAY, labels=labels)


def ask(reader: StoredMeasurements, query: str) -> dict[str, Any]:
    answer = SCHEMA.execute_sync(query, context_value=reader.context())
    assert answer.errors is None
    assert answer.data is not None
    return answer.data


def test_an_account_tells_its_band_and_what_drags_it_down(reader: StoredMeasurements) -> None:
    query = "{ account(pk: 3) { healthScore { value band coverage rounded status biggestDrag { label points } } } }"
    assert ask(reader, query)["account"]["healthScore"] == {
        "value": 20,
        "band": "RED",
        "coverage": 1,
        "rounded": 20,
        "status": "OK",
        "biggestDrag": {"label": "Usage", "points": 20},
    }


def test_an_unknown_account_is_unknown_and_not_red(reader: StoredMeasurements) -> None:
    query = "{ account(pk: 4) { healthScore { value band rounded status biggestDrag { key } } } }"
    assert ask(reader, query)["account"]["healthScore"] == {
        "value": None,
        "band": "UNKNOWN",
        "rounded": None,
        "status": "NO_DATA",
        "biggestDrag": None,
    }


def test_an_account_or_a_day_without_a_stored_score_is_null(reader: StoredMeasurements) -> None:
    assert ask(reader, "{ account(pk: 99) { healthScore { value } } }") == {"account": {"healthScore": None}}
    query = '{ account(pk: 1) { healthScore(on: "2026-06-29") { value } } portfolioHealth(on: "2026-06-29") { n } }'
    assert ask(reader, query) == {"account": {"healthScore": None}, "portfolioHealth": None}


def test_the_portfolio_counts_its_bands(reader: StoredMeasurements) -> None:
    answer = ask(
        reader, "{ portfolioHealth { value n green yellow red unknown contributions { key points } } }"
    )
    assert answer["portfolioHealth"]["value"] == pytest.approx(200 / 3)
    assert {k: answer["portfolioHealth"][k] for k in ("n", "green", "yellow", "red", "unknown")} == {
        "n": 3,
        "green": 1,
        "yellow": 1,
        "red": 1,
        "unknown": 1,
    }


def test_the_queue_begins_with_the_worst_and_leaves_the_unknown_out(reader: StoredMeasurements) -> None:
    answer = ask(reader, "{ accountsByHealth(first: 10) { account healthScore { value } } }")
    assert [row["account"] for row in answer["accountsByHealth"]] == ["account 3", "account 2", "account 1"]


def test_the_queue_can_begin_with_the_best_and_be_short(reader: StoredMeasurements) -> None:
    answer = ask(reader, "{ accountsByHealth(first: 1, worstFirst: false) { account } }")
    assert answer == {"accountsByHealth": [{"account": "account 1"}]}


@pytest.mark.parametrize("first", [0, -1, 501])
def test_a_queue_of_no_or_too_many_accounts_is_refused(reader: StoredMeasurements, first: int) -> None:
    answer = SCHEMA.execute_sync(
        f"{{ accountsByHealth(first: {first}) {{ account }} }}", context_value=reader.context()
    )
    assert [error.message for error in answer.errors or ()] == [
        f"first must lie between 1 and 500, not be {first}."
    ]
