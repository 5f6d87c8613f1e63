"""Reports and shares over GraphQL: made, read, paged and ended; each tenant's its own, and by permission."""

from datetime import date

import pytest

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.api.ids import global_id
from engage_server.customers.models import Account
from engage_server.operations.keys import KeyRequest, make_key
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.api.conftest import Caller
from tests.metrics.values import store

DAY = date(2026, 5, 20)
SCORE = "health_score.score"
REPORT = "mutation ($report: NewReport!) { createReport(report: $report) { id name kind metrics every } }"
WRITTEN = """query ($on: Date, $after: String, $first: Int = 9) { reports(first: $first, after: $after) {
    edges { node { id name written(on: $on) { day html csv text } } } pageInfo { endCursor hasNextPage } } }"""
NAMES = "query ($first: Int, $last: Int) { reports(first: $first, last: $last) { edges { node { name } } } }"
RETIRE = "mutation ($id: ID!) { retireReport(id: $id) { name } }"
SHARE = "mutation ($share: NewShare!) { createShare(share: $share) { id name kind metrics address } }"
SHARES = "{ shares(first: 9) { edges { node { id name } } } }"
ADDRESSES = "{ shares(first: 9) { edges { node { address } } } }"
REVOKE = "mutation ($id: ID!) { revokeShare(id: $id) { name } }"


def caller(tenant: TenantRef, *permissions: Permission) -> Caller:
    request = KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset(permissions) or None)
    return Caller(tenant, make_key(tenant, request).text, f"{tenant.slug}.localhost")


@pytest.fixture
def north(acme) -> str:
    with tenant_scope(acme):
        pk = Account.objects.create(external_id="north", name="North").pk
        store(SCORE, 55, kind="account", subject=pk, day=DAY, details={"band": "YELLOW"})
    return global_id("Account", tenant_id=acme.id, pk=pk)


@pytest.fixture
def at_acme(acme, north) -> Caller:
    return caller(acme)


@pytest.fixture
def at_globex(globex) -> Caller:
    return caller(globex)


def test_a_report_is_defined_and_read_as_page_table_and_text(at_acme, at_globex, north):
    report = {"name": "Review", "kind": "QUARTERLY_REVIEW", "account": north, "metrics": [SCORE]}
    made = at_acme.data(REPORT, report=report)["createReport"]
    assert (made["kind"], made["metrics"], made["every"]) == ("QUARTERLY_REVIEW", [SCORE], None)
    (read,) = at_acme.nodes(WRITTEN, on=DAY.isoformat())
    assert (read["id"], read["written"]["day"]) == (made["id"], DAY.isoformat())
    for form in ("html", "csv", "text"):
        assert "North" in read["written"][form], form
        assert "55" in read["written"][form], form
    assert at_globex.nodes(WRITTEN) == []


def test_reports_are_paged_both_ways(at_acme):
    for name in ("One", "Two", "Three"):
        at_acme.data(REPORT, report={"name": name, "kind": "PORTFOLIO", "metrics": [SCORE]})
    assert [node["name"] for node in at_acme.nodes(NAMES, first=2)] == ["One", "Two"]
    assert [node["name"] for node in at_acme.nodes(NAMES, last=2)] == ["Two", "Three"]


def test_another_tenants_account_report_or_share_is_none(at_acme, at_globex, north):
    report = {"name": "Review", "kind": "QUARTERLY_REVIEW", "account": north, "metrics": [SCORE]}
    share = {"name": "Page", "kind": "ACCOUNT", "account": north, "metrics": [SCORE]}
    assert at_globex.code(REPORT, report=report) == "BAD_USER_INPUT"
    assert at_globex.code(SHARE, share=share) == "BAD_USER_INPUT"
    ids = (
        at_acme.data(REPORT, report=report)["createReport"]["id"],
        at_acme.data(SHARE, share=share)["createShare"]["id"],
    )
    assert at_globex.code(RETIRE, id=ids[0]) == at_globex.code(REVOKE, id=ids[1]) == "BAD_USER_INPUT"
    assert at_globex.nodes(SHARES) == []
    assert [at_acme.data(RETIRE, id=ids[0]), at_acme.data(REVOKE, id=ids[1])] == [
        {"retireReport": {"name": "Review"}},
        {"revokeShare": {"name": "Page"}},
    ]
    assert at_acme.nodes(WRITTEN) == at_acme.nodes(SHARES) == []


def test_the_address_of_a_share_is_for_who_may_share(at_acme, north):
    share = {"name": "Page", "kind": "ACCOUNT", "account": north, "metrics": [SCORE]}
    made = at_acme.data(SHARE, share=share)["createShare"]
    assert made["address"].startswith("/shared/")
    reader = caller(at_acme.tenant, Permission.AUTOMATION_READ, Permission.METRICS_READ)
    assert reader.nodes(SHARES) == [{"id": made["id"], "name": "Page"}]
    assert reader.code(ADDRESSES) == "FORBIDDEN"
    assert reader.code(SHARE, share=share) == reader.code(REVOKE, id=made["id"]) == "FORBIDDEN"


def test_what_makes_no_report_is_refused_with_its_remedy(at_acme, north):
    for wrong in (
        {"kind": "PORTFOLIO", "account": north, "metrics": [SCORE]},
        {"kind": "QUARTERLY_REVIEW", "metrics": [SCORE]},
        {"kind": "PORTFOLIO", "metrics": []},
        {"kind": "PORTFOLIO", "metrics": [SCORE], "every": "WEEK"},
        {"kind": "PORTFOLIO", "metrics": [SCORE], "language": "de"},
    ):
        answer = at_acme.ask(REPORT, report={"name": "Wrong", **wrong})
        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "INVALID_DEFINITION", wrong
        assert "Remedy" in error["message"], wrong
    assert at_acme.nodes(WRITTEN) == []
