"""Each screen of a front end is one request, answered in a fixed number of statements and within the usual budget."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from django.conf import settings
from graphql import parse, print_ast

from engage_server.access.models import ApiKey
from engage_server.access.principal import EVERYTHING, Permission, Principal
from engage_server.api.execution import GraphQLRequest, answer
from engage_server.customers.models import Account
from engage_server.ingest.store import store_items
from engage_server.operations.annotations import create_annotation
from engage_server.operations.goals import create_goal
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.api.conftest import Caller
from tests.api.screen_tenant import PLUGINS, fill
from tests.api.test_statements import counted
from tests.engine.test_questions import DAY, FIRMS, items_of
from tests.metrics.values import store

SCREENS: Final = Path(__file__).parent / "screens"
A_MINUTE: Final = 12  # times a person opens a screen


@pytest.fixture
def filled(acme: TenantRef) -> tuple[TenantRef, date]:
    return acme, fill(acme)


def screen(name: str) -> str:
    return (SCREENS / f"{name}.graphql").read_text()


def asked(tenant: TenantRef, name: str, **variables: Any) -> tuple[dict[str, Any], int, int]:
    """The answer without errors, its cost and the number of statements that read."""
    request = GraphQLRequest(screen(name), variables)
    with counted() as statements:
        payload = answer(request, Principal(tenant, "key:test", EVERYTHING)).payload
    assert "errors" not in payload, payload["errors"]
    return payload["data"], payload["extensions"]["cost"]["requested"], statements()


def asked_as(tenant: TenantRef, name: str, **variables: Any) -> dict[str, Any]:
    """The data that another tenant gets, which has the same plugins and nothing else."""
    with tenant_scope(tenant):
        for plugin in PLUGINS:
            activation.enable(plugin)
    return asked(tenant, name, **variables)[0]


def test_a_portfolio_of_fifty_is_one_request_of_constant_statements(
    filled: tuple[TenantRef, date], globex: TenantRef
) -> None:
    tenant, last = filled
    stake = {"atStake": {"risk": "health_score.score", "worth": "revenue.mrr"}}
    where = {
        "plan": ["pro", "free"],
        "traits": [{"name": "region", "equals": "EU"}],
        "stage": ["CUSTOMER"],
        "owner": [f"owner {n}" for n in range(4)],
        "metrics": [{"id": "license_utilization.utilization", "below": 1_000}],
    }
    found, cost, statements = asked(tenant, "portfolio", orderBy=stake)
    page = found["accounts"]
    assert page["totalCount"] == 60
    assert page["pageInfo"]["hasNextPage"] is True
    first = page["edges"][0]["node"]
    # The last account is the worst and pays most.
    assert first["externalId"] == "a59"
    assert first["recurring"] == [{"amount": "159", "currency": "EUR"}]
    score = first["healthScore"]["score"]
    assert score["sparkline"]["days"][-1] == str(last)
    assert len(score["sparkline"]["values"]) == 30
    assert (score["value"], score["band"], score["week"], score["month"]) == (
        1,
        "RED",
        {"difference": -2},
        {"difference": -10, "isComparable": True},
    )
    assert score["why"]["sentence"].startswith("Down 10")
    assert [
        first[name][metric]["value"] for name, metric in (("nps", "score"), ("usageFrequency", "activeDays"))
    ] == [
        29,
        3,
    ]
    few, _, statements_of_few = asked(
        tenant, "portfolio", orderBy=stake, where={"externalIds": ["a01", "a02"]}
    )
    assert len(few["accounts"]["edges"]) == 2
    assert statements == statements_of_few == 10
    filtered, _, _ = asked(tenant, "portfolio", orderBy=stake, where=where)
    assert filtered["accounts"]["totalCount"] == 32
    assert cost * A_MINUTE <= settings.ENGAGE_QUERY_POINTS_PER_SECOND * 60
    assert Caller(globex, create_key(globex, ApiKey.Kind.QUERY), "globex.localhost").data(
        "{ accounts { totalCount } }"
    ) == {"accounts": {"totalCount": 0}}


def test_an_account_is_one_request_of_constant_statements(
    filled: tuple[TenantRef, date], globex: TenantRef
) -> None:
    tenant, last = filled
    with tenant_scope(tenant):
        Account.objects.filter(external_id="a05").update(parent=Account.objects.get(external_id="a01"))
        due = last + timedelta(days=90)
        create_goal("Healthy", {"metric": "health_score.score", "target": 90, "due": due, "account": "a01"})
        create_annotation({"day": last, "text": "Release"})
    asked(tenant, "account", externalId="a03", touches=["call"])  # which takes in the events that just came
    found, cost, statements = asked(tenant, "account", externalId="a01", touches=["call"])
    page = found["account"]
    assert [edge["node"]["externalId"] for edge in page["children"]["edges"]] == ["a05"]
    assert [edge["node"]["email"] for edge in page["members"]["edges"]] == [
        "p02@example.test",
        "p03@example.test",
    ]
    (subscription,) = [edge["node"] for edge in page["subscriptions"]["edges"]]
    assert subscription["state"] == "PAID"
    assert (subscription["amount"], subscription["monthly"]) == (
        {"amount": "1212", "currency": "EUR"},
        {"amount": "101"},
    )
    assert page["answers"]["totalCount"] == 2
    newest = page["answers"]["edges"][0]["node"]
    assert (newest["score"], newest["scale"], newest["text"]) == (2, {"low": 0, "high": 10}, "Answer 2")
    events = [edge["node"] for edge in page["events"]["edges"]]
    assert (len(events), page["events"]["pageInfo"]["hasNextPage"]) == (30, True)
    assert {event["name"] for event in events} == {"report_saved", "call"}
    times = [event["occurredAt"] for event in events]
    assert times == sorted(times, reverse=True)
    assert {edge["node"]["person"]["externalId"] for edge in page["touches"]["edges"]} == {"p03@example.test"}
    trends = [page["healthScore"]["score"], page["nps"]["score"], page["revenue"]["mrr"]]
    assert [len(trend["sparkline"]["values"]) for trend in trends] == [90, 90, 90]
    causes = page["healthScore"]["score"]["explainChange"]["causes"]
    assert [cause["change"] for cause in causes] == [-5, -5]
    assert [edge["node"]["name"] for edge in page["goals"]["edges"]] == ["Healthy"]
    assert [edge["node"]["text"] for edge in found["annotations"]["edges"]] == ["Release"]
    again, _, of_another = asked(tenant, "account", externalId="a02", touches=["call"])
    assert again["account"]["children"]["edges"] == []
    # Who has no children is asked about them all the same; a goal is held against its value.
    assert (statements, of_another) == (32, 31)
    assert cost * A_MINUTE <= settings.ENGAGE_QUERY_POINTS_PER_SECOND * 60
    assert asked_as(globex, "account", externalId="a01", touches=[]) == {
        "account": None,
        "annotations": {"edges": []},
    }


def test_the_timeline_turns_page_by_page_and_of_the_account_alone(filled: tuple[TenantRef, date]) -> None:
    tenant, _ = filled
    ask = """query ($after: String) { account(externalId: "a01") { events(first: 7, after: $after) {
        edges { node { name occurredAt } } pageInfo { hasNextPage endCursor } } } }"""
    caller = Caller(tenant, create_key(tenant, ApiKey.Kind.QUERY), "acme.localhost")
    found: list[dict[str, Any]] = []
    after, more = None, True
    while more:
        page = caller.data(ask, after=after)["account"]["events"]
        found += [edge["node"] for edge in page["edges"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    # Two events on each of twenty days; what a bot did is in no answer.
    assert len(found) == 40
    assert found == sorted(found, key=lambda event: event["occurredAt"], reverse=True)
    other = """query ($after: String) { account(externalId: "a02") { events(after: $after) { edges { cursor } } } }"""
    assert caller.code(other, after=caller.data(ask)["account"]["events"]["pageInfo"]["endCursor"]) == (
        "BAD_USER_INPUT"
    )
    far = '{ account(externalId: "a01") { events(where: { from: "2020-01-01" }) { edges { cursor } } } }'
    assert caller.code(far) == "BAD_USER_INPUT"


def test_a_person_leads_to_accounts_events_and_answers_for_who_may_see_persons(
    filled: tuple[TenantRef, date], globex: TenantRef
) -> None:
    tenant, _ = filled
    members = '{ account(externalId: "a01") { members(first: 1) { edges { node { id } } } } }'
    admin = Caller(tenant, create_key(tenant, ApiKey.Kind.ADMIN), "acme.localhost")
    id = admin.data(members)["account"]["members"]["edges"][0]["node"]["id"]
    found, cost, _ = asked(tenant, "person", id=id)
    person = found["person"]
    assert [edge["node"]["account"]["externalId"] for edge in person["accounts"]["edges"]] == ["a01"]
    assert {edge["node"]["name"] for edge in person["events"]["edges"]} == {"report_saved"}
    assert {edge["node"]["account"]["externalId"] for edge in person["events"]["edges"]} == {"a01"}
    assert [edge["node"]["text"] for edge in person["answers"]["edges"]] == ["Answer 2"]
    assert cost * A_MINUTE <= settings.ENGAGE_QUERY_POINTS_PER_SECOND * 60
    request = KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset({Permission.METRICS_READ}))
    viewer = Caller(tenant, make_key(tenant, request).text, "acme.localhost")
    masked = viewer.data(screen("person"), id=id)["person"]
    assert {
        name: masked[name] for name in ("externalId", "email", "accounts", "events", "answers")
    } == dict.fromkeys(("externalId", "email", "accounts", "events", "answers"))
    hidden = viewer.post(
        {"query": screen("account"), "variables": {"externalId": "a01", "touches": ["call"]}}
    )
    assert b"example.test" not in hidden.content
    assert b"Answer 2" not in hidden.content
    with tenant_scope(globex):
        activation.enable("nps")
    theirs = Caller(globex, create_key(globex, ApiKey.Kind.ADMIN), "globex.localhost")
    assert theirs.data(screen("person"), id=id) == {"person": None}


def test_members_of_many_accounts_lead_on_without_a_statement_for_each(
    filled: tuple[TenantRef, date],
) -> None:
    tenant, _ = filled
    deep = """{ accounts(first: %d) { edges { node {
        children(first: 2) { totalCount edges { node { subscriptions(first: 2) { edges { node { state } } } } } }
        subscriptions(first: 2) { totalCount edges { node { state } } }
        answers(first: 2) { totalCount edges { node { text person { externalId } account { name } } } }
        members(first: 2) { edges { node {
            accounts(first: 2) { edges { node { account { name recurring { amount } } } } }
            answers(first: 1) { totalCount edges { node { score } } } } } } } } } }"""
    taken = []
    for first in (2, 10):
        with counted() as statements:
            given = answer(GraphQLRequest(deep % first), Principal(tenant, "key:test", EVERYTHING)).payload
        assert "errors" not in given, given["errors"]
        assert len(given["data"]["accounts"]["edges"]) == first
        taken.append(statements())
    assert taken[0] == taken[1]


def test_what_moved_is_one_request(filled: tuple[TenantRef, date], globex: TenantRef) -> None:
    tenant, last = filled
    with tenant_scope(tenant):
        store("nps.score", -90, n=40, day=last + timedelta(days=1))
    found, cost, _ = asked(tenant, "what_moved", on=str(last + timedelta(days=1)))
    moved = [edge["node"] for edge in found["whatMoved"]["edges"]]
    assert [one["metric"] for one in moved] == ["nps.score"]
    assert moved[0]["anomaly"]["state"] == "LOW"
    assert cost * A_MINUTE <= settings.ENGAGE_QUERY_POINTS_PER_SECOND * 60
    assert asked_as(globex, "what_moved", on=str(last))["whatMoved"]["totalCount"] == 0


def test_adoption_by_plan_is_one_request(acme: TenantRef, globex: TenantRef) -> None:
    for tenant, firms in ((acme, FIRMS), (globex, ["c"])):
        with tenant_scope(tenant):
            store_items(items_of(firms), source="web")
            activation.enable("adoption")
    found, cost, _ = asked(acme, "adoption", on=str(DAY))
    by_plan = {one["group"]: one["value"]["details"]["features"] for one in found["metric"]["compute"]}
    assert set(by_plan) == {"pro", "basic"}
    assert all(0 < feature["share"] <= 1 for features in by_plan.values() for feature in features)
    theirs = asked_as(globex, "adoption", on=str(DAY))["metric"]["compute"]
    assert [one["group"] for one in theirs] == ["basic"]
    assert cost * A_MINUTE <= settings.ENGAGE_QUERY_POINTS_PER_SECOND * 60


FORMS: Final[dict[str, dict[str, Any]]] = {
    **{form: {} for form in ("Plugins", "Segments", "Goals", "Runs", "Origins", "Keys", "Dictionary")},
    "TryConfiguration": {"plugin": "mood", "changes": {"days": 9}, "version": 1},
}


def test_each_form_of_administration_is_one_request_about_its_own_tenant(
    at_acme: Caller, at_globex: Caller
) -> None:
    for caller, plugin in ((at_acme, "mood"), (at_globex, "pulse")):
        with tenant_scope(caller.tenant):
            body = {"metric": f"{plugin}.score", "target": 5, "due": date(2040, 1, 1)}
            create_goal(f"Goal of {caller.tenant.slug}", body)
    admin = Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.ADMIN), at_acme.host)
    operations = {one.name.value: print_ast(one) for one in parse(screen("administration")).definitions}
    assert operations.keys() == FORMS.keys()
    told = []
    for form, variables in FORMS.items():
        given = admin.post({"query": operations[form], "variables": variables}).json()
        assert "errors" not in given, (form, given["errors"])
        cost = given["extensions"]["cost"]["requested"]
        assert cost * A_MINUTE <= settings.ENGAGE_QUERY_POINTS_PER_SECOND * 60, form
        told.append(json.dumps(given["data"]))
    assert "Goal of acme" in "".join(told)
    assert "globex" not in "".join(told)
    with tenant_scope(at_acme.tenant):
        assert activation.active_plugins()["mood"].version == 1, "it was only tried"
