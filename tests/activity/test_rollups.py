"""However events arrive, and whatever happens to persons meanwhile, the roll-ups are those of the clean stream."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg import sql

from engage_server.activity.models import EventName, Source
from engage_server.activity.rollups import person_days
from engage_server.activity.rollups.compaction import ensure_current, rebuild
from engage_server.activity.rollups.deltas import log_events
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.activity.writer import EventRow, write_events
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.models import Account, PersonAlias
from engage_server.customers.windows import day_window
from engage_server.ingest.items import (
    AliasItem,
    EventItem,
    Item,
    MembershipItem,
    PersonItem,
    PersonKey,
    name_of,
)
from engage_server.ingest.store import store_items
from engage_server.sdk import (
    AccountWeeks,
    Activation,
    ActiveDays,
    ActiveMinutes,
    ActivePersons,
    ActiveSeries,
    ActivityBy,
    EventCounts,
    EventTotals,
    FeatureReach,
    FeatureUse,
    FirstSeen,
    PersonDays,
    Retention,
    Sessions,
    SignupActions,
    SignupDays,
    SignupMilestones,
    WeightedEvents,
)
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.activity.reference import reference
from tests.activity.removal import remove_events
from tests.activity.rollup_snapshot import rollup_snapshot

# Each example fills a database: a failing one is shown as it was found.
SLOW = settings(
    max_examples=int(os.environ.get("EXAMPLES", "25")),  # make properties: a thousand
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
TABLES = (
    "activity_eventdelta", "activity_personday", "activity_daybitmap", "activity_personstate",
    "activity_rollupstate", "activity_event", "customers_membership", "customers_personalias", "customers_person",
)  # fmt: skip
# Each zone has 23 and 25 hours on one of these days or the day after; Lord Howe's clocks move by half an hour.
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
DST_DAYS = (date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 4), date(2026, 10, 25), date(2026, 11, 1))
DAY = date(2026, 11, 3)
SPECS = (
    AccountWeeks(days=300),
    AccountWeeks(days=10),
    ActiveDays(days=300),
    ActiveDays(days=5, event_class="VALUE"),
    ActivePersons(days=3),
    ActivePersons(days=300, event_class="VALUE"),
    ActiveMinutes(days=300),
    ActiveSeries(days=12, trailing=1),
    ActiveSeries(days=12, trailing=7),
    ActiveSeries(days=3, trailing=250, event="saved"),
    ActivityBy(by="plan", days=300),
    ActivityBy(by="feature", days=20),
    EventCounts(days=300),
    EventCounts(days=20, names=("saved", "never")),
    WeightedEvents(days=300),
    WeightedEvents(days=20, daily_cap=2, daily_caps=(("saved", 1), ("never", 3)), half_life_days=2.5),
    FeatureReach(days=300),
    FeatureUse(days=20),
    FirstSeen(days=12),
    PersonDays(days=300),
    Retention(days=300, offsets=(0, 1, 7, 231), cohort="month"),
    Retention(days=20, offsets=(1, 2), cohort="day", event="saved"),
    Retention(days=300, offsets=(0, 1, 6, 7), cohort="month", unit="month", birth_event="saved"),
    Retention(days=300, offsets=(1, 5), cohort="day", unit="month", clock="calendar", mode="on_or_after"),
    Retention(days=300, offsets=(0, 2, 3), unit="week", clock="calendar", mode="streak", subject="account"),
    Retention(days=300, offsets=(1, 30), unit="week", mode="on_or_before", event="saved", birth_event="seen"),
    Retention(days=300, brackets=((0, 0), (1, 30), (31, 250)), subject="account", birth_event="saved"),
    Retention(days=300, offsets=(0, 1), clock="rolling", birth_event="saved"),
    Retention(days=300, offsets=(1, 2), clock="rolling", unit="week", mode="on_or_after", cohort="month"),
    Retention(days=40, offsets=(0, 1, 2), clock="rolling", mode="streak", event="saved", cohort="day"),
    Sessions(days=300),
    Sessions(days=3, idle_minutes=720, max_hours=24),
    Activation(activation_event="saved", days=12),
    Activation(activation_event="seen", signup_event="saved", times=2, days=300, within_days=100),
    SignupMilestones((("saved", 1), ("seen", 2)), days=12, settling_days=1),
    SignupMilestones((("*", 1),), days=300, within_days=300, signup_event="seen"),
    SignupActions(days=12, back_from=1, back_to=3),
    SignupActions(length=40, back_from=5, back_to=250, days=300, signup_event="saved"),
    SignupDays(days=12),
    SignupDays(length=2, days=300, signup_event="saved"),
    EventTotals((("saved", 2), ("*", 3))),
)


@pytest.fixture(scope="module", autouse=True)
def _days_in_parts() -> Iterator[None]:
    """Days of more than two events have several parts, as at a customer's those of hundreds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(person_days, "FULL", 2)
        yield


