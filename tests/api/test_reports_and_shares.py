"""Reports and shares over GraphQL: made, read, paged and ended; each tenant's its own, and by permission."""

import base64
from datetime import date, timedelta

import pytest

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.api.ids import global_id
from engage_server.automation.models import Delivery
from engage_server.customers.models import Account
from engage_server.operations import channels
from engage_server.operations.keys import KeyRequest, make_key
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.api.conftest import Caller
from tests.metrics.values import store

DAY = date(2026, 5, 20)
SCORE = "health_score.score"
REPORT = """mutation ($report: CreateReportInput!) {
    createReport(input: $report) { report { id name kind metrics every version } } }"""
WRITTEN = """query ($on: Date, $after: String, $first: Int = 9) { reports(first: $first, after: $after) {
    edges { node { id name written(on: $on) { day html csv text } } } pageInfo { endCursor hasNextPage } } }"""
NAMES = "query ($first: Int, $last: Int) { reports(first: $first, last: $last) { edges { node { name } } } }"
UPDATE = """mutation ($id: ID!, $changes: ReportChanges!, $expected: Int) {
    updateReport(input: {id: $id, changes: $changes, expectedVersion: $expected}) {
        report { id name kind metrics every version language } } }"""
RETIRE = "mutation ($id: ID!) { retireReport(input: {id: $id}) { report { name } } }"
SEND = "mutation ($input: SendReportInput!) { sendReport(input: $input) { delivery { id state } } }"
SHARE = """mutation ($share: CreateShareInput!) {
    createShare(input: $share) { replayed share { id name kind metrics address } } }"""
SHARES = "{ shares(first: 9) { edges { node { id name } } } }"
ADDRESSES = "{ shares(first: 9) { edges { node { address } } } }"
REVOKE = "mutation ($id: ID!) { revokeShare(input: {id: $id}) { share { name } } }"


def caller(tenant: TenantRef, *permissions: Permission) -> Caller:
    request = KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset(permissions) or None)
    return Caller(tenant, make_key(tenant, request).text, f"{tenant.slug}.localhost")


@pytest.fixture
def north(acme) -> str:
    with tenant_scope(acme):
        pk = Account.objects.create(external_id="north", name="North").pk
        store(SCORE, 55, kind="account", subject=pk, day=DAY, details={"band": "YELLOW"})
    return global_id("Account", tenant_id=acme.id, pk=pk)


@pytest.fixture(autouse=True)
def sealed(settings):
    settings.ENGAGE_SEALING_KEYS = ["a key of the tests"]


@pytest.fixture
def at_acme(acme, north) -> Caller:
    return caller(acme)


@pytest.fixture
def at_globex(globex) -> Caller:
    return caller(globex)


def test_a_report_is_defined_and_read_as_page_table_and_text(at_acme, at_globex, north):
    report = {"name": "Review", "kind": "QUARTERLY_REVIEW", "account": north, "metrics": [SCORE]}
    made = at_acme.data(REPORT, report=report)["createReport"]["report"]
    assert (made["kind"], made["metrics"], made["every"]) == ("QUARTERLY_REVIEW", [SCORE], None)
    (read,) = at_acme.nodes(WRITTEN, on=DAY.isoformat())
    assert (read["id"], read["written"]["day"]) == (made["id"], DAY.isoformat())
    for form in ("html", "csv", "text"):
        assert "North" in read["written"][form], form
        assert "55" in read["written"][form], form
    assert at_globex.nodes(WRITTEN) == []


def test_a_report_is_changed_by_its_own_tenant_and_what_is_left_out_stays(at_acme, at_globex):
    made = at_acme.data(REPORT, report={"name": "Monday", "kind": "PORTFOLIO", "metrics": [SCORE]})[
        "createReport"
    ]["report"]
    changed = at_acme.data(UPDATE, id=made["id"], changes={"name": "Friday", "language": "ko"})[
        "updateReport"
    ]["report"]
    assert changed == {**made, "name": "Friday", "language": "ko", "version": 2}
    assert at_acme.code(UPDATE, id=made["id"], changes={"name": "Sunday"}, expected=1) == "CONFLICT"
    assert at_globex.code(UPDATE, id=made["id"], changes={"name": "Theirs"}) == "BAD_USER_INPUT"
    assert at_acme.code(UPDATE, id=made["id"], changes={"every": "WEEK"}) == "INVALID_DEFINITION"
    assert at_acme.code(UPDATE, id=made["id"], changes={"metrics": ["no.such"]}) == "NOT_FOUND"
    reader = caller(at_acme.tenant, Permission.AUTOMATION_READ, Permission.METRICS_READ)
    assert reader.code(UPDATE, id=made["id"], changes={"name": "Mine"}) == "FORBIDDEN"


