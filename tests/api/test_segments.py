"""Segments over GraphQL: made by those who configure, read by those who read metrics."""

import pytest

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.customers.models import Account
from engage_server.ingest.items import AccountItem, PersonItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

CREATE = """
    mutation ($segment: CreateSegmentInput!) { createSegment(input: $segment) { segment { id name version
        isStatic condition author } } }
"""
SHOW = """
    query ($id: ID!, $after: String) {
        segment(id: $id) {
            name size
            members(first: 1, after: $after) {
                pageInfo { hasNextPage endCursor }
                edges { node { ... on Account { externalId } ... on Person { user: externalId } } }
            }
        }
    }
"""
PRO = {"name": "Pro", "subject": "ACCOUNT", "condition": {"type": "plan", "any_of": ["pro"]}}


def admin(caller: Caller) -> Caller:
    return Caller(caller.tenant, create_key(caller.tenant, ApiKey.Kind.ADMIN), caller.host)


@pytest.fixture
def at_both(at_acme, at_globex):
    """Admins of both tenants, with accounts of the same names on other plans."""
    for caller, plan in ((at_acme, "pro"), (at_globex, "basic")):
        with tenant_scope(caller.tenant):
            items = [AccountItem("a", plan=plan), AccountItem("b", plan=plan), AccountItem("c")]
            store_items([*items, PersonItem(PersonKey(user_id="ada"))], source="web")
    return admin(at_acme), admin(at_globex)


def test_a_segment_is_made_read_a_page_at_a_time_and_changed(at_both, at_acme):
    acme, globex = at_both
    made = acme.data(CREATE, segment=PRO)["createSegment"]["segment"]
    assert (made["name"], made["version"], made["isStatic"]) == ("Pro", 1, False)
    assert made["condition"] == PRO["condition"]
    first = at_acme.data(SHOW, id=made["id"])["segment"]
    assert (first["size"], first["members"]["edges"]) == (2, [{"node": {"externalId": "a"}}])
    after = first["members"]["pageInfo"]["endCursor"]
    second = at_acme.data(SHOW, id=made["id"], after=after)["segment"]["members"]
    assert (second["edges"], second["pageInfo"]["hasNextPage"]) == ([{"node": {"externalId": "b"}}], False)
    update = """
        mutation ($id: ID!) {
            updateSegment(input: {id: $id, changes: {name: "Paying", tracked: true}}) { segment { name tracked version
                history { edges { node { name version } } } } }
        }
    """
    changed = acme.data(update, id=made["id"])["updateSegment"]["segment"]
    assert (changed["name"], changed["tracked"], changed["version"]) == ("Paying", True, 2)
    assert [one["node"]["name"] for one in changed["history"]["edges"]] == ["Paying", "Pro"]
    assert globex.data("{ segments(first: 9) { edges { node { name } } } }")["segments"]["edges"] == []
    assert acme.nodes("{ segments(first: 9) { edges { node { name } } } }") == [{"name": "Paying"}]


def test_another_tenants_segment_is_refused_like_one_that_never_was(at_both):
    acme, globex = at_both
    id = acme.data(CREATE, segment=PRO)["createSegment"]["segment"]["id"]
    globex.data(CREATE, segment=PRO)
    assert globex.data(SHOW, id=id) == {"segment": None}
    for mutation in (
        "mutation ($id: ID!) { retireSegment(input: {id: $id}) { segment { name } } }",
        'mutation ($id: ID!) { updateSegment(input: {id: $id, changes: {name: "x"}}) { segment { name } } }',
        'mutation ($id: ID!) { changeSegmentMembers(input: {id: $id, add: ["a"]}) { joined } }',
    ):
        assert globex.code(mutation, id=id) == "UNKNOWN_SEGMENT"
    assert acme.data("mutation ($id: ID!) { retireSegment(input: {id: $id}) { segment { name } } }", id=id)
    assert acme.data(SHOW, id=id) == {"segment": None}


