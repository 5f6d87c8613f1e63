"""Raw events go when their time has come, stored values stay, and nobody computes days that cannot be computed any more."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from engage_server.activity.models import DayBitmap, Event, EventDelta, PersonDay, PersonState
from engage_server.activity.rollups.compaction import ensure_current, rebuild
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.windows import day_window
from engage_server.engine import executor
from engage_server.engine.data_retention import first_computable
from engage_server.engine.exceptions import BeyondRetentionError
from engage_server.engine.models import AffectedDay, Run
from engage_server.engine.verification import Verdict, verify
from engage_server.ingest.models import QuarantinedItem
from engage_server.metrics.models import MetricValue
from engage_server.plugin_host import activation
from engage_server.privacy import data_retention
from engage_server.sdk import ActivePersons, ActiveSeries, Features, Seats, SurveyResponses
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from engage_server.tenancy.services import find_tenant
from tests.privacy.scenario import dump_of, noon, restate, store, use

KEPT_DAYS = 200


@pytest.fixture
def aged(acme: TenantRef, globex: TenantRef) -> TenantRef:
    """An event on every fifth of 250 days, some days computed; the last 200 are to be kept."""
    today = datetime.now(acme.zone).date()
    with tenant_scope(acme):
        activation.disable("license_utilization")
    for tenant in (acme, globex):
        store(
            tenant, *(use(f"m{age}", f"u{age % 3}", today - timedelta(days=age)) for age in range(0, 250, 5))
        )
        with tenant_scope(tenant):
            ensure_current()
    days = [today - timedelta(days=age) for age in (245, 240, 2, 1)]
    for day in days:
        executor.backfill(
            acme, plugins=["adoption"], first=day, last=day, progress=lambda plugin, day, count: None
        )
    restate(acme)
    call_command("tenant", "retention", "acme", "--events", f"{KEPT_DAYS}d")
    return find_tenant("acme").ref


def values(tenant: TenantRef) -> list[tuple]:
    with tenant_scope(tenant):
        return list(
            MetricValue.objects.order_by("pk").values_list("metric", "day", "value", "n", "superseded_at")
        )


def test_old_events_and_roll_ups_are_deleted_in_batches_and_values_stay(aged, globex):
    first = datetime.now(aged.zone).date() - timedelta(days=KEPT_DAYS)
    before, untouched = values(aged), dump_of(globex)
    with tenant_scope(aged):
        QuarantinedItem.objects.create(
            source="s", code="c", message="", payload="{}", received_at=noon(first) - timedelta(days=1)
        )
        QuarantinedItem.objects.create(source="s", code="c", message="", payload="{}")
        first_days = dict(PersonState.objects.values_list("person", "first_day"))
    assert data_retention.enforce(aged, rows_at_once=4) >= 18
    with tenant_scope(aged):
        kept = Event.objects.order_by("occurred_at")
        assert kept.count() == KEPT_DAYS / 5 + 1
        assert kept.first().occurred_at.astimezone(aged.zone).date() == first
        assert PersonDay.objects.order_by("day").first().day == first
        assert DayBitmap.objects.order_by("day").first().day == first
        assert not EventDelta.objects.exists()
        assert QuarantinedItem.objects.count() == 1
        assert dict(PersonState.objects.values_list("person", "first_day")) == first_days
    assert values(aged) == before
    assert dump_of(globex) == untouched
    assert data_retention.enforce(aged) == 0


def test_days_whose_events_are_gone_are_refused_with_the_reason(aged):
    day = datetime.now(aged.zone).date() - timedelta(days=240)
    for compute in (executor.request_backfill, executor.backfill):
        more = {"progress": lambda plugin, day, count: None} if compute is executor.backfill else {}
        with pytest.raises(
            BeyondRetentionError, match=r"keeps raw events for 200 days.*first day that can be is"
        ):
            compute(aged, plugins=["adoption"], first=day, last=day, **more)
    with pytest.raises(CommandError, match="What is stored for it stands"):
        call_command(
            "compute", "--tenant", "acme", "--from", str(day), "--to", str(day), "--plugin", "adoption"
        )


def test_late_events_of_such_days_restate_nothing_and_say_so(aged, caplog):
    data_retention.enforce(aged)
    before = values(aged)
    day = datetime.now(aged.zone).date() - timedelta(days=245)
    with shared_scope():
        runs = set(Run.objects.values_list("id", flat=True))
    store(aged, use("late", "u9", day))
    restate(aged)
    assert values(aged) == before
    assert "are no longer kept" in caplog.text
    with shared_scope():
        assert not AffectedDay.objects.exists()
        # A feature may be older than was known: that is looked at on every day that can still be computed.
        again = Run.objects.exclude(id__in=runs).values_list("day", flat=True)
        assert set(again) == {day + timedelta(days=243), day + timedelta(days=244)}


def test_a_feature_is_as_old_as_before_once_its_first_uses_are_deleted(aged):
    today = datetime.now(aged.zone).date()

    def known_since():
        window = day_window(today, aged.timezone)
        with tenant_scope(aged), current_rollups():
            return set(RESOLVERS[Features](Features(), window)["known_since"])

    assert known_since() == {today - timedelta(days=245)}
    data_retention.enforce(aged, rows_at_once=4)
    assert known_since() == {today - timedelta(days=245)}
    with tenant_scope(aged):
        rebuild()
        ensure_current()
    assert known_since() == {today - timedelta(days=245)}


def test_verification_calls_such_values_not_comparable(aged):
    data_retention.enforce(aged)
    found = {finding.verdict for finding in verify(aged, plugins=["adoption"])}
    assert found == {Verdict.EQUAL, Verdict.NOT_COMPARABLE}


def test_the_longest_window_of_events_decides_which_day_is_the_first(acme):
    tenant = replace(acme, events_keep_days=40)
    today = datetime.now(acme.zone).date()
    assert first_computable(tenant, [ActivePersons(days=30), Seats()]) == today - timedelta(days=11)
    assert first_computable(tenant, [ActiveSeries(days=10, trailing=7)]) == today - timedelta(days=25)
    assert first_computable(tenant, [SurveyResponses(instrument="nps"), Seats()]) is None
    assert first_computable(acme, [ActivePersons(days=30)]) is None


def test_a_period_shorter_than_an_enabled_plugins_window_is_refused(acme):
    with pytest.raises(CommandError, match="looks back over"):
        call_command("tenant", "retention", "acme", "--events", "5d")
    assert find_tenant("acme").events_keep_days is None
    with pytest.raises(CommandError, match="no retention period"):
        call_command("tenant", "retention", "acme", "--events", "soon")


def test_a_tenant_without_a_period_keeps_everything(aged, globex, capsys):
    assert [ref.slug for ref in data_retention.CHORE.tenants()] == ["acme"]
    call_command("tenant", "retention", "acme", "--events", "forever")
    assert "kept forever" in capsys.readouterr().out
    assert data_retention.CHORE.tenants() == []
    assert data_retention.enforce(globex) == 0