@dataclass(frozen=True)
class Removal:
    """The event of this id is deleted."""

    message_id: str


moments = st.builds(
    lambda day, minutes, seconds: (
        datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes, seconds=seconds)
    ),
    st.sampled_from(DST_DAYS),
    # Near the midnights of the zones, and steps at which sessions do and do not end.
    st.integers(-12, 84).map(lambda step: step * 30) | st.integers(0, 2880),
    st.sampled_from([0, 0, 59, 1]),
)
users = st.sampled_from(["u0", "u1", "u2"])
keys = st.builds(
    PersonKey, user_id=st.none() | users, anonymous_id=st.sampled_from(["d0", "d1"])
) | st.builds(PersonKey, user_id=users)
accounts = st.none() | st.sampled_from(["a0", "a1"])
event_bodies = st.tuples(st.sampled_from(["saved", "seen"]), keys, moments, accounts)


def events(bodies: Iterable[tuple]) -> list[Item]:
    return [
        EventItem(f"m{n}", name, key, at, at + timedelta(days=n), account=account, passive=name == "seen")
        for n, (name, key, at, account) in enumerate(bodies)
    ]


def clear(tenant: TenantRef) -> None:
    with tenant_scope(tenant), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


def play(tenant: TenantRef, batches: Iterable[list[Item | Removal]], *, settling: bool = True) -> None:
    with tenant_scope(tenant):
        for batch in batches:
            items = [item for item in batch if not isinstance(item, Removal)]
            store_items(items, source="web")
            remove_events([r.message_id for r in batch if isinstance(r, Removal)])
            if settling:
                ensure_current()
        ensure_current()


@st.composite
def streams(draw: st.DrawFn) -> tuple[list[Item | Removal], list[list[Item | Removal]]]:
    """A clean stream, and the same one permuted, with repetitions, in batches."""
    items = events(draw(st.lists(event_bodies, min_size=1, max_size=10)))
    items += [PersonItem(PersonKey(user_id="u2"), is_excluded=True)] * draw(st.integers(0, 1))
    items += [AliasItem("u0", "u1")] * draw(st.integers(0, 1))
    items += [
        MembershipItem(PersonKey(user_id=user), f"a{n % 2}", at + timedelta(microseconds=n))
        for n, (user, at) in enumerate(draw(st.lists(st.tuples(users, moments), max_size=3)))
    ]
    removed = draw(
        st.sets(st.sampled_from([item.message_id for item in items if isinstance(item, EventItem)]))
    )
    clean: list[Item | Removal] = [*items, *[Removal(message_id) for message_id in sorted(removed)]]
    mixed: list[Item | Removal] = list(
        draw(st.permutations(items + draw(st.lists(st.sampled_from(items), max_size=5))))
    )
    for message_id in sorted(removed):
        last = max(n for n, item in enumerate(mixed) if getattr(item, "message_id", None) == message_id)
        mixed.insert(draw(st.integers(last + 1, len(mixed))), Removal(message_id))
    cuts = sorted(draw(st.lists(st.integers(0, len(mixed)), max_size=5)))
    batches = [mixed[a:b] for a, b in zip([0, *cuts], [*cuts, len(mixed)], strict=True)]
    return clean, batches


