"""What plugins declare is what GraphQL serves: typed, for every kind of subject, without a line of their code."""

import re
from datetime import timedelta

import pytest
from graphql import parse

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.activity.models import Feature
from engage_server.api.composition import compose, schema_for, verify
from engage_server.api.derived.common import MetricResult
from engage_server.api.derived.plugins import POINTS_OF_A_LIST, derived_fields
from engage_server.api.limits import measure
from engage_server.customers.models import Account, Person
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.plugin_host import activation
from engage_server.plugin_host import registry as plugin_registry
from engage_server.plugin_host.exceptions import ClashError
from engage_server.plugin_host.registry import build_registry
from engage_server.sdk import Sample
from engage_server.sdk.derived_names import field_name
from engage_server.sdk.details import RESERVED
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.api.probes import MOOD, candidates, plugins
from tests.api.rich import COST, DETAILED, REACH, STORED, details, metric, plugin
from tests.api.test_statements import statements
from tests.metrics.values import DAY, store

TYPED = """persons share revenue since seenAt band isNew loudest
    firstStep { name taken band } steps { name taken band } words"""


@pytest.fixture
def with_reach(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(plugin_registry, "installed_candidates", lambda: candidates(REACH, MOOD))
    plugin_registry.registry.cache_clear()
    schema_for.cache_clear()
    yield
    plugin_registry.registry.cache_clear()
    schema_for.cache_clear()


def caller_at(tenant, host: str) -> Caller:
    with tenant_scope(tenant):
        activation.enable("reach")
    return Caller(tenant, create_key(tenant, ApiKey.Kind.ADMIN), host)


@pytest.fixture
def at(with_reach, acme) -> Caller:
    return caller_at(acme, "acme.localhost")


@pytest.fixture
def other(with_reach, globex) -> Caller:
    return caller_at(globex, "globex.localhost")


def viewer(at: Caller) -> Caller:
    request = KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset({Permission.METRICS_READ}))
    return Caller(at.tenant, make_key(at.tenant, request).text, at.host)


def fill(
    at: Caller, values: dict[str, float | None], name: str = "reach.breadth", **changes
) -> dict[str, int]:
    """Accounts with these values; their plans are theirs alone."""
    pks = {}
    with tenant_scope(at.tenant):
        for label, value in values.items():
            row, _ = Account.objects.get_or_create(
                external_id=label, defaults={"name": label, "plan": f"plan {label}"}
            )
            pks[label] = row.pk
            store(name, value, kind="account", subject=row.pk, **{"details": STORED, **changes})
    return pks


def labels(page) -> list[str]:
    return [edge["node"]["label"] for edge in page["edges"]]


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
        "enum ReachBand {\n  LOW\n  HIGH\n}",
        '"""A step of the way."""\ntype ReachStep {',
        "type ReachOfAccount {",
    ):
        assert line in sdl
    of_accounts = sdl.partition("type ReachOfAccount {")[2].partition("}")[0]
    assert "depth" not in of_accounts
    assert "cost: ReachCost" in of_accounts


def test_what_names_a_person_is_null_without_the_right(at):
    with tenant_scope(at.tenant):
        Person.objects.create(external_id="ada@example.test")
        store("reach.breadth", 50, details={**STORED, "words": ["ada@example.test"]})
    found = viewer(at).data("{ reach { breadth { loudest words persons } } }")["reach"]["breadth"]
    assert found == {"loudest": None, "words": ["hidden person 1"], "persons": 7}


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


COMMON = """metric subjectKind label day value status n ageDays definitionVersion configurationVersion revision
    unit(language: "ko") direction noInterval normalised window { timezone } definition { id }
    benchmarks { statement low } interval { low high level method } account { name }"""


