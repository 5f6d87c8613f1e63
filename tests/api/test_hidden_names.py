"""Who lacks `personal:read` learns no name by asking: by errors, filters, orders, cursors, counts or single events."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.api.ids import global_id
from engage_server.customers.models import Account, Person
from engage_server.ingest.items import AccountItem, EventItem, MembershipItem, PersonItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations.keys import KeyRequest, make_key
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.api.conftest import Caller, nodes_of

JANE = "jane.doe@example.com"
NOW = datetime.now(UTC)
END = "mutation ($input: EndMembershipInput!) { endMembership(input: $input) { dryRun } }"
UPDATE = "mutation ($input: UpdateAccountInput!) { updateAccount(input: $input) { dryRun } }"


def fill(tenant: TenantRef) -> dict[str, str]:
    """Global ids of a person, of the account of the same name and of another one, in a tenant."""
    key = PersonKey(user_id=JANE)
    with tenant_scope(tenant):
        store_items(
            [
                AccountItem(JANE, name=f"Care of {JANE}", plan="jane-plan"),
                AccountItem("zeta", name="Zeta", plan="pro", traits={"seats": 3}),
                AccountItem("alpha", name="Alpha", plan="pro"),
                PersonItem(key, {"email": JANE}),
                PersonItem(PersonKey(user_id="jane-plan"), {}),
                MembershipItem(key, JANE, NOW - timedelta(days=9)),
            ],
            source="web",
        )
        rows = {
            "person": Person.objects.get(external_id=JANE),
            "named": Account.objects.get(external_id=JANE),
        }
        rows["other"] = Account.objects.get(external_id="zeta")
    return {name: global_id(type(row).__name__, tenant_id=tenant.id, pk=row.pk) for name, row in rows.items()}


@pytest.fixture
def ids(at_acme: Caller, at_globex: Caller) -> dict[str, str]:
    """Acme's; globex has the same of its own."""
    fill(at_globex.tenant)
    return fill(at_acme.tenant)


def holder(of: Caller, *permissions: Permission) -> Caller:
    request = KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset(permissions))
    return Caller(of.tenant, make_key(of.tenant, request).text, of.host)


@pytest.fixture
def viewer(at_acme: Caller, ids: dict[str, str]) -> Caller:
    return holder(at_acme, Permission.METRICS_READ)


@pytest.fixture
def knower(at_acme: Caller, ids: dict[str, str]) -> Caller:
    return holder(at_acme, Permission.METRICS_READ, Permission.PERSONAL_READ)


def refusal(caller: Caller, query: str, **told: Any) -> str:
    answer = caller.ask(query, input=told)
    (error,) = answer["errors"]
    assert "jane" not in json.dumps(answer).lower()
    return error["message"]


def test_errors_do_not_say_who_an_id_of_the_api_stands_for(at_acme, ids):
    writer = holder(at_acme, Permission.EVENTS_WRITE)
    told = {"person": ids["person"], "account": ids["other"], "dryRun": True}
    assert "does not belong" in refusal(writer, END, **told)
    early = (NOW - timedelta(days=99)).isoformat()
    assert "only since" in refusal(writer, END, **{**told, "account": ids["named"], "at": early})
    assert "has changed since" in refusal(writer, UPDATE, account=ids["named"], expectedVersion="x")
    writer.ask(UPDATE, input={"account": ids["other"], "parent": ids["named"]})
    assert "stands below it" in refusal(writer, UPDATE, account=ids["named"], parent=ids["other"])


def test_a_person_without_a_name_of_its_own_is_not_named_in_the_error(at_acme, ids):
    writer = holder(at_acme, Permission.EVENTS_WRITE)
    with tenant_scope(at_acme.tenant):
        pk = Person.objects.create(external_id="jane.roe@example.com").pk
    told = {"person": global_id("Person", tenant_id=at_acme.tenant.id, pk=pk), "account": ids["other"]}
    assert "Nobody is known" in refusal(writer, END, **told)


FIND = "query ($where: AccountFilter) { accounts(where: $where) { totalCount edges { node { id } } } }"


@pytest.mark.parametrize(
    ("where", "others"),
    [
        ({"search": "jane"}, 0),
        ({"search": "@example"}, 0),
        ({"search": "Care of"}, 0),
        ({"search": "e"}, 1),  # Zeta
        ({"externalIds": [JANE]}, 0),
        ({"externalIds": [JANE.upper(), "zeta"]}, 1),
        ({"plan": ["jane-plan"]}, 0),
        ({"plan": ["jane-plan", "pro"]}, 2),
    ],
)
def test_a_filter_finds_no_account_by_a_persons_name(viewer, knower, where, others):
    assert viewer.data(FIND, where=where)["accounts"]["totalCount"] == others
    if "JANE" not in json.dumps(where):
        assert knower.data(FIND, where=where)["accounts"]["totalCount"] == others + 1


@pytest.mark.parametrize(
    ("name", "is_found"),
    [
        ("Partner JANE-PLAN, Ltd", False),
        ("'jane-plan' and sons", False),
        ("https://x.test/u?id=jane-plan", False),
        ("jane%2Dplan", False),
        ("auth0|12345", False),
        ("Call +44 20 7946 0958", False),
        ("Renewal 2026-01-31", True),
        ("Number 12345678", True),
        ("janet-planet & sons", True),
        ("@home", True),
    ],
)
def test_search_finds_what_is_shown_and_nothing_that_is_hidden(viewer, name, is_found):
    with tenant_scope(viewer.tenant):
        pk = Account.objects.create(external_id="odd", name=name).pk
    seen = viewer.data('{ account(externalId: "odd") { name } }')["account"]["name"]
    assert (seen == name) is is_found
    found = viewer.data(FIND, where={"search": name[:9]})["accounts"]["edges"]
    assert found == (
        [{"node": {"id": global_id("Account", tenant_id=viewer.tenant.id, pk=pk)}}] if is_found else []
    )


