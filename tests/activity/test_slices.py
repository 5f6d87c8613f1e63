"""An input of a slice is what the plain function makes of the slice's events."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.models import Account, Person
from engage_server.customers.slicers import answer_slices
from engage_server.customers.slices import Slice
from engage_server.customers.windows import day_window
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.sdk import (
    Activation,
    FirstSeen,
    InputSpec,
    Retention,
    Sequences,
    Sessions,
    SignupActions,
    SignupDays,
    SignupMilestones,
    Window,
)
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.activity.reference import REFERENCE, reference, retention_of
from tests.activity.test_rollups import DAY, DST_DAYS, SLOW, SPECS, ZONES, clear, play, streams
from tests.activity.uses import Use, counted_uses

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def sliced_reference(spec: InputSpec, window: Window, part: Slice) -> Iterable[tuple]:
    """The plain function on the rows of the slice; when somebody was first seen is a fact of the whole."""
    if isinstance(spec, FirstSeen | Activation | SignupMilestones | SignupDays | SignupActions):
        rows = reference(spec, window)
        return [row for row in rows if inside(row[0], part.persons) and inside(row[1], part.accounts)]
    uses = counted_uses(window)
    left = [use for use in uses if inside(use.person, part.persons) and inside(use.account, part.accounts)]
    if isinstance(spec, Retention):
        return retention(spec, window, uses, left, part)
    return REFERENCE[type(spec)](spec, window, left)


def inside(number: int | None, ids: frozenset[int] | None) -> bool:
    return ids is None or number in ids


def retention(
    spec: Retention, window: Window, uses: list[Use], left: list[Use], part: Slice
) -> Iterable[tuple]:
    """Born in the slice is whose first event ever lies in it; back who did something in it."""
    if spec.subject == "account":
        return REFERENCE[Retention](spec, window, left)
    births: dict[int, Use] = {}
    for use in uses:
        if spec.birth_event in {None, use.name.name}:
            births.setdefault(use.person, use)
    born = {
        person: birth
        for person, birth in births.items()
        if inside(person, part.persons) and inside(birth.account, part.accounts)
    }
    return retention_of(spec, window, left, born)


@SLOW
@given(
    stream=streams(),
    zone=st.sampled_from(ZONES),
    chosen=st.lists(
        st.tuples(
            st.none() | st.sets(st.sampled_from(["a0", "a1"])),
            st.none() | st.sets(st.sampled_from(["u0", "u1", "u2"])),
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_a_slice_of_any_input_is_the_plain_function_on_the_filtered_events(
    acme: TenantRef, stream: tuple, zone: str, chosen: list[tuple[set[str] | None, set[str] | None]]
) -> None:
    tenant = replace(acme, timezone=zone)
    clear(tenant)
    play(tenant, [stream[0]], settling=False)
    with tenant_scope(tenant):
        parts = [Slice(_ids(Account, accounts), _ids(Person, users)) for accounts, users in chosen]
        for day in (DST_DAYS[1], DAY):
            window = day_window(day, zone)
            for spec in SPECS:
                with current_rollups():
                    frames = answer_slices(spec, window, parts)
                for part, frame in zip(parts, frames, strict=True):
                    wanted = sorted(sliced_reference(spec, window, part), key=str)
                    assert sorted(frame.rows(), key=str) == wanted, (day, spec, part)
                    assert list(frame.schema.items()) == list(spec.columns.items()), spec


def _ids(model: type[Account] | type[Person], names: set[str] | None) -> frozenset[int] | None:
    if names is None:
        return None
    rows = model._default_manager.filter(external_id__in=names)
    if model is Person:
        return frozenset(one.merged_into_id or one.pk for one in rows)
    return frozenset(rows.values_list("pk", flat=True))


def test_one_tenants_slice_has_nothing_of_the_other(acme, globex):
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            store_items([EventItem("m", "saved", PersonKey("ada"), NOON, NOON, account="a")], source="web")
    with tenant_scope(globex):
        store_items([EventItem("n", "saved", PersonKey("bob"), NOON, NOON, account="a")], source="web")
    with tenant_scope(acme), current_rollups():
        part = Slice(_ids(Account, {"a"}))
        (frame,) = answer_slices(FirstSeen(days=1), day_window(NOON.date(), acme.timezone), [part])
        assert frame.height == 1


@pytest.mark.parametrize("plan", ["on", "off"])
def test_events_of_one_moment_begin_one_session_in_whatever_order_they_are_read(acme, plan):
    """A pause ends before a moment with many events; and a day without pause is cut at moments with many."""
    at = [NOON, *[NOON + timedelta(minutes=31)] * 40]
    at += [NOON + timedelta(days=1, minutes=29 * n) for n in range(60) for _ in range(9)]
    items = [
        EventItem(f"m{n}", f"e{n % 7}", PersonKey("ada"), moment, moment, account="ab"[n % 2])
        for n, moment in enumerate(at)
    ]
    window = day_window(date(2026, 3, 4), acme.timezone)
    with tenant_scope(acme):
        store_items(items, source="web")
        with current_rollups(), connection.cursor() as cursor:
            for method in ("enable_nestloop", "enable_mergejoin", "enable_incremental_sort"):
                cursor.execute(f"SET LOCAL {method} = {plan}")
            spec = Sessions(days=4, max_hours=6)
            (frame,) = answer_slices(spec, window, [Slice(_ids(Account, {"a", "b"}))])
        assert sorted(frame.rows(), key=str) == sorted(reference(spec, window), key=str)


def test_steps_that_were_done_elsewhere_are_none_of_the_slice(acme):
    items = [
        EventItem(f"{name}{user}", name, PersonKey(user), at, at, account=account)
        for user, name, at, account in (
            ("ada", "saved", NOON, "a"), ("ada", "shared", NOON + timedelta(hours=1), "b"),
            ("bob", "saved", NOON, "b"), ("bob", "shared", NOON + timedelta(hours=2), "b"),
        )
    ]  # fmt: skip
    with tenant_scope(acme):
        store_items(items, source="web")
        parts = [
            Slice(_ids(Account, {"a"})),
            Slice(_ids(Account, {"b"})),
            Slice(persons=_ids(Person, {"ada"})),
        ]
        with current_rollups():
            window = day_window(NOON.date(), acme.timezone)
            frames = answer_slices(Sequences(("saved", "shared"), days=1), window, parts)
    hours = [[later and (later - NOON).seconds // 3600 for later in frame["step_2"]] for frame in frames]
    assert hours == [[None], [2], [1]]
