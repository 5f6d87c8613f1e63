"""Late data restate exactly the values that see them, each with the reason."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command

from engage_server.engine import executor, restatement
from engage_server.engine.models import AffectedDay, Run
from engage_server.ingest.items import EventItem, Item, PersonKey, ResponseItem, SubscriptionItem
from engage_server.ingest.store import store_items
from engage_server.metrics.models import MetricValue
from engage_server.plugin_host import activation
from engage_server.sdk import ActiveSeries, Feedback, Sessions
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.engine.restate import Restated, restated_by

FIRST, LAST = date(2026, 6, 1), date(2026, 6, 20)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def answer(number: int, day: date, score: int) -> ResponseItem:
    return ResponseItem(
        external_id=f"r{number}", instrument="nps", scale_min=Decimal(0), scale_max=Decimal(10), score=Decimal(score),
        occurred_at=noon(day), account="a",
    )  # fmt: skip


def use(number: int, day: date) -> EventItem:
    return EventItem(
        message_id=f"m{number}", name="Report exported", person=PersonKey(user_id=f"u{number}"), account="a",
        occurred_at=noon(day), received_at=noon(day),
    )  # fmt: skip


def store(tenant: TenantRef, *items: Item) -> None:
    with tenant_scope(tenant):
        store_items(items, source="test")


def work_off(tenant: TenantRef) -> set[tuple[str, date]]:
    """Open the runs that the notes call for until there are none; what was run."""
    ran: set[tuple[str, date]] = set()
    while restatement.open_runs(settle_s=0):
        with shared_scope():
            ran |= set(Run.objects.filter(tenant_id=tenant.id, state="PENDING").values_list("plugin", "day"))
        while executor.execute_due(tenant).runs:
            pass
    return ran


@pytest.fixture
def computed(acme: TenantRef) -> TenantRef:
    """Twenty days of NPS (7-day window) and health, from one answer and one use on the first."""
    with tenant_scope(acme):
        activation.configure("nps", {"window_days": 7})
        for plugin in ("ces", "adoption", "license_utilization"):
            activation.disable(plugin)
    store(acme, answer(0, FIRST, 9), use(0, FIRST))
    executor.backfill(
        acme,
        plugins=["nps", "health_score"],
        first=FIRST,
        last=LAST,
        progress=lambda plugin, day, count: None,
    )
    work_off(acme)
    return acme


def revised_days(tenant: TenantRef, metric: str) -> dict[date, str]:
    with tenant_scope(tenant):
        rows = MetricValue.objects.filter(metric=metric, superseded_at=None, revision__gt=1)
        return dict(rows.values_list("day", "reason"))


def test_a_late_answer_restates_the_seven_days_that_see_it_and_what_builds_on_them(computed):
    day = date(2026, 6, 10)
    store(computed, answer(1, day, 0))
    ran = work_off(computed)
    seen = {day + timedelta(days=n) for n in range(7)}
    assert {d for plugin, d in ran if plugin == "nps"} == seen
    # Before, no value at all was in these windows, so each is a first revision or one over NO_DATA.
    assert set(revised_days(computed, "nps.score")) >= seen
    assert all(d >= day for plugin, d in ran if plugin == "health_score")
    with shared_scope():
        assert set(
            Run.objects.filter(plugin="nps", day__in=seen).exclude(reason="").values_list("reason", flat=True)
        ) == {f"late survey responses of {day}"}
        assert not AffectedDay.objects.exists()


def test_what_did_not_change_gets_no_revision(computed):
    before = revised_days(computed, "nps.score")
    with shared_scope():
        restatement.note_changes(computed, restatement.Cause.RESPONSES, [FIRST])
    assert work_off(computed)
    assert revised_days(computed, "nps.score") == before


def test_a_repeated_delivery_marks_nothing(computed):
    store(computed, answer(0, FIRST, 9), use(0, FIRST))
    with shared_scope():
        assert not AffectedDay.objects.exists()


def test_todays_data_mark_nothing(computed):
    now = datetime.now(UTC)
    item = EventItem("now", "Report exported", PersonKey(user_id="u"), occurred_at=now, received_at=now)
    store(computed, item)
    with shared_scope():
        assert not AffectedDay.objects.exists()


def test_a_changed_configuration_restates_the_plugins_whole_history(computed):
    call_command("plugin", "configure", "nps", "window_days=3", tenant="acme")
    ran = work_off(computed)
    assert {d for plugin, d in ran if plugin == "nps"} == {FIRST + timedelta(days=n) for n in range(20)}
    reasons = revised_days(computed, "nps.score")
    assert set(reasons.values()) == {"configuration version 3"}


def test_a_subscription_restates_from_its_start(computed):
    store(computed, SubscriptionItem("s", "a", starts_on=date(2026, 6, 15), seats=3))
    with shared_scope():
        assert AffectedDay.objects.get().cause == "SUBSCRIPTIONS"


def test_one_tenants_late_data_restate_nothing_of_the_other(computed, globex):
    store(globex, answer(0, FIRST, 9))
    executor.backfill(
        globex, plugins=["nps"], first=FIRST, last=FIRST, progress=lambda plugin, day, count: None
    )
    store(computed, answer(1, FIRST, 0))
    work_off(computed)
    assert revised_days(globex, "nps.score") == {}
    assert FIRST in revised_days(computed, "nps.score")


def test_a_series_is_restated_up_to_the_last_day_whose_first_window_holds_the_late_event(acme, globex):
    for tenant in (acme, globex):
        store(tenant, use(0, FIRST))
    with restated_by(acme, ActiveSeries(days=3, trailing=4), first=FIRST, last=LAST) as restated:
        late = FIRST + timedelta(days=2)
        store(acme, use(1, late))
        # The first of the three days is then the third after the late one, and its trailing days are these four.
        assert restated.days() == {late + timedelta(days=number) for number in range(6)}
        assert is_as_computed_now(restated)
    with shared_scope():
        assert not AffectedDay.objects.exclude(tenant_id=acme.id).exclude(day=FIRST).exists()


def test_sessions_are_restated_as_far_as_activity_without_a_pause_carries_a_late_event(acme):
    begun = datetime(2026, 6, 1, 5, tzinfo=UTC)
    restless = [restless_use(begun + timedelta(hours=11 * number)) for number in range(30)]
    store(acme, *restless)
    with restated_by(acme, Sessions(days=1, idle_minutes=720), first=FIRST, last=LAST) as restated:
        store(acme, restless_use(begun - timedelta(hours=3)))
        restated.days()
        assert max(restated.revisions()) > FIRST + timedelta(days=5)
        assert is_as_computed_now(restated)


def restless_use(at: datetime) -> EventItem:
    return EventItem(
        f"{at}", "Report exported", PersonKey(user_id="restless"), occurred_at=at, received_at=at
    )


def is_as_computed_now(restated: Restated) -> bool:
    """Whether computing all days from what is stored writes nothing."""
    before = restated.stored()
    restated.compute(FIRST, LAST)
    return restated.stored() == before


@pytest.mark.parametrize("cause", [restatement.Cause.RESPONSES, restatement.Cause.ERASURE])
def test_texts_are_read_anew_when_the_responses_that_hold_them_change(cause):
    (read,) = Feedback(days=7).reads
    assert restatement._concerns(read, AffectedDay(cause=cause, day=FIRST))
    assert not restatement._concerns(read, AffectedDay(cause=restatement.Cause.EVENTS, day=FIRST))
