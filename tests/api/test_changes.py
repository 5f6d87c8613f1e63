"""Every result says why it changed, what was restated and how fresh it is; in its own tenant and to who may see it."""

from datetime import UTC, datetime, timedelta

import pytest

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.customers.models import Account
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller, nodes_of
from tests.api.test_statements import statements
from tests.metrics.values import DAY, store

LATER = DAY + timedelta(days=7)
SEEN = "2026-04-01T00:00:00+00:00"
RESTATED_AT = datetime(2026, 4, 2, tzinfo=UTC)
CHANGE = "explainChange(since: $since) { before after change causes { kind key change before after note } sentence }"
OF_AN_ACCOUNT = f"""query ($since: Date!, $seen: DateTime!) {{
    account(externalId: "a0") {{ nps {{ score {{
        value {CHANGE} restatements {{ reason before after }}
        changedSince(dataAsOf: $seen) {{ reason before after }} freshness {{ dataAsOf computedAt ageSeconds }}
    }} }} }}
}}"""
PAGE = f"""query ($since: Date!) {{ accounts(first: 50) {{ edges {{ node {{
    nps {{ score {{ {CHANGE} restatements {{ reason }} }} }} }} }} }} }}"""
MANY = """query ($since: Date!) {
    explainChanges(metric: "nps.score", since: $since, first: 2) {
        edges { node { change subject { ... on Account { externalId } } causes { key change } } } }
}"""
OF_THE_TENANT = """query ($since: Date!) { nps { score { explainChange(since: $since) {
    change movers { edges { node { kind key label change before after } } } } } } }"""
SINCE = """query ($seen: DateTime!) {
    restatedSince(dataAsOf: $seen) { edges { node {
        metric subjectKind day reason subject { ... on Account { externalId } } } } }
}"""


def parts(**points: float) -> list[dict]:
    return [
        {"key": key, "label": key.title(), "value": point, "points": point, "n": 9}
        for key, point in points.items()
    ]


@pytest.fixture
def admin(acme) -> Caller:
    """Three accounts of 10, 20 and 30 points; a week later 15, 40 and 32. The first was restated in between."""
    with tenant_scope(acme):
        for number, (was, now) in enumerate(((10, 15), (20, 40), (30, 32))):
            pk = Account.objects.create(external_id=f"a{number}", name=f"A{number}").pk
            of_it = {"kind": "account", "subject": pk, "details": {}, "n": 9}
            if number == 0:
                store("nps.score", 8, superseded_at=RESTATED_AT, contributions=parts(promoters=8), **of_it)
            reason = f"events of {DAY}" if number == 0 else ""
            store("nps.score", was, revision=2, reason=reason, contributions=parts(promoters=was), **of_it)
            store("nps.score", now, day=LATER, contributions=parts(promoters=now - 1, passives=1), **of_it)
        store("nps.score", 20, details={}, contributions=[])
        store("nps.score", 29, day=LATER, details={}, contributions=[])
    return Caller(acme, create_key(acme, ApiKey.Kind.ADMIN), "acme.localhost")


def test_a_value_tells_its_change_its_restatements_and_its_freshness(admin):
    asked = {"since": str(DAY), "seen": SEEN}
    score = admin.data(OF_AN_ACCOUNT, **asked)["account"]["nps"]["score"]
    change = score["explainChange"]
    assert (change["before"], change["after"], change["change"]) == (8.0, 15.0, 7.0)
    assert [(cause["kind"], cause["key"], cause["change"]) for cause in change["causes"]] == [
        ("MOVED", "promoters", 4.0), ("LATE_DATA", "corrected", 2.0), ("CAME", "passives", 1.0),
    ]  # fmt: skip
    assert change["sentence"].startswith("Up 7 points, from 8 to 15: Promoters +4 (10 to 14)")
    assert (score["restatements"], score["changedSince"]) == ([], None)  # of its own day nothing was restated
    assert score["freshness"]["dataAsOf"] == f"{LATER + timedelta(days=1)}T00:00:00+00:00"
    assert score["freshness"]["ageSeconds"] >= 0


