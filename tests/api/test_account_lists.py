"""Lists of accounts: filtered by what they are and by their values, ordered in SQL, paged by key."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.api.types.account_filters import MOST_NAMED
from engage_server.customers.models import Account, Person
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.operations.segments import create_segment
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.api.conftest import Caller
from tests.metrics.values import DAY, store

STARTED = datetime(2026, 1, 1, tzinfo=UTC)
PLUGINS = ("health_score", "revenue", "nps")
BEFORE = DAY - timedelta(days=30)
ALL = """query ($first: Int = 100, $after: String, $last: Int, $before: String, $where: AccountFilter,
                $orderBy: AccountOrder, $on: Date) {
  accounts(first: $first, after: $after, last: $last, before: $before, where: $where, orderBy: $orderBy, on: $on) {
    totalCount edges { cursor node { externalId } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
ISSUE = "mutation ($id: ID!) { createAccountToken(input: {account: $id, expiresIn: 600}) { text } }"
# Of each account plan, stage, owner, health, health 30 days before, revenue, and of how many the health is.
ACCOUNTS: dict[str, tuple[str, str, str, float | None, float | None, float | None, int]] = {
    "carver": ("pro", "CUSTOMER", "ada@tenant.test", 20, 80, 100, 9),
    "dune": ("pro", "TRIAL", "bob", 50, 50, 1_000, 9),
    "ember": ("free", "CUSTOMER", "bob", 90, 10, 5_000, 9),
    "fjord": ("free", "LEAD", "", None, 40, 300, 9),
    "grove": ("", "CHURNED", "", 10, 70, None, 2),
}


def fill(tenant: TenantRef) -> None:
    with tenant_scope(tenant):
        for plugin in PLUGINS:
            activation.enable(plugin)
        for place, (name, (plan, stage, owner, health, before, revenue, n)) in enumerate(ACCOUNTS.items()):
            account = Account.objects.create(
                external_id=name, name=name.title(), plan=plan, stage=stage, owner=owner,
                traits={"region": "EU" if place % 2 else "US", "seats": place},
                started_at=STARTED + timedelta(days=place) if place else None,
            )  # fmt: skip
            of_it: dict[str, Any] = {"kind": "account", "subject": account.pk}
            store("health_score.score", health, n=n if health is not None else 0, **of_it)
            store("health_score.score", before, n=9, day=BEFORE, **of_it)
            if revenue is not None:
                store("revenue.mrr", revenue, n=1, **of_it)


@pytest.fixture
def caller(acme: TenantRef, globex: TenantRef) -> Caller:
    fill(acme)
    with tenant_scope(globex):
        Account.objects.create(external_id="carver", name="Another's", plan="pro")
        activation.enable("nps")
    return Caller(acme, create_key(acme, ApiKey.Kind.QUERY), "acme.localhost")


@pytest.fixture
def viewer(caller: Caller) -> Caller:
    """May read metrics, and nothing personal."""
    asked = KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset({Permission.METRICS_READ}))
    return Caller(caller.tenant, make_key(caller.tenant, asked).text, caller.host)


def names(caller: Caller, **variables: Any) -> list[str]:
    found = caller.data(ALL, **variables)["accounts"]
    listed = [edge["node"]["externalId"] for edge in found["edges"]]
    assert found["totalCount"] == len(listed)
    return listed


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"plan": ["pro"]}, ["carver", "dune"]),
        ({"plan": ["pro"], "stage": ["TRIAL", "LEAD"]}, ["dune"]),
        ({"owner": ["bob"]}, ["dune", "ember"]),
        ({"traits": [{"name": "region", "equals": "EU"}]}, ["dune", "fjord"]),
        ({"traits": [{"name": "region", "equals": "EU"}, {"name": "seats", "equals": 3}]}, ["fjord"]),
        ({"traits": [{"name": "seats", "equals": "3"}]}, []),
        ({"search": "UN"}, ["dune"]),
        ({"search": "%"}, []),
        ({"externalIds": ["ember", "nobody"]}, ["ember"]),
        ({"externalIds": []}, []),
        ({"metrics": [{"id": "health_score.score", "below": 50}]}, ["carver", "grove"]),
        ({"metrics": [{"id": "health_score.score", "above": 10, "below": 90}]}, ["carver", "dune"]),
        ({"metrics": [{"id": "revenue.mrr", "status": ["NO_DATA"]}]}, ["grove"]),
        (
            {"metrics": [{"id": "health_score.score", "below": 60}, {"id": "revenue.mrr", "above": 500}]},
            ["dune"],
        ),
    ],
)
def test_a_filter_finds_those_for_which_all_of_it_holds(caller: Caller, where: Any, expected: list[str]):
    assert names(caller, where=where) == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"by": "OLDEST"}, ["carver", "dune", "ember", "fjord", "grove"]),
        ({"by": "NEWEST"}, ["grove", "fjord", "ember", "dune", "carver"]),
        ({"by": "NAME_DESCENDING"}, ["grove", "fjord", "ember", "dune", "carver"]),
        ({"by": "STARTED"}, ["dune", "ember", "fjord", "grove", "carver"]),
        ({"by": "STARTED_DESCENDING"}, ["grove", "fjord", "ember", "dune", "carver"]),
        ({"metric": {"id": "health_score.score"}}, ["grove", "carver", "dune", "ember", "fjord"]),
        (
            {"metric": {"id": "health_score.score", "bestFirst": True}},
            ["ember", "dune", "carver", "grove", "fjord"],
        ),
        # Distances to 90: carver 70 x 100, dune 40 x 1,000, ember 0; fjord has no health, grove no revenue.
        (
            {"atStake": {"risk": "health_score.score", "worth": "revenue.mrr"}},
            ["dune", "carver", "ember", "grove", "fjord"],
        ),
        # Falls within 30 days: carver 60 x 100, dune and ember did not: of these dune is worse.
        (
            {"atStake": {"risk": "health_score.score", "worth": "revenue.mrr", "days": 30}},
            ["carver", "dune", "ember", "grove", "fjord"],
        ),
    ],
)
def test_an_order_holds_over_pages_forward_and_back(caller: Caller, order: Any, expected: list[str]):
    assert names(caller, orderBy=order) == expected
    forward, cursor = [], None
    for _ in expected:
        page = caller.data(ALL, first=1, after=cursor, orderBy=order)["accounts"]
        forward += [edge["node"]["externalId"] for edge in page["edges"]]
        cursor = page["pageInfo"]["endCursor"]
    assert (forward, page["pageInfo"]["hasNextPage"]) == (expected, False)
    back: list[str] = []
    cursor = None
    while len(back) < len(expected):
        page = caller.data(ALL, last=2, before=cursor, orderBy=order)["accounts"]
        back = [edge["node"]["externalId"] for edge in page["edges"]] + back
        cursor = page["pageInfo"]["startCursor"]
    assert back == expected
    assert page["pageInfo"]["hasPreviousPage"] is False
    assert page["pageInfo"]["hasNextPage"] is True