def test_members_are_listed(at_both):
    acme, _ = at_both
    id = acme.data(CREATE, segment={"name": "Chosen", "subject": "ACCOUNT"})["createSegment"]["segment"]["id"]
    change = 'mutation ($id: ID!) { changeSegmentMembers(input: {id: $id, add: ["c"]}) { joined left segment { size } } }'
    assert acme.data(change, id=id)["changeSegmentMembers"] == {
        "joined": 1,
        "left": 0,
        "segment": {"size": 1},
    }
    wrong = (
        'mutation ($id: ID!) { changeSegmentMembers(input: {id: $id, remove: ["c"], add: ["z"]}) { joined } }'
    )
    assert acme.code(wrong, id=id) == "UNKNOWN_MEMBER"
    assert acme.data(SHOW, id=id)["segment"]["size"] == 1


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ({"type": "trait", "name": "colour"}, "UNKNOWN_TRAIT"),
        ({"type": "segment", "segment": 99}, "UNKNOWN_SEGMENT"),
        ({"type": "plan"}, "INVALID_DEFINITION"),
        ({"type": "plan", "any_of": ["a\x00"]}, "INVALID_DEFINITION"),
        ("pro", "INVALID_DEFINITION"),
    ],
)
def test_mistakes_have_codes_and_leave_nothing_behind(at_both, condition, code):
    acme, _ = at_both
    assert acme.code(CREATE, segment={**PRO, "condition": condition}) == code
    assert acme.nodes("{ segments(first: 9) { edges { node { name } } } }") == []


def test_a_name_is_taken_once(at_both):
    acme, _ = at_both
    acme.data(CREATE, segment=PRO)
    assert acme.code(CREATE, segment=PRO) == "NAME_TAKEN"


def test_readers_make_nothing_and_see_no_names_of_persons_nor_how_few_they_are(at_both, at_acme):
    acme, _ = at_both
    assert at_acme.code(CREATE, segment=PRO) == "FORBIDDEN"
    everybody = {"name": "All", "subject": "PERSON", "condition": {"type": "all", "of": []}}
    id = acme.data(CREATE, segment=everybody)["createSegment"]["segment"]["id"]
    seen = acme.data(SHOW, id=id)["segment"]
    assert (seen["size"], seen["members"]["edges"]) == (1, [{"node": {"user": "ada"}}])
    with tenant_scope(acme.tenant):
        assert Account.objects.count() == 3
    reader = KeyRequest(ApiKey.Kind.QUERY, permissions=frozenset({Permission.METRICS_READ}))
    viewer = Caller(
        acme.tenant,
        make_key(acme.tenant, reader).text,
        acme.host,
    )
    seen = viewer.data(SHOW, id=id)["segment"]
    assert (seen["size"], seen["members"]["edges"]) == (None, [{"node": {"user": None}}])


COUNT = "query ($subject: SegmentSubject!, $condition: JSON!) { segmentSize(subject: $subject, condition: $condition) }"


def test_a_condition_is_counted_before_it_is_saved_of_ones_own_tenant_alone(at_both, at_acme):
    acme, globex = at_both
    pro = {"subject": "ACCOUNT", "condition": PRO["condition"]}
    assert acme.data(COUNT, **pro) == {"segmentSize": 2}
    assert globex.data(COUNT, **pro) == {"segmentSize": 0}
    assert acme.nodes("{ segments(first: 9) { edges { node { name } } } }") == []
    saved = acme.data(CREATE, segment=PRO)["createSegment"]["segment"]
    assert acme.data(SHOW, id=saved["id"])["segment"]["size"] == 2
    assert acme.code(COUNT, subject="ACCOUNT", condition={"type": "plans"}) == "INVALID_DEFINITION"
    assert at_acme.code(COUNT, **pro) == "FORBIDDEN"


def test_few_persons_are_not_counted_for_who_may_not_know_them(at_both):
    acme, _ = at_both
    everybody = {"subject": "PERSON", "condition": {"type": "all", "of": []}}
    assert acme.data(COUNT, **everybody) == {"segmentSize": 1}
    configures = KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset({Permission.CONFIG_WRITE}))
    other = Caller(acme.tenant, make_key(acme.tenant, configures).text, acme.host)
    assert other.data(COUNT, **everybody) == {"segmentSize": None}
