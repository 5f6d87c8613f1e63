"""Who may make whom what; the last owner stays; each change is in the tenant's audit log and in no other's."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from engage_server.access.exceptions import (
    AboveOwnRoleError,
    AlreadyMemberError,
    InvalidEmailError,
    LastOwnerError,
    NotPermittedError,
    UnknownMemberError,
)
from engage_server.access.keys import verify_key
from engage_server.access.models import ApiKey, Membership, User
from engage_server.access.principal import PERMISSIONS_OF_ROLE, Permission, Principal, Role
from engage_server.access.users import clean_email
from engage_server.audit import log
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.operations.members import RANKS, change_role, invite_member, list_members, remove_member
from engage_server.tenancy import services
from engage_server.tenancy.scope import shared_scope, tenant_scope
from tests.access.people import member, operator_of, principal_of


def actions(tenant) -> list[tuple[str, str, str]]:
    with tenant_scope(tenant):
        return [(entry.actor, entry.action, entry.subject) for entry in log.newest(20, action="member.")]


def roles(tenant) -> dict[str, Role]:
    return {found.email: found.role for found in list_members(tenant)}


def test_an_invited_person_is_a_member_of_this_tenant_alone(acme, globex):
    invited = invite_member(operator_of(acme), email=" Ada@Example.com", role=Role.ANALYST)
    assert (invited.email, invited.role, invited.signed_in_at) == ("ada@example.com", Role.ANALYST, None)
    assert roles(acme) == {"ada@example.com": Role.ANALYST}
    assert roles(globex) == {}
    assert actions(acme) == [("operator:tests", "member.added", invited.actor)]
    assert actions(globex) == []


def test_a_person_of_two_tenants_is_one_user_with_two_roles(acme, globex):
    first = invite_member(operator_of(acme), email="ada@example.com", role=Role.OWNER)
    second = invite_member(operator_of(globex), email="ADA@example.com", role=Role.VIEWER)
    assert first.actor == second.actor
    assert (roles(acme), roles(globex)) == (
        {"ada@example.com": Role.OWNER},
        {"ada@example.com": Role.VIEWER},
    )


def test_an_invited_person_cannot_sign_in_before_they_chose_a_password(acme):
    invite_member(operator_of(acme), email="ada@example.com", role=Role.VIEWER)
    with shared_scope():
        assert not User.objects.get(email="ada@example.com").has_usable_password()


def test_inviting_a_member_again_changes_nothing(acme):
    member(acme, "ada@example.com", Role.OWNER)
    with pytest.raises(AlreadyMemberError, match="change the role"):
        invite_member(operator_of(acme), email="ada@example.com", role=Role.VIEWER)
    assert roles(acme) == {"ada@example.com": Role.OWNER}


@pytest.mark.parametrize("text", ["", "ada", "ada@", "@example.com", "ada@example.com, bob@example.com"])
def test_what_is_no_address_is_nobody(acme, text):
    with pytest.raises(InvalidEmailError, match=r"ada@example\.com"):
        invite_member(operator_of(acme), email=text, role=Role.VIEWER)


@given(st.emails())
def test_an_address_has_one_form_however_it_is_typed(email):
    assert clean_email(email.upper()) == clean_email(f" {email.lower()} ") == clean_email(clean_email(email))


@pytest.mark.parametrize("own", list(Role))
@pytest.mark.parametrize("given_role", list(Role))
def test_nobody_gives_a_role_above_their_own(acme, own, given_role):
    boss = member(acme, "boss@example.com", own)
    principal = principal_of(acme, boss, PERMISSIONS_OF_ROLE[own])
    target = member(acme, "ada@example.com")
    may = own in {Role.OWNER, Role.ADMIN} and RANKS.index(given_role) <= RANKS.index(own)
    if may:
        invite_member(principal, email="new@example.com", role=given_role)
        assert change_role(principal, email="ada@example.com", role=given_role).role is given_role
    else:
        for change in (
            lambda: invite_member(principal, email="new@example.com", role=given_role),
            lambda: change_role(principal, email="ada@example.com", role=given_role),
        ):
            with pytest.raises((NotPermittedError, AboveOwnRoleError)):
                change()
        assert roles(acme)[target.email] is Role.VIEWER
        assert "new@example.com" not in roles(acme)


def test_an_admin_neither_demotes_nor_removes_an_owner(acme):
    member(acme, "owner@example.com", Role.OWNER)
    admin = principal_of(acme, member(acme, "admin@example.com", Role.ADMIN))
    with pytest.raises(AboveOwnRoleError, match="'owner' is above"):
        change_role(admin, email="owner@example.com", role=Role.VIEWER)
    with pytest.raises(AboveOwnRoleError):
        remove_member(admin, email="owner@example.com")


def test_an_admin_key_manages_members_but_makes_no_owner(acme):
    key = verify_key(create_key(acme, ApiKey.Kind.ADMIN), ApiKey.Kind.ADMIN).principal
    invite_member(key, email="ada@example.com", role=Role.ADMIN)
    assert actions(acme)[0][0] == key.actor
    with pytest.raises(AboveOwnRoleError):
        change_role(key, email="ada@example.com", role=Role.OWNER)


def test_a_key_gives_and_takes_only_roles_that_may_no_more_than_it_may(acme):
    permissions = frozenset({Permission.MEMBERS_MANAGE, *PERMISSIONS_OF_ROLE[Role.VIEWER]})
    text = make_key(acme, KeyRequest(ApiKey.Kind.ADMIN, permissions=permissions)).text
    key = verify_key(text, ApiKey.Kind.ADMIN).principal
    member(acme, "admin@example.com", Role.ADMIN)
    invite_member(key, email="ada@example.com", role=Role.VIEWER)
    for change in (
        lambda: invite_member(key, email="bob@example.com", role=Role.ADMIN),
        lambda: invite_member(key, email="bob@example.com", role=Role.ANALYST),
        lambda: change_role(key, email="ada@example.com", role=Role.ANALYST),
        lambda: change_role(key, email="admin@example.com", role=Role.VIEWER),
        lambda: remove_member(key, email="admin@example.com"),
    ):
        with pytest.raises(AboveOwnRoleError, match="config:write"):
            change()
    assert roles(acme) == {"admin@example.com": Role.ADMIN, "ada@example.com": Role.VIEWER}
    remove_member(key, email="ada@example.com")


def test_a_former_member_changes_nothing_with_a_principal_made_earlier(acme):
    former = principal_of(acme, member(acme, "former@example.com", Role.ADMIN))
    remove_member(operator_of(acme), email="former@example.com")
    with pytest.raises(NotPermittedError, match="no member any more"):
        invite_member(former, email="ada@example.com", role=Role.VIEWER)


def test_a_member_of_one_tenant_changes_nothing_in_another(acme, globex):
    boss = member(acme, "boss@example.com", Role.OWNER)
    member(globex, "ada@example.com")
    with pytest.raises(NotPermittedError):
        change_role(principal_of(globex, boss), email="ada@example.com", role=Role.ADMIN)
    with pytest.raises(UnknownMemberError):
        remove_member(principal_of(acme, boss), email="ada@example.com")
    assert roles(globex) == {"ada@example.com": Role.VIEWER}


def test_the_last_owner_stays(acme):
    owner = principal_of(acme, member(acme, "owner@example.com", Role.OWNER))
    for change in (
        lambda: change_role(owner, email="owner@example.com", role=Role.ADMIN),
        lambda: remove_member(owner, email="owner@example.com"),
    ):
        with pytest.raises(LastOwnerError, match="somebody else an owner first"):
            change()
    invite_member(owner, email="heir@example.com", role=Role.OWNER)
    remove_member(owner, email="owner@example.com")
    assert roles(acme) == {"heir@example.com": Role.OWNER}


def test_two_owners_who_remove_each_other_at_once_leave_one(committed_tenants):
    tenant = committed_tenants[0]
    emails = ("a@example.com", "b@example.com")
    owners = [principal_of(tenant, member(tenant, email, Role.OWNER)) for email in emails]
    together = Barrier(2)

    def remove(principal: Principal, email: str) -> str:
        together.wait()
        try:
            remove_member(principal, email=email)
        except (LastOwnerError, NotPermittedError) as error:
            return type(error).__name__
        finally:
            connections.close_all()
        return "removed"

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(remove, owners, reversed(emails)))
    assert outcomes.count("removed") == 1
    assert list(roles(tenant).values()) == [Role.OWNER]


def test_a_change_that_cannot_be_recorded_is_not_made(acme, monkeypatch):
    monkeypatch.setattr("engage_server.audit.log.digest_of", lambda entry: None)
    with pytest.raises(Exception, match="digest"):
        invite_member(operator_of(acme), email="ada@example.com", role=Role.VIEWER)
    assert roles(acme) == {}


def test_a_tenants_memberships_go_with_it_and_the_person_stays(acme, globex):
    user = member(acme, "ada@example.com")
    invite_member(operator_of(globex), email="ada@example.com", role=Role.ADMIN)
    services.delete_tenant("acme")
    with shared_scope():
        assert [row.tenant_id for row in Membership.objects.filter(user=user)] == [globex.id]
        assert User.objects.filter(pk=user.pk).exists()


def test_a_members_number_does_not_tell_whether_some_other_tenant_knew_them(acme, globex):
    operator = operator_of(acme)
    invite_member(operator_of(globex), email="elsewhere@example.com", role=Role.VIEWER)
    emails = [f"new{n}@example.com" for n in range(9)]
    numbers = [
        int(invite_member(operator, email=email, role=Role.VIEWER).actor.partition(":")[2])
        for email in (*emails[:5], "elsewhere@example.com", *emails[5:])
    ]
    # Counted up, the known person's would be the least and the others in order.
    assert numbers != sorted(numbers)
    assert max(b - a for a, b in zip(sorted(numbers), sorted(numbers)[1:], strict=False)) > 1_000
    assert all(2**32 <= number < 2**53 for number in numbers)