def test_values_of_an_earlier_day_filter_and_order(caller: Caller):
    order = {"metric": {"id": "health_score.score"}}
    assert names(caller, orderBy=order, on=str(BEFORE)) == ["ember", "fjord", "dune", "grove", "carver"]
    where = {"metrics": [{"id": "health_score.score", "below": 45}]}
    assert names(caller, where=where, on=str(BEFORE)) == ["ember", "fjord"]


def test_accounts_and_values_that_come_in_meanwhile_move_no_page(caller: Caller):
    order = {"metric": {"id": "health_score.score"}}
    rng = Random(7)
    found, cursor = [], None
    for turn in range(5):
        page = caller.data(ALL, first=1, after=cursor, orderBy=order)["accounts"]
        found += [edge["node"]["externalId"] for edge in page["edges"]]
        cursor = page["pageInfo"]["endCursor"]
        with tenant_scope(caller.tenant):
            added = Account.objects.create(external_id=f"new{turn}")
            # One before the page on its own day, and a newer day on which the order is another one.
            store("health_score.score", 1 + turn, kind="account", subject=added.pk)
            for pk in Account.objects.values_list("pk", flat=True):
                value = rng.randrange(100)
                store(
                    "health_score.score",
                    value,
                    kind="account",
                    subject=pk,
                    day=DAY + timedelta(days=turn + 1),
                )
    assert found == ["grove", "carver", "dune", "ember", "fjord"]


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"orderBy": {"by": "NAME"}},
        {"orderBy": {"metric": {"id": "health_score.score", "bestFirst": True}}},
        {"orderBy": {"metric": {"id": "health_score.score"}}, "where": {"plan": ["pro"]}},
        {"orderBy": {"metric": {"id": "health_score.score"}}, "on": str(DAY)},
    ],
)
def test_a_cursor_belongs_to_its_order_and_its_filter(caller: Caller, other: Any):
    order = {"metric": {"id": "health_score.score"}}
    cursor = caller.data(ALL, first=1, orderBy=order)["accounts"]["pageInfo"]["endCursor"]
    (error,) = caller.post({"query": ALL, "variables": {"first": 1, "after": cursor, **other}}).json()[
        "errors"
    ]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "another order, or with another filter" in error["message"]


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"first": 1_001}, "BAD_USER_INPUT"),
        ({"first": 0}, "BAD_USER_INPUT"),
        ({"last": 1_001}, "BAD_USER_INPUT"),
        ({"last": 1, "after": "x"}, "BAD_USER_INPUT"),
        ({"before": "x"}, "BAD_USER_INPUT"),
        ({"orderBy": {"metric": {"id": "nps.nothing"}}}, "UNKNOWN_METRIC"),
        ({"orderBy": {"metric": {"id": "health_score.portfolio_quality"}}}, "BAD_USER_INPUT"),
        ({"orderBy": {"metric": {"id": "churn.logo"}}}, "PLUGIN_DISABLED"),
        ({"where": {"traits": [{"name": "x", "equals": {"y": 1}}]}}, "BAD_USER_INPUT"),
        ({"where": {"traits": [{"name": "x", "equals": float("inf")}]}}, "BAD_USER_INPUT"),
        ({"where": {"traits": [{"name": "x", "equals": float("nan")}]}}, "BAD_USER_INPUT"),
        ({"where": {"externalIds": ["x"] * (MOST_NAMED + 1)}}, "BAD_USER_INPUT"),
        ({"where": {"segment": "nobody's"}}, "UNKNOWN_SEGMENT"),
        ({"where": {"search": "\x00"}}, "BAD_USER_INPUT"),
        (
            {"orderBy": {"atStake": {"risk": "nps.score", "worth": "revenue.mrr", "days": 0}}},
            "BAD_USER_INPUT",
        ),
    ],
)
def test_what_means_nothing_is_refused(caller: Caller, variables: Any, code: str):
    assert caller.code(ALL, **variables) == code


