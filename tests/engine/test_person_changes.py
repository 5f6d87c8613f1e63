"""Merges, exclusions and memberships restate the days of the persons concerned, each with the cause, and no others."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engage_server.activity.rollups import affected_days
from engage_server.activity.rollups.compaction import ensure_current
from engage_server.engine.models import AffectedDay
from engage_server.ingest.items import (
    AliasItem,
    EventItem,
    Item,
    MembershipItem,
    PersonItem,
    PersonKey,
    ResponseItem,
)
from engage_server.ingest.store import store_items
from engage_server.sdk import Activation, ActivePersons, FirstSeen, PersonDays, Sessions, SurveyResponses
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.engine.restate import Restated, restated_by

FIRST = date(2026, 6, 1)
ADA, BOB, CYD = (PersonKey(user_id=name) for name in ("ada", "bob", "cyd"))


def day(number: int) -> date:
    return FIRST + timedelta(days=number - 1)


def noon(number: int) -> datetime:
    return datetime(2026, 6, number, 12, tzinfo=UTC)


def use(person: PersonKey, number: int, account: str | None = None) -> EventItem:
    return EventItem(f"{person}{number}", "saved", person, noon(number), noon(number), account=account)


def store(tenant: TenantRef, *items: Item) -> None:
    with tenant_scope(tenant):
        store_items(items, source="test")


def answer(person: PersonKey, number: int) -> ResponseItem:
    return ResponseItem(
        f"{person}{number}", "nps", Decimal(0), Decimal(10), noon(number), score=Decimal(9), person=person
    )


# Ada and Bob share the second day; Cyd is there all the time.
HISTORY = [use(ADA, 2), use(ADA, 3), use(BOB, 2), use(BOB, 5), *[use(CYD, n) for n in range(1, 8)]]


@pytest.fixture
def restated(acme: TenantRef) -> Iterator[Restated]:
    """Seven days of a metric that counts a day's persons and accounts, computed from HISTORY."""
    store(acme, *HISTORY)
    with restated_by(acme, ActivePersons(days=1), first=FIRST, last=day(7)) as history:
        yield history


def test_after_a_merge_the_days_of_the_joined_are_recomputed_with_the_cause_merge_and_no_others(
    acme, restated
):
    store(acme, AliasItem("ada", "bob"))
    assert restated.days() == {day(2), day(3)}
    # On the second day there is one person less; on the third nothing but the id has changed.
    assert restated.revisions() == {day(2): f"merge: events of {day(2)}"}
    assert restated.value(day(2)) == 2


def test_a_device_that_changes_hands_restates_its_days_each_time(acme, restated):
    device = PersonKey(anonymous_id="device")
    store(acme, use(device, 2))
    restated.days()
    store(acme, PersonItem(PersonKey("ada", "device"), {"a": 1}, occurred_at=noon(20)))
    assert restated.days() == {day(2)}
    # An alias call takes the device out of Ada's hands.
    store(acme, AliasItem("device", "dan"))
    assert restated.days() == {day(2)}
    assert restated.revisions() == {day(2): f"merge: events of {day(2)}"}


def test_a_merge_that_gives_the_others_events_an_account_restates_their_days_too(acme, restated):
    store(acme, MembershipItem(ADA, "acct", noon(4)))
    assert restated.days() == set()
    store(acme, AliasItem("ada", "bob"))
    assert restated.days() == {day(2), day(3), day(5)}
    assert set(restated.revisions().values()) == {f"merge: events of {day(n)}" for n in (2, 5)}


def test_a_membership_restates_the_days_that_it_covers(acme, restated):
    store(acme, MembershipItem(CYD, "acct", noon(3) - timedelta(hours=1), noon(5)))
    assert restated.days() == {day(3), day(4)}
    assert restated.revisions() == {day(n): f"changed membership: events of {day(n)}" for n in (3, 4)}


def test_a_membership_moves_no_event_that_names_its_account(acme, restated):
    store(acme, use(PersonKey(user_id="dan"), 4, account="other"))
    restated.days()
    store(acme, MembershipItem(PersonKey(user_id="dan"), "acct", noon(1)))
    assert restated.days() == set()


def test_an_exclusion_and_its_end_restate_the_persons_days(acme, restated):
    for is_excluded, value in ((True, 1), (False, 2)):
        store(acme, PersonItem(BOB, is_excluded=is_excluded))
        assert restated.days() == {day(2), day(5)}
        assert restated.value(day(5)) == value
    assert restated.revisions() == {day(n): f"changed exclusion: events of {day(n)}" for n in (2, 5)}


