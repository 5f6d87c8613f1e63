"""What is read for a range of days is, day by day, what is read for each of them."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from engage_server.activity.models import Feature
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.input_resolvers import RANGE_RESOLVERS, RESOLVERS
from engage_server.customers.windows import day_window
from engage_server.engine import executor, shared_reads
from engage_server.engine.compute import ComputedDay, compute_day
from engage_server.engine.shared_reads import SharedReads
from engage_server.ingest.items import (
    AccountItem,
    EventItem,
    LedgerItem,
    MembershipItem,
    PersonKey,
    ResponseItem,
    SubscriptionItem,
)
from engage_server.ingest.store import store_items
from engage_server.metrics.writer import NewValue
from engage_server.plugin_host.activation import active_plugin
from engage_server.sdk import Accounts, ActivePersons, InputSpec, PersonDays
from engage_server.tenancy.scope import tenant_scope
from tests.engine.input_days import COMPUTED, LONG_AGO, noon, samples, seed

DAYS = [LONG_AGO + timedelta(days=number) for number in range(-2, 10)]
NUMBERS = st.integers(-2, 9)


def day(number: int) -> date:
    return LONG_AGO + timedelta(days=number)


def event(number: int, hour: int, user: str, name: str, account: str | None) -> EventItem:
    at = noon(day(number), hour)
    id = f"{number} {hour} {user} {name} {account}"
    return EventItem(id, name, PersonKey(user), at, at, account=account, feature=name, properties='{"n": 1}')


HOUR = st.integers(0, 23)
USER = st.sampled_from(["u", "v", "w"])
ACCOUNT = st.sampled_from(["a", "b", None])
MAKERS = {
    "event": (event, NUMBERS, HOUR, USER, st.sampled_from(["saved", "discovered"]), ACCOUNT),
    "response": (
        lambda n, hour, user, score, word: ResponseItem(
            f"{n} {hour} {user} {word}", word, Decimal(0), Decimal(10), noon(day(n), hour), score=score,
            person=PersonKey(user), account="a",
        ),
        NUMBERS, HOUR, st.sampled_from(["u", "v", None]), st.sampled_from([None, Decimal(3), Decimal(9)]),
        st.sampled_from(["nps", "ces"]),
    ),
    "subscription": (
        lambda n, start, plan: SubscriptionItem("s", "a", day(start), day(start + 6), plan=plan, changed_on=day(n)),
        NUMBERS, st.integers(-2, 4), st.sampled_from(["x", "y"]),
    ),
    "account": (
        lambda n, hour, name, plan, stage, parent: AccountItem(
            name, plan=plan, stage=stage, parent=parent, occurred_at=noon(day(n), hour)
        ),
        NUMBERS, HOUR, st.sampled_from(["a", "b"]), st.sampled_from(["x", "y", None]),
        st.sampled_from(["CHURNED", "LEAD", None]), st.sampled_from(["top", None]),
    ),
    "membership": (
        lambda n, user, account: MembershipItem(PersonKey(user), account, noon(day(n))),
        NUMBERS, USER, st.sampled_from(["a", "b"]),
    ),
    "entry": (
        lambda n, id, amount: LedgerItem("COST", id, Decimal(amount), day(n)),
        NUMBERS, st.sampled_from(["k", "l"]), st.integers(1, 9),
    ),
}  # fmt: skip
# Texts of times need the tenant, which is in scope when the items are made.
ITEMS = st.lists(
    st.sampled_from(sorted(MAKERS)).flatmap(lambda kind: st.tuples(st.just(kind), *MAKERS[kind][1:])),
    min_size=1,
    max_size=25,
)


def sampled() -> list[InputSpec]:
    specs = [spec for kind in RANGE_RESOLVERS for spec in samples(kind)]
    months = [replace(spec, period="week") for spec in specs if hasattr(spec, "period")]
    return [*specs, *months]


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ITEMS, st.integers(0, 4))
def test_a_range_of_days_is_answered_as_each_day_by_itself(acme, globex, items, released):
    specs = sampled()
    with transaction.atomic():
        for tenant in (acme, globex):
            with tenant_scope(tenant):
                if tenant == acme:
                    seed()
                    store_items([MAKERS[kind][0](*values) for kind, *values in items], source="more")
                    Feature.objects.filter(name="discovered").update(released_on=day(released))
                windows = [day_window(one, tenant.timezone) for one in DAYS]
                with current_rollups():
                    for spec in specs:
                        cut = RANGE_RESOLVERS[type(spec)](spec, windows)
                        for window in windows:
                            alone = RESOLVERS[type(spec)](spec, window)
                            together = cut(window)
                            assert together.schema == alone.schema
                            order = alone.columns
                            assert_frame_equal(together.sort(order), alone.sort(order))
                            assert tenant == acme or spec_is_empty(alone)
        transaction.set_rollback(True)


def spec_is_empty(frame: Any) -> bool:
    return frame.is_empty()


def test_days_share_one_reading_while_it_is_fresh(acme, monkeypatch):
    with tenant_scope(acme):
        seed()
        windows = [day_window(one, acme.timezone) for one in DAYS[2:6]]
        shared = SharedReads(windows)
        with current_rollups():
            for _ in range(2):
                with CaptureQueriesContext(connection) as captured:
                    answers = [shared.answer(PersonDays(days=2), window) for window in windows]
                assert len(captured) == (2 if _ == 0 else 0)  # the watermark, and the rows
            assert all(answer is not None and answer[1] is not None for answer in answers)
            monkeypatch.setattr(shared_reads, "MOST_AGE_S", -1)
            with CaptureQueriesContext(connection) as captured:
                shared.answer(PersonDays(days=2), windows[0])
            assert len(captured) == 2


def test_more_days_are_read_ahead_while_there_is_time_for_them_and_none_where_there_is_not(acme, monkeypatch):
    windows = [day_window(DAYS[0] + timedelta(days=n), acme.timezone) for n in range(40)]
    asked: list[int] = []
    reader = RANGE_RESOLVERS[ActivePersons]
    monkeypatch.setitem(
        RANGE_RESOLVERS, ActivePersons, lambda spec, some: asked.append(len(some)) or reader(spec, some)
    )
    with tenant_scope(acme), current_rollups():
        shared = SharedReads(windows)
        for window in windows:
            shared.answer(ActivePersons(), window)
        assert asked == [16, 24]
        asked.clear()
        monkeypatch.setattr(shared_reads, "MOST_AGE_S", -1)
        slow = SharedReads(windows)
        answers = [slow.answer(ActivePersons(), window) for window in windows]
    assert asked == [16]
    assert [answer is None for answer in answers] == [False, *[True] * 39]


def test_the_last_day_has_nothing_to_share_and_other_days_are_read_alone(acme):
    windows = [day_window(one, acme.timezone) for one in DAYS[2:4]]
    with tenant_scope(acme), current_rollups():
        assert SharedReads(windows).answer(ActivePersons(), windows[-1]) is None
        assert SharedReads(windows).answer(ActivePersons(), day_window(COMPUTED, acme.timezone)) is None
        assert SharedReads().answer(ActivePersons(), windows[0]) is None


def test_a_day_of_a_backfill_is_computed_from_the_same_rows_as_by_itself(acme):
    plugins = ["adoption", "ces", "license_utilization", "nps"]
    with tenant_scope(acme):
        seed()
        store_items([MAKERS["response"][0](2, 9, "u", Decimal(9), "nps")], source="more")
        windows = [day_window(one, acme.timezone) for one in DAYS[2:6]]
        shared = SharedReads(windows)
        with current_rollups():
            for window in windows:
                for plugin in plugins:
                    active = active_plugin(plugin)
                    together = compute_day(active, window, run_id=1, shared=shared)
                    alone = compute_day(active, window, run_id=1)
                    assert together.lineage.input_digest == alone.lineage.input_digest
                    assert by_subject(together) == by_subject(alone)


def by_subject(computed: ComputedDay) -> list[NewValue]:
    return sorted(computed.values, key=lambda value: (value.metric, value.measurement.subject))


def test_a_backfill_reads_ahead_for_all_of_its_days(acme, globex, monkeypatch):
    with tenant_scope(acme):
        seed()
    asked: list[int] = []
    reader = RANGE_RESOLVERS[Accounts]
    monkeypatch.setitem(
        RANGE_RESOLVERS, Accounts, lambda spec, windows: asked.append(len(windows)) or reader(spec, windows)
    )
    written: list[int | None] = []
    executor.backfill(
        acme,
        plugins=["adoption", "nps"],
        first=DAYS[2],
        last=DAYS[5],
        progress=lambda plugin, day, rows: written.append(rows),
    )
    assert len(written) == 8
    assert None not in written
    assert asked[0] == 4
    assert sum(asked) < 8
