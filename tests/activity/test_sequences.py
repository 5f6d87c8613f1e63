"""Persons are followed along the steps as the definition says, from whatever they did in whatever order."""

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


def by_definition(done: list[tuple[int, str, str]], start: datetime, within: int) -> list[tuple]:
    found = []
    for user in {user for _, user, _ in done}:
        times = {
            step: sorted(BEGIN + timedelta(hours=h) for h, u, n in done if (u, n) == (user, step))
            for step in STEPS
        }
        first = next((at for at in times[STEPS[0]] if at >= start), None)
        if first is None:
            continue
        row: list[datetime | None] = [first]
        for step in STEPS[1:]:
            last = row[-1]
            later = [at for at in times[step] if last and last < at <= first + timedelta(hours=within)]
            row.append(min(later, default=None))
        found.append(tuple(row))
    return sorted(found, key=str)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DONE, st.sampled_from([1, 5, 30, 300]))
def test_each_step_is_the_first_after_the_one_before_and_in_time(acme, done, within):
    with transaction.atomic():
        with tenant_scope(acme):
            store_items(events(done), source="web")
        for days in (2, 4):
            start = day_window(DAY - timedelta(days=days - 1), acme.timezone).start
            spec = Sequences(steps=STEPS, within_hours=within, days=days)
            assert answer(acme, spec) == by_definition(done, start, within)
        transaction.set_rollback(True)


def test_persons_of_another_tenant_are_not_followed_and_nonsense_is_refused(acme, globex):
    with tenant_scope(acme):
        store_items(events([(1, "ada", "seen"), (2, "ada", "tried")]), source="web")
    assert len(answer(acme, Sequences(steps=STEPS, period="month"))) == 1
    assert answer(globex, Sequences(steps=STEPS, period="month")) == []
    with tenant_scope(acme), current_rollups(), pytest.raises(ValueError, match="no step"):
        RESOLVERS[Sequences](Sequences(steps=()), day_window(DAY, acme.timezone))
