"""The example plugin keeps the contract, counts what it was given and answers GraphQL."""

import strawberry

from engage_server.sdk import TENANT, FeatureUse, MetricValues, Status, account, feature
from engage_server.sdk.testing import StoredMeasurements, check, conformance_problems, request_for
from tests import dummy_plugin

MANIFEST = dummy_plugin.plugin.engage_manifest()
REQUEST = request_for(
    MANIFEST,
    {
        "feature_use": [
            {"account": 1, "feature": 5},
            {"account": 1, "feature": 6},
            {"account": 2, "feature": 5},
            {"account": None, "feature": 5},
        ]
    },
)


@strawberry.type
class Account(dummy_plugin.DummyAccountFields):
    pk: int


@strawberry.type
class Query(dummy_plugin.DummyQuery):
    @strawberry.field
    def account(self, pk: int) -> Account:
        return Account(pk=pk)


def test_the_dummy_plugin_keeps_the_contract() -> None:
    assert conformance_problems(dummy_plugin.plugin, requests=[REQUEST]) == []


def test_the_dummy_plugin_is_gold_at_least() -> None:
    report = check(dummy_plugin.plugin)
    assert [str(finding) for finding in report.findings if finding.rule != "vectors"] == []


def test_the_dummy_plugin_counts_rows_for_each_kind_of_subject() -> None:
    counted = {
        m.subject: m.value
        for m in dummy_plugin.plugin.engage_compute(REQUEST)
        if m.metric == "feature_use_rows"
    }
    assert counted == {TENANT: 4, account(1): 2, account(2): 1, feature(5): 3, feature(6): 1}


def test_an_input_without_rows_is_no_data() -> None:
    (seats,) = [m for m in dummy_plugin.plugin.engage_compute(REQUEST) if m.metric == "seats_rows"]
    assert (seats.subject, seats.value, seats.status) == (TENANT, None, Status.NO_DATA)


def test_the_inputs_follow_the_configuration() -> None:
    config = dummy_plugin.DummyConfig(days=7, watched_metric="ces.effort_score")
    specs = MANIFEST.inputs_for(config)
    use, values = specs["feature_use"], specs["metric_values"]
    assert isinstance(use, FeatureUse)
    assert isinstance(values, MetricValues)
    assert use.days == 7
    assert values.metrics == ("ces.effort_score",)


def test_the_dummy_fields_read_stored_values() -> None:
    labels = {account(1): "One", account(2): "Two"}
    stored = StoredMeasurements(MANIFEST, dummy_plugin.plugin.engage_compute(REQUEST), labels=labels)
    schema = strawberry.Schema(query=Query, types=list(dummy_plugin.plugin.engage_graphql().types))
    answer = schema.execute_sync(
        """{
            dummyInputs
            dummyAccounts(input: "feature_use")
            account(pk: 2) { dummyHasRows(input: "feature_use") without: dummyHasRows(input: "seats") }
            __type(name: "DummyNote") { name }
        }""",
        context_value=stored.context(),
    )
    assert answer.errors is None
    assert answer.data == {
        "dummyInputs": ["feature_use"],
        "dummyAccounts": ["One", "Two"],
        "account": {"dummyHasRows": True, "without": False},
        "__type": {"name": "DummyNote"},
    }
