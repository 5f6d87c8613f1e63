"""Merges over GraphQL: preview, merge, list, undo, by those who may, recorded, and one tenant's alone."""

from datetime import UTC, datetime

import pytest

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission, Principal
from engage_server.api.account_loader import AccountLoader
from engage_server.api.execution import GraphQLRequest, answer
from engage_server.api.ids import global_id
from engage_server.api.person_loader import PersonLoader
from engage_server.api.ranked_rows import PageOfEach
from engage_server.audit import log
from engage_server.customers.models import Account, Membership, Person
from engage_server.ingest.items import EventItem, MembershipItem, PersonItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.metrics.reader import StoredMetricReader
from engage_server.operations.keys import create_key
from engage_server.privacy import requests
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIST = "{ merges(first: 9) { edges { node { id kind name into } } } }"
MERGE = (
    'mutation { mergePersons(input: {previous: "ada@old", into: "ada"}) { moved { persons events days } } }'
)
UNDO = "mutation ($id: ID!) { undoMerge(input: {id: $id}) { moved { persons events } } }"


def fill(tenant) -> None:
    """Ada's former self has two events on a device and one without, in one account."""
    old = PersonKey(user_id="ada@old", anonymous_id="phone")
    with tenant_scope(tenant):
        store_items(
            [
                PersonItem(PersonKey(user_id="ada"), {"x": 1}),
                EventItem("m1", "saved", PersonKey(anonymous_id="phone"), NOON, NOON),
                EventItem("m2", "saved", old, NOON, NOON),
                EventItem("m3", "saved", old, NOON.replace(day=3), NOON),
                MembershipItem(old, "acct", NOON.replace(day=1)),
            ],
            source="web",
        )


@pytest.fixture
def admin(at_acme, globex, settings):
    settings.ENGAGE_PRIVACY_KEYS = ["a key of the tests"]
    for tenant in (at_acme.tenant, globex):
        fill(tenant)
    return Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.ADMIN), at_acme.host)


def test_the_preview_tells_what_the_merge_moves_and_changes_nothing(admin):
    fields = "{ persons events days answers memberships accounts }"
    preview = admin.data(f'{{ mergePreview(previous: "ada@old", into: "ada") {fields} }}')["mergePreview"]
    assert preview == {
        "persons": 2, "events": 3, "days": 2, "answers": 0, "memberships": 1, "accounts": 1,
    }  # fmt: skip
    assert [one["name"] for one in admin.nodes(LIST)] == ["phone"]
    assert admin.data(MERGE)["mergePersons"]["moved"] == {"persons": 2, "events": 3, "days": 2}
    assert {(one["kind"], one["name"], one["into"]) for one in admin.nodes(LIST)} == {
        ("TIE", "phone", "ada"),
        ("JOIN", "ada@old", "ada"),
    }


def test_an_undone_merge_gives_back_what_came_along_and_is_recorded(admin):
    admin.data(MERGE)
    (merge,) = [one for one in admin.nodes(LIST) if one["kind"] == "JOIN"]
    assert admin.data(UNDO, id=merge["id"]) == {"undoMerge": {"moved": {"persons": 2, "events": 3}}}
    assert [(one["name"], one["into"]) for one in admin.nodes(LIST)] == [("phone", "ada@old")]
    assert admin.code(UNDO, id=merge["id"]) == "BAD_USER_INPUT"
    with tenant_scope(admin.tenant):
        undone, merged = log.newest(2)
    assert (merged.action, undone.action) == ("persons.merged", "merge.undone")
    assert undone.actor.startswith("key:")
    assert "ada" not in str([merged.subject, merged.details, undone.subject, undone.details])