def test_merging_those_who_do_not_count_restates_nothing(acme, restated):
    store(acme, PersonItem(ADA, is_excluded=True), PersonItem(BOB, is_excluded=True))
    restated.days()
    store(acme, AliasItem("ada", "bob"))
    assert restated.days() == set()


def test_traits_restate_nothing(acme, restated):
    store(acme, PersonItem(ADA, {"role": "admin"}))
    assert restated.days() == set()


def test_one_tenants_merge_marks_no_day_of_the_other(acme, globex, restated):
    store(globex, *HISTORY)
    with tenant_scope(globex):
        ensure_current()
    store(acme, AliasItem("ada", "bob"))
    with tenant_scope(acme):
        ensure_current()
    with shared_scope():
        merged = AffectedDay.objects.filter(why="merge")
        assert set(merged.values_list("tenant_id", flat=True)) == {acme.id}


def test_a_change_is_told_once_and_by_its_kind(acme, monkeypatch):
    heard = []
    monkeypatch.setattr(affected_days, "_listeners", [heard.append])
    store(acme, *HISTORY)
    with tenant_scope(acme):
        ensure_current()
        assert heard == []
        store_items([AliasItem("ada", "bob")], source="test")
        ensure_current()
        ensure_current()
    assert [(one.why, len(one.event_days), len(one.response_days)) for one in heard] == [("merge", 2, 0)]


def test_answers_of_the_joined_are_restated_where_answers_are_asked_for(acme):
    store(acme, *HISTORY, answer(ADA, 3), answer(BOB, 4))
    with restated_by(acme, SurveyResponses("nps", days=2), first=FIRST, last=day(7)) as restated:
        store(acme, AliasItem("ada", "bob"))
        # The window of two days sees the answer of the third day on the fourth as well.
        assert restated.days() == {day(3), day(4)}
        assert restated.revisions() == {day(4): f"merge: survey responses of {day(3)}"}


def test_answers_of_somebody_who_did_nothing_else_are_restated(acme):
    store(acme, AliasItem("device", "bob"), answer(PersonKey(anonymous_id="device"), 3))
    with restated_by(acme, SurveyResponses("nps", days=2), first=FIRST, last=day(7)) as restated:
        store(acme, PersonItem(BOB, is_excluded=True))
        assert restated.days() == {day(3), day(4)}
        assert restated.revisions() == {
            day(n): f"changed exclusion: survey responses of {day(3)}" for n in (3, 4)
        }


SPECS = (
    ActivePersons(days=2),
    FirstSeen(days=3),
    Sessions(days=2),
    PersonDays(days=1),
    Activation("saved", times=2, days=3),
    SurveyResponses("nps", days=3),
)
keys = st.builds(
    PersonKey, user_id=st.none() | st.sampled_from(["ada", "bob"]), anonymous_id=st.sampled_from(["d0", "d1"])
)
numbers = st.integers(1, 6)
happenings = st.one_of(
    st.builds(use, keys, numbers, st.none() | st.just("acct")),
    st.builds(answer, keys, numbers),
    st.sampled_from([AliasItem("ada", "bob"), AliasItem("d0", "bob"), AliasItem("d1", "ada")]),
    st.builds(lambda key, flag: PersonItem(key, is_excluded=flag), keys, st.booleans()),
    st.builds(
        lambda key, number, length: MembershipItem(
            key, "acct", noon(number), length and noon(number + length)
        ),
        keys,
        numbers,
        st.none() | st.integers(1, 3),
    ),
)


@settings(
    max_examples=int(os.environ.get("EXAMPLES", "8")),  # make properties: a thousand
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)
@given(
    spec=st.sampled_from(SPECS),
    early=st.lists(happenings, min_size=3, max_size=8),
    late=st.lists(happenings, min_size=1, max_size=4),
)
def test_whatever_happens_later_restating_the_noted_days_is_enough(acme, spec, early, late):
    with transaction.atomic():
        store(acme, *early)
        with restated_by(acme, spec, first=FIRST, last=day(9)) as restated:
            for item in late:
                store(acme, item)
            restated.days()
            kept = restated.stored()
            restated.compute(FIRST, day(9))
            assert restated.stored() == kept
        transaction.set_rollback(True)