def test_a_client_hears_what_changed_since_it_looked(admin):
    query = """query ($on: Date!, $seen: DateTime!) { account(externalId: "a0") { nps(on: $on) { score {
        value restatements { reason before after } changedSince(dataAsOf: $seen) { reason before after } } } } }"""
    score = admin.data(query, on=str(DAY), seen=SEEN)["account"]["nps"]["score"]
    told = {"reason": f"events of {DAY}", "before": 8.0, "after": 10.0}
    assert score == {"value": 10.0, "restatements": [told], "changedSince": told}
    assert (
        admin.data(query, on=str(DAY), seen="2026-04-03T00:00:00Z")["account"]["nps"]["score"]["changedSince"]
        is None
    )
    (restated,) = nodes_of(admin.data(SINCE, seen=SEEN)["restatedSince"])
    assert restated == {
        "metric": "nps.score", "subjectKind": "ACCOUNT", "day": str(DAY), "reason": f"events of {DAY}",
        "subject": {"externalId": "a0"},
    }  # fmt: skip


def test_the_changes_of_a_page_take_a_fixed_number_of_statements(admin):
    query = PAGE.replace("query ($since: Date!) ", "").replace("$since", f'"{DAY}"')
    with tenant_scope(admin.tenant):
        _, few = statements(admin.tenant, query)
        for number in range(3, 30):
            pk = Account.objects.create(external_id=f"a{number}").pk
            for day in (DAY, LATER):
                store("nps.score", number, kind="account", subject=pk, day=day, details={})
        data, many = statements(admin.tenant, query)
    assert len(data["accounts"]["edges"]) == 30
    assert many == few


def test_the_largest_changes_of_all_accounts_come_first(admin):
    found = nodes_of(admin.data(MANY, since=str(DAY))["explainChanges"])
    assert [(one["subject"]["externalId"], one["change"]) for one in found] == [("a1", 20.0), ("a0", 7.0)]


def test_a_tenants_mean_names_the_accounts_that_moved_it(admin):
    change = admin.data(OF_THE_TENANT, since=str(DAY))["nps"]["score"]["explainChange"]
    assert change["change"] == 9.0
    assert [(mover["kind"], mover["key"], round(mover["change"], 6)) for mover in nodes_of(change["movers"])] == [
        ("MOVED", "a1", 6.666667), ("MOVED", "a0", 1.666667), ("MOVED", "a2", 0.666667),
    ]  # fmt: skip


@pytest.mark.parametrize("query", [OF_THE_TENANT, MANY])
def test_a_day_that_is_no_earlier_one_is_refused(admin, query):
    assert admin.code(query, since=str(LATER)) == "BAD_USER_INPUT"


def test_another_tenant_is_told_nothing(admin, globex):
    other = Caller(globex, create_key(globex, ApiKey.Kind.ADMIN), "globex.localhost")
    assert nodes_of(other.data(SINCE, seen=SEEN)["restatedSince"]) == []
    assert nodes_of(other.data(MANY, since=str(DAY))["explainChanges"]) == []
    assert other.data(OF_THE_TENANT, since=str(DAY))["nps"]["score"] is None


def test_changes_of_few_persons_are_withheld(admin):
    with tenant_scope(admin.tenant):
        for day, value in ((DAY, -100), (LATER, 100)):
            pk, _ = Account.objects.get_or_create(external_id="few")
            store(
                "nps.score",
                value,
                kind="account",
                subject=pk.pk,
                day=day,
                n=1,
                details={},
                contributions=parts(p=value),
            )
    request = KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset({Permission.METRICS_READ}))
    viewer = Caller(admin.tenant, make_key(admin.tenant, request).text, admin.host)
    query = MANY.replace("first: 2", "first: 50")
    assert "few" in {
        one["subject"]["externalId"] for one in nodes_of(admin.data(query, since=str(DAY))["explainChanges"])
    }
    assert "few" not in {
        one["subject"]["externalId"] for one in nodes_of(viewer.data(query, since=str(DAY))["explainChanges"])
    }
    asked = OF_AN_ACCOUNT.replace('"a0"', '"few"')
    change = viewer.data(asked, since=str(DAY), seen=SEEN)["account"]["nps"]["score"]["explainChange"]
    assert (change["before"], change["change"], change["causes"]) == (None, None, [])
