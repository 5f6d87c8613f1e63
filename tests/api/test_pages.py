"""Every list of the core that is turned page by page has one form, and its pages follow each other."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from graphql import GraphQLObjectType, get_named_type
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage_server.access.models import ApiKey
from engage_server.activity.models import EventName, Feature, Source
from engage_server.api.composition import schema_for
from engage_server.api.ids import cursor
from engage_server.api.types.pages import Connection, PageRequest, numbered
from engage_server.automation import outbox
from engage_server.automation.messages import Message
from engage_server.customers.models import Account
from engage_server.ingest.items import (
    AliasItem,
    EventItem,
    MembershipItem,
    PersonItem,
    PersonKey,
    ResponseItem,
)
from engage_server.ingest.store import store_items
from engage_server.operations.annotations import create_annotation
from engage_server.operations.goals import create_goal
from engage_server.operations.keys import create_key
from engage_server.operations.segments import create_segment
from engage_server.plugin_host.registry import registry
from engage_server.privacy import requests
from engage_server.tenancy.scope import tenant_scope
from tests.access.people import member
from tests.api.conftest import Caller
from tests.metrics.values import store
from tests.privacy.scenario import send

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = (datetime.now(UTC) + timedelta(days=90)).date()
ROOTS = {
    "accounts", "keys", "members", "auditLog", "eventNames", "eventNameProblems", "merges", "quarantine", "sources",
    "privacyRequests", "segments", "feedbackEntries", "goals", "annotations", "features",
}  # fmt: skip
# What needs more than names to be there: see the tests of overrides, of what moved and changed, of rules, signals and
# channels, of runs and schedules.
ELSEWHERE = {
    "overrides", "whatMoved", "explainChanges", "restatedSince", "rules", "signals", "channels", "deliveries", "runs",
    "schedules", "playbooks", "fileImports", "tasks", "shares", "reports", "surveys",
    "cohortMembers",
}  # fmt: skip
PAGE = """
    query ($first: Int, $after: String, $last: Int, $before: String) {
        page: %s(first: $first, after: $after, last: $last, before: $before) {
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
            Feature.objects.create(name=name)
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
def test_read_backwards_a_list_is_the_same_and_its_pages_are_where_they_were(admin, root):
    query = PAGE % root
    whole = admin.data(query, first=100)["page"]["edges"]
    found, before, more = [], None, True
    while more:
        page = admin.data(query, last=2, before=before)["page"]
        info = page["pageInfo"]
        assert info["hasNextPage"] == (before is not None)
        found = page["edges"] + found
        before, more = info["startCursor"], info["hasPreviousPage"]
    assert found == whole
    middle = admin.data(query, first=1, after=whole[0]["cursor"])["page"]["edges"]
    assert admin.data(query, last=1, before=middle[0]["cursor"])["page"]["edges"] == whole[:1]
    for wrong in (
        {"before": "x"},
        {"last": 1, "after": whole[0]["cursor"]},
        {"last": 0},
        {"last": 1, "before": "x"},
    ):
        assert admin.code(query, **wrong) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "root", ["accounts", "eventNames", "features", "sources", "segments", "goals", "feedbackEntries"]
)
def test_rows_that_come_while_a_list_is_read_move_none_that_were_there(admin, root):
    def add(number: int) -> None:
        name = f"later{number}"
        with tenant_scope(admin.tenant):
            Account.objects.create(external_id=name)
            EventName.objects.create(name=name)
            Source.objects.create(name=name)
            Feature.objects.create(name=name)
            create_segment(name, {"subject": "account"})
            create_goal(name, {"metric": "mood.score", "target": 50, "due": LATER})
            store_items([ResponseItem(name, "feedback", None, None, NOON, text="x")], source="one")

    query = PAGE % root
    there = [edge["cursor"] for edge in admin.data(query, first=100)["page"]["edges"]]
    ahead: list[str] = []
    for number in range(10):
        page = admin.data(query, first=1, after=ahead[-1] if ahead else None)["page"]
        ahead += [edge["cursor"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        if number < 2:
            add(number)
    back = [ahead[-1]]
    while page := admin.data(query, last=1, before=back[0])["page"]["edges"]:
        back.insert(0, page[0]["cursor"])
        if len(back) == 2:
            add(9)
    for read in (ahead, back):
        assert [cursor for cursor in read if cursor in there] == there
        assert len(set(read)) == len(read)


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


NESTED = {
    "children": 'account(externalId: "one") { page: children(%s) { ...Page } }',
    "members": 'account(externalId: "one") { page: members(%s) { ...Page } }',
    "answers": 'account(externalId: "one") { page: answers(%s) { ...Page } }',
    "events": 'account(externalId: "one") { page: events(%s) { ...Page } }',
    "deliveries": 'account(externalId: "one") { page: deliveries(%s) { ...Page } }',
    "values": "tenant { slug } page: moodScoreByAccount(%s) { ...Page }",
}


@pytest.fixture
def below(at_acme, at_globex):
    """Account `one` has five of everything, at Globex nothing."""
    now = datetime.now(UTC)
    with tenant_scope(at_acme.tenant):
        one = Account.objects.create(external_id="one")
        for n in range(5):
            child = Account.objects.create(external_id=f"child{n}", parent=one)
            store("mood.score", n % 2, kind="account", subject=child.pk)
            outbox.put(1, [Message("playbook.step", "x", "", {}, account=one.pk)], cause="playbook 1")
            at = now - timedelta(hours=20 * n)
            said = ResponseItem(f"r{n}", "feedback", None, None, NOON, text="x", account="one")
            did = EventItem(f"e{n}", "Opened", PersonKey(f"p{n}"), at, at, account="one")
            belongs = MembershipItem(PersonKey(f"p{n}"), "one", NOON)
            store_items([PersonItem(PersonKey(f"p{n}"), {}), belongs, said, did], source="one")
    with tenant_scope(at_globex.tenant):
        Account.objects.create(external_id="one")
    return Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.ADMIN), at_acme.host)


@pytest.mark.parametrize("name", sorted(NESTED))
def test_what_hangs_on_an_account_and_lists_of_values_are_turned_both_ways(below, at_globex, name):
    def read(caller: Caller, arguments: str) -> dict:
        fragment = "fragment Page on %s { edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"
        type_ = {
            "children": "AccountConnection", "members": "PersonConnection", "answers": "FeedbackEntryConnection",
            "events": "EventConnection", "deliveries": "AccountDeliveryConnection", "values": "MoodScoreConnection",
        }[name]  # fmt: skip
        data = caller.data(f"{{ {NESTED[name] % arguments} }} {fragment % type_}")
        return data["page"] if "page" in data else data["account"]["page"]

    def cursors(page: dict) -> list[str]:
        return [edge["cursor"] for edge in page["edges"]]

    whole = cursors(read(below, "first: 9"))
    assert len(whole) == 5
    assert cursors(read(below, "last: 9")) == whole
    found, page = [], read(below, "last: 2")
    while True:
        found = cursors(page) + found
        if not page["pageInfo"]["hasPreviousPage"]:
            break
        page = read(below, f'last: 2, before: "{page["pageInfo"]["startCursor"]}"')
        assert page["pageInfo"]["hasNextPage"]
    assert found == whole
    assert cursors(read(below, f'first: 2, after: "{whole[1]}"')) == whole[2:4]
    if name != "values":
        whole_rights = create_key(at_globex.tenant, ApiKey.Kind.ADMIN)
        assert cursors(read(Caller(at_globex.tenant, whole_rights, at_globex.host), "last: 9")) == []


def test_every_list_of_every_type_is_turned_both_ways():
    schema = schema_for(frozenset(registry().plugins))._schema
    lists = {
        f"{type_.name}.{name}": set(field.args)
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType)
        for name, field in type_.fields.items()
        if get_named_type(field.type).name.endswith("Connection")
    }
    assert len(lists) > 50
    assert [name for name, args in lists.items() if not {"first", "after", "last", "before"} <= args] == []


