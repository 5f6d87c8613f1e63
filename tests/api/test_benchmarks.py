"""Each value says which published figures apply to it, and where it stands against them."""

from dataclasses import replace

import pytest

from engage_server.api.composition import schema_for
from engage_server.customers.models import Account
from engage_server.operations.tenants import change_tenant
from engage_server.plugin_host import registry as plugin_registry
from engage_server.sdk import Benchmark, Cadence
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.api.derived_values import fill
from tests.api.probes import candidates
from tests.api.rich import CARD, DETAILED, metric, plugin

DAILY = Benchmark("50 % and more", "a study", low=50, published="2019-04", cadences=(Cadence.DAILY,))
TRIALS = Benchmark("10 to 20 %", "a study", low=10, high=20, accounts={"stage": ("TRIAL",)}, verified=True)
CLAIM = Benchmark("63 % less churn", "an article")
ASKED = "benchmarks { statement applies standing verified published cadences accounts }"


@pytest.fixture
def breadth(at: Caller, monkeypatch) -> Caller:
    card = replace(CARD, benchmarks=(DAILY, TRIALS, CLAIM))
    declared = plugin(metric("breadth", details=DETAILED.details, card=card))
    monkeypatch.setattr(plugin_registry, "installed_candidates", lambda: candidates(declared))
    plugin_registry.registry.cache_clear()
    schema_for.cache_clear()
    fill(at, {"trial": 30, "customer": 60})
    with tenant_scope(at.tenant):
        Account.objects.filter(external_id="trial").update(stage="TRIAL")
    return at


def told(at: Caller, external_id: str) -> list[tuple[bool, str | None]]:
    query = f'{{ account(externalId: "{external_id}") {{ reach {{ breadth {{ {ASKED} }} }} }} }}'
    found = at.data(query)["account"]["reach"]["breadth"]["benchmarks"]
    return [(one["applies"], one["standing"]) for one in found]


def test_a_value_is_placed_by_cadence_and_stage(breadth):
    assert told(breadth, "trial") == [(True, "BELOW"), (True, "ABOVE"), (True, None)]
    assert told(breadth, "customer") == [(True, "WITHIN"), (False, None), (True, None)]


def test_another_cadence_of_the_tenant_has_other_benchmarks(breadth):
    change_tenant(breadth.tenant.slug, cadence="WEEKLY")
    assert told(breadth, "customer") == [(False, None), (False, None), (True, None)]


def test_the_card_keeps_claims_that_nobody_verified(breadth):
    query = '{ metric(id: "reach.breadth") { definition { card { benchmarks { statement verified published } } } } }'
    found = breadth.data(query)["metric"]["definition"]["card"]["benchmarks"]
    assert found == [
        {"statement": "50 % and more", "verified": False, "published": "2019-04"},
        {"statement": "10 to 20 %", "verified": True, "published": ""},
        {"statement": "63 % less churn", "verified": False, "published": ""},
    ]


def test_the_stages_of_a_page_are_read_at_once(breadth, django_assert_max_num_queries):
    fill(breadth, {f"more {n}": 40 for n in range(8)})
    query = "{ accounts(first: 20) { edges { node { metrics { benchmarks { standing } } } } } }"
    with django_assert_max_num_queries(14):
        assert len(breadth.nodes(query)) == 10


def test_a_tenant_reads_its_own_accounts_stages(breadth, globex):
    with tenant_scope(globex):
        Account.objects.create(external_id="trial", stage="CUSTOMER")
    assert told(breadth, "trial")[1] == (True, "ABOVE")
