"""Queries are paid for by what they cost; who has spent all hears when to come again, and nobody else notices."""

from datetime import timedelta

import pytest

from engage_server.access.keys import find_key
from engage_server.access.models import ApiKey
from engage_server.access.principal import EVERYTHING, Principal
from engage_server.api.execution import GraphQLRequest, answer
from engage_server.api.limits import MAX_COST
from engage_server.customers.models import Account
from engage_server.operations.account_tokens import issue_token
from engage_server.operations.keys import create_key
from engage_server.operations.limits import set_limit
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

SIXTY = {"query": "{ accounts(first: 50) { edges { node { id } } } }"}
NEW = "application/graphql-response+json"


@pytest.fixture(autouse=True)
def full_pages(acme, globex):
    """Pages of fifty accounts are full, so that nothing is paid back."""
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            Account.objects.bulk_create(Account(external_id=f"{n}") for n in range(50))


def allow(tenant, points: int, per_second: int = 1) -> None:
    set_limit(tenant, "query_points", points)
    set_limit(tenant, "query_points_per_second", per_second)


def test_the_cost_and_what_is_left_are_told(at_acme):
    allow(at_acme.tenant, 1_000)
    costs = [at_acme.post(SIXTY).json()["extensions"]["cost"] for _ in range(2)]
    assert {(cost["requested"], cost["maximum"]) for cost in costs} == {(60, MAX_COST)}
    assert [cost["budget"]["limit"] for cost in costs] == [1_000, 1_000]
    left = [cost["budget"]["left"] for cost in costs]
    assert left[0] in range(940, 943)
    assert left[1] in range(880, 885)


@pytest.mark.parametrize("accept", ["application/json", NEW])
def test_who_has_spent_all_is_refused_with_the_time_to_wait_and_other_tenants_are_not(
    at_acme, at_globex, accept
):
    allow(at_acme.tenant, 100)
    assert at_acme.post(SIXTY, accept=accept).status_code == 200
    refusal = at_acme.post(SIXTY, accept=accept)
    (error,) = refusal.json()["errors"]
    assert refusal.status_code == 429
    assert "data" not in refusal.json()
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert int(refusal["Retry-After"]) == error["extensions"]["retryAfter"]
    assert 15 <= int(refusal["Retry-After"]) <= 20
    assert refusal.json()["extensions"]["cost"]["requested"] == 60
    for _ in range(5):
        assert at_globex.post(SIXTY, accept=accept).status_code == 200


def test_what_is_refused_for_its_form_costs_as_well(at_acme):
    allow(at_acme.tenant, 3)
    for _ in range(3):
        assert at_acme.code("{ nonsense }") == "GRAPHQL_VALIDATION_FAILED"
    assert at_acme.post({"query": "{ nonsense }"}).status_code == 429


def test_a_query_over_the_limit_of_one_is_refused_without_being_paid_for(at_acme):
    allow(at_acme.tenant, 100)
    huge = {
        "query": "{ accounts(first: 100) { edges { node { children(first: 100) { edges { node { id } } } } } } }"
    }
    for _ in range(3):
        assert at_acme.post(huge).json()["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert at_acme.post(SIXTY).status_code == 200


def test_a_keys_own_budget_leaves_the_tenants_other_keys_alone(at_acme):
    key = find_key(at_acme.tenant, at_acme.key.split("_")[3])
    set_limit(at_acme.tenant, "query_points", 60, key=key)
    set_limit(at_acme.tenant, "query_points_per_second", 1, key=key)
    assert [at_acme.post(SIXTY).status_code for _ in range(2)] == [200, 429]
    assert at_acme.post(SIXTY).json()["errors"][0]["extensions"]["budgetOf"] == "key"
    other = Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.QUERY), at_acme.host)
    assert other.post(SIXTY).status_code == 200


def test_an_account_that_asks_too_much_takes_nothing_from_its_tenants_own_queries(at_acme, settings):
    settings.ENGAGE_QUERY_POINTS, settings.ENGAGE_ACCOUNT_POINTS = 10_000, 100
    with tenant_scope(at_acme.tenant):
        account = Account.objects.create(external_id="mine").pk
    public_id = at_acme.key.split("_")[3]
    token = issue_token(at_acme.tenant, public_id, account_id=account, lifetime=timedelta(hours=1)).text
    customer = Caller(at_acme.tenant, token, at_acme.host)
    assert {customer.post(SIXTY).status_code for _ in range(5)} == {200, 429}
    assert at_acme.post(SIXTY).status_code == 200


def test_each_key_and_each_person_has_what_the_tenant_sets_for_it(at_acme, at_globex):
    tenant = at_acme.tenant
    set_limit(tenant, "key_points_per_minute", 60)
    set_limit(tenant, "person_points_per_minute", 120)
    assert [at_acme.post(SIXTY).status_code for _ in range(2)] == [200, 429]
    refused = at_acme.post(SIXTY).json()
    assert refused["errors"][0]["extensions"]["budgetOf"] == "key"
    assert "of this key" in refused["errors"][0]["message"]
    other = Caller(tenant, create_key(tenant, ApiKey.Kind.QUERY), at_acme.host)
    assert other.post(SIXTY).status_code == 200
    for person in ("user:1", "user:2"):
        ask = [
            answer(GraphQLRequest(SIXTY["query"]), Principal(tenant, person, EVERYTHING)) for _ in range(3)
        ]
        assert [one.retry_after_s is None for one in ask] == [True, True, False]
        assert ask[0].payload["extensions"]["cost"]["budget"]["of"] == "person"
        assert ask[2].payload["errors"][0]["extensions"]["budgetOf"] == "person"
    assert [at_globex.post(SIXTY).status_code for _ in range(3)] == [200] * 3


def test_a_keys_own_points_stand_in_place_of_those_of_every_key(at_acme):
    set_limit(at_acme.tenant, "key_points_per_minute", 60)
    key = find_key(at_acme.tenant, at_acme.key.split("_")[3])
    set_limit(at_acme.tenant, "query_points", 180, key=key)
    set_limit(at_acme.tenant, "query_points_per_second", 1, key=key)
    assert [at_acme.post(SIXTY).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_the_tenants_budget_holds_above_those_of_its_people(at_acme):
    allow(at_acme.tenant, 100)
    set_limit(at_acme.tenant, "person_points_per_minute", 100_000)
    for person, executed in (("user:1", True), ("user:2", False)):
        given = answer(GraphQLRequest(SIXTY["query"]), Principal(at_acme.tenant, person, EVERYTHING))
        assert given.executed is executed
    assert given.payload["errors"][0]["extensions"]["budgetOf"] == "tenant"


@pytest.mark.parametrize(
    ("query", "requested", "spent"),
    [
        ("{ accounts(first: 100) { edges { node { id } } } }", 110, 60),
        ("{ a: accounts(first: 100) { e: edges { node { id } } } tenant { slug } }", 111, 61),
        ("query ($n: Int! = 100) { accounts(first: $n) { edges { node { id } } } }", 110, 60),
        ("{ accounts(first: 100) { pageInfo { hasNextPage } } }", 110, 110),
        ('{ segments(first: 100) { edges { node { id members(first: 4) { edges { cursor } } } } } }', 500, 5),
    ],
)  # fmt: skip
def test_rows_that_there_are_not_are_paid_back(at_acme, query, requested, spent):
    allow(at_acme.tenant, 5_000)
    cost = at_acme.post({"query": query}).json()["extensions"]["cost"]
    assert (cost["requested"], cost["spent"]) == (requested, spent)
    assert cost["budget"]["left"] in range(5_000 - spent, 5_002 - spent)