PAGE = """query ($first: Int, $after: String, $by: AccountSort!) {
    accounts(first: $first, after: $after, orderBy: { by: $by }) { edges { cursor node { id name } } } }"""


@pytest.mark.parametrize("by", ["NAME", "NAME_DESCENDING"])
def test_an_order_by_name_says_nothing_of_hidden_names(viewer, knower, ids, by):
    with tenant_scope(viewer.tenant):
        Account.objects.create(external_id="later", name="ask jane-plan first")
    placed = [node["name"] for node in nodes_of(viewer.data(PAGE, first=9, by=by)["accounts"])]
    # The hidden ones stand together, in the order in which they came in; so do the others, by name.
    expected = ["Care of hidden person 1", "ask hidden person 2 first", "Alpha", "Zeta"]
    shown = [name for name in placed if "hidden" not in name]
    assert shown == (expected[2:] if by == "NAME" else expected[:1:-1])
    hidden = [place for place, name in enumerate(placed) if "hidden" in name]
    assert hidden == ([0, 1] if by == "NAME" else [2, 3])
    paged, after = [], None
    for _ in placed:
        (edge,) = viewer.data(PAGE, first=1, after=after, by=by)["accounts"]["edges"]
        paged.append(edge["node"]["id"])
        after = edge["cursor"]
    assert paged == [node["id"] for node in nodes_of(viewer.data(PAGE, first=9, by=by)["accounts"])]
    known = [node["name"] for node in nodes_of(knower.data(PAGE, first=9, by="NAME")["accounts"])]
    assert known.index("Alpha") < known.index(f"Care of {JANE}") < known.index("Zeta")


def test_cursors_say_nothing_and_serve_their_own_tenant_alone(knower, at_globex):
    page = knower.data(PAGE, first=9, by="NAME")["accounts"]
    for edge in page["edges"]:
        cursor = edge["cursor"]
        assert b"jane" not in base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).lower()
    assert page == knower.data(PAGE, first=9, by="NAME")["accounts"]  # answers can be compared by their text
    after = page["edges"][0]["cursor"]
    assert len(knower.data(PAGE, first=9, by="NAME", after=after)["accounts"]["edges"]) == 2
    assert at_globex.code(PAGE, first=9, by="NAME", after=after) == "BAD_USER_INPUT"
    forged = base64.urlsafe_b64encode(b'after:accounts:["x"]').decode().rstrip("=")
    for one in (forged, after[:-2], "", "\ud800", "ключ"):
        assert knower.code(PAGE, first=9, by="NAME", after=one) == "BAD_USER_INPUT"


SIZE = """query ($condition: JSON!, $subject: SegmentSubject! = ACCOUNT) {
    segmentSize(subject: $subject, condition: $condition) }"""
PRO = {"type": "plan", "any_of": ["pro"]}


@pytest.mark.parametrize(
    ("condition", "size"),
    [
        (PRO, 2),
        ({"type": "not", "of": {"type": "accounts", "any_of": ["zeta"]}}, 2),
        ({"type": "plan", "any_of": ["jane-plan"]}, None),
        ({"type": "under", "account": JANE}, None),
        ({"type": "all", "of": [PRO, {"type": "trait", "name": "seats"}]}, None),
        ({"type": "has_persons", "persons": {"type": "trait", "name": "email", "any_of": [JANE]}}, None),
        ({"type": "any", "of": [{"type": "answered", "instrument": "nps", "at_most": 3}]}, None),
        ({"type": "not", "of": {"type": "metric", "metric": "mood.score", "at_most": 3}}, None),
    ],
)
def test_a_count_of_accounts_does_not_answer_about_persons(at_acme, ids, condition, size):
    configures = holder(at_acme, Permission.CONFIG_WRITE)
    assert configures.data(SIZE, condition=condition)["segmentSize"] == size
    knows = holder(at_acme, Permission.CONFIG_WRITE, Permission.PERSONAL_READ)
    assert knows.data(SIZE, condition=condition)["segmentSize"] is not None


EVENTS = """query ($id: ID!) { node(id: $id) { ... on Account {
    events(first: 1) { edges { cursor node { person { id } account { externalId } } } } } } }"""


def test_an_accounts_events_do_not_say_whose_they_are(viewer, knower, ids):
    with tenant_scope(viewer.tenant):
        event = EventItem(f"{JANE}-1", "Opened", PersonKey(user_id=JANE), NOW, NOW, account="zeta")
        later = EventItem(f"{JANE}-2", "Opened", PersonKey(user_id=JANE), NOW, NOW, account="zeta")
        store_items([event, later], source="web")
    (edge,) = viewer.data(EVENTS, id=ids["other"])["node"]["events"]["edges"]
    assert edge["node"] == {"person": None, "account": {"externalId": "zeta"}}
    assert b"jane" not in base64.urlsafe_b64decode(edge["cursor"] + "==").lower()
    (edge,) = knower.data(EVENTS, id=ids["other"])["node"]["events"]["edges"]
    assert edge["node"]["person"] == {"id": ids["person"]}
