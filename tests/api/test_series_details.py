"""Series say beside their values how sure these are and which were restated, to who may see them."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.api.ids import global_id
from engage_server.customers.models import Account
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.operations.segments import create_segment
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.api.conftest import Caller
from tests.metrics.values import store

SCREEN = (Path(__file__).parent / "screens" / "nps_by_month.graphql").read_text()
MONTHS = (date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31))


def details(value: float) -> dict[str, Any]:
    return {"value_interval": {"low": value - 9, "high": value + 9, "level": 0.95, "method": "wald"}}


def fill(tenant: TenantRef, value: float) -> dict[str, Any]:
    with tenant_scope(tenant):
        activation.enable("nps")
        account = Account.objects.create(external_id="mine")
        segment = create_segment(
            "All", {"subject": "account", "tracked": True, "condition": {"type": "plan", "any_of": [""]}}
        )
        for place, month in enumerate(MONTHS):
            for kind, subject, n in (
                ("tenant", 0, 40),
                ("account", account.pk, 2),
                ("segment", segment.number, 40),
            ):
                of_it = {"kind": kind, "subject": subject, "n": n, "day": month}
                if place == 1:
                    # February was another one before; March ran when it was first computed.
                    store("nps.score", 0, **of_it, details=details(0), superseded_at="2026-03-01T00:00:00Z")
                if place == 2:
                    store("nps.score", 0, **of_it, status="PARTIAL", superseded_at="2026-04-01T00:00:00Z")
                shown = value + place
                store("nps.score", shown, **of_it, details=details(shown), revision=1 + (place > 0))
    return {
        "from": "2026-01-01",
        "to": "2026-03-31",
        "account": global_id("Account", tenant_id=tenant.id, pk=account.pk),
        "segment": global_id("Segment", tenant_id=tenant.id, pk=segment.number),
    }


@pytest.fixture
def asked(acme: TenantRef, globex: TenantRef) -> dict[str, Any]:
    fill(globex, 90)
    return fill(acme, 10)


def test_nps_by_month_has_intervals_and_restated_days_for_each_subject(
    acme: TenantRef, asked: dict[str, Any]
) -> None:
    caller = Caller(acme, create_key(acme, ApiKey.Kind.QUERY), "acme.localhost")
    found = caller.data(SCREEN, **asked)["metric"]
    for subject, n in (("tenant", 40), ("segment", 40), ("account", 2)):
        assert found[subject] == {
            "days": [str(month) for month in MONTHS],
            "values": [10, 11, 12],
            "lows": [1, 2, 3],
            "highs": [19, 20, 21],
            "ns": [n, n, n],
            "statuses": ["OK", "OK", "OK"],
            "definitionVersions": [1, 1, 1],
            "restated": ["2026-02-28"],
            "annotations": [],
        }


def test_what_is_withheld_has_no_interval_either(acme: TenantRef, asked: dict[str, Any]) -> None:
    request = KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset({Permission.METRICS_READ}))
    viewer = Caller(acme, make_key(acme, request).text, "acme.localhost")
    found = viewer.data(SCREEN, **asked)["metric"]
    assert found["tenant"]["lows"] == [1, 2, 3]
    assert found["account"]["statuses"] == ["SUPPRESSED"] * 3
    assert found["account"]["lows"] == found["account"]["highs"] == [None] * 3


def test_series_of_many_accounts_take_one_statement_for_their_details(
    acme: TenantRef, asked: dict[str, Any]
) -> None:
    caller = Caller(acme, create_key(acme, ApiKey.Kind.QUERY), "acme.localhost")
    query = "{ accounts { edges { node { nps { score { sparkline(days: 2) { days lows highs restated } } } } } } }"
    (edge,) = caller.data(query)["accounts"]["edges"]
    assert edge["node"]["nps"]["score"]["sparkline"] == {
        "days": ["2026-03-31"],
        "lows": [3],
        "highs": [21],
        "restated": [],
    }


def test_a_series_says_by_which_settings_each_value_was_computed(acme: TenantRef) -> None:
    with tenant_scope(acme):
        activation.enable("nps")
        for place, month in enumerate(MONTHS):
            store("nps.score", place, n=40, day=month, configuration_version=1 + place // 2)
    caller = Caller(acme, create_key(acme, ApiKey.Kind.QUERY), "acme.localhost")
    query = '{ metric(id: "nps.score") { series(from: "2026-01-01", to: "2026-03-31") { configurationVersions } } }'
    assert caller.data(query)["metric"]["series"] == {"configurationVersions": [1, 1, 2]}