@SLOW
@given(stream=streams(), zone=st.sampled_from(ZONES))
def test_any_permutation_repetition_and_splitting_gives_the_roll_ups_of_the_clean_stream(
    acme: TenantRef, globex: TenantRef, stream: tuple, zone: str
) -> None:
    clean, batches = stream
    tidy, mixed = replace(acme, timezone=zone), replace(globex, timezone=zone)
    for tenant in (tidy, mixed):
        clear(tenant)
    play(tidy, [clean], settling=False)
    play(mixed, batches)
    with tenant_scope(tidy):
        wanted = rollup_snapshot()
    with tenant_scope(mixed):
        assert rollup_snapshot() == wanted


# Histories whose outcome depends on the order: stays that end, exclusions taken back, joined users.
happenings = st.lists(
    st.one_of(
        event_bodies.map(lambda body: ("event", *body)),
        event_bodies.map(lambda body: ("known", *body)),
        st.builds(
            lambda user, flag: PersonItem(PersonKey(user_id=user), is_excluded=flag), users, st.booleans()
        ),
        st.builds(AliasItem, users, users).filter(lambda item: item.previous_id != item.user_id),
        st.builds(AliasItem, st.sampled_from(["d0", "d1"]), users),
        st.builds(
            lambda user, account, at, hours: MembershipItem(
                PersonKey(user_id=user), account, at, hours and at + timedelta(hours=hours)
            ),
            users,
            st.sampled_from(["a0", "a1"]),
            moments,
            st.none() | st.integers(1, 48),
        ),
        st.integers(0, 9).map(lambda n: Removal(f"m{n}")),
        st.just("wait"),
    ),
    min_size=1,
    max_size=14,
)


def store_if_known(message_id: str, name: str, key: PersonKey, at: datetime, account: str | None) -> None:
    """Store an event of which nothing is new, as in one message: its batch marks nobody."""
    person = PersonAlias.objects.filter(alias=name_of(key)).values_list("person_id", flat=True).first()
    event_name = EventName.objects.filter(name=name).values_list("id", flat=True).first()
    named = Account.objects.filter(external_id=account).values_list("id", flat=True).first()
    if person is not None and event_name is not None and (named is not None or account is None):
        row = EventRow(message_id, 0, event_name, person, named, at, at, "{}")
        assert not write_events(Source.objects.get(name="web").pk, {message_id: row})
        log_events([row])


@SLOW
@given(history=happenings, zone=st.sampled_from(ZONES))
def test_inputs_from_roll_ups_are_those_from_the_stored_events(
    acme: TenantRef, history: list, zone: str
) -> None:
    tenant = replace(acme, timezone=zone)
    clear(tenant)
    with tenant_scope(tenant):
        for number, happening in enumerate(history):
            if number and history[number - 1] != "wait":
                ensure_current()
            if isinstance(happening, Removal):
                remove_events([happening.message_id])
            elif isinstance(happening, tuple) and happening[0] == "known":
                store_if_known(f"m{number}", *happening[1:])
            elif isinstance(happening, tuple):
                (event,) = events([happening[1:]])
                store_items([msgspec.structs.replace(event, message_id=f"m{number}")], source="web")
            elif happening != "wait":
                store_items([happening], source="web")
        for day in (*DST_DAYS, DAY):
            window = day_window(day, zone)
            for spec in SPECS:
                with current_rollups():
                    rows = RESOLVERS[type(spec)](spec, window).rows()
                assert sorted(rows, key=str) == sorted(reference(spec, window), key=str), (day, spec)
        kept = rollup_snapshot()
        rebuild()
        ensure_current()
        assert rollup_snapshot() == kept


@pytest.mark.parametrize("zone", ZONES)
def test_a_new_time_zone_of_the_tenant_cuts_all_days_again(acme: TenantRef, zone: str) -> None:
    stream = events(
        ("saved", PersonKey("u0"), datetime(2026, 3, 29, hour, 30, tzinfo=UTC), None) for hour in range(24)
    )
    play(acme, [stream])
    moved = replace(acme, timezone=zone)
    window = day_window(date(2026, 3, 29), zone)
    with tenant_scope(moved), current_rollups():
        for spec in (PersonDays(days=3), ActiveSeries(days=3, trailing=1)):
            assert sorted(RESOLVERS[type(spec)](spec, window).rows()) == sorted(reference(spec, window))
