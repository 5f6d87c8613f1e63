"""Features are nodes of the schema: what plugins measure for each of them is typed there as an account's values are."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engage_server.activity.models import Feature
from engage_server.api.composition import compose, schema_for
from engage_server.plugin_host.registry import registry
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller, nodes_of
from tests.api.probes import MOOD, PULSE, plugins
from tests.metrics.values import DAY, store

LIST = "query ($first: Int) { features(first: $first) { totalCount edges { node { name %s } } } }"
TYPED = "mood { score { value label subjectKind share day } swing { value } } metrics { metric value }"
# What is asked every few seconds, and not for each request.
OF_ALL = re.compile(r"set_config|access_|tenancy_|SAVEPOINT")


def fill(caller: Caller, values: dict[str, float]) -> dict[str, int]:
    """Features with these values of a metric, in the caller's tenant."""
    pks = {}
    with tenant_scope(caller.tenant):
        for name, value in values.items():
            pks[name] = Feature.objects.create(name=name, released_on=DAY).pk
            store("mood.score", value, kind="feature", subject=pks[name])
    return pks


def test_a_features_values_are_typed_fields_of_the_feature(at_acme):
    pks = fill(at_acme, {"Search": 40, "Export": 10})
    with tenant_scope(at_acme.tenant):
        store("mood.score", 35, kind="feature", subject=pks["Search"], day=DAY - timedelta(days=1))
    found = nodes_of(at_acme.data(LIST % TYPED, first=10)["features"])
    assert [one["name"] for one in found] == ["Search", "Export"]
    assert found[0]["mood"] == {
        "score": {"value": 40, "label": "Search", "subjectKind": "FEATURE", "share": 0.5, "day": str(DAY)},
        "swing": None,
    }
    assert found[1]["metrics"] == [{"metric": "mood.score", "value": 10}]
    asked = """query ($on: Date!) { feature(name: "Search") { releasedOn metric(id: "mood.score") { value }
        mood(on: $on) { score { value compareTo(daysBefore: 1) { difference } } } } }"""
    before = str(DAY - timedelta(days=1))
    assert at_acme.data(asked, on=before)["feature"] == {
        "releasedOn": str(DAY),
        "metric": {"value": 40},
        "mood": {"score": {"value": 35, "compareTo": None}},
    }


def test_a_page_of_features_takes_a_fixed_number_of_statements(at_acme):
    fill(at_acme, {f"feature {number}": number for number in range(20)})
    taken = []
    for first in (2, 20):
        at_acme.data(LIST % TYPED, first=first)
        with CaptureQueriesContext(connection) as captured:
            found = nodes_of(at_acme.data(LIST % TYPED, first=first)["features"])
        assert [one["mood"]["score"]["value"] for one in found] == [*range(first)]
        taken.append(sum(not OF_ALL.search(query["sql"]) for query in captured))
    assert taken[0] == taken[1]


def test_a_tenant_sees_its_own_features_alone(at_acme, at_globex):
    pks = fill(at_acme, {"Search": 40})
    with tenant_scope(at_globex.tenant):
        assert Feature.objects.create(name="Search", released_on=None).pk == pks["Search"]
    ask = '{ feature(name: "Search") { id releasedOn metrics { value } } features { totalCount } }'
    mine, theirs = at_acme.data(ask), at_globex.data(ask)
    assert mine["feature"]["metrics"] == [{"value": 40}]
    assert theirs["feature"] == {"id": theirs["feature"]["id"], "releasedOn": None, "metrics": []}
    assert mine["feature"]["id"] != theirs["feature"]["id"]
    again = "query ($id: ID!) { node(id: $id) { ... on Feature { name metrics { value } } } }"
    assert at_globex.data(again, id=mine["feature"]["id"]) == {"node": None}
    assert at_acme.data(again, id=mine["feature"]["id"])["node"]["metrics"] == [{"value": 40}]
    # Globex has not enabled mood: its features have no such field.
    assert (
        at_globex.code('{ feature(name: "Search") { mood { score { value } } } }')
        == "GRAPHQL_VALIDATION_FAILED"
    )
    assert at_acme.data('{ feature(name: "Nobody\'s") { name } }') == {"feature": None}


@pytest.mark.parametrize("asked", ['feature(name: "x") { name }', "features { totalCount }"])
def test_a_token_for_an_account_sees_no_feature(at, asked):
    with tenant_scope(at.tenant):
        Feature.objects.create(name="x")
    made = at.data('mutation { createAccount(input: {externalId: "mine"}) { account { id } } }')
    issue = "mutation ($id: ID!) { createAccountToken(input: {account: $id}) { text } }"
    token = at.data(issue, id=made["createAccount"]["account"]["id"])["createAccountToken"]["text"]
    customer = Caller(at.tenant, token, at.host)
    assert customer.code(f"{{ {asked} }}") == "FORBIDDEN"
    id = at.data('{ feature(name: "x") { id } }')["feature"]["id"]
    assert customer.data("query ($id: ID!) { node(id: $id) { id } }", id=id) == {"node": None}


def test_the_type_has_a_field_for_each_plugin_that_measures_features():
    fields = compose(plugins(MOOD, PULSE))._schema.type_map["Feature"].fields
    assert {"name", "mood", "pulse"} <= fields.keys()
    assert set(compose(plugins(MOOD))._schema.type_map["MoodOfFeature"].fields) == {"score", "swing", "range"}
    installed = schema_for(frozenset(registry().plugins))._schema.type_map
    measuring = {
        plugin.id
        for plugin in registry().plugins.values()
        if any("feature" in metric.subjects for metric in plugin.manifest.metrics)
    }
    assert {"adoption"} <= measuring <= installed["Feature"].fields.keys()
    assert "featureAdoption" in installed["AdoptionOfFeature"].fields