def test_a_thousand_accounts_are_one_page_or_ten(caller: Caller):
    with tenant_scope(caller.tenant):
        made = [Account(external_id=f"n{n}", name=f"N{n % 7}") for n in range(995)]
        rows = Account.objects.bulk_create(made)
        for row in rows[:100]:
            store("health_score.score", row.pk % 13, kind="account", subject=row.pk)
    order = {"metric": {"id": "health_score.score"}}
    whole = names(caller, first=1_000, orderBy=order)
    found, cursor = [], None
    for _ in range(10):
        page = caller.data(ALL, first=100, after=cursor, orderBy=order)["accounts"]
        found += [edge["node"]["externalId"] for edge in page["edges"]]
        cursor = page["pageInfo"]["endCursor"]
    assert found == whole
    assert len(set(whole)) == 1_000


def test_a_segment_and_a_parent_are_filters(caller: Caller):
    with tenant_scope(caller.tenant):
        above = Account.objects.get(external_id="dune")
        Account.objects.filter(external_id__in=["ember", "grove"]).update(parent=above)
        create_segment(
            "Paid", {"subject": "account", "condition": {"type": "plan", "any_of": ["pro", "free"]}}
        )
    segment = caller.nodes("{ segments(first: 1) { edges { node { id } } } }")[0]["id"]
    parent = caller.data('{ account(externalId: "dune") { id } }')["account"]["id"]
    assert names(caller, where={"segment": segment}) == ["carver", "dune", "ember", "fjord"]
    assert names(caller, where={"parent": parent}) == ["ember", "grove"]
    assert names(caller, where={"parent": parent, "segment": segment}) == ["ember"]
    assert names(caller, where={"ids": [parent, "nothing"]}) == ["dune"]


