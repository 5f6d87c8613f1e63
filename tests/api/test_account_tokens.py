"""A token for an account shows that account and nothing else of its tenant, whatever is asked for."""

import pytest
from django.test import Client

from engage_server.access.models import ApiKey
from engage_server.api.composition import schema_for
from engage_server.api.ids import global_id
from engage_server.customers.models import Account, Membership, Person
from engage_server.operations.keys import create_key, revoke_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.api.schema_walk import SAMPLES, Operation, declared, roots
from tests.metrics.values import DAY, store

ISSUE = "mutation ($id: ID!, $for: Int!) { createAccountToken(input: {account: $id, expiresIn: $for}) { text expiresAt } }"
OTHERS = "only-other-customers-know"


@pytest.fixture
def admin(at_acme):
    return Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.ADMIN), at_acme.host)


@pytest.fixture
def ids(admin) -> dict[str, str]:
    """Global ids of a family of accounts, each with values."""
    found = {}
    with tenant_scope(admin.tenant):
        parent = Account.objects.create(external_id="parent", name=OTHERS)
        mine = Account.objects.create(external_id="mine", name="Mine", parent=parent)
        child = Account.objects.create(external_id="child", name=OTHERS, parent=mine)
        person = Person.objects.create(external_id=OTHERS, traits={"name": OTHERS})
        Membership.objects.create(person=person, account=mine, starts_at="2026-01-01T00:00:00Z")
        for number, account in enumerate((parent, mine, child)):
            store("mood.score", 10 + number, kind="account", subject=account.pk)
            found[account.external_id] = global_id("Account", tenant_id=admin.tenant.id, pk=account.pk)
        store("mood.score", 99)
        store("mood.score", 98, kind="feature", subject=1)
        found["person"] = global_id("Person", tenant_id=admin.tenant.id, pk=person.pk)
    return found


@pytest.fixture
def customer(admin, ids) -> Caller:
    token = admin.data(ISSUE, **{"id": ids["mine"], "for": 600})["createAccountToken"]["text"]
    return Caller(admin.tenant, token, admin.host)


def test_it_sees_its_own_account_with_its_metrics(customer, ids):
    seen = customer.data(
        """query ($id: ID!, $day: Date!) { account(externalId: "mine") { id name mood { score { value } } metrics { value } }
             node(id: $id) { id } metric(id: "mood.score") { at(account: $id) { value }
             series(from: $day, to: $day, account: $id) { values } } }""",
        id=ids["mine"],
        day=str(DAY),
    )
    assert seen["account"] == {
        "id": ids["mine"],
        "name": "Mine",
        "mood": {"score": {"value": 11}},
        "metrics": [{"value": 11}],
    }
    assert seen["node"] == {"id": ids["mine"]}
    assert seen["metric"] == {"at": {"value": 11}, "series": {"values": [11]}}


def test_lists_hold_only_its_own_account(customer):
    page = customer.data("{ accounts(first: 100) { totalCount edges { node { externalId } } } }")["accounts"]
    assert page == {"totalCount": 1, "edges": [{"node": {"externalId": "mine"}}]}
    family = customer.data(
        '{ account(externalId: "mine") { parent { name } children { totalCount edges { cursor } } } }'
    )
    assert family["account"] == {"parent": None, "children": {"totalCount": 0, "edges": []}}


def test_other_accounts_and_persons_are_nothing(customer, ids):
    for name in ("parent", "child"):
        assert customer.data(f'{{ account(externalId: "{name}") {{ id }} }}') == {"account": None}
        assert customer.data(f'{{ node(id: "{ids[name]}") {{ id }} }}') == {"node": None}
        at = f'{{ metric(id: "mood.score") {{ at(account: "{ids[name]}") {{ value }} }} }}'
        assert customer.code(at) == "BAD_USER_INPUT"
    assert customer.data(f'{{ node(id: "{ids["person"]}") {{ id }} }}') == {"node": None}


@pytest.mark.parametrize(
    "query",
    [
        "{ mood { score { value } } }",
        "{ moodScoreByFeature(first: 9) { totalCount } }",
        "{ metrics { latest { value } } }",
        '{ metric(id: "mood.score") { at { value } } }',
        '{ metric(id: "mood.score") { series(from: "2026-03-01", to: "2026-03-31") { values } } }',
        "{ plugins { id config } }",
        '{ account(externalId: "mine") { members(first: 1) { edges { node { id } } } } }',
    ],
)
def test_what_is_about_the_whole_tenant_is_refused_clearly(customer, query):
    error, *_ = customer.ask(query)["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert "this token opens one account" in error["message"]


def test_no_root_field_shows_it_anything_of_others(customer, ids, settings):
    settings.ENGAGE_ACCOUNT_POINTS = (
        0  # no limit: all root fields together cost more than an account may spend
    )
    samples = {**SAMPLES, "accountId": ids["parent"]}
    for place in roots(schema_for(frozenset({"mood"}))._schema):
        response = customer.post(Operation(place).body(samples))
        assert OTHERS not in response.content.decode()
        if place.operation == "mutation" or not declared(place).for_accounts:
            codes = {error["extensions"]["code"] for error in response.json()["errors"]}
            assert codes == {"FORBIDDEN"}, place.label


def test_it_may_not_look_into_the_schema(customer, settings):
    assert settings.ENGAGE_INTROSPECTION
    assert customer.code("{ __schema { types { name } } }") == "BAD_USER_INPUT"
    assert "Did you mean" not in customer.ask("{ tenat { slug } }")["errors"][0]["message"]


def test_it_ends_with_the_key_that_issued_it(customer, admin):
    assert customer.data("{ tenant { slug } }")
    revoke_key(admin.tenant, admin.key.split("_")[3])
    assert customer.post({"query": "{ tenant { slug } }"}).status_code == 401


def test_it_opens_no_other_tenant_and_brings_no_events_in(customer, at_globex):
    assert Caller(at_globex.tenant, customer.key, at_globex.host).post({"query": "{ x }"}).status_code == 403
    headers = {"Authorization": f"Bearer {customer.key}"}
    sent = Client().post("/v1/batch", '{"batch": []}', content_type="application/json", headers=headers)
    assert sent.status_code == 401


def test_only_who_manages_keys_issues_tokens_and_for_own_accounts(admin, at_acme, at_globex, ids):
    assert at_acme.code(ISSUE, **{"id": ids["mine"], "for": 600}) == "FORBIDDEN"
    for seconds in (0, -1, 86_401):
        assert admin.code(ISSUE, **{"id": ids["mine"], "for": seconds}) == "BAD_USER_INPUT"
    theirs = Caller(at_globex.tenant, create_key(at_globex.tenant, ApiKey.Kind.ADMIN), at_globex.host)
    assert theirs.code(ISSUE, **{"id": ids["mine"], "for": 600}) == "BAD_USER_INPUT"
