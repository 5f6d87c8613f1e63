"""Every list of the core that is turned page by page has one form, and its pages follow each other."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from graphql import GraphQLObjectType, get_named_type

from engage_server.access.models import ApiKey
from engage_server.activity.models import EventName, Source
from engage_server.api.composition import schema_for
from engage_server.api.ids import cursor
from engage_server.customers.models import Account
from engage_server.ingest.items import AliasItem, PersonItem, PersonKey, ResponseItem
from engage_server.ingest.store import store_items
from engage_server.operations.annotations import create_annotation
from engage_server.operations.goals import create_goal
from engage_server.operations.keys import create_key
from engage_server.operations.segments import create_segment
from engage_server.privacy import requests
from engage_server.tenancy.scope import tenant_scope
from tests.access.people import member
from tests.api.conftest import Caller
from tests.privacy.scenario import send

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = (datetime.now(UTC) + timedelta(days=90)).date()
ROOTS = {
    "accounts", "keys", "members", "auditLog", "eventNames", "eventNameProblems", "merges", "quarantine", "sources",
    "privacyRequests", "segments", "feedbackEntries", "goals", "annotations",
}  # fmt: skip
# What needs more than names to be there: see the tests of overrides, of what moved and changed, of rules, signals and
# channels, of runs and schedules.
ELSEWHERE = {
    "overrides", "whatMoved", "explainChanges", "restatedSince", "rules", "signals", "channels", "deliveries", "runs",
    "schedules", "playbooks",
}  # fmt: skip
PAGE = """
    query ($first: Int!, $after: String) {
        page: %s(first: $first, after: $after) {
            edges { cursor node { __typename } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
    }
"""


@pytest.fixture
def admin(at_acme, at_globex):
    """Acme has at least two of everything; Globex has nothing but its keys and what is recorded of them."""
    acme = at_acme.tenant
    for index in range(3):
        member(acme, email=f"{index}@acme.example")
    keys = [create_key(acme, ApiKey.Kind.ADMIN) for _ in range(3)]
    send(acme, {"type": "nothing"}, {"type": "nor this"})
    with tenant_scope(acme):
        for name in ("one", "two_words", "TwoWords"):
            Account.objects.create(external_id=name)
            EventName.objects.create(name=name)
            Source.objects.create(name=name)
            create_segment(name, {"subject": "account"})
            create_goal(name, {"metric": "mood.score", "target": 50, "due": LATER})
            create_annotation({"day": NOON.date(), "text": name})
            person = PersonItem(PersonKey(name), {"x": 1})
            said = ResponseItem(name, "feedback", None, None, NOON, text="x")
            store_items([person, AliasItem(f"old {name}", name), said], source="one")
        requests.suppress("somebody")
        requests.suppress("somebody else")
    return Caller(acme, keys[0], at_acme.host)


@pytest.mark.parametrize("root", sorted(ROOTS))
def test_pages_follow_each_other_and_end(admin, at_globex, root):
    query = PAGE % root
    whole = admin.data(query, first=100)["page"]
    assert not whole["pageInfo"]["hasNextPage"]
    assert not whole["pageInfo"]["hasPreviousPage"]
    found, after, more = [], None, True
    while more:
        page = admin.data(query, first=1, after=after)["page"]
        (edge,) = page["edges"]
        info = page["pageInfo"]
        assert info["startCursor"] == info["endCursor"] == edge["cursor"]
        assert info["hasPreviousPage"] == (after is not None)
        found.append(edge)
        after, more = info["endCursor"], info["hasNextPage"]
    assert found == whole["edges"]
    assert len({edge["cursor"] for edge in found}) == len(found) > 1
    beyond = admin.data(query, first=1, after=after)["page"]
    assert beyond["edges"] == []
    assert beyond["pageInfo"]["endCursor"] is None
    for size in (0, -1, 1_001 if root == "accounts" else 101):
        assert admin.code(query, first=size) == "BAD_USER_INPUT"


@pytest.mark.parametrize("root", sorted(ROOTS))
def test_a_cursor_of_nobodys_making_or_of_another_kind_of_row_is_refused(admin, root):
    with tenant_scope(admin.tenant):
        other = cursor(7, of=root) if root == "privacyRequests" else cursor(uuid.uuid4(), of=root)
    for after in ("", "x", "YWZ0ZXI6", *([other] if root != "eventNameProblems" else [])):
        assert admin.code(PAGE % root, first=1, after=after) == "BAD_USER_INPUT"


def test_a_cursor_of_another_list_is_refused_by_its_name(admin):
    after = admin.data(PAGE % "accounts", first=1)["page"]["pageInfo"]["endCursor"]
    response = admin.post({"query": PAGE % "eventNames", "variables": {"first": 1, "after": after}}).json()
    (error,) = response["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "one of the list accounts" in error["message"]


def test_a_new_name_in_front_moves_no_page_of_the_problems(admin):
    ask = """query ($after: String) { page: eventNameProblems(first: 1, after: $after) {
        edges { node { name fault } } pageInfo { endCursor hasNextPage } } }"""
    first = admin.data(ask)["page"]
    second = admin.data(ask, after=first["pageInfo"]["endCursor"])["page"]
    with tenant_scope(admin.tenant):
        EventName.objects.create(
            name="Two Words"
        )  # as like the others as they are to each other, and before them
    again = admin.data(ask, after=first["pageInfo"]["endCursor"])["page"]
    assert again == second
    assert admin.data(ask)["page"] != first


def test_another_tenants_cursor_opens_nothing_of_theirs(admin, at_globex):
    asked = admin.data(PAGE % "privacyRequests", first=1)["page"]["pageInfo"]["endCursor"]
    theirs = Caller(at_globex.tenant, create_key(at_globex.tenant, ApiKey.Kind.ADMIN), at_globex.host)
    assert theirs.code(PAGE % "privacyRequests", first=9, after=asked) == "BAD_USER_INPUT"


def test_whatever_is_paged_at_the_root_is_tried_here():
    query = schema_for(frozenset())._schema.query_type
    assert isinstance(query, GraphQLObjectType)
    paged = {name for name, field in query.fields.items() if {"first", "after"} <= field.args.keys()}
    assert paged == ROOTS | ELSEWHERE
    assert all(get_named_type(query.fields[name].type).name.endswith("Connection") for name in ROOTS)
