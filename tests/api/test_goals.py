"""Goals over GraphQL: set by those who configure, with their progress for those who read metrics."""

from datetime import date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.customers.models import Account
from engage_server.definitions.exceptions import InvalidDefinitionError
from engage_server.operations import goals, segments
from engage_server.operations.account_tokens import issue_token
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.plugin_host.exceptions import UnknownPluginError
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller, nodes_of
from tests.metrics.values import store

CREATE = (
    "mutation ($goal: CreateGoalInput!) { createGoal(input: $goal) { goal { id name target baseline "
    "progress status author } } }"
)
SHOW = """{ goals(first: 9) { edges { node {
    name metric target due progress expected status baseline current { value } account { externalId } definition { id }
} } } }"""


def today(caller: Caller) -> date:
    return datetime.now(caller.tenant.zone).date()


def admin(caller: Caller) -> Caller:
    return Caller(caller.tenant, create_key(caller.tenant, ApiKey.Kind.ADMIN), caller.host)


@pytest.fixture
def at_both(at_acme, at_globex) -> tuple[Caller, Caller]:
    """Admins of both, with an account of one name and, at acme, values of ten and of two days ago."""
    for caller in (at_acme, at_globex):
        with tenant_scope(caller.tenant):
            Account.objects.create(external_id="shared", name=caller.tenant.slug)
    with tenant_scope(at_acme.tenant):
        pk = Account.objects.get(external_id="shared").pk
        for days, value in ((10, 20), (2, 30)):
            day = today(at_acme) - timedelta(days=days)
            store("mood.score", value, day=day)
            store("mood.score", value / 2, kind="account", subject=pk, day=day)
    return admin(at_acme), admin(at_globex)


def goal(caller: Caller, **changes) -> dict:
    start = today(caller) - timedelta(days=10)
    due = start + timedelta(days=40)
    return {
        "name": "Better",
        "metric": "mood.score",
        "target": 40,
        "start": str(start),
        "due": str(due),
        **changes,
    }


def test_a_goal_counts_from_the_value_of_its_start(at_both, at_acme):
    acme, _ = at_both
    made = acme.data(CREATE, goal=goal(acme))["createGoal"]["goal"]
    assert (made["baseline"], made["progress"], made["status"]) == (20, 0.5, "AHEAD")
    assert made["author"].startswith("key:")
    (shown,) = at_acme.nodes(SHOW)
    assert shown == {
        "name": "Better", "metric": "mood.score", "target": 40, "due": str(today(acme) + timedelta(days=30)),
        "progress": 0.5, "expected": 0.25, "status": "AHEAD", "baseline": 20, "current": {"value": 30},
        "account": None, "definition": {"id": "mood.score"},
    }  # fmt: skip


def test_one_tenants_goals_are_not_the_others(at_both):
    acme, globex = at_both
    made = acme.data(CREATE, goal=goal(acme))["createGoal"]["goal"]
    assert globex.nodes(SHOW) == []
    assert globex.data("query ($id: ID!) { goal(id: $id) { name } }", id=made["id"]) == {"goal": None}
    for mutation in (
        "retireGoal(input: {id: $id}) { goal { name } }",
        "updateGoal(input: {id: $id, changes: {target: 1}}) { goal { name } }",
    ):
        assert globex.code(f"mutation ($id: ID!) {{ {mutation} }}", id=made["id"]) == "BAD_USER_INPUT"
    assert acme.nodes(SHOW)[0]["target"] == 40


def test_a_goal_for_an_account_is_shown_at_the_account_and_to_its_own_token(at_both):
    acme, globex = at_both
    ids = [one.data('{ account(externalId: "shared") { id } }')["account"]["id"] for one in at_both]
    acme.data(CREATE, goal=goal(acme, account=ids[0], target=20, note="lazy people"))
    assert acme.code(CREATE, goal=goal(acme, name="Foreign", account=ids[1])) == "BAD_USER_INPUT"
    asked = """{ account(externalId: "shared") {
        goals { edges { node { target progress note author current { value } } } } } }"""
    (shown,) = nodes_of(acme.data(asked)["account"]["goals"])
    assert (shown["target"], shown["progress"], shown["current"], shown["note"]) == (
        20,
        0.5,
        {"value": 15},
        "lazy people",
    )
    assert nodes_of(globex.data(asked)["account"]["goals"]) == []
    with tenant_scope(acme.tenant):
        pk = Account.objects.get(external_id="shared").pk
    token = issue_token(acme.tenant, acme.key.split("_")[3], account_id=pk, lifetime=timedelta(hours=1))
    customer = Caller(acme.tenant, token.text, acme.host)
    (own,) = nodes_of(customer.data(asked)["account"]["goals"])
    assert own == {**shown, "note": "", "author": ""}
    assert customer.code(SHOW) == "FORBIDDEN"


def test_the_goals_of_a_page_of_accounts_take_a_fixed_number_of_statements(
    at_both, django_assert_max_num_queries
):
    acme, _ = at_both
    with tenant_scope(acme.tenant):
        for number in range(12):
            pk = Account.objects.create(external_id=f"a{number}").pk
            store("mood.score", number, kind="account", subject=pk, day=today(acme))
            given = {"metric": "mood.score", "target": 40, "due": today(acme) + timedelta(days=9)}
            goals.create_goal(f"of {number}", {**given, "account": f"a{number}"})
    query = "{ accounts(first: 20) { edges { node { goals(first: 3) { edges { node { status current { value } } } } } } } }"
    with django_assert_max_num_queries(14):
        found = acme.nodes(query)
    assert [one["goals"]["edges"][0]["node"]["current"]["value"] for one in found[1:]] == list(range(12))


