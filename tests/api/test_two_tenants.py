"""Two tenants with the same external ids: nothing of one ever reaches the other."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from engage_server.access.models import ApiKey
from engage_server.api.composition import schema_for
from engage_server.customers.models import Account
from engage_server.operations.keys import create_key
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.metrics.values import store

FIELDS = '{ __type(name: "Query") { fields { name } } account: __type(name: "Account") { fields { name } } }'


def fill(caller, value: float) -> int:
    """The same external id in each tenant; in acme behind another row, so that the row ids differ."""
    with tenant_scope(caller.tenant):
        if caller.host.startswith("acme"):
            Account.objects.create(external_id="only-acme")
        pk = Account.objects.create(external_id="shared", name=caller.tenant.slug).pk
        store("mood.score", value, kind="account", subject=pk)
        store("mood.score", value)
    return pk


def field_names(caller, type_: str = "__type") -> set[str]:
    alias = {"__type": "__type", "Account": "account"}[type_]
    return {field["name"] for field in caller.data(FIELDS)[alias]["fields"]}


def test_each_tenant_sees_its_own_account_of_the_same_name(at_acme, at_globex):
    fill(at_acme, 1)
    fill(at_globex, 2)
    query = '{ account(externalId: "shared") { name } accounts(first: 9) { totalCount } }'
    assert at_acme.data(query) == {"account": {"name": "acme"}, "accounts": {"totalCount": 2}}
    assert at_globex.data(query) == {"account": {"name": "globex"}, "accounts": {"totalCount": 1}}


def test_each_tenants_schema_has_the_fields_of_its_own_plugins(at_acme, at_globex):
    acme, globex = field_names(at_acme), field_names(at_globex)
    assert {"mood", "moodScoreByFeature"} <= acme
    assert "pulse" not in acme
    assert "pulse" in globex
    assert not {"mood", "moodScoreByFeature"} & globex
    assert "mood" in field_names(at_acme, "Account")
    assert "mood" not in field_names(at_globex, "Account")


def test_a_cached_schema_never_serves_the_other_tenant(at_acme, at_globex):
    for _ in range(2):
        assert at_acme.code("{ pulseRate }") == "GRAPHQL_VALIDATION_FAILED"
        assert at_globex.data("{ pulseRate }") == {"pulseRate": 72}
        assert at_globex.code("{ mood { score { value } } }") == "GRAPHQL_VALIDATION_FAILED"
        assert at_acme.data("{ mood { score { value } } }") == {"mood": {"score": None}}


def test_tenants_with_the_same_plugins_share_a_schema_but_no_data(at_acme, at_globex):
    with tenant_scope(at_globex.tenant):
        activation.enable("mood")
        activation.disable("pulse")
    fill(at_acme, 1)
    fill(at_globex, 2)
    schema_for.cache_clear()
    query = '{ mood { score { value } } account(externalId: "shared") { mood { score { value } } } }'
    assert at_acme.data(query) == {
        "mood": {"score": {"value": 1}},
        "account": {"mood": {"score": {"value": 1}}},
    }
    assert at_globex.data(query) == {
        "mood": {"score": {"value": 2}},
        "account": {"mood": {"score": {"value": 2}}},
    }
    assert schema_for.cache_info().currsize == 1


def test_disabling_a_plugin_takes_its_fields_away_at_once(at_acme):
    assert "mood" in field_names(at_acme)
    with tenant_scope(at_acme.tenant):
        activation.disable("mood")
    assert "mood" not in field_names(at_acme)


def test_the_other_tenants_key_is_refused_at_my_host(at_acme, at_globex):
    stranger = Caller(at_globex.tenant, at_globex.key, at_acme.host)
    response = stranger.post({"query": "{ tenant { name } }"})
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert "data" not in response.json()


def test_at_localhost_the_key_alone_tells_the_tenant(at_acme, at_globex):
    for caller in (at_acme, at_globex):
        local = Caller(caller.tenant, caller.key, "localhost")
        assert local.data("{ tenant { slug } }") == {"tenant": {"slug": caller.tenant.slug}}


def test_a_global_id_of_one_tenant_is_nothing_in_the_other(at_acme, at_globex):
    fill(at_acme, 1)
    fill(at_globex, 2)
    ids = [c.data('{ account(externalId: "shared") { id } }')["account"]["id"] for c in (at_acme, at_globex)]
    query = "query ($id: ID!) { node(id: $id) { id } }"
    assert at_globex.data(query, id=ids[0]) == {"node": None}
    assert at_acme.data(query, id=ids[1]) == {"node": None}
    at = 'query ($id: ID!) { metric(id: "pulse.score") { at(account: $id) { value } } }'
    assert at_globex.code(at, id=ids[0]) == "BAD_USER_INPUT"


def test_an_account_of_another_tenant_is_refused_like_one_that_never_was(at_acme, at_globex):
    fill(at_acme, 1)
    foreign = at_acme.data('{ account(externalId: "shared") { id } }')["account"]["id"]
    at = 'query ($id: ID!) { metric(id: "pulse.score") { at(account: $id) { value } } }'
    messages = [
        at_globex.ask(at, id=id)["errors"][0]["message"].replace(id, "…") for id in (foreign, "QWNjb3VudDo5")
    ]
    assert messages[0] == messages[1]


def test_an_admin_key_reads_and_an_ingest_key_does_not(at_acme):
    admin = Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.ADMIN), at_acme.host)
    assert admin.data("{ tenant { slug } }") == {"tenant": {"slug": "acme"}}
    ingest = Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.INGEST), at_acme.host)
    assert ingest.post({"query": "{ tenant { slug } }"}).status_code == 403


@pytest.mark.usefixtures("installed")
def test_threads_that_take_turns_between_tenants_get_their_own_answers(committed_tenants):
    callers = []
    for tenant in committed_tenants:
        with tenant_scope(tenant):
            activation.enable("mood")
        callers.append(Caller(tenant, create_key(tenant, ApiKey.Kind.QUERY), f"{tenant.slug}.localhost"))
        fill(callers[-1], tenant.id)

    def ask(n: int) -> tuple[int, dict]:
        caller = callers[n % 2]
        try:
            return caller.tenant.id, caller.data(
                '{ account(externalId: "shared") { name mood { score { value } } } }'
            )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(24)))
    slugs = {tenant.id: tenant.slug for tenant in committed_tenants}
    for tenant_id, data in answers:
        assert data == {"account": {"name": slugs[tenant_id], "mood": {"score": {"value": tenant_id}}}}
