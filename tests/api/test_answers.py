"""What the core's fields answer, from values written by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from engage_server.access.models import ApiKey
from engage_server.activity.models import Feature
from engage_server.customers.models import Account, Membership, Person
from engage_server.operations.keys import create_key
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.metrics.values import DAY, store


@pytest.fixture
def family(at_acme):
    """A parent with two children, each account with two members, one of them a bot."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with tenant_scope(at_acme.tenant):
        parent = Account.objects.create(external_id="p", name="Parent", traits={"tier": 1})
        children = [
            Account.objects.create(external_id=f"c{n}", name=f"Child {n}", parent=parent) for n in range(2)
        ]
        for account in (parent, *children):
            for excluded in (False, True):
                person = Person.objects.create(
                    external_id=f"{account.external_id}-{excluded}", is_excluded=excluded
                )
                Membership.objects.create(person=person, account=account, starts_at=start)
    return [parent, *children]


def test_the_tenant_tells_its_name_and_calendar(at_acme):
    assert at_acme.data("{ tenant { slug name timezone cadence } }")["tenant"] == {
        "slug": "acme",
        "name": "Acme",
        "timezone": "Europe/Berlin",
        "cadence": "DAILY",
    }


def test_plugins_show_configuration_and_the_form_to_change_it(at_acme):
    with tenant_scope(at_acme.tenant):
        activation.configure("mood", {"days": 7})
    mood, pulse = at_acme.data(
        "{ plugins { id title enabled config schema version configurationVersion problem } }"
    )["plugins"]
    assert (mood["id"], mood["enabled"], mood["config"], mood["version"]) == (
        "mood",
        True,
        {"days": 7},
        "1.2.3",
    )
    assert (mood["configurationVersion"], mood["problem"]) == (2, None)
    assert mood["schema"]["properties"]["days"]["type"] == "integer"
    assert (pulse["enabled"], pulse["config"], pulse["configurationVersion"]) == (False, {"days": 30}, 0)


def test_a_stored_configuration_that_is_no_longer_valid_is_shown_to_those_who_may_change_it(at_acme):
    with tenant_scope(at_acme.tenant):
        stored = {"days": "many", "token": "former secret", "former": "ada@example.test"}
        activation.PluginSetting.objects.update(config=stored)
    admin = Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.ADMIN), at_acme.host)
    mood = admin.data("{ plugins { id config problem } }")["plugins"][0]
    assert mood["config"] == {"days": "many", "token": None, "former": None}
    assert "days" in mood["problem"]
    hidden = at_acme.data("{ plugins { id config problem } }")["plugins"][0]
    assert hidden["config"] == {}
    assert "many" not in hidden["problem"]
    assert "not valid" in hidden["problem"]


def test_metrics_carry_their_card_and_the_tenants_latest_value(at_acme):
    with tenant_scope(at_acme.tenant):
        store("mood.score", 41.5)
    metrics = at_acme.data(
        """{ metrics { id plugin title korean: title(language: "ko") unit direction subjects schedule
               card { formula edgeRules vectors { given expected } timing }
               latest { day value status n window { start timezone } contributions { label points } details
                        definition { id } } } }"""
    )["metrics"]
    assert [metric["id"] for metric in metrics] == ["mood.score", "mood.swing", "mood.range"]
    first = metrics[0]
    assert (first["title"], first["korean"], first["direction"]) == ("Score", "점수", "UP")
    assert first["card"]["formula"] == "promised - kept"
    assert first["card"]["vectors"] == [{"given": "1, 2", "expected": "3"}]
    assert first["latest"]["value"] == 41.5
    assert first["latest"]["contributions"] == [{"label": "All", "points": 41.5}]
    assert first["latest"]["definition"] == {"id": "mood.score"}
    assert metrics[1]["latest"] is None


def test_a_metric_answers_for_a_day_and_for_an_account(at_acme, family):
    with tenant_scope(at_acme.tenant):
        store("mood.score", 1, day=DAY - timedelta(days=1))
        store("mood.score", 2)
        store("mood.score", 3, kind="account", subject=family[0].pk)
    id = at_acme.data('{ account(externalId: "p") { id } }')["account"]["id"]
    metric = at_acme.data(
        """query ($id: ID!, $day: Date!) { metric(id: "mood.score") {
             definition { id } newest: at { value } then: at(on: $day) { value }
             theirs: at(account: $id) { value label subjectKind } } }""",
        id=id,
        day=str(DAY - timedelta(days=1)),
    )["metric"]
    assert metric["definition"] == {"id": "mood.score"}
    assert (metric["newest"]["value"], metric["then"]["value"]) == (2, 1)
    assert metric["theirs"] == {"value": 3, "label": "Parent", "subjectKind": "ACCOUNT"}


