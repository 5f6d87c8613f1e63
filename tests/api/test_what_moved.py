"""Every result says whether it is unusual and where its series goes; one list says what moved."""

from collections.abc import Sequence
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from engage_server.access.models import ApiKey
from engage_server.customers.models import Account
from engage_server.metrics.anomalies import WHOLE
from engage_server.operations.keys import create_key
from engage_server.segments import catalogue
from engage_server.segments.body import SegmentBody
from engage_server.segments.conditions import Plan
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller, nodes_of
from tests.api.derived_values import viewer
from tests.api.test_statements import statements
from tests.metrics.values import DAY, store

OF_ONE = """{ nps { score { value anomaly { state expected size z since days } trend { state perWeek days p } } } }"""
MOVED = """query ($on: Date!, $days: Int! = 7) { whatMoved(on: $on, days: $days) { edges { node {
    metric day value since days isOngoing comparedWith anomaly { state size z } definition { title }
    segment { day } segments(first: 5) { edges { node { segment { name } since anomaly { state } } } }
    movers(first: 2) { edges { node { label before after change account { externalId } } } } } } } }"""
PAGE = (
    """{ accounts(first: 50) { edges { node { nps { score { anomaly { state } trend { state } } } } } } }"""
)


def fill(
    metric: str,
    falls: float,
    *,
    since: int = 3,
    kind: str = "tenant",
    subject: int = 0,
    parts: Sequence[dict] = (),
) -> None:
    for back in range(WHOLE):
        value = 60 + back % 3 - (falls if back < since else 0)
        store(
            metric, value, kind=kind, subject=subject, day=DAY - timedelta(days=back), n=50, details={},
            contributions=list(parts),
        )  # fmt: skip


def caller(tenant) -> Caller:
    return Caller(tenant, create_key(tenant, ApiKey.Kind.ADMIN), f"{tenant.slug}.localhost")


@pytest.fixture
def admin(acme) -> Caller:
    """NPS fell by 40 three days ago, with two of three accounts and a tracked segment; customer effort stayed."""
    with tenant_scope(acme):
        number = catalogue.make(
            "Pro", SegmentBody(subject="account", condition=Plan(type="plan", any_of=("pro",)), tracked=True)
        ).number
        fill("nps.score", 40)
        fill("ces.effort_score", 0)
        fill("nps.score", 50, kind="segment", subject=number)
        for label, falls in (("a0", 60), ("a1", 20), ("a2", 0)):
            pk = Account.objects.create(external_id=label, name=label.upper()).pk
            fill("nps.score", falls, kind="account", subject=pk)
    return caller(acme)


def test_a_value_says_that_it_is_unusual_since_when_and_where_it_goes(admin):
    score = admin.data(OF_ONE)["nps"]["score"]
    anomaly = score["anomaly"]
    assert (anomaly["state"], anomaly["since"], anomaly["days"]) == ("LOW", str(DAY - timedelta(days=2)), 56)
    assert -43 < anomaly["size"] < -37
    assert anomaly["z"] < -4.5
    assert (score["trend"]["state"], score["trend"]["days"]) == ("FLAT", 56)


def test_what_moved_names_size_onset_segments_and_the_accounts_behind_it(admin):
    (moved,) = nodes_of(admin.data(MOVED, on=str(DAY))["whatMoved"])
    assert (moved["metric"], moved["days"], moved["isOngoing"], moved["segment"]) == (
        "nps.score",
        3,
        True,
        None,
    )
    assert moved["since"] == str(DAY - timedelta(days=2))
    assert moved["anomaly"]["state"] == "LOW"
    assert [(one["segment"]["name"], one["anomaly"]["state"]) for one in nodes_of(moved["segments"])] == [
        ("Pro", "LOW")
    ]
    first, second = nodes_of(moved["movers"])
    assert (first["account"]["externalId"], second["account"]["externalId"]) == ("a0", "a1")
    assert -63 < first["change"] < -57
    assert moved["definition"]["title"]
    assert nodes_of(admin.data(MOVED, on=str(DAY - timedelta(days=3)))["whatMoved"]) == []


def test_what_moved_is_the_tenants_own(admin, globex):
    assert nodes_of(caller(globex).data(MOVED, on=str(DAY))["whatMoved"]) == []


def test_values_of_few_persons_are_not_judged_for_who_may_not_see_them(globex):
    query = '{ account(externalId: "a0") { healthScore { score { anomaly { state expected } trend { days } } } } }'
    with tenant_scope(globex):
        pk = Account.objects.create(external_id="a0").pk
        few = [{"key": "nps", "label": "NPS", "value": 1.0, "n": 1}]
        fill("health_score.score", 40, kind="account", subject=pk, parts=few)
    theirs = caller(globex)
    shown = theirs.data(query)["account"]["healthScore"]["score"]
    assert (shown["anomaly"]["state"], shown["trend"]["days"]) == ("LOW", 56)
    withheld = viewer(theirs).data(query)["account"]["healthScore"]["score"]
    assert withheld == {"anomaly": {"state": "NO_VALUE", "expected": None}, "trend": {"days": 0}}


def test_a_page_of_accounts_takes_a_fixed_number_of_statements(admin):
    with tenant_scope(admin.tenant):
        _, few = statements(admin.tenant, PAGE)
        for number in range(3, 12):
            pk = Account.objects.create(external_id=f"a{number}").pk
            store("nps.score", number, kind="account", subject=pk, details={})
        data, many = statements(admin.tenant, PAGE)
    states = [edge["node"]["nps"]["score"]["anomaly"]["state"] for edge in data["accounts"]["edges"]]
    assert states[:3] == ["LOW", "LOW", "NORMAL"]
    assert set(states[3:]) == {"SHORT_HISTORY"}
    assert many == few


def test_more_days_than_there_may_be_are_refused(admin):
    (error,) = admin.ask(MOVED, on=str(DAY), days=29)["errors"]
    assert "Remedy: 1 to 28" in error["message"]


def test_the_command_prints_what_moved(admin):
    out = StringIO()
    call_command("what_moved", tenant="acme", on=DAY, stdout=out)
    text = out.getvalue()
    assert text.startswith(f"1 of 2 metrics moved in the 7 days up to {DAY}.")
    assert "Pro" in text
