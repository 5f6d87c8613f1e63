"""Bundles and the primary metric over GraphQL."""

from pathlib import Path

import pytest

from engage_server.access.models import ApiKey
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.metrics.values import store

APPLY = """mutation ($name: String!, $dry: Boolean!) {
    applyBundle(input: {name: $name, agree: true, dryRun: $dry}) { plan {
        applied cadence preset primaryMetric bundle { name title(language: "ko") }
        steps { plugin missing enables changes reads }
    } }
}"""
PRIMARY = (
    "mutation ($metric: ID!) { updateTenant(input: {primaryMetric: $metric}) { tenant { primaryMetric } } }"
)


@pytest.fixture
def callers(acme, globex) -> list[Caller]:
    return [
        Caller(one, create_key(one, ApiKey.Kind.ADMIN), f"{one.slug}.localhost") for one in (acme, globex)
    ]


def enabled(caller: Caller) -> set[str]:
    return {one["id"] for one in caller.data("{ plugins { id enabled } }")["plugins"] if one["enabled"]}


def test_a_bundle_is_looked_at_then_applied_to_one_tenant(callers):
    acme, globex = callers
    before = enabled(acme)
    planned = acme.data(APPLY, name="starter5", dry=True)["applyBundle"]["plan"]
    assert (planned["applied"], enabled(acme)) == (False, before)
    done = acme.data(APPLY, name="starter5", dry=False)["applyBundle"]["plan"]
    assert done == {**planned, "applied": True}
    assert done["bundle"] == {"name": "starter5", "title": "시작을 위한 다섯 가지 지표"}
    assert enabled(acme) == before | {step["plugin"] for step in done["steps"]}
    assert acme.data("{ tenant { primaryMetric } }")["tenant"] == {"primaryMetric": done["primaryMetric"]}
    assert enabled(globex) == before
    assert globex.data("{ tenant { primaryMetric } }")["tenant"] == {"primaryMetric": None}


def test_bundles_are_listed_with_what_is_missing(callers):
    found = callers[0].data("{ bundles { name plugins missing cadence preset } }")["bundles"]
    by_id = {one["name"]: one for one in found}
    assert by_id["weekly"]["cadence"] == "WEEKLY"
    assert by_id["helpdesk"]["preset"] == "helpdesk"
    assert all(set(one["missing"]) <= set(one["plugins"]) for one in found)


def test_duration_bounce_completion_and_adoption_are_asked_for_together(callers):
    acme, globex = callers
    acme.data(APPLY, name="sessions", dry=False)
    page = (Path(__file__).resolve().parents[2] / "docs" / "bundles.md").read_text()
    query = "query Sessions {" + page.partition("query Sessions {")[2].partition("```")[0]
    values = {
        "time_spent.session_duration": 150, "time_spent.bounce_rate": 50, "task_completion.rate": 80,
        "adoption.product_adoption": 40,
    }  # fmt: skip
    with tenant_scope(acme.tenant):
        for metric, value in values.items():
            store(metric, value)
    found = acme.data(query)
    assert found["timeSpent"]["sessionDuration"]["value"] == 150
    assert found["timeSpent"]["bounceRate"]["value"] == 50
    assert (found["taskCompletion"], found["adoption"]) == (
        {"rate": {"value": 80}},
        {"productAdoption": {"value": 40}},
    )
    codes = {error["extensions"]["code"] for error in globex.ask(query)["errors"]}
    assert codes == {"GRAPHQL_VALIDATION_FAILED"}


def test_an_unknown_bundle_is_bad_input(callers):
    assert callers[0].code(APPLY, name="starter6", dry=True) == "BAD_USER_INPUT"


def test_the_primary_metric_is_chosen_and_taken_back(callers):
    acme, globex = callers
    assert acme.data(PRIMARY, metric="nps.score")["updateTenant"]["tenant"] == {"primaryMetric": "nps.score"}
    assert acme.data('mutation { updateTenant(input: {name: "A"}) { tenant { primaryMetric } } }')[
        "updateTenant"
    ]["tenant"] == {"primaryMetric": "nps.score"}
    assert globex.data("{ tenant { primaryMetric } }")["tenant"] == {"primaryMetric": None}
    assert acme.data(PRIMARY, metric="")["updateTenant"]["tenant"] == {"primaryMetric": None}
    assert acme.code(PRIMARY, metric="nps.level") == "BAD_USER_INPUT"
