"""What plugins declare is what GraphQL serves: typed, for every kind of subject, without a line of their code."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engage_server.api.composition import compose, verify
from engage_server.api.derived.common import MetricResult
from engage_server.api.derived.plugins import derived_fields
from engage_server.api.personal_details import without_personal
from engage_server.customers.models import Person
from engage_server.plugin_host import registry as plugin_registry
from engage_server.plugin_host.exceptions import ClashError
from engage_server.plugin_host.registry import build_registry
from engage_server.sdk import Sample, Vector
from engage_server.sdk.derived_names import field_name
from engage_server.sdk.details import RESERVED
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.api.derived_values import COMMON, TYPED, fill, viewer
from tests.api.probes import MOOD, candidates, plugins
from tests.api.rich import CARD, COST, DETAILED, REACH, STORED, details, metric, plugin
from tests.metrics.values import DAY, store


def test_details_of_every_kind_are_typed_fields(at):
    with tenant_scope(at.tenant):
        store("reach.breadth", 50, details=STORED)
    found = at.data(f"{{ reach {{ breadth {{ value {TYPED} }} }} }}")["reach"]["breadth"]
    assert found == {
        "value": 50, "persons": 7, "share": 0.25, "revenue": "1234567890.12", "since": "2026-01-02",
        "seenAt": "2026-03-04T05:06:07+00:00", "band": "HIGH", "isNew": True, "loudest": "ada@example.test",
        "firstStep": {"name": "sign-up", "taken": 9, "band": None},
        "steps": [{"name": "sign-up", "taken": 9, "band": "HIGH"}, {"name": "invite", "taken": 4, "band": "LOW"}],
        "words": ["one", "two"],
    }  # fmt: skip


OLDER = ({}, {"persons": "seven", "band": "MIDDLE", "steps": 3, "revenue": "x", "since": 5, "first_step": []})


@pytest.mark.parametrize("stored", OLDER)
def test_values_of_an_older_definition_are_read_as_far_as_they_go(at, stored):
    with tenant_scope(at.tenant):
        store("reach.breadth", 50, details=stored)
    found = at.data(f"{{ reach {{ breadth {{ value {TYPED} }} }} }}")["reach"]["breadth"]
    assert found.pop("value") == 50
    assert set(found.values()) == {None}


def test_the_schema_says_what_was_declared(with_reach):
    sdl = compose(plugins(REACH)).as_str()
    for line in (
        "type ReachBreadth implements MetricResult {",
        '  """Persons with an event."""\n  persons: Int',
        "  revenue: Decimal",
        "  steps: [ReachStep!]",
        '"""A step of the way."""\ntype ReachStep {',
        "type ReachOfAccount {",
    ):
        assert line in sdl
    band = sdl.partition("enum ReachBand {")[2].partition("}")[0]
    assert [line.strip() for line in band.splitlines() if line.strip().isupper()] == ["LOW", "HIGH"]
    of_accounts = sdl.partition("type ReachOfAccount {")[2].partition("}")[0]
    assert "depth" not in of_accounts
    assert "cost: ReachCost" in of_accounts


def test_what_names_a_person_is_null_without_the_right(at):
    with tenant_scope(at.tenant):
        Person.objects.create(external_id="ada@example.test")
        store("reach.breadth", 50, details={**STORED, "words": ["ada@example.test"]})
    query = "{ reach { breadth { loudest words persons details } } }"
    found = viewer(at).data(query)["reach"]["breadth"]
    assert found.pop("details")["loudest"] is None
    assert found == {"loudest": None, "words": ["hidden person 1"], "persons": 7}
    assert at.data(query)["reach"]["breadth"]["details"]["loudest"] == "ada@example.test"


def test_personal_fields_are_taken_out_of_nested_details():
    person = details("Person", name=("str", {"is_personal": True}), n=("int", {})).to_json()
    shape = details(
        "Top",
        one=("object", {"shape": person}),
        all=("object", {"shape": person, "is_list": True}),
        n=("int", {}),
    )
    ada = {"name": "Ada", "n": 1, "later": "Ada"}
    hidden = {**ada, "name": None}
    stored = {"one": ada, "all": [ada, ada], "n": 3, "unknown": 4}
    assert without_personal(shape, stored) == {"one": hidden, "all": [hidden, hidden], "n": 3, "unknown": 4}
    assert without_personal(shape, {"one": "Ada", "all": ["Ada"]}) == {"one": None, "all": [None]}
    assert without_personal(None, stored) is stored


def test_a_withheld_value_has_no_details(at, monkeypatch):
    few = plugin(metric("breadth", details=DETAILED.details, sample=Sample.PERSONS))
    monkeypatch.setattr(plugin_registry, "installed_candidates", lambda: candidates(few))
    plugin_registry.registry.cache_clear()
    with tenant_scope(at.tenant):
        store(
            "reach.breadth",
            50,
            n=1,
            details={**STORED, "value_interval": {"low": 1, "high": 2, "level": 0.9}},
        )
    query = f"{{ reach {{ breadth {{ status value interval {{ low }} normalised details {TYPED} }} }} }}"
    found = viewer(at).data(query)["reach"]["breadth"]
    assert (found.pop("status"), found.pop("details")) == ("SUPPRESSED", {})
    assert set(found.values()) == {None}
    listed = "{ reachBreadthByAccount(first: 9, where: { band: [HIGH] }) { totalCount } }"
    fill(at, {"alone": 3}, n=1)
    assert viewer(at).data(listed)["reachBreadthByAccount"]["totalCount"] == 0
    assert at.data(listed)["reachBreadthByAccount"]["totalCount"] == 1


def test_every_result_says_what_all_of_them_say(at):
    said = {"low": 40.5, "high": 60, "level": 0.9, "method": "Wilson"}
    fill(at, {"mine": 50}, details={"value_interval": said, "normalised": 12.5})
    fill(at, {"mine": 3}, "reach.cost", details={"value_unit": "EUR", "value_direction": "UP"})
    asked = f'{{ account(externalId: "mine") {{ reach {{ breadth {{ {COMMON} }} cost {{ {COMMON} }} }} }} }}'
    found = at.data(asked)["account"]["reach"]
    assert found["breadth"].pop("ageDays") >= 0
    assert found["breadth"] == {
        "metric": "reach.breadth", "subjectKind": "ACCOUNT", "label": "mine", "day": str(DAY), "value": 50,
        "status": "OK", "n": 4, "definitionVersion": 1, "configurationVersion": 1, "revision": 1,
        "unit": "퍼센트", "direction": "UP", "noInterval": "", "normalised": 12.5,
        "window": {"timezone": "Europe/Berlin"}, "definition": {"id": "reach.breadth"},
        "benchmarks": [{"statement": "Above 40 is good", "low": 40}],
        "interval": said, "subject": {"name": "mine"},
    }  # fmt: skip
    cost = found["cost"]
    assert (cost["interval"], cost["noInterval"]) == (None, "Costs are counted, not estimated.")
    assert (cost["unit"], cost["direction"]) == ("EUR", "UP")


def test_a_value_is_compared_with_the_subjects_of_another_day(at):
    (pk,) = fill(at, {"mine": 50}).values()
    with tenant_scope(at.tenant):
        before = {"kind": "account", "subject": pk, "day": DAY - timedelta(days=1)}
        store("reach.breadth", -40, details=STORED, configuration_version=2, **before)
        store("reach.cost", 0, **before)
        store("reach.cost", 5, kind="account", subject=pk)
    compared = "difference share isComparable other { value metric ... on ReachBreadth { persons } }"
    query = f"""query ($on: Date!, $never: Date!) {{ account(externalId: "mine") {{ reach {{
        breadth {{ compareTo(on: $on) {{ {compared} }} never: compareTo(on: $never) {{ share }} }}
        cost {{ compareTo(on: $on) {{ share difference isComparable }} }} }} }} }}"""
    found = at.data(query, on=str(DAY - timedelta(days=1)), never="2020-01-01")["account"]["reach"]
    assert found["breadth"] == {
        "compareTo": {
            "difference": 90,
            "share": 2.25,
            "isComparable": False,
            "other": {"value": -40, "metric": "reach.breadth", "persons": 7},
        },
        "never": None,
    }
    assert found["cost"]["compareTo"] == {"share": None, "difference": 5, "isComparable": True}


def test_a_token_for_an_account_sees_its_own_results_and_no_list(at):
    pks = fill(at, {"mine": 1, "theirs": 2})
    from_id = at.data('{ account(externalId: "mine") { id } }')["account"]["id"]
    issue = "mutation ($id: ID!) { createAccountToken(input: {account: $id}) { text } }"
    token = at.data(issue, id=from_id)["createAccountToken"]["text"]
    customer = Caller(at.tenant, token, at.host)
    asked = "value persons details subject { ... on Account { name } }"
    query = f'{{ account(externalId: "mine") {{ reach {{ breadth {{ {asked} }} }} }} }}'
    found = customer.data(query)["account"]["reach"]["breadth"]
    assert found == {"value": 1, "persons": 7, "details": {}, "subject": {"name": "mine"}}
    assert len(pks) == 2
    for refused in ("{ reach { cost { value } } }", "{ reachBreadthByAccount(first: 1) { totalCount } }"):
        assert customer.code(refused) == "FORBIDDEN"


def test_every_field_of_a_result_is_kept_from_details():
    fields = {field.python_name for field in MetricResult.__strawberry_definition__.fields}
    assert fields <= RESERVED


def test_the_same_manifest_makes_the_same_types():
    (made,) = plugins(REACH)
    assert derived_fields(made.manifest) is derived_fields(made.manifest)
    verify(plugins(REACH, MOOD))


TEXT = {"text": ("str", {})}
BROKEN = {
    "a field of every result": (
        [metric("breadth", details=details("Reach", value=("int", {})))],
        r"detail 'value' .* Remedy: rename",
    ),
    "two metrics of one name": ([metric("a_1"), metric("a1")], "type ReachA1 .* Remedy: rename"),
    "two details of one name": (
        [metric("breadth", details=details("Reach", a_1=("int", {}), a1=("int", {})))],
        "both a1 in GraphQL",
    ),
    "a class called as a metric": (
        [
            metric(
                "step", details=details("Way", one=("object", {"shape": details("Step", **TEXT).to_json()}))
            )
        ],
        "type ReachStep of reach would be",
    ),
    "two classes of one name": (
        [
            metric("a", details=details("A", one=("object", {"shape": details("Step", **TEXT).to_json()}))),
            metric("b", details=details("B", one=("enum", {"enum_name": "Step", "values": ["ONE"]}))),
        ],
        "two different classes or enumerations 'Step'",
    ),
    "a metric called as a page of another": ([metric("a"), metric("a_edge")], "type ReachAEdge"),
}


@pytest.mark.parametrize(("metrics", "message"), BROKEN.values(), ids=BROKEN)
def test_a_manifest_whose_names_stand_for_two_things_is_refused(metrics, message):
    built = build_registry(candidates(plugin(*metrics), MOOD))
    assert list(built.plugins) == ["mood"]
    assert re.search(message, built.broken["reach"]), built.broken["reach"]


def test_names_of_two_plugins_that_meet_name_both():
    both = plugins(plugin(metric("b_c"), id="a"), plugin(metric("c"), id="a_b"))
    with pytest.raises(ClashError, match=r"'a' .*'a_b'"):
        verify(both)
    with pytest.raises(ClashError, match=r"Query\.account .*the core .*'account'"):
        verify(plugins(plugin(COST, id="account")))
    assert field_name("a_b", "c") == field_name("a", "b_c")


def test_the_worked_examples_of_a_card_are_shown_as_data(at, monkeypatch):
    vector = Vector(
        given="two rows", expected="2", source="own", rows={"events": [{"at": DAY, "price": Decimal("1.5")}]},
        config={"days": 3}, measured={"value": 2},
    )  # fmt: skip
    shown = plugin(metric("breadth", card=replace(CARD, vectors=(vector,))))
    monkeypatch.setattr(plugin_registry, "installed_candidates", lambda: candidates(shown))
    plugin_registry.registry.cache_clear()
    query = "{ metrics { card { vectors { given expected source rows config measured } } } }"
    assert at.data(query)["metrics"][0]["card"]["vectors"] == [
        {
            "given": "two rows", "expected": "2", "source": "own", "config": {"days": 3}, "measured": {"value": 2},
            "rows": {"events": [{"at": str(DAY), "price": "1.5"}]},
        }
    ]  # fmt: skip
