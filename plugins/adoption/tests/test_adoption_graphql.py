"""The typed fields, asked through a schema of the plugin's own types over stored measurements."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import strawberry
from engage_adoption import plugin
from engage_adoption.config import AdoptionConfig
from engage_adoption.graphql import AdoptionAccountFields, AdoptionQuery

from engage_server.sdk import feature
from engage_server.sdk.testing import StoredMeasurements, request_for

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
MANIFEST = plugin.engage_manifest()
# Feature 1 is used by all 20 active persons, feature 2 by four of account 8, feature 3 by nobody any more.
ACTIVE = [{"person": person, "account": 7 if person < 10 else 8} for person in range(20)]
USE = {"feature": 1, "feature_name": "F1", "uses": 4, "active_days": 2, "person_days": 2}
USES = [{**who, **USE} for who in ACTIVE] + [
    {**who, **USE, "feature": 2, "feature_name": "F2"} for who in ACTIVE[-4:]
]
# Feature 4 was released yesterday.
FEATURES = [
    {"feature": id, "feature_name": f"F{id}", "known_since": date(2025, 1, 1), "released_on": released}
    for id, released in ((1, None), (2, None), (3, None), (4, date(2026, 6, 29)))
]
ACCOUNTS = [{"account": 7}, {"account": 8}]


@strawberry.type
class Account(AdoptionAccountFields):
    pk: int


@strawberry.type
class Query(AdoptionQuery):
    @strawberry.field
    def account(self, pk: int) -> Account:
        return Account(pk=pk)


def execute(query: str, **config: Any) -> Any:
    request = request_for(
        MANIFEST,
        {"uses": USES, "features": FEATURES, "active": ACTIVE, "accounts": ACCOUNTS},
        config=AdoptionConfig(**config),
        day=date(2026, 6, 30),
    )
    labels = {feature(id): f"F{id}" for id in (1, 2, 3, 4)}
    kept = StoredMeasurements(MANIFEST, plugin.engage_compute(request), labels=labels)
    return strawberry.Schema(query=Query).execute_sync(query, context_value=kept.context())


def ask(query: str, **config: Any) -> dict[str, Any]:
    answer = execute(query, **config)
    assert answer.errors is None
    return dict(answer.data)


def test_features_come_by_adoption_the_highest_first() -> None:
    query = "{ adoption { features { feature value users activeUsers adopters usesPerAdopter hint } } }"
    assert [tuple(node.values()) for node in ask(query)["adoption"]["features"]] == [
        ("F1", 100, 20, 20, 20, 4, None),
        ("F2", 20, 4, 20, 4, 4, "CHECK_VISIBILITY"),
        ("F3", 0, 0, 20, 0, None, "CONSIDER_REMOVAL"),
        ("F4", 0, 0, 20, 0, None, "TOO_YOUNG"),
    ]


def test_features_below_a_mark_come_the_lowest_first_and_leave_out_the_mark_itself() -> None:
    query = "{ adoption { below: features(below: 100) { feature } one: features(below: 100, first: 1) { feature } } }"
    answer = ask(query)["adoption"]
    assert [node["feature"] for node in answer["below"]] == ["F3", "F4", "F2"]
    assert [node["feature"] for node in answer["one"]] == ["F3"]


@pytest.mark.parametrize("first", [0, -1, 501])
def test_an_absurd_number_of_features_is_refused_with_a_remedy(first: int) -> None:
    errors = execute(f"{{ adoption {{ features(first: {first}) {{ feature }} }} }}").errors
    assert [error.message for error in errors] == [f"first is {first}. Remedy: ask for 1 to 500 features."]


def test_an_account_sees_its_share_and_what_it_leaves_unused() -> None:
    query = (
        "{ account(pk: 7) { adoption { featuresUsed { value usedFeatures unusedFeatures suggestions } } } }"
    )
    assert ask(query)["account"]["adoption"]["featuresUsed"] == {
        "value": 50,
        "usedFeatures": 1,
        "unusedFeatures": 1,
        "suggestions": ["F2"],
    }


def test_product_adoption_is_null_until_activation_is_configured() -> None:
    query = "{ adoption { product { status signups } } account(pk: 7) { adoption { product { status } } } }"
    assert ask(query) == {"adoption": {"product": None}, "account": {"adoption": {"product": None}}}
    configured = ask(query, activation_event="Report Shared")
    assert configured["adoption"]["product"] == {"status": "NO_DATA", "signups": 0}
    assert configured["account"]["adoption"]["product"] == {"status": "NO_DATA"}


def test_a_day_without_values_has_none() -> None:
    query = '{ adoption(on: "2020-01-01") { features { feature } product { value } } }'
    assert ask(query)["adoption"] == {"features": [], "product": None}


def test_the_query_of_the_readme_runs() -> None:
    [query] = re.findall(r"```graphql\n(.*?)```", README, re.DOTALL)
    assert ask(query)["adoption"]["toRemove"] == [
        {"feature": "F3", "value": 0, "users": 0, "featureAgeDays": 545}
    ]


def test_the_readme_names_every_setting() -> None:
    assert {name for name in AdoptionConfig.model_fields if f"`{name}`" not in README} == set()
