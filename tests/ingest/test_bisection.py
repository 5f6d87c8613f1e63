"""Of a batch that the database refuses, the items that it means are found by halves."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import DatabaseError, DataError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import errors

from engage_server.activity.models import Event
from engage_server.ingest import bisection
from engage_server.ingest.bisection import store_by_halves
from engage_server.ingest.items import Item
from engage_server.ingest.store import store_items
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.ingest.test_database_faults import rule
from tests.ingest.test_store import event


class Tries:
    """Counts the tries to store."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        monkeypatch.setattr(bisection, "store_items", self.store)

    def store(self, items: Sequence[Item], *, source: str) -> Any:
        self.count += 1
        return store_items(items, source=source)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(groups=st.lists(st.lists(st.sampled_from(["good", "bad"]), max_size=3), max_size=12))
def test_a_group_is_refused_whole_and_the_others_are_stored(acme: TenantRef, groups: list[list[str]]) -> None:
    ids = [
        [f"{word}-{place}-{number}" for number, word in enumerate(group)]
        for place, group in enumerate(groups)
    ]
    with tenant_scope(acme):
        if not Event.objects.exists():
            store_items([event(message_id="first")], source="web")
            rule(acme, "23514")
        Event.objects.exclude(message_id="first").delete()
        outcomes = store_by_halves([[event(message_id=one) for one in group] for group in ids], source="web")
        stored = set(Event.objects.exclude(message_id="first").values_list("message_id", flat=True))
    good = [one for group, words in zip(ids, groups, strict=True) if "bad" not in words for one in group]
    assert stored == set(good)
    assert [outcome.code for outcome in outcomes] == [
        "" if one in stored else "not_storable" for group in ids for one in group
    ]


@pytest.mark.parametrize("place", [0, 1, 100, 255])
def test_one_bad_item_among_many_takes_a_logarithmic_number_of_tries(
    acme: TenantRef, globex: TenantRef, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    rule(acme, "XX000")
    tries = Tries(monkeypatch)
    groups = [[event(message_id="bad" if number == place else f"m{number}")] for number in range(256)]
    with tenant_scope(acme):
        outcomes = store_by_halves(groups, source="web")
        assert Event.objects.count() == 255
    assert [number for number, outcome in enumerate(outcomes) if outcome.code] == [place]
    assert tries.count <= 1 + 2 * 8
    with tenant_scope(globex):
        assert not Event.objects.exists()


def test_an_error_that_is_of_no_item_is_raised_and_nothing_is_stored(
    acme: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(acme, "53100")
    tries = Tries(monkeypatch)
    with tenant_scope(acme):
        with pytest.raises(DatabaseError):
            store_by_halves([[event(message_id="good")], [event(message_id="bad")]], source="web")
        assert not Event.objects.exists()
    assert tries.count == 1


def test_a_database_that_refuses_everything_is_believed_only_where_it_blames_the_items(
    acme: TenantRef,
) -> None:
    groups = [[event(message_id="bad-1")], [], [event(message_id="bad-2")]]
    rule(acme, "XX000")
    with tenant_scope(acme):
        with pytest.raises(DatabaseError, match="for reasons of its own"):
            store_by_halves(groups, source="web")
        assert [one.code for one in store_by_halves(groups[:2], source="web")] == ["not_storable"]


def test_what_one_item_met_says_nothing_of_an_error_that_is_of_none(
    acme: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch is refused for an item; then the server goes away: nothing may be called stored or refused."""
    refusal, outage = DataError("no"), DatabaseError("away")
    refusal.__cause__ = errors.lookup("22P02")()
    outage.__cause__ = errors.lookup("57P01")()
    met = iter([refusal, outage])

    def store(items: Sequence[Item], *, source: str) -> Any:
        raise next(met)

    monkeypatch.setattr(bisection, "store_items", store)
    with tenant_scope(acme), pytest.raises(DatabaseError, match="away"):
        store_by_halves([[event(message_id="a")], [event(message_id="b")]], source="web")
