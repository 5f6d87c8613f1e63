"""The event dictionary over GraphQL: read by those who read metrics, changed by those who configure."""

from datetime import UTC, datetime

import pytest

from engage_server.access.models import ApiKey
from engage_server.activity.models import EventName
from engage_server.audit import log
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIELDS = "name eventClass polarity weight feature isKey firstDay lastDay volume"
UPDATE = f"""
    mutation ($name: String!, $changes: EventNameChanges!) {{
        updateEventName(input: {{name: $name, changes: $changes}}) {{ eventName {{ {FIELDS} }} }}
    }}
"""
APPLY = 'mutation { applyDictionaryPreset(input: {name: "helpdesk"}) { added changed kept } }'


@pytest.fixture
def admin(at_acme, at_globex):
    for caller, names in (
        (at_acme, ("Ticket Replied", "ticket_closed", "Agent Added")),
        (at_globex, ("Other",)),
    ):
        with tenant_scope(caller.tenant):
            store_items(
                [EventItem(name, name, PersonKey(user_id="ada"), NOON, NOON) for name in names], source="web"
            )
    return Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.ADMIN), at_acme.host)


def names(caller, arguments: str) -> list[str]:
    found = caller.nodes(f"{{ eventNames({arguments}) {{ edges {{ node {{ name }} }} }} }}")
    return [one["name"] for one in found]


def test_names_are_read_a_page_at_a_time(admin, at_acme, at_globex):
    page = (
        "query ($after: String) { eventNames(first: 2, after: $after) "
        "{ edges { node { %s } } pageInfo { hasNextPage endCursor } } }"
    )
    first = at_acme.data(page % FIELDS)["eventNames"]
    assert (len(first["edges"]), first["pageInfo"]["hasNextPage"]) == (2, True)
    last = at_acme.data(page % FIELDS, after=first["pageInfo"]["endCursor"])["eventNames"]
    assert not last["pageInfo"]["hasNextPage"]
    found = {edge["node"]["name"]: edge["node"] for edge in (*first["edges"], *last["edges"])}
    assert set(found) == {"Ticket Replied", "ticket_closed", "Agent Added"}
    assert found["Agent Added"] == {
        "name": "Agent Added", "eventClass": "VALUE", "polarity": 1, "weight": 1, "feature": "Agent Added",
        "isKey": False, "firstDay": "2026-03-02", "lastDay": "2026-03-02", "volume": 0,
    }  # fmt: skip
    assert names(at_globex, "first: 9") == ["Other"]
    assert names(at_acme, 'first: 9, search: "TICKET"') == ["Ticket Replied", "ticket_closed"]
    assert at_acme.code("{ eventNames(first: 0) { pageInfo { endCursor } } }") == "BAD_USER_INPUT"


def test_a_name_is_updated_and_the_other_tenants_is_not(admin, at_globex):
    changes = {"eventClass": "PASSIVE", "weight": -0.5, "feature": "", "isKey": True}
    updated = admin.data(UPDATE, name="Ticket Replied", changes=changes)["updateEventName"]["eventName"]
    assert (updated["eventClass"], updated["weight"], updated["feature"], updated["isKey"]) == (
        "PASSIVE", -0.5, None, True,
    )  # fmt: skip
    assert names(admin, "first: 9, key: true") == ["Ticket Replied"]
    with tenant_scope(admin.tenant):
        assert log.newest(1)[0].action == "dictionary.changed"
    with tenant_scope(at_globex.tenant):
        assert not EventName.objects.filter(is_key=True).exists()
        assert log.newest(1, action="dictionary.") == []


@pytest.mark.parametrize(
    ("name", "changes"),
    [("Nothing", {"weight": 1}), ("Agent Added", {"polarity": 7}), ("Agent Added", {"weight": 1e9})],
)
def test_what_cannot_be_meant_is_bad_input(admin, name, changes):
    assert admin.code(UPDATE, name=name, changes=changes) == "BAD_USER_INPUT"


def test_a_preset_is_applied_and_listed(admin):
    presets = {
        one["name"]: one
        for one in admin.data("{ dictionaryPresets { name title names } }")["dictionaryPresets"]
    }
    assert "Support Email Added" in presets["helpdesk"]["names"]
    done = admin.data(APPLY)["applyDictionaryPreset"]
    assert (done["changed"], done["kept"]) == (2, 0)
    assert done["added"] == len(presets["helpdesk"]["names"]) - 2
    assert (
        admin.code('mutation { applyDictionaryPreset(input: {name: "none"}) { added } }') == "BAD_USER_INPUT"
    )


def test_the_lint_warns_of_names_and_of_too_many_key_actions(admin):
    query = (
        "query ($most: Int!) { eventNameProblems(first: 5, mostKey: $most) "
        "{ edges { node { name fault message } } } }"
    )
    admin.data(APPLY)
    assert [(one["name"], one["fault"]) for one in admin.nodes(query, most=2)] == [
        ("", "TOO_MANY_KEY"),
        ("ticket_closed", "STYLE"),
    ]
    assert [one["name"] for one in admin.nodes(query, most=3)] == ["ticket_closed"]


def test_readers_of_metrics_change_nothing(at_acme):
    with tenant_scope(at_acme.tenant):
        EventName.objects.create(name="Saved")
    assert at_acme.code(UPDATE, name="Saved", changes={"weight": 2}) == "FORBIDDEN"
    assert at_acme.code(APPLY) == "FORBIDDEN"
    ingest = Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.INGEST), at_acme.host)
    assert ingest.post({"query": "{ eventNames(first: 1) { pageInfo { endCursor } } }"}).status_code == 403
