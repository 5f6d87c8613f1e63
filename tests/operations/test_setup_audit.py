"""The audit of a set-up names what is missing with its remedy, and falls silent where it is done."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from engage_server.activity.definitions import Definition
from engage_server.customers.models import Account, Membership, Person
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations.event_dictionary import define_event
from engage_server.operations.goals import create_goal
from engage_server.operations.segments import create_segment
from engage_server.operations.setup_audit import SetupState, setup_audit, share_done
from engage_server.operations.tenants import change_tenant
from engage_server.plugin_host.activation import active_ids, disable
from engage_server.tenancy.scope import current_tenant, tenant_scope
from tests.metrics.values import DAY, store

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
DONE, PARTLY, MISSING = SetupState.DONE, SetupState.PARTLY, SetupState.MISSING


def states() -> dict[str, SetupState]:
    return {item.key: item.state for item in setup_audit()}


def use(name: str, person: str) -> EventItem:
    return EventItem(f"{name} {person}", name, PersonKey(user_id=person), NOON, NOON)


def set_up() -> None:
    """All that a tenant can do by itself."""
    store_items(
        [use(name, f"p{n}") for n in range(3) for name in ("Report Saved", "Report Shared")], source="web"
    )
    define_event("Report Saved", Definition(event_class="VALUE", is_key=True))
    define_event("Report Shared", Definition(event_class="VALUE"))
    firm = Account.objects.create(external_id="firm", plan="pro")
    for person in Person.objects.all():
        Membership.objects.create(person=person, account=firm, starts_at=NOON)
    create_segment(
        "Sharers",
        {"subject": "account", "condition": {"type": "did", "event": "Report Shared"}, "tracked": True},
    )
    create_goal(
        "Recommended", {"metric": "nps.score", "target": 50, "due": "2030-01-01", "start": "2026-01-01"}
    )
    change_tenant(current_tenant().slug, primary_metric="nps.score")
    for back in range(28):
        store("nps.score", 40, day=DAY - timedelta(days=back))


def test_a_new_tenant_lacks_nearly_all_and_is_told_how_to_mend_it(acme):
    with tenant_scope(acme):
        items = setup_audit()
    found = {item.key: item.state for item in items}
    assert {
        found[key]
        for key in ("key_actions", "identity", "north_star", "segments", "activity_cohorts", "history")
    } == {MISSING}
    assert found["consent"] is DONE
    assert all(item.remedy.en and item.remedy.ko for item in items if item.state is not DONE)
    assert not any(item.remedy.en or item.remedy.ko for item in items if item.state is DONE)
    assert share_done(items) < 0.3


def test_what_is_done_is_done_and_another_tenant_lacks_it_still(acme, globex):
    with tenant_scope(globex):
        before = states()
    with tenant_scope(acme):
        set_up()
        found = states()
    for key in (
        "dictionary", "key_actions", "identity", "membership", "account_traits", "north_star", "segments",
        "activity_cohorts", "history",
    ):  # fmt: skip
        assert found[key] is DONE, key
    with tenant_scope(globex):
        assert states() == before


def test_more_key_actions_than_anybody_looks_at_are_too_many(acme):
    with tenant_scope(acme):
        store_items([use(f"Thing {n} Done", "p") for n in range(4)], source="web")
        for number in range(3):
            define_event(f"Thing {number} Done", Definition(is_key=True))
        assert states()["key_actions"] is DONE
        define_event("Thing 3 Done", Definition(is_key=True))
        assert states()["key_actions"] is PARTLY


def test_kinds_of_metrics_that_nobody_measures_are_named_with_the_plugins_that_would(acme):
    with tenant_scope(acme):
        for plugin in sorted(active_ids()):
            disable(plugin)
        coverage = next(item for item in setup_audit() if item.key == "coverage")
    assert coverage.state is MISSING
    assert "satisfaction (" in coverage.found.en
    assert "nps" in coverage.found.en


def test_it_takes_a_fixed_number_of_statements(acme, django_assert_max_num_queries):
    with tenant_scope(acme):
        set_up()
        with django_assert_max_num_queries(12):
            setup_audit()


@pytest.mark.parametrize("as_json", [False, True])
def test_the_command_prints_it(acme, as_json):
    out = StringIO()
    call_command("setup_audit", tenant="acme", json=as_json, stdout=out)
    if as_json:
        told = json.loads(out.getvalue())
        assert {"key", "state", "why", "remedy"} <= told["items"][0].keys()
    else:
        assert out.getvalue().startswith("acme: ")
        assert "North star" in out.getvalue()