def test_the_accounts_and_segments_of_a_page_of_goals_take_a_fixed_number_of_statements(at_both):
    acme, globex = at_both
    query = """{ goals(first: 50) { edges { node {
        name status current { value } account { externalId } segment { name } } } } }"""
    acme.nodes(query)  # what a process reads once
    counts = []
    for numbers in (range(2), range(2, 9)):
        with tenant_scope(acme.tenant):
            body = {"metric": "mood.score", "target": 40, "due": today(acme) + timedelta(days=9)}
            for number in numbers:
                pk = Account.objects.create(external_id=f"a{number}").pk
                store("mood.score", number, kind="account", subject=pk, day=today(acme))
                goals.create_goal(f"account {number}", {**body, "account": f"a{number}"})
                chosen = segments.create_segment(f"s{number}", {"subject": "account", "tracked": True})
                store("mood.score", number, kind="segment", subject=chosen.number, day=today(acme))
                goals.create_goal(f"segment {number}", {**body, "segment": chosen.number})
            # Goals outlive their accounts, and are not asked about again with each of their fields.
            gone = Account.objects.create(external_id=f"gone{numbers[0]}")
            goals.create_goal(f"gone {numbers[0]}", {**body, "account": gone.external_id})
            gone.delete()
        acme.nodes(query)  # rights that are asked for again after some seconds are not this page's
        with CaptureQueriesContext(connection) as statements:
            found = {one["name"]: one for one in acme.nodes(query)}
        counts.append(len(statements))
    assert counts[0] == counts[1]
    for number in range(9):
        of_account, of_segment = found[f"account {number}"], found[f"segment {number}"]
        assert (of_account["account"], of_account["current"]) == (
            {"externalId": f"a{number}"},
            {"value": number},
        )
        assert (of_segment["segment"], of_segment["current"]) == ({"name": f"s{number}"}, {"value": number})
    assert (found["gone 0"]["account"], found["gone 0"]["current"]) == (None, None)
    assert globex.nodes(query) == []


def test_a_goal_that_is_due_is_judged_by_the_value_of_its_day(at_both):
    acme, _ = at_both
    day = today(acme) - timedelta(days=2)
    acme.data(CREATE, goal=goal(acme, due=str(day)))
    with tenant_scope(acme.tenant):
        store("mood.score", 99, day=today(acme))
    (shown,) = acme.nodes(SHOW)
    assert (shown["status"], shown["current"], shown["expected"]) == ("MISSED", {"value": 30}, 1)


def test_a_goal_changes_and_ends_in_versions(at_both):
    acme, _ = at_both
    id = acme.data(CREATE, goal=goal(acme))["createGoal"]["goal"]["id"]
    update = """mutation ($id: ID!, $changes: GoalChanges!) {
        updateGoal(input: {id: $id, changes: $changes}) { goal { name version baseline } }
    }"""
    later = str(today(acme) - timedelta(days=2))
    changed = acme.data(update, id=id, changes={"name": "Best", "target": 60})["updateGoal"]["goal"]
    assert changed == {"name": "Best", "version": 2, "baseline": 20}
    assert acme.data(update, id=id, changes={"start": later})["updateGoal"]["goal"]["baseline"] == 30
    assert acme.data("mutation ($id: ID!) { retireGoal(input: {id: $id}) { goal { name } } }", id=id)[
        "retireGoal"
    ]["goal"] == {"name": "Best"}
    assert acme.nodes(SHOW) == []


def test_who_may_not_configure_sets_none(at_both):
    acme, _ = at_both
    request = KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset({Permission.METRICS_READ}))
    viewer = Caller(acme.tenant, make_key(acme.tenant, request).text, acme.host)
    assert viewer.code(CREATE, goal=goal(acme)) == "FORBIDDEN"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"due": "2020-01-01"}, "due is not after start"),
        ({"account": "nobody"}, "no account 'nobody'"),
        ({"target": float("nan")}, "finite"),
        ({"metric": "mood"}, "metric"),
        ({"account": "shared", "segment": 1}, "not for both"),
    ],
)
def test_what_can_be_no_goal_says_why(at_both, changes, said):
    acme, _ = at_both
    body = {name: value for name, value in goal(acme).items() if name != "name"}
    with tenant_scope(acme.tenant), pytest.raises(InvalidDefinitionError, match=said):
        goals.create_goal("Bad", {**body, **changes})


def test_a_metric_that_there_is_not_and_a_segment_that_nothing_is_computed_for_are_refused(at_both):
    acme, _ = at_both
    body = {name: value for name, value in goal(acme).items() if name != "name"}
    with tenant_scope(acme.tenant):
        with pytest.raises(UnknownPluginError, match="Known metrics"):
            goals.create_goal("Bad", {**body, "metric": "mood.level"})
        untracked = segments.create_segment("Some", {"subject": "account"}).number
        with pytest.raises(InvalidDefinitionError, match="track it first"):
            goals.create_goal("Bad", {**body, "segment": untracked})


def test_the_command_lists_and_names_those_there_are(at_both, capsys):
    acme, globex = at_both
    acme.data(CREATE, goal=goal(acme))
    call_command("goal", "list", "--tenant", acme.tenant.slug)
    assert "Better  mood.score of tenant: 40 by" in capsys.readouterr().out
    call_command("goal", "list", "--tenant", globex.tenant.slug)
    assert capsys.readouterr().out == ""
    with pytest.raises(CommandError, match="'Better'"):
        call_command("goal", "retire", "Worse", "--tenant", acme.tenant.slug)
