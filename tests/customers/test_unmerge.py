"""A merge that is taken back leaves both sides as they would be without it."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage_server.customers.exceptions import NotMergedError
from engage_server.customers.identity import DeviceLink, IdentifierUsage, resolve_identifiers
from engage_server.customers.models import Person
from engage_server.customers.unmerge import MergeKind, merged_with, merges, unmerge
from engage_server.tenancy.scope import tenant_scope

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def tie(device: str, user: str) -> None:
    resolve_identifiers(IdentifierUsage(ties=(DeviceLink(device, user, NOON),)))


def alias(previous: str, user: str) -> None:
    resolve_identifiers(IdentifierUsage(aliases=((previous, user),)))


def number(name: str) -> int:
    return resolve_identifiers(IdentifierUsage(anonymous=frozenset([name])))[name].person


def canonical(name: str) -> int:
    return resolve_identifiers(IdentifierUsage(anonymous=frozenset([name])))[name].canonical


def test_a_parted_device_is_alone_and_no_item_ties_it_again(acme):
    with tenant_scope(acme):
        tie("phone", "ada")
        parted = unmerge(number("phone"))
        assert (parted.former_canonical, parted.persons) == (number("ada"), (number("phone"),))
        tie("phone", "ada")
        assert canonical("phone") == number("phone")


def test_who_parts_takes_its_own_devices_along_and_leaves_the_others(acme):
    with tenant_scope(acme):
        tie("phone", "ada")
        tie("laptop", "bob")
        alias("ada", "bob")
        assert len({canonical(name) for name in ("phone", "ada", "laptop", "bob")}) == 1
        unmerge(number("ada"))
        assert canonical("phone") == canonical("ada") == number("ada")
        assert canonical("laptop") == canonical("bob") == number("bob")


def test_a_join_in_the_middle_of_a_chain_is_taken_back_by_itself(acme):
    with tenant_scope(acme):
        alias("a", "b")
        alias("b", "c")
        unmerge(number("b"))
        assert canonical("a") == canonical("b") == number("b")
        assert canonical("c") == number("c")
        unmerge(number("a"))
        assert {canonical(name) for name in "abc"} == {number(name) for name in "abc"}


def test_a_later_alias_call_joins_the_parted_again(acme):
    with tenant_scope(acme):
        alias("ada", "bob")
        unmerge(number("ada"))
        alias("ada", "bob")
        assert canonical("ada") == number("bob")


def test_only_the_merged_can_part(acme):
    with tenant_scope(acme):
        tie("phone", "ada")
        for person in (number("ada"), 9_999):
            with pytest.raises(NotMergedError, match="identity list"):
                unmerge(person)


def test_merges_are_listed_with_kind_and_names_a_page_at_a_time(acme, globex):
    with tenant_scope(acme):
        tie("phone", "ada")
        alias("ada@old", "ada")
        rows = merges(limit=9)
        assert {(row.kind, row.name, row.canonical_name) for row in rows} == {
            (MergeKind.TIE, "phone", "ada"),
            (MergeKind.JOIN, "ada@old", "ada"),
        }
        assert all(row.at is not None for row in rows)
        assert merges(limit=1) == rows[:1]
        assert merges(after=rows[0].person, limit=9) == rows[1:]
    with tenant_scope(globex):
        assert merges(limit=9) == []


def test_a_step_to_somebody_who_is_gone_is_one_to_the_root(acme):
    with tenant_scope(acme):
        alias("a", "b")
        alias("b", "c")
        Person.objects.filter(pk=number("a")).update(joined_to_id=9_999)
        unmerge(number("b"))
        assert canonical("a") == number("c")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_parting_takes_back_what_joining_did(acme, data):
    """Names of two groups, a join between them, and its undoing: the two groups as before."""
    prefix = f"{data.draw(st.uuids())}-"
    names = [prefix + letter for letter in "abcdef"]
    with tenant_scope(acme):
        for group in (names[:3], names[3:]):
            for pair in data.draw(st.lists(st.permutations(group), max_size=3)):
                alias(*pair[:2])
            for name in group:
                resolve_identifiers(IdentifierUsage(users=frozenset([name])))
        before = {name: canonical(name) for name in names}
        first, second = data.draw(st.sampled_from(names[:3])), data.draw(st.sampled_from(names[3:]))
        alias(first, second)
        joined = before[first]
        assert canonical(first) == canonical(second)
        unmerge(joined)
        assert {name: canonical(name) for name in names} == before


def test_followers_are_found_through_others():
    assert merged_with(1, {1: 9, 2: 1, 3: 2, 4: 9}) == [1, 2, 3]
