"""Names of persons never seen: what making them returns is what looking them up does, at one statement less."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engage_server.customers.identifiers import create_identifiers, find_identifiers
from engage_server.customers.identity import IdentifierUsage, resolve_identifiers
from engage_server.customers.models import Person
from engage_server.tenancy.scope import TenantRef, tenant_scope

USERS = frozenset({"ada", "bob"})
DEVICES = frozenset({"laptop", "phone"})
NAMES = sorted(USERS | DEVICES)


def test_what_is_made_is_what_a_look_finds(acme: TenantRef) -> None:
    with tenant_scope(acme):
        made = create_identifiers(NAMES, users=USERS)
        assert made == find_identifiers(NAMES)
    assert {name for name, one in made.items() if one.has_user_id and one.is_identified} == USERS


@pytest.mark.one_server  # on a cluster the making is four statements
def test_names_never_seen_cost_a_look_and_a_making_and_known_ones_a_look(acme: TenantRef) -> None:
    use = IdentifierUsage(users=USERS, anonymous=DEVICES)
    with tenant_scope(acme):
        with CaptureQueriesContext(connection) as first:
            made = resolve_identifiers(use)
        with CaptureQueriesContext(connection) as again:
            assert resolve_identifiers(use) == made
    assert (len(first), len(again)) == (2, 1)


def test_only_persons_made_here_are_returned(acme: TenantRef) -> None:
    with tenant_scope(acme):
        create_identifiers(["bob"], users=USERS)
        stored = Person.objects.create(external_id="ada")
        assert create_identifiers(NAMES, users=USERS).keys() == DEVICES
        found = resolve_identifiers(IdentifierUsage(users=USERS))
        assert found["ada"].person == stored.pk
        assert found == find_identifiers(sorted(USERS))


def test_the_same_name_is_another_person_in_another_tenant(acme: TenantRef, globex: TenantRef) -> None:
    with tenant_scope(acme):
        create_identifiers(NAMES, users=USERS)
    with tenant_scope(globex):
        assert find_identifiers(NAMES) == {}
        assert create_identifiers(["ada"], users=USERS).keys() == {"ada"}
        assert Person.objects.count() == 1
