"""Members are listed, invited, promoted and removed over GraphQL by those who may, inside their tenant."""

import pytest

from engage_server.access.models import ApiKey
from engage_server.access.principal import Role
from engage_server.audit import log
from engage_server.operations.keys import create_key
from engage_server.operations.members import invite_member
from engage_server.tenancy.scope import tenant_scope
from tests.access.people import member, operator_of
from tests.api.conftest import Caller
from tests.api.test_cookies import ADA, Page

INVITE = (
    "mutation ($email: String!, $role: Role!) { inviteMember(input: {email: $email, role: $role}) { "
    "member { email role signedInAt } } }"
)
CHANGE = "mutation ($email: String!, $role: Role!) { changeRole(input: {email: $email, role: $role}) { member { role } } }"
REMOVE = "mutation ($email: String!) { removeMember(input: {email: $email}) { email } }"
MEMBERS = (
    "query ($first: Int! = 9, $after: String) { members(first: $first, after: $after) "
    "{ edges { node { email role } } pageInfo { hasNextPage endCursor } } }"
)
VIEWER = "{ viewer { actor email role permissions tenants { slug name role } } }"


def members(caller: Caller) -> list[tuple[str, str]]:
    edges = caller.data(MEMBERS)["members"]["edges"]
    return [(edge["node"]["email"], edge["node"]["role"]) for edge in edges]


def admin(caller: Caller) -> Caller:
    return Caller(caller.tenant, create_key(caller.tenant, ApiKey.Kind.ADMIN), caller.host)


def test_members_are_invited_promoted_and_removed(at_acme):
    caller = admin(at_acme)
    assert caller.data(INVITE, email="Ada@example.com", role="VIEWER") == {
        "inviteMember": {"member": {"email": ADA, "role": "VIEWER", "signedInAt": None}}
    }
    assert caller.data(CHANGE, email=ADA, role="ANALYST") == {"changeRole": {"member": {"role": "ANALYST"}}}
    assert members(caller) == [(ADA, "ANALYST")]
    assert caller.data(REMOVE, email=ADA) == {"removeMember": {"email": ADA}}
    assert members(caller) == []
    with tenant_scope(caller.tenant):
        recorded = [entry.action for entry in log.newest(9, action="member.")]
    assert recorded == ["member.removed", "member.role_changed", "member.added"]


def test_an_invitation_gives_nobody_a_way_in_but_the_invited(at_acme):
    answer = admin(at_acme).data(INVITE, email=ADA, role="VIEWER")
    assert "password" not in str(answer)
    assert set(answer["inviteMember"]["member"]) == {"email", "role", "signedInAt"}


def test_a_query_key_neither_sees_nor_changes_members(at_acme):
    member(at_acme.tenant, ADA)
    assert at_acme.code(MEMBERS) == "FORBIDDEN"
    assert at_acme.code(INVITE, email="bob@example.com", role="VIEWER") == "FORBIDDEN"
    assert at_acme.code(CHANGE, email=ADA, role="ADMIN") == "FORBIDDEN"
    assert at_acme.code(REMOVE, email=ADA) == "FORBIDDEN"
    assert at_acme.code(REMOVE, email="nobody@example.com") == "FORBIDDEN"


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        (INVITE, {"email": "no address", "role": "VIEWER"}, "BAD_USER_INPUT"),
        (INVITE, {"email": "a\x00@example.com", "role": "VIEWER"}, "BAD_USER_INPUT"),
        (INVITE, {"email": ADA, "role": "VIEWER"}, "BAD_USER_INPUT"),
        (INVITE, {"email": "bob@example.com", "role": "OWNER"}, "FORBIDDEN"),
        (CHANGE, {"email": "a\x00@example.com", "role": "VIEWER"}, "BAD_USER_INPUT"),
        (CHANGE, {"email": "bob@example.com", "role": "VIEWER"}, "NOT_FOUND"),
        (REMOVE, {"email": "bob@example.com"}, "NOT_FOUND"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_code(at_acme, query, variables, code):
    member(at_acme.tenant, ADA)
    assert admin(at_acme).code(query, **variables) == code


def test_members_come_page_by_page_in_the_order_of_joining(at_acme):
    caller = admin(at_acme)
    emails = [f"{name}@example.com" for name in ("zoe", "ada", "moe")]
    for email in emails:
        caller.data(INVITE, email=email, role="VIEWER")
    first = caller.data(MEMBERS, first=2)["members"]
    rest = caller.data(MEMBERS, first=2, after=first["pageInfo"]["endCursor"])["members"]
    assert [edge["node"]["email"] for page in (first, rest) for edge in page["edges"]] == emails
    assert [page["pageInfo"]["hasNextPage"] for page in (first, rest)] == [True, False]
    assert caller.code(MEMBERS, first=101) == "BAD_USER_INPUT"


def test_another_tenants_members_are_neither_seen_nor_changed(at_acme, at_globex):
    member(at_globex.tenant, ADA)
    assert members(admin(at_acme)) == []
    assert admin(at_acme).code(REMOVE, email=ADA) == "NOT_FOUND"
    assert admin(at_acme).code(CHANGE, email=ADA, role="ADMIN") == "NOT_FOUND"
    assert members(admin(at_globex)) == [(ADA, "VIEWER")]


def test_the_viewer_is_the_key_or_the_person_who_asks(at_acme, globex):
    answer = at_acme.data(VIEWER)["viewer"]
    assert answer["actor"].startswith("key:")
    assert (answer["email"], answer["role"]) == (None, None)
    assert answer["tenants"] == [{"slug": "acme", "name": "Acme", "role": None}]
    ada = member(at_acme.tenant, ADA, Role.OWNER)
    invite_member(operator_of(globex), email=ADA, role=Role.VIEWER)
    viewer = Page("globex.localhost").post(VIEWER).json()["data"]["viewer"]
    assert viewer == {
        "actor": ada.actor,
        "email": ADA,
        "role": "VIEWER",
        "permissions": ["AUTOMATION_READ", "METRICS_READ"],
        "tenants": [
            {"slug": "acme", "name": "Acme", "role": "OWNER"},
            {"slug": "globex", "name": "Globex", "role": "VIEWER"},
        ],
    }


def test_what_a_signed_in_person_changes_is_recorded_as_theirs(at_acme):
    ada = member(at_acme.tenant, ADA, Role.ADMIN)
    page = Page("acme.localhost")
    page.post(
        'mutation { inviteMember(input: {email: "bob@example.com", role: VIEWER}) { member { email } } }'
    )
    with tenant_scope(at_acme.tenant):
        (entry,) = log.newest(1, action="member.added")
    assert entry.actor == ada.actor
