"""What was known of an account on the last day before it left stays as it was, and is asked for in one query."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command

from engage_server.access.models import ApiKey
from engage_server.ingest.items import AccountItem, EventItem, Item, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations.keys import create_key
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.api.conftest import Caller

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
HEALTH = {
    "components": [
        {
            "key": "use",
            "label": "Use",
            "group": "usage",
            "metric": "usage_frequency.active_days",
            "weight": 1,
            "normalisation": {"kind": "linear", "low": 0, "high": 10},
        }
    ]
}
PLUGINS = ("usage_frequency", "health_score")
ASK = """{ account(externalId: "a") {
    stage healthScore(on: "2026-06-30") { score { value } }
    departure {
        on
        health: metric(id: "health_score.score") { value day details contributions { key label points } }
        metrics { metric value }
    }
} }"""


def day(number: int) -> datetime:
    return datetime(2026, 6, number, 12, tzinfo=UTC)


def visits(*numbers: int, name: str = "a") -> list[Item]:
    return [
        EventItem(f"{name}{number}", "saved", PersonKey(name), day(number), day(number), account=name)
        for number in numbers
    ]


def stage(value: str, at: datetime) -> AccountItem:
    return AccountItem("a", stage=value, started_at=LONG_AGO, occurred_at=at)


def compute(tenant: TenantRef) -> None:
    first, last = date(2026, 6, 19), date(2026, 6, 30)
    for plugin in PLUGINS:
        call_command("compute", tenant=tenant.slug, plugin=[plugin], first=first, last=last, verbosity=0)


@pytest.fixture
def callers(acme: TenantRef, globex: TenantRef) -> tuple[Caller, Caller]:
    """Of Acme "a" was used on two days and left on the 20th; of Globex it was used on more days and is there."""
    of_acme = [stage("CUSTOMER", LONG_AGO), *visits(10, 12), stage("CHURNED", day(20))]
    of_globex = [stage("CUSTOMER", LONG_AGO), *visits(8, 9, 10, 11, 12)]
    for tenant, items in ((acme, of_acme), (globex, of_globex)):
        with tenant_scope(tenant):
            store_items(items, source="test")
            activation.enable("usage_frequency")
            activation.enable("health_score", HEALTH)
        compute(tenant)
    return (
        Caller(acme, create_key(acme, ApiKey.Kind.QUERY), "acme.localhost"),
        Caller(globex, create_key(globex, ApiKey.Kind.QUERY), "globex.localhost"),
    )


def test_the_health_of_the_day_before_an_account_left_is_kept_with_its_parts(
    callers: tuple[Caller, Caller],
) -> None:
    ours, theirs = (caller.data(ASK)["account"] for caller in callers)
    assert (ours["stage"], ours["healthScore"]["score"]) == ("CHURNED", None)
    kept = ours["departure"]
    assert kept["on"] == "2026-06-20"
    assert (kept["health"]["value"], kept["health"]["day"]) == (20, "2026-06-19")
    assert kept["health"]["details"]["band"] == "RED"
    assert kept["health"]["contributions"] == [{"key": "use", "label": "Use", "points": 20}]
    assert {"metric": "usage_frequency.active_days", "value": 2} in kept["metrics"]
    assert theirs["departure"] is None


def test_what_comes_after_an_account_left_changes_nothing_of_it(callers: tuple[Caller, Caller]) -> None:
    ours, _ = callers
    before = ours.data(ASK)["account"]["departure"]
    with tenant_scope(ours.tenant):
        store_items(visits(21, 22, 23), source="test")
        activation.enable("health_score", {**HEALTH, "bands": {"yellow_from": 10, "green_from": 15}})
    call_command(
        "compute",
        tenant=ours.tenant.slug,
        plugin=list(PLUGINS),
        first=date(2026, 6, 21),
        last=date(2026, 6, 30),
        verbosity=0,
    )
    assert ours.data(ASK)["account"]["departure"] == before


def test_who_comes_back_has_not_left(callers: tuple[Caller, Caller]) -> None:
    ours, _ = callers
    with tenant_scope(ours.tenant):
        store_items([stage("CUSTOMER", day(25))], source="test")
    assert ours.data(ASK)["account"]["departure"] is None