def test_the_other_tenants_persons_are_out_of_reach(admin, globex):
    admin.data(MERGE)
    with tenant_scope(globex):
        assert Person.objects.filter(merged_into__isnull=False).count() == 1
    stranger = Caller(globex, create_key(globex, ApiKey.Kind.ADMIN), "globex.localhost")
    (merge,) = [one for one in admin.nodes(LIST) if one["kind"] == "JOIN"]
    assert stranger.code(UNDO, id=merge["id"]) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("previous", "into", "says"),
    [
        ("nobody", "ada", "Nobody is known"),
        ("phone", "ada@old", "one person already"),
        ("ada", "tablet", "without a user id"),
    ],
)
def test_what_cannot_be_merged_is_refused_with_the_remedy(admin, previous, into, says):
    with tenant_scope(admin.tenant):
        store_items([EventItem("m9", "saved", PersonKey(anonymous_id="tablet"), NOON, NOON)], source="web")
    query = f'mutation {{ mergePersons(input: {{previous: "{previous}", into: "{into}"}}) {{ moved {{ persons }} }} }}'
    (error,) = admin.ask(query)["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert says in error["message"]


def suppress(admin: Caller, name: str) -> None:
    with tenant_scope(admin.tenant):
        requests.suppress(name)


def test_merges_of_suppressed_persons_are_in_no_answer(admin):
    assert admin.nodes(LIST)
    suppress(admin, "ada@old")
    assert admin.nodes(LIST) == []


@pytest.mark.parametrize(("previous", "into"), [("ada@old", "ada"), ("phone", "ada"), ("ada", "ada@old")])
def test_a_suppressed_person_is_merged_with_nobody_and_answers_like_one_who_never_was(admin, previous, into):
    suppress(admin, "ada@old")
    names = f'previous: "{previous}", into: "{into}"'
    merge = f"mutation {{ mergePersons(input: {{{names}}}) {{ moved {{ persons }} }} }}"
    for query in (f"{{ mergePreview({names}) {{ persons }} }}", merge):
        (error,) = admin.ask(query)["errors"]
        assert (error["extensions"]["code"], "Nobody is known" in error["message"]) == (
            "BAD_USER_INPUT",
            True,
        )
    with tenant_scope(admin.tenant):
        assert Person.objects.get(external_id="ada").merged_into_id is None


def test_who_counts_as_a_suppressed_person_shows_neither(admin):
    with tenant_scope(admin.tenant):
        phone = Person.objects.get(merged_into__isnull=False)
        assert phone.merged_into is not None
        Person.objects.filter(pk=phone.merged_into.pk).update(is_suppressed=True)
        account = Account.objects.get()
        Membership.objects.update(person=phone)
        loader = AccountLoader(StoredMetricReader(), PersonLoader())
        assert (loader.members(account.pk, PageOfEach(9)), loader.member_count(account.pk)) == ([], 0)
    id = global_id("Person", tenant_id=admin.tenant.id, pk=phone.pk)
    assert admin.data("query ($id: ID!) { node(id: $id) { id } }", id=id) == {"node": None}


def test_merging_needs_config_write_and_names_need_personal_read(admin):
    def ask(query: str, *permissions: Permission) -> dict:
        principal = Principal(admin.tenant, "key:test", frozenset(permissions))
        return answer(GraphQLRequest(query), principal).payload

    reader = (Permission.METRICS_READ, Permission.PERSONAL_READ)
    for query in (LIST, MERGE, '{ mergePreview(previous: "ada@old", into: "ada") { persons } }'):
        (error,) = ask(query, *reader)["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
    (edge,) = ask(LIST, Permission.CONFIG_WRITE)["data"]["merges"]["edges"]
    assert (edge["node"]["name"], edge["node"]["into"]) == (None, None)
    (error,) = ask(MERGE, Permission.CONFIG_WRITE)["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"


def test_pages_of_merges_follow_each_other(admin):
    admin.data(MERGE)
    page = "query ($after: String) { merges(first: 1, after: $after) { edges { cursor node { name } } } }"
    (first,) = admin.data(page)["merges"]["edges"]
    (last,) = admin.nodes(page, after=first["cursor"])
    assert {first["node"]["name"], last["name"]} == {"phone", "ada@old"}
    assert admin.code("{ merges(first: 101) { pageInfo { endCursor } } }") == "BAD_USER_INPUT"