def test_every_result_says_what_all_of_them_say(at):
    said = {"low": 40.5, "high": 60, "level": 0.9, "method": "Wilson"}
    fill(at, {"mine": 50}, details={"value_interval": said, "normalised": 12.5})
    fill(at, {"mine": 3}, "reach.cost", details={"value_unit": "EUR", "value_direction": "UP"})
    asked = f'{{ account(externalId: "mine") {{ reach {{ breadth {{ {COMMON} }} cost {{ {COMMON} }} }} }} }}'
    found = at.data(asked)["account"]["reach"]
    assert found["breadth"].pop("ageDays") >= 0
    assert found["breadth"] == {
        "metric": "reach.breadth", "subjectKind": "account", "label": "mine", "day": str(DAY), "value": 50,
        "status": "OK", "n": 4, "definitionVersion": 1, "configurationVersion": 1, "revision": 1,
        "unit": "퍼센트", "direction": "UP", "noInterval": "", "normalised": 12.5,
        "window": {"timezone": "Europe/Berlin"}, "definition": {"id": "reach.breadth"},
        "benchmarks": [{"statement": "Above 40 is good", "low": 40}],
        "interval": said, "account": {"name": "mine"},
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
    compared = "difference percent isComparable other { value metric ... on ReachBreadth { persons } }"
    query = f"""query ($on: Date!, $never: Date!) {{ account(externalId: "mine") {{ reach {{
        breadth {{ compareTo(on: $on) {{ {compared} }} never: compareTo(on: $never) {{ percent }} }}
        cost {{ compareTo(on: $on) {{ percent difference isComparable }} }} }} }} }}"""
    found = at.data(query, on=str(DAY - timedelta(days=1)), never="2020-01-01")["account"]["reach"]
    assert found["breadth"] == {
        "compareTo": {
            "difference": 90,
            "percent": 225,
            "isComparable": False,
            "other": {"value": -40, "metric": "reach.breadth", "persons": 7},
        },
        "never": None,
    }
    assert found["cost"]["compareTo"] == {"percent": None, "difference": 5, "isComparable": True}


def test_a_list_begins_with_the_worst_by_the_metrics_direction(at):
    values = {"a": 10, "b": 30, "c": 20, "void": None}
    fill(at, values)
    fill(at, values, "reach.cost", details={})
    query = """{ up: reachBreadthByAccount(first: 9) { ...L }
        best: reachBreadthByAccount(first: 9, worstFirst: false) { ...L }
        down: reachCostByAccount(first: 9) { edges { node { label } } } }
        fragment L on ReachBreadthConnection { edges { node { label } } }"""
    found = at.data(query)
    assert labels(found["up"]) == ["a", "c", "b", "void"]
    assert labels(found["best"]) == ["b", "c", "a", "void"]
    assert labels(found["down"]) == ["b", "c", "a", "void"]


FILTERS = {
    "below: 20": ["a"],
    "above: 20": ["b"],
    "above: 10, below: 30": ["c"],
    "where: {}": ["a", "c", "b", "void"],
    'where: {plan: ["plan a", "plan b"]}': ["a", "b"],
    'where: {plan: ["plan a", "\\u0000"]}': ["a"],
    "where: {stage: [CHURNED]}": [],
    "where: {stage: [CHURNED, CUSTOMER]}": ["a", "c", "b", "void"],
    "where: {status: [NO_DATA]}": ["void"],
    "where: {band: [LOW]}": ["a"],
    "where: {band: [LOW, HIGH], isNew: true}": ["c", "b", "void"],
    "where: {isNew: false}": ["a"],
    'on: "2026-03-30"': [],
}


@pytest.mark.parametrize("arguments", FILTERS)
def test_a_list_is_narrowed_by_value_account_status_and_declared_details(at, arguments):
    fill(at, {"b": 30, "c": 20, "void": None})
    fill(at, {"a": 10}, details={**STORED, "band": "LOW", "is_new": False})
    query = (
        f"{{ reachBreadthByAccount(first: 9, {arguments}) {{ totalCount edges {{ node {{ label }} }} }} }}"
    )
    page = at.data(query)["reachBreadthByAccount"]
    assert labels(page) == FILTERS[arguments]
    assert page["totalCount"] == len(FILTERS[arguments])


def test_pages_follow_each_other_and_a_foreign_cursor_is_refused(at):
    fill(at, {f"a{n}": n // 2 for n in range(7)})
    query = """query ($after: String, $above: Float) { reachBreadthByAccount(first: 3, after: $after, above: $above) {
        edges { node { label } } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""
    seen, after, pages = [], None, 0
    while pages == 0 or after:
        page = at.data(query, after=after)["reachBreadthByAccount"]
        seen += labels(page)
        assert page["pageInfo"]["hasPreviousPage"] is (pages > 0)
        after, pages = page["pageInfo"]["endCursor"] if page["pageInfo"]["hasNextPage"] else None, pages + 1
    assert (seen, pages) == ([f"a{n}" for n in range(7)], 3)
    first = at.data(query)["reachBreadthByAccount"]["pageInfo"]["endCursor"]
    assert at.code(query, after="nonsense") == "BAD_USER_INPUT"
    gone = at.ask(query, after=first, above=2.5)["errors"][0]
    assert "Remedy: begin again" in gone["message"]
    assert at.code("{ reachBreadthByAccount(first: 101) { totalCount } }") == "BAD_USER_INPUT"


def test_features_are_listed_too_and_have_no_plan(at):
    with tenant_scope(at.tenant):
        pk = Feature.objects.create(name="Search").pk
        store("reach.breadth", 8, kind="feature", subject=pk, details=STORED)
    query = "{ reachBreadthByFeature(first: 3, where: {band: [HIGH]}) { edges { node { label account { name } } } } }"
    assert at.nodes(query) == [{"label": "Search", "account": None}]
    refused = '{ reachBreadthByFeature(first: 3, where: {plan: ["x"]}) { totalCount } }'
    assert at.code(refused) == "GRAPHQL_VALIDATION_FAILED"


def test_each_tenant_is_listed_by_itself(at, other):
    fill(at, {"shared": 1, "acme only": 2})
    fill(other, {"shared": 9})
    query = """{ reachBreadthByAccount(first: 9) { totalCount edges { node { label value account { name } } } }
        account(externalId: "shared") { reach { breadth {
            value series(from: "2026-03-01", to: "2026-03-31") { values } } } } }"""
    mine, theirs = at.data(query), other.data(query)
    assert (mine["reachBreadthByAccount"]["totalCount"], labels(theirs["reachBreadthByAccount"])) == (
        2,
        ["shared"],
    )
    assert theirs["account"]["reach"]["breadth"] == {"value": 9, "series": {"values": [9]}}
    assert mine["account"]["reach"]["breadth"] == {"value": 1, "series": {"values": [1]}}
    with tenant_scope(other.tenant):
        activation.disable("reach")
    codes = {error["extensions"]["code"] for error in other.ask(query)["errors"]}
    assert codes == {"GRAPHQL_VALIDATION_FAILED"}
    assert at.data(query) == mine


def test_a_page_of_results_takes_a_fixed_number_of_statements(at):
    fill(at, {f"a{n:02}": n for n in range(50)})
    fill(at, {f"a{n:02}": n for n in range(50)}, "reach.cost")
    everything = f"""{COMMON} {TYPED} compareTo(on: "2026-03-30") {{ percent other {{ value }} }}
        series(from: "2026-03-01", to: "2026-03-31") {{ values }}"""
    taken = set()
    for first in (1, 10, 50):
        listed = f"{{ reachBreadthByAccount(first: {first}) {{ edges {{ node {{ {everything} }} }} }} }}"
        below = f"reach {{ breadth {{ {everything} }} cost {{ value }} }}"
        nested = f"{{ accounts(first: {first}) {{ edges {{ node {{ {below} }} }} }} }}"
        # The enabled plugins, the list or page; accounts of the list; the other day; the series; in accounts both metrics.
        taken.add((statements(at.tenant, listed)[1], statements(at.tenant, nested)[1]))
    assert taken == {(5, 6)}


def test_a_list_costs_what_it_reads_whatever_its_page(with_reach):
    schema = compose(plugins(REACH))
    (short, long) = (
        measure(
            parse(f"{{ reachCostByAccount(first: {n}) {{ edges {{ node {{ value }} }} }} }}"),
            {},
            schema.costs,
        )
        for n in (1, 100)
    )
    assert short.cost == POINTS_OF_A_LIST + 3
    assert long.cost == POINTS_OF_A_LIST + 300
    assert measure(parse("{ reach { cost { value } } }"), {}, schema.costs).cost == 2


def test_a_token_for_an_account_sees_its_own_results_and_no_list(at):
    pks = fill(at, {"mine": 1, "theirs": 2})
    from_id = at.data('{ account(externalId: "mine") { id } }')["account"]["id"]
    issue = "mutation ($id: ID!) { createAccountToken(accountId: $id) { text } }"
    token = at.data(issue, id=from_id)["createAccountToken"]["text"]
    customer = Caller(at.tenant, token, at.host)
    query = '{ account(externalId: "mine") { reach { breadth { value persons details account { name } } } } }'
    found = customer.data(query)["account"]["reach"]["breadth"]
    assert found == {"value": 1, "persons": 7, "details": {}, "account": {"name": "mine"}}
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
