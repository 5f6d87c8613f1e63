"""Persons are followed along the steps as the definition says, from whatever they did in whatever order."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.windows import day_window
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.sdk import Sequences
from engage_server.tenancy.scope import TenantRef, tenant_scope

DAY = date(2026, 3, 10)
BEGIN = datetime(2026, 3, 7, tzinfo=UTC)
STEPS = ("seen", "tried", "paid")
DONE = st.lists(
    st.tuples(st.integers(0, 23 * 4), st.sampled_from(["ada", "bob"]), st.sampled_from([*STEPS, "other"])),
    max_size=14,
)


def events(done: list[tuple[int, str, str]]) -> list[EventItem]:
    return [
        EventItem(f"{hour} {user} {name}", name, PersonKey(user), at, at)
        for hour, user, name in done
        for at in [BEGIN + timedelta(hours=hour)]
    ]


def answer(tenant: TenantRef, spec: Sequences) -> list[tuple]:
    with tenant_scope(tenant), current_rollups():
        frame = RESOLVERS[Sequences](spec, day_window(DAY, tenant.timezone))
        assert frame.schema == spec.columns
        return sorted(frame.drop("person", "account", "until").rows(), key=str)


def by_definition(done: list[tuple[int, str, str]], spec: Sequences, start: datetime) -> list[tuple]:
    found = []
    for user in {user for _, user, _ in done}:
        times = {
            step: sorted(BEGIN + timedelta(hours=h) for h, u, n in done if (u, n) == (user, step))
            for step in spec.steps
        }
        first = next((at for at in times[spec.steps[0]] if at >= start), None)
        if first is None:
            continue
        row: list[datetime | None] = [first]
        for number, step in enumerate(spec.steps[1:], 1):
            row.append(next((at for at in times[step] if counts(at, row, spec, number)), None))
        found.append(tuple(row))
    return sorted(found, key=str)


def counts(at: datetime, row: list[datetime | None], spec: Sequences, number: int) -> bool:
    """Whether a time is one of the step of this number (from 0), after those of the steps before."""
    first, before = row[0], row[-1]
    if first is None or before is None or at > first + timedelta(hours=spec.within_hours):
        return False
    same = [row[earlier] for earlier in range(number) if spec.steps[earlier] == spec.steps[number]]
    if any(one is not None and at <= one for one in same):
        return False
    hours = spec.step_hours[number - 1] if number <= len(spec.step_hours) else None
    if hours is not None and at > before + timedelta(hours=hours):
        return False
    return at > before or (at == before and spec.equal_times == "together")


SPECS = st.builds(
    Sequences,
    steps=st.sampled_from([STEPS, ("seen", "seen", "tried"), ("tried", "seen", "tried"), ("seen",)]),
    within_hours=st.sampled_from([1, 5, 30, 300]),
    equal_times=st.sampled_from(["apart", "together"]),
    step_hours=st.sampled_from([(), (2,), (None, 4)]),
).filter(lambda spec: len(spec.step_hours) < len(spec.steps))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DONE, SPECS, st.randoms(use_true_random=False))
def test_each_step_is_the_first_after_the_one_before_and_in_time_in_whatever_order_events_come(
    acme, done, spec, chance
):
    with transaction.atomic():
        shuffled = events(done)
        chance.shuffle(shuffled)
        with tenant_scope(acme):
            store_items(shuffled, source="web")
        for days in (2, 4):
            start = day_window(DAY - timedelta(days=days - 1), acme.timezone).start
            asked = replace(spec, days=days)
            assert answer(acme, asked) == by_definition(done, asked, start)
        transaction.set_rollback(True)


def test_steps_at_one_time_are_in_no_order_unless_they_count_together(acme):
    with tenant_scope(acme):
        store_items(events([(1, "ada", "tried"), (1, "ada", "seen"), (2, "ada", "paid")]), source="web")
    (apart,) = answer(acme, Sequences(steps=STEPS, days=4))
    (together,) = answer(acme, Sequences(steps=STEPS, days=4, equal_times="together"))
    assert [at is None for at in apart] == [False, True, True]
    assert [at is None for at in together] == [False, False, False]


def test_persons_of_another_tenant_are_not_followed_and_nonsense_is_refused(acme, globex):
    with tenant_scope(acme):
        store_items(events([(1, "ada", "seen"), (2, "ada", "tried")]), source="web")
    assert len(answer(acme, Sequences(steps=STEPS, period="month"))) == 1
    assert answer(globex, Sequences(steps=STEPS, period="month")) == []
    nonsense = {
        "no step": Sequences(steps=()),
        "more times": Sequences(steps=("seen",), step_hours=(1,)),
        "no time": Sequences(steps=STEPS, step_hours=(0,)),
    }
    for remedy, spec in nonsense.items():
        with tenant_scope(acme), current_rollups(), pytest.raises(ValueError, match=remedy):
            RESOLVERS[Sequences](spec, day_window(DAY, acme.timezone))