@pytest.mark.parametrize("is_newest_first", [True, False])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    numbers=st.sets(st.integers(1, 40), max_size=12),
    come=st.sets(st.integers(1, 40), max_size=5),
    size=st.integers(1, 5),
)
def test_pages_of_numbers_agree_both_ways_whatever_comes_between(
    at_acme, is_newest_first, numbers, come, size
):
    def read(present: set[int], asked: PageRequest) -> Connection[int]:
        return numbered(
            sorted(present, reverse=is_newest_first), of="numbers", asked=asked, nodes=list, key=int,
            is_newest_first=is_newest_first,
        )  # fmt: skip

    def walk(*, is_backwards: bool) -> list[int]:
        found: list[int] = []
        present, place, more = set(numbers), None, True
        while more:
            page = read(present, PageRequest(size, place, is_backwards=is_backwards))
            nodes = [edge.node for edge in page.edges]
            found = nodes + found if is_backwards else found + nodes
            info = page.page_info
            place, more = (
                (info.start_cursor, info.has_previous_page)
                if is_backwards
                else (info.end_cursor, info.has_next_page)
            )
            present |= come
        return found

    with tenant_scope(at_acme.tenant):
        for found in (walk(is_backwards=False), walk(is_backwards=True)):
            assert found == sorted(set(found), reverse=is_newest_first)
            assert numbers <= set(found) <= numbers | come