def test_a_series_is_columns_of_equal_length_and_points(at_acme):
    with tenant_scope(at_acme.tenant):
        store("mood.score", 1, day=DAY - timedelta(days=2))
        store("mood.score", None)
    series = at_acme.data(
        """query ($from: Date!, $to: Date!) { metric(id: "mood.score") { series(from: $from, to: $to) {
             grain days values statuses points { day value n } } } }""",
        **{"from": str(DAY - timedelta(days=9)), "to": str(DAY)},
    )["metric"]["series"]
    assert series == {
        "grain": "DAY",
        "days": ["2026-03-29", "2026-03-31"],
        "values": [1, None],
        "statuses": ["OK", "NO_DATA"],
        "points": [{"day": "2026-03-29", "value": 1, "n": 4}, {"day": "2026-03-31", "value": None, "n": 4}],
    }


def test_weeks_are_a_grain(at_acme):
    with tenant_scope(at_acme.tenant):
        for offset in range(3):
            store("mood.score", offset, day=DAY - timedelta(days=offset))
    query = """{ metric(id: "mood.score") { series(from: "2026-03-01", to: "2026-03-31", grain: WEEK) { days } } }"""
    assert at_acme.data(query)["metric"]["series"]["days"] == ["2026-03-29", "2026-03-31"]


def test_an_account_shows_its_place_its_members_and_its_metrics(at_acme, family):
    with tenant_scope(at_acme.tenant):
        store("mood.score", 5, kind="account", subject=family[1].pk)
    account = at_acme.data(
        """{ account(externalId: "c0") {
               externalId name plan stage startedAt memberCount
               parent { externalId traits memberCount children(first: 1) { edges { node { externalId } } } }
               metrics { metric value } metric(id: "mood.score") { value } missing: metric(id: "mood.swing") { value }
               mood { score { value label } } } }"""
    )["account"]
    assert account == {
        "externalId": "c0",
        "name": "Child 0",
        "plan": "",
        "stage": "CUSTOMER",
        "startedAt": None,
        "memberCount": 1,
        "parent": {
            "externalId": "p",
            "traits": {"tier": 1},
            "memberCount": 1,
            "children": {"edges": [{"node": {"externalId": "c0"}}]},
        },
        "metrics": [{"metric": "mood.score", "value": 5}],
        "metric": {"value": 5},
        "missing": None,
        "mood": {"score": {"value": 5, "label": "Child 0"}},
    }


def test_an_unknown_account_is_null(at_acme):
    assert at_acme.data('{ account(externalId: "nobody") { name } }') == {"account": None}


def test_a_plugins_list_of_features_has_their_names(at_acme):
    with tenant_scope(at_acme.tenant):
        pk = Feature.objects.create(name="Search").pk
        store("mood.score", 8, kind="feature", subject=pk)
    query = "{ moodScoreByFeature(first: 9) { edges { node { label value } } } }"
    assert at_acme.nodes(query) == [{"label": "Search", "value": 8}]


PAGE = """query ($first: Int!, $after: String, $search: String) {
  accounts(first: $first, after: $after, where: { search: $search }) {
    totalCount edges { cursor node { externalId } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


def names(page) -> list[str]:
    return [edge["node"]["externalId"] for edge in page["edges"]]


def test_pages_follow_each_other_without_gap_or_overlap(at_acme, family):
    first = at_acme.data(PAGE, first=2)["accounts"]
    assert (names(first), first["totalCount"]) == (["p", "c0"], 3)
    assert first["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": first["edges"][0]["cursor"],
        "endCursor": first["edges"][1]["cursor"],
    }
    second = at_acme.data(PAGE, first=2, after=first["pageInfo"]["endCursor"])["accounts"]
    assert (names(second), second["totalCount"]) == (["c1"], 3)
    assert not second["pageInfo"]["hasNextPage"]
    assert second["pageInfo"]["hasPreviousPage"]


def test_search_looks_in_names_and_external_ids_literally(at_acme, family):
    assert names(at_acme.data(PAGE, first=9, search="CHILD")["accounts"]) == ["c0", "c1"]
    assert names(at_acme.data(PAGE, first=9, search="c1")["accounts"]) == ["c1"]
    assert names(at_acme.data(PAGE, first=9, search="%")["accounts"]) == []


def test_a_global_id_finds_its_account_again(at_acme, family):
    id = at_acme.data('{ account(externalId: "c1") { id } }')["account"]["id"]
    found = at_acme.data(
        "query ($id: ID!) { node(id: $id) { __typename id ... on Account { name } } }", id=id
    )
    assert found == {"node": {"__typename": "Account", "id": id, "name": "Child 1"}}


@pytest.mark.parametrize("id", ["", "x", "QWNjb3VudA", "🙂", "QWNjb3VudDoxOjk5OTk5OTk5OTk", "=" * 50])
def test_what_is_no_global_id_is_nothing(at_acme, id):
    assert at_acme.data("query ($id: ID!) { node(id: $id) { id } }", id=id) == {"node": None}