def test_a_report_that_is_sent_can_be_sent_no_more(at_acme):
    with tenant_scope(at_acme.tenant):
        made = channels.create_channel("Hook", {"kind": "SLACK", "url": "https://hooks.example/in"})
    channel = global_id("Channel", tenant_id=at_acme.tenant.id, pk=made.channel.number)
    sent = {"name": "Monday", "kind": "PORTFOLIO", "metrics": [SCORE], "every": "WEEK", "channel": channel}
    made = at_acme.data(REPORT, report=sent)["createReport"]["report"]
    monthly = at_acme.data(UPDATE, id=made["id"], changes={"every": "MONTH"})["updateReport"]["report"]
    still = at_acme.data(UPDATE, id=made["id"], changes={"isSent": False})["updateReport"]["report"]
    assert (made["every"], monthly["every"], still["every"]) == ("WEEK", "MONTH", None)


def test_a_report_is_sent_now_by_its_own_or_another_channel(at_acme, at_globex):
    with tenant_scope(at_acme.tenant):
        hook = channels.create_channel("Hook", {"kind": "SLACK", "url": "https://hooks.example/in"})
    by = global_id("Channel", tenant_id=at_acme.tenant.id, pk=hook.channel.number)
    made = at_acme.data(REPORT, report={"name": "Now", "kind": "PORTFOLIO", "metrics": [SCORE]})
    id = made["createReport"]["report"]["id"]
    assert at_acme.code(SEND, input={"id": id}) == "INVALID_DEFINITION"  # it has no channel
    sent = at_acme.data(SEND, input={"id": id, "channel": by})["sendReport"]["delivery"]
    assert sent["state"] == "PENDING"
    assert at_globex.code(SEND, input={"id": id, "channel": by}) == "BAD_USER_INPUT"
    tried = at_acme.data(SEND, input={"id": id, "channel": by, "dryRun": True})["sendReport"]
    assert tried["delivery"] is None
    with tenant_scope(at_acme.tenant):
        assert Delivery.objects.count() == 1


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
        at_acme.data(REPORT, report=report)["createReport"]["report"]["id"],
        at_acme.data(SHARE, share=share)["createShare"]["share"]["id"],
    )
    assert at_globex.code(RETIRE, id=ids[0]) == at_globex.code(REVOKE, id=ids[1]) == "BAD_USER_INPUT"
    assert at_globex.nodes(SHARES) == []
    assert [at_acme.data(RETIRE, id=ids[0]), at_acme.data(REVOKE, id=ids[1])] == [
        {"retireReport": {"report": {"name": "Review"}}},
        {"revokeShare": {"share": {"name": "Page"}}},
    ]
    assert at_acme.nodes(WRITTEN) == at_acme.nodes(SHARES) == []


def test_the_address_of_a_share_is_for_who_may_share(at_acme, north):
    share = {"name": "Page", "kind": "ACCOUNT", "account": north, "metrics": [SCORE]}
    made = at_acme.data(SHARE, share=share)["createShare"]["share"]
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


def test_a_share_is_made_once_under_a_key_and_not_at_all_where_it_is_tried(at_acme, at_globex, north):
    share = {"name": "Page", "kind": "ACCOUNT", "account": north, "metrics": [SCORE]}
    whole = "mutation ($share: CreateShareInput!) { createShare(input: $share) { dryRun replayed share { name } } }"
    tried = at_acme.data(whole, share={**share, "dryRun": True})["createShare"]
    assert tried == {"dryRun": True, "replayed": False, "share": None}
    assert at_acme.nodes(SHARES) == []
    for replayed in (False, True):
        made = at_acme.data(whole, share={**share, "idempotencyKey": "k"})["createShare"]
        assert made == {"dryRun": False, "replayed": replayed, "share": {"name": "Page"}}
    assert len(at_acme.nodes(SHARES)) == 1
    assert at_globex.nodes(SHARES) == []


def test_a_report_is_read_on_paper_by_its_tenant_alone(at_acme, at_globex, north):
    report = {"name": "Review", "kind": "QUARTERLY_REVIEW", "account": north, "metrics": [SCORE]}
    at_acme.data(REPORT, report=report)
    asked = "{ reports(first: 9) { edges { node { written { pdf png } } } } }"
    (read,) = at_acme.nodes(asked)
    assert base64.b64decode(read["written"]["pdf"]).startswith(b"%PDF-")
    assert read["written"]["png"] is None  # of one day nothing can be drawn
    with tenant_scope(at_acme.tenant):
        store(SCORE, 60, kind="account", subject=Account.objects.get().pk, day=DAY - timedelta(days=7))
    (read,) = at_acme.nodes(asked)
    assert base64.b64decode(read["written"]["png"]).startswith(b"\x89PNG")
    assert at_globex.nodes(asked) == []
