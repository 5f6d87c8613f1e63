import threading
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage_server.customers.identity import DeviceLink, IdentifierUsage, resolve_identifiers
from engage_server.customers.models import Person
from engage_server.tenancy.scope import TenantRef, tenant_scope

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EXAMPLE = count()


def seen(anonymous: str | None = None, user: str | None = None, at: int = 0) -> IdentifierUsage:
    return IdentifierUsage(
        users=frozenset({user} if user else ()),
        anonymous=frozenset({anonymous} if anonymous else ()),
        ties=(DeviceLink(anonymous, user, NOON + timedelta(hours=at)),) if anonymous and user else (),
    )


def alias(previous: str, user: str) -> IdentifierUsage:
    return IdentifierUsage(aliases=((previous, user),))


def roots(*names: str) -> list[int]:
    found = resolve_identifiers(IdentifierUsage(anonymous=frozenset(names)))
    return [found[name].canonical for name in names]


def test_a_device_joins_the_user_that_it_is_seen_with(acme: TenantRef) -> None:
    with tenant_scope(acme):
        resolve_identifiers(seen(anonymous="device"))
        resolve_identifiers(seen("device", "ada"))
        device, ada = roots("device", "ada")
        assert device == ada == Person.objects.get(external_id="ada").pk


def test_a_merge_rewrites_nothing_but_the_pointer(acme: TenantRef) -> None:
    with tenant_scope(acme):
        before = resolve_identifiers(seen(anonymous="device"))["device"].person
        after = resolve_identifiers(seen("device", "ada"))["device"]
        assert after.person == before
        assert Person.objects.get(pk=before).merged_into_id == after.canonical


def test_a_second_user_of_a_device_stays_apart(acme: TenantRef) -> None:
    with tenant_scope(acme):
        resolve_identifiers(seen("device", "ada", at=0))
        resolve_identifiers(seen("device", "bob", at=1))
        device, ada, bob = roots("device", "ada", "bob")
    assert device == ada != bob


def test_an_earlier_tie_that_arrives_late_wins(acme: TenantRef) -> None:
    with tenant_scope(acme):
        resolve_identifiers(seen("device", "ada", at=1))
        resolve_identifiers(seen("device", "bob", at=0))
        device, ada, bob = roots("device", "ada", "bob")
    assert device == bob != ada


def test_an_alias_call_joins_two_users_and_whoever_they_had_taken_over(acme: TenantRef) -> None:
    with tenant_scope(acme):
        resolve_identifiers(seen("phone", "ada"))
        resolve_identifiers(seen("laptop", "ada@old"))
        resolve_identifiers(alias("ada@old", "ada"))
        assert len(set(roots("phone", "laptop", "ada", "ada@old"))) == 1
        merged = Person.objects.filter(merged_into__isnull=False)
        assert not merged.filter(merged_into__merged_into__isnull=False).exists()


def test_an_alias_call_takes_a_shared_device_without_its_first_user(acme: TenantRef) -> None:
    with tenant_scope(acme):
        resolve_identifiers(seen("device", "ada"))
        resolve_identifiers(alias("device", "bob"))
        device, ada, bob = roots("device", "ada", "bob")
    assert device == bob != ada


def test_a_device_name_that_turns_out_to_be_a_user_id_becomes_that_user(acme: TenantRef) -> None:
    with tenant_scope(acme):
        number = resolve_identifiers(seen(anonymous="x"))["x"].person
        resolve_identifiers(seen(user="x"))
        assert Person.objects.get(external_id="x").pk == number


def test_a_person_made_without_a_name_is_found_by_its_user_id(acme: TenantRef) -> None:
    with tenant_scope(acme):
        person = Person.objects.create(external_id="ada")
        assert resolve_identifiers(seen(user="ada"))["ada"].person == person.pk