def test_another_tenants_accounts_and_ids_are_in_no_list(caller: Caller, globex: TenantRef):
    theirs = Caller(globex, create_key(globex, ApiKey.Kind.QUERY), "globex.localhost")
    assert names(theirs) == ["carver"]
    assert names(theirs, where={"plan": ["pro"]}, orderBy={"metric": {"id": "nps.score"}}) == ["carver"]
    id = theirs.data('{ account(externalId: "carver") { id } }')["account"]["id"]
    assert names(caller, where={"ids": [id]}) == []
    assert names(caller, where={"parent": id}) == []
    cursor = theirs.data(ALL, first=1)["accounts"]["pageInfo"]["endCursor"]
    assert caller.code(ALL, after=cursor) == "BAD_USER_INPUT"


def test_what_is_withheld_neither_filters_nor_orders(caller: Caller, viewer: Caller):
    admin = Caller(caller.tenant, create_key(caller.tenant, ApiKey.Kind.ADMIN), caller.host)
    admin.data("mutation { setMinimumPersons(input: {persons: 5}) { tenant { minimumPersons } } }")
    order = {"metric": {"id": "nps.score"}}
    with tenant_scope(caller.tenant):
        for name, value, n in (("carver", 5, 9), ("dune", 1, 2), ("ember", 3, 9)):
            pk = Account.objects.get(external_id=name).pk
            parts = [{"key": "all", "label": "All", "value": value, "points": value, "n": n}]
            store("nps.score", value, n=n, kind="account", subject=pk, contributions=parts)
    assert names(caller, orderBy=order)[:3] == ["dune", "ember", "carver"]
    assert names(viewer, orderBy=order)[:2] == ["ember", "carver"]
    below = {"metrics": [{"id": "nps.score", "below": 4}]}
    assert names(caller, where=below) == ["dune", "ember"]
    assert names(viewer, where=below) == ["ember"]
    suppressed = {"metrics": [{"id": "nps.score", "status": ["SUPPRESSED"]}]}
    assert names(viewer, where=suppressed) == ["dune"]


def test_persons_are_not_found_out_by_filters(caller: Caller, viewer: Caller):
    with tenant_scope(caller.tenant):
        Person.objects.create(external_id="bob")
        Account.objects.filter(external_id="dune").update(traits={"champion": "bob", "region": "EU"})
    champion = {"traits": [{"name": "champion", "equals": "bob"}]}
    assert names(caller, where=champion) == ["dune"]
    assert names(caller, where={"owner": ["bob"]}) == ["dune", "ember"]
    for where in (champion, {"owner": ["bob"]}, {"owner": ["ada@tenant.test"]}):
        assert names(viewer, where=where) == []
    assert names(viewer, where={"traits": [{"name": "region", "equals": "EU"}]}) == ["dune", "fjord"]


def test_who_sees_one_account_alone_finds_no_other(caller: Caller):
    admin = Caller(caller.tenant, create_key(caller.tenant, ApiKey.Kind.ADMIN), caller.host)
    id = admin.data('{ account(externalId: "dune") { id } }')["account"]["id"]
    token = admin.data(ISSUE, id=id)["createAccountToken"]["text"]
    customer = Caller(caller.tenant, token, caller.host)
    assert names(customer, first=9) == ["dune"]
    assert names(customer, first=9, orderBy={"metric": {"id": "revenue.mrr"}}) == ["dune"]
    assert names(customer, first=9, where={"plan": ["free"]}) == []
    for asked in (
        {"where": {"owner": ["bob"]}},
        {"where": {"parent": "x"}},
        {"orderBy": {"atStake": {"risk": "nps.score", "worth": "revenue.mrr"}}},
    ):
        assert customer.code(ALL, first=9, **asked) == "FORBIDDEN"
