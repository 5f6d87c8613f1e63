"""Traits of a person or an account are bounded: what goes beyond is refused with a code, and the rest is kept."""

import pytest

from engage_server.customers.models import Account, Person
from engage_server.ingest.items import AccountItem
from engage_server.ingest.store import store_items
from engage_server.tenancy.scope import TenantRef, tenant_scope

MAX_TRAITS = 500  # of a call
MOST_TRAITS = 1_000  # that are kept
MOST_BYTES = 64 * 1024
GROUP = {"type": "group", "userId": "ada", "groupId": "acc"}
IDENTIFY = {"type": "identify", "userId": "ada"}


def codes(post, *calls: dict) -> list[str]:
    return [one["code"] for one in post({"batch": list(calls)}).json()["rejected"]]


@pytest.mark.parametrize("call", [GROUP, IDENTIFY], ids=["account", "person"])
def test_ever_new_traits_end_at_a_bound_that_says_so(acme: TenantRef, globex: TenantRef, post, call):
    first = {f"a{number}": 1 for number in range(MAX_TRAITS)}
    second = {f"b{number}": 1 for number in range(MAX_TRAITS)}
    assert codes(post, call | {"traits": first}) == []
    assert codes(post, call | {"traits": second}) == []
    assert codes(post, call | {"traits": {"one": "more"}}) == ["traits_full"]
    assert codes(post, call | {"traits": {"a0": 2}}) == []  # what is known can still change
    assert codes(post, call | {"traits": {str(n): 1 for n in range(MAX_TRAITS + 1)}}) == ["too_many_traits"]
    with tenant_scope(acme):
        row = Account.objects.get() if call is GROUP else Person.objects.get()
        assert (len(row.traits), row.traits["a0"]) == (MOST_TRAITS, 2)
    with tenant_scope(globex):
        assert not Account.objects.exists()
        assert not Person.objects.exists()


@pytest.mark.parametrize("call", [GROUP, IDENTIFY], ids=["account", "person"])
def test_bytes_of_traits_are_bounded_too(acme: TenantRef, post, call):
    answers = [codes(post, call | {"traits": {f"t{number}": "x" * 30_000}}) for number in range(4)]
    assert answers == [[], [], ["traits_full"], ["traits_full"]]
    with tenant_scope(acme):
        row = Account.objects.get() if call is GROUP else Person.objects.get()
        assert sum(map(len, row.traits.values())) <= MOST_BYTES


def test_what_an_account_says_beyond_traits_is_kept_when_they_are_full(acme: TenantRef):
    with tenant_scope(acme):
        store_items(
            [AccountItem("acc", traits={str(number): 1 for number in range(MOST_TRAITS)})], source="web"
        )
        result = store_items([AccountItem("acc", name="Acc", traits={"name": "Acc"})], source="web")
        assert [one.code for one in result] == ["traits_full"]
        assert Account.objects.get().name == "Acc"


def test_an_account_that_was_larger_before_there_was_a_bound_is_left_as_it_is(acme: TenantRef):
    with tenant_scope(acme):
        large = {f"t{number}": "".join(map(chr, range(33, 127))) + str(number) for number in range(20_000)}
        Account.objects.create(external_id="acc", traits=large)
        result = store_items([AccountItem("acc", plan="pro", traits={"new": 1})], source="web")
        assert [one.code for one in result] == ["traits_full"]
        account = Account.objects.get()
        assert (account.plan, account.traits == large) == ("pro", True)
