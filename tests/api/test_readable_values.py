"""What stands beside a value so that it is not misread: its age, its own unit and direction, its definition's version."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from engage_server.customers.models import Account
from engage_server.tenancy.scope import tenant_scope
from tests.metrics.values import DAY, store


def test_a_value_tells_how_many_days_old_it_is_in_the_tenants_calendar(at_acme):
    today = datetime.now(ZoneInfo("Europe/Berlin")).date()
    with tenant_scope(at_acme.tenant):
        store("mood.score", 1, day=today - timedelta(days=3))
    data = at_acme.data('{ mood { score { day ageDays } } metric(id: "mood.score") { at { ageDays } } }')
    assert data == {
        "mood": {"score": {"day": str(today - timedelta(days=3)), "ageDays": 3}},
        "metric": {"at": {"ageDays": 3}},
    }


def test_an_account_without_a_value_on_the_metrics_newest_day_shows_none_in_any_field(at_acme):
    with tenant_scope(at_acme.tenant):
        pk = Account.objects.create(external_id="left").pk
        store("mood.score", 40, kind="account", subject=pk, day=DAY - timedelta(days=1))
        store("mood.score", 50)
    query = """query ($id: ID!, $before: Date!) {
        account(externalId: "left") { mood { score { value } } metrics { value } metric(id: "mood.score") { value } }
        metric(id: "mood.score") { at(account: $id) { value } then: at(account: $id, on: $before) { value } }
    }"""
    id = at_acme.data('{ account(externalId: "left") { id } }')["account"]["id"]
    data = at_acme.data(query, id=id, before=str(DAY - timedelta(days=1)))
    assert data["account"] == {"mood": {"score": None}, "metrics": [], "metric": None}
    assert data["metric"] == {"at": None, "then": {"value": 40}}


def test_a_value_has_the_unit_and_direction_of_its_definition_unless_it_says_its_own(at_acme):
    with tenant_scope(at_acme.tenant):
        store("mood.score", 1)
        store("mood.swing", 2, details={"value_unit": "% of 5-7", "value_direction": "DOWN"})
    query = """{ metrics { latest { metric unit direction } } }"""
    found = [metric["latest"] for metric in at_acme.data(query)["metrics"] if metric["latest"]]
    assert found == [
        {"metric": "mood.score", "unit": "points", "direction": "UP"},
        {"metric": "mood.swing", "unit": "% of 5-7", "direction": "DOWN"},
    ]


def test_a_series_tells_where_the_definition_changed(at_acme):
    with tenant_scope(at_acme.tenant):
        store("mood.score", 1, day=DAY - timedelta(days=1))
        store("mood.score", 2, definition_version=2)
    query = """query ($from: Date!, $to: Date!) { metric(id: "mood.score") { series(from: $from, to: $to) {
        values definitionVersions points { definitionVersion } } } }"""
    series = at_acme.data(query, **{"from": str(DAY - timedelta(days=9)), "to": str(DAY)})["metric"]["series"]
    assert series["definitionVersions"] == [1, 2]
    assert [point["definitionVersion"] for point in series["points"]] == [1, 2]