def test_the_same_names_in_two_tenants_are_different_persons(acme: TenantRef, globex: TenantRef) -> None:
    with tenant_scope(acme):
        resolve_identifiers(seen("device", "ada"))
    with tenant_scope(globex):
        device, ada = roots("device", "ada")
        assert device != ada
    with tenant_scope(acme):
        device, ada = roots("device", "ada")
        assert device == ada


USERS, DEVICES = ("u1", "u2", "u3"), ("d1", "d2", "d3", "u1")
SIGHTINGS = st.one_of(
    st.tuples(st.just("seen"), st.sampled_from(DEVICES), st.sampled_from(USERS), st.integers(0, 2)),
    st.tuples(st.just("seen"), st.sampled_from(DEVICES), st.none(), st.just(0)),
    st.tuples(st.just("seen"), st.none(), st.sampled_from(USERS), st.just(0)),
    st.tuples(st.just("alias"), st.sampled_from((*USERS, *DEVICES)), st.sampled_from(USERS), st.just(0)),
)


def _batch(sightings: list[tuple], prefix: str) -> IdentifierUsage:
    def named(name: str | None) -> str | None:
        return name and prefix + name

    parts = [
        alias(named(first), named(second))
        if kind == "alias"
        else seen(named(first), named(second), at)
        if first != second
        else seen(user=named(second))
        for kind, first, second, at in sightings
    ]
    return IdentifierUsage(
        users=frozenset().union(*(part.users for part in parts)),
        anonymous=frozenset().union(*(part.anonymous for part in parts)),
        ties=tuple(tie for part in parts for tie in part.ties),
        aliases=tuple(pair for part in parts for pair in part.aliases),
    )


def _grouping(sightings: list[tuple], sizes: list[int]) -> set[frozenset[str]]:
    """Resolve the sightings in batches of these sizes, in a world of names of their own."""
    prefix, rest = f"{next(EXAMPLE)}-", list(sightings)
    names = {prefix + name for _, *pair, _ in sightings for name in pair if name}
    for size in [*sizes, len(rest)]:
        if rest[:size]:
            resolve_identifiers(_batch(rest[:size], prefix))
        rest = rest[size:]
    by_root: dict[int, set[str]] = {}
    for name, root in zip(sorted(names), roots(*sorted(names)), strict=True):
        by_root.setdefault(root, set()).add(name.removeprefix(prefix))
    return {frozenset(group) for group in by_root.values()}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_the_grouping_depends_on_what_was_received_and_not_on_its_order(
    acme: TenantRef, data: st.DataObject
) -> None:
    sightings = data.draw(st.lists(SIGHTINGS, min_size=1, max_size=8))
    shuffled = data.draw(st.permutations([*sightings, data.draw(st.sampled_from(sightings))]))
    sizes = data.draw(st.lists(st.integers(1, 3), max_size=8))
    with tenant_scope(acme):
        assert _grouping(sightings, [1] * len(sightings)) == _grouping(shuffled, sizes)
        chained = Person.objects.filter(merged_into__merged_into__isnull=False)
        assert not chained.exists()


@pytest.mark.parametrize("kind", ["users", "ties"])
def test_batches_that_make_the_same_persons_at_once_agree(
    committed_tenants: tuple[TenantRef, TenantRef], kind: str
) -> None:
    tenant, _ = committed_tenants
    names = [f"n{number}" for number in range(40)]
    barrier, results = threading.Barrier(4), []

    def resolve(order: int) -> None:
        mine = names if order % 2 else names[::-1]
        use = (
            IdentifierUsage(users=frozenset(mine))
            if kind == "users"
            else IdentifierUsage(ties=tuple(DeviceLink(f"d-{name}", name, NOON) for name in mine))
        )
        barrier.wait()
        with tenant_scope(tenant), transaction.atomic():
            results.append({text: name.canonical for text, name in resolve_identifiers(use).items()})
        connections.close_all()

    threads = [threading.Thread(target=resolve, args=(order,)) for order in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert all(result == results[0] for result in results)
    with tenant_scope(tenant), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM customers_person WHERE external_id IS NOT NULL")
        assert cursor.fetchone() == (40,)
