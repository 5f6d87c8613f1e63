"""A goal's baseline is a value of a day: who is not shown that value is shown neither the baseline nor what tells it."""

from datetime import date, datetime, timedelta

import pytest

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.api.restricted_reader import RestrictedMetricReader
from engage_server.customers.models import Account
from engage_server.metrics.models import DayValue
from engage_server.operations import goals
from engage_server.operations.account_tokens import issue_token
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.metrics.values import store

FEW, MANY = 2, 50
SHOW = "{ goals(first: 9) { edges { node { name baseline progress status current { value status } } } } }"
OF_ACCOUNT = (
    '{ account(externalId: "shared") { goals(first: 9) { edges { node { baseline progress status } } } } }'
)
SERIES = """query ($from: Date!, $to: Date!) {
    metric(id: "mood.score") { series(from: $from, to: $to) { points { value status } } }
}"""
WITHHELD = {"baseline": None, "progress": None, "status": "NO_DATA"}


def today(caller: Caller) -> date:
    return datetime.now(caller.tenant.zone).date()


def keyed(caller: Caller, *permissions: Permission) -> Caller:
    request = KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset(permissions))
    return Caller(caller.tenant, make_key(caller.tenant, request).text, caller.host)


def fill(caller: Caller, *, n: int) -> None:
    """A value of ``n`` persons ten days ago and one of many persons two days ago, of the tenant and an account."""
    with tenant_scope(caller.tenant):
        pk = Account.objects.create(external_id="shared").pk
        for of in ({}, {"kind": "account", "subject": pk}):
            store("mood.score", 77, n=n, day=today(caller) - timedelta(days=10), contributions=[], **of)
            store("mood.score", 80, n=MANY, day=today(caller) - timedelta(days=2), contributions=[], **of)


def aim(caller: Caller, name: str = "Better", **changes):
    start = today(caller) - timedelta(days=10)
    body = {"metric": "mood.score", "target": 90, "start": start, "due": start + timedelta(days=40)}
    with tenant_scope(caller.tenant):
        return goals.create_goal(name, {**body, **changes})


@pytest.fixture
def at_few(at_acme, at_globex) -> Caller:
    """A reader of metrics at acme, whose value of the start is of few persons; at globex it is of many."""
    fill(at_acme, n=FEW)
    fill(at_globex, n=MANY)
    return keyed(at_acme, Permission.METRICS_READ)


def test_a_withheld_value_is_no_baseline(at_few, at_acme):
    aim(at_acme)
    days = {"from": str(today(at_acme) - timedelta(days=10)), "to": str(today(at_acme))}
    told = at_few.data(SERIES, **days)["metric"]["series"]["points"]
    assert {point["status"] for point in told if point["value"] is None} == {"SUPPRESSED"}
    (shown,) = at_few.nodes(SHOW)
    assert shown == {"name": "Better", **WITHHELD, "current": {"value": 80, "status": "OK"}}


def test_who_may_see_persons_sees_the_baseline(at_few, at_acme):
    aim(at_acme)
    sees = keyed(at_acme, Permission.METRICS_READ, Permission.PERSONAL_READ)
    (shown,) = sees.nodes(SHOW)
    assert (shown["baseline"], shown["progress"]) == (77, pytest.approx(3 / 13))


def test_the_other_tenants_days_are_its_own(at_few, at_acme, at_globex):
    with tenant_scope(at_globex.tenant):
        activation.enable("mood")
    aim(at_acme)
    aim(at_globex)
    (shown,) = keyed(at_globex, Permission.METRICS_READ).nodes(SHOW)
    assert (shown["baseline"], shown["status"]) == (77, "BEHIND")
    assert at_few.nodes(SHOW)[0]["baseline"] is None


def test_an_accounts_own_token_is_not_told_either(at_few, at_acme):
    aim(at_acme, account="shared")
    with tenant_scope(at_acme.tenant):
        pk = Account.objects.get(external_id="shared").pk
    key = create_key(at_acme.tenant, ApiKey.Kind.ADMIN)
    token = issue_token(at_acme.tenant, key.split("_")[3], account_id=pk, lifetime=timedelta(hours=1))
    customer = Caller(at_acme.tenant, token.text, at_acme.host)
    assert customer.data(OF_ACCOUNT)["account"]["goals"]["edges"] == [{"node": WITHHELD}]


def test_a_baseline_that_somebody_gave_is_no_value_of_a_day(at_few, at_acme):
    made = aim(at_acme)
    aim(at_acme, "Given", baseline=70)
    with tenant_scope(at_acme.tenant):
        assert goals.change_goal(made.number, changes={"baseline": 60}).body.baseline_day is None
    assert [(one["baseline"], one["progress"]) for one in at_few.nodes(SHOW)] == [
        (60, pytest.approx(2 / 3)),
        (70, 0.5),
    ]


def test_another_target_keeps_the_day_and_another_start_moves_it(at_few, at_acme):
    made = aim(at_acme)
    first, second = (today(at_acme) - timedelta(days=days) for days in (10, 2))
    with tenant_scope(at_acme.tenant):
        assert goals.change_goal(made.number, changes={"target": 99}).body.baseline_day == first
    assert at_few.nodes(SHOW)[0]["baseline"] is None
    with tenant_scope(at_acme.tenant):
        assert goals.change_goal(made.number, changes={"start": second}).body.baseline_day == second
    assert at_few.nodes(SHOW)[0]["baseline"] == 80


def test_a_day_that_more_persons_joined_later_stays_withheld(at_few, at_acme):
    aim(at_acme)
    with tenant_scope(at_acme.tenant):
        day = today(at_acme) - timedelta(days=10)
        former = store("mood.score", 1, day=day - timedelta(days=1)).computed_at
        DayValue.objects.filter(day=day).update(superseded_at=former)
        store("mood.score", 50, n=MANY, day=day, revision=2, contributions=[])
    assert at_few.nodes(SHOW)[0]["baseline"] is None


def test_the_days_of_many_accounts_are_asked_for_at_once(
    at_few, at_acme, monkeypatch, django_assert_max_num_queries
):
    start = today(at_acme) - timedelta(days=10)
    for number in range(8):
        with tenant_scope(at_acme.tenant):
            pk = Account.objects.create(external_id=f"a{number}").pk
            store("mood.score", 77, kind="account", subject=pk, n=MANY, day=start, contributions=[])
        aim(at_acme, f"of {number}", account=f"a{number}")
    asked = []
    real = RestrictedMetricReader.withholds
    monkeypatch.setattr(
        RestrictedMetricReader, "withholds", lambda *given: asked.append(given) or real(*given)
    )
    with django_assert_max_num_queries(14):
        found = at_few.nodes("{ goals(first: 20) { edges { node { baseline } } } }")
    assert [one["baseline"] for one in found] == [77] * 8
    assert len(asked) == 8
