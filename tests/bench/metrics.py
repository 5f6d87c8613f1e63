"""All plugins of a tenant of 1,000 accounts: one day, and half a year of backfill, from stored data to stored values.

Ten persons an account, events as in the activity benchmark, seats for every account, and a third of the persons
answers a survey of each kind once a quarter. Inputs, plugins, lineage, values and the ledger are all in the figures.
"""

import time
from collections.abc import Sequence
from datetime import date, timedelta
from statistics import median
from typing import Final

from django.db import connection

from engage_server.engine import executor
from engage_server.engine.gc_tuning import collect_rarely
from engage_server.engine.models import Run, Schedule
from engage_server.engine.what_if import what_if
from engage_server.metrics.change_sentences import sentence
from engage_server.metrics.changes import change_of
from engage_server.metrics.models import DayValue
from engage_server.metrics.reader import StoredMetricReader
from engage_server.operations.tenants import onboard
from engage_server.plugin_host import activation
from engage_server.sdk import account
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.bench import slices
from tests.bench.activity_events import ACCOUNTS, DAYS, FIRST_DAY, Size, events, fill, roll_up
from tests.bench.engine import CORES, workers
from tests.bench.harness import Figure, progress

QUICK: Final = Size(events=300_000, persons=10_000)
FULL: Final = Size(events=500_000, persons=10_000)
QUICK_DAYS: Final = 12
LAST_DAY: Final = FIRST_DAY + timedelta(days=DAYS - 1)
ROUNDS: Final = 5
HEALTH: Final = "health_score.score"
# So that the section ends within ten minutes: the rest of a backfill that takes longer is extrapolated.
PATIENCE_S: Final = 360
TELL_EVERY_S: Final = 5
A_MONTH: Final = 30
SUBSCRIPTIONS: Final = """
    INSERT INTO customers_subscription (external_id, account_id, plan, seats, amount, currency, interval_months,
        is_trial, status, starts_on)
    SELECT 's' || id, id, 'pro', 10 + id %% 50, 100 + id, 'USD', 1, false, 'active', %s FROM customers_account
"""
ROOM: Final = """
    SELECT sum(pg_total_relation_size(of::regclass)) / (SELECT count(*) FROM metrics_dayvalue)
    FROM unnest(ARRAY['metrics_dayvalue', 'metrics_measuredvalue', 'metrics_computation', 'metrics_wording']) AS of
"""
ANSWERS: Final = """
    INSERT INTO customers_surveyresponse (external_id, instrument, person_id, account_id, scale_min, scale_max,
        direction, score, text, occurred_at)
    SELECT instrument || person.id || '-' || quarter, instrument, person.id, person.id %% %s + 1, lowest, highest,
        'UP', lowest + (person.id::bigint * 7919 + quarter) %% (highest - lowest + 1), '',
        %s::timestamptz + make_interval(days => quarter * 90 + (person.id::bigint * 104729 %% 90)::int)
    FROM customers_person person, generate_series(0, 1) AS quarter,
        (VALUES ('nps', 0, 10), ('ces', 1, 7)) AS kind(instrument, lowest, highest)
    WHERE person.id %% 3 = 0
"""


def run(*, quick: bool) -> list[Figure]:
    """The section's figures; quick: fewer events, and the backfill of 12 days is extrapolated."""
    tenant = onboard(slug="metrics", name="Metrics", domain="metrics.localhost", timezone="UTC").tenant
    with tenant_scope(tenant):
        plugins = sorted(activation.active_ids())
    load(tenant, QUICK if quick else FULL)
    days = QUICK_DAYS if quick else DAYS
    backfill = left_to_workers(tenant, plugins=plugins, first=LAST_DAY - timedelta(days=days), days=days)
    with tenant_scope(tenant):
        stored = DayValue.objects.filter(superseded_at=None)
        values = stored.count() / stored.values("day").distinct().count()
        room = bytes_per_value()
    explain_one, explain_all = explanations(tenant)
    half_year = what_if_half_year(tenant, days=days, metrics=[HEALTH])
    whole = what_if_half_year(tenant, days=min(days, A_MONTH), metrics=None)
    with tenant_scope(tenant):
        DayValue.objects.filter(day=LAST_DAY).delete()
    again = []
    collect_rarely()  # as the command does
    for done in range(1, ROUNDS + 1):
        again.append(compute(tenant, plugins=plugins, first=LAST_DAY, days=1))
        with tenant_scope(tenant):
            DayValue.objects.filter(day=LAST_DAY).delete()
        progress("last day computed again", done=done, of=ROUNDS)
    return [
        Figure("metrics.all_for_one_day_s", median(again), "s", 1.3, "lower"),
        Figure("metrics.backfill_180_days_s", backfill * DAYS / days, "s", 60, "lower"),
        Figure("metrics.bytes_per_value", room, "bytes", 250, "lower"),
        Figure("metrics.explain_one_ms", explain_one * 1_000, "ms", 20, "lower"),
        Figure("metrics.explain_1000_s", explain_all, "s", 1, "lower"),
        Figure("metrics.what_if_half_year_s", half_year, "s", 10, "lower"),
        Figure("metrics.what_if_half_year_of_all_its_metrics_s", whole, "s"),
        Figure("metrics.values_a_day", values, "values"),
        Figure("metrics.plugins", len(plugins), "plugins"),
        *slices.run(quick=quick),
    ]


def load(tenant: TenantRef, size: Size) -> None:
    """Fill the tenant, let the roll-ups take in its events, and gather the planner's statistics."""
    with tenant_scope(tenant, timeout_ms=0):
        fill(events(size))
        with connection.cursor() as cursor:
            cursor.execute(SUBSCRIPTIONS, [FIRST_DAY - timedelta(days=1)])
            cursor.execute(ANSWERS, [ACCOUNTS, FIRST_DAY])
        roll_up()
    with tenant_scope(tenant, role="none", timeout_ms=0), connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def bytes_per_value() -> float:
    """Bytes of all tables of values, their indexes and superseded revisions, for each stored value of a day."""
    with connection.cursor() as cursor:
        cursor.execute(ROOM)
        return float(cursor.fetchone()[0])


def explanations(tenant: TenantRef) -> tuple[float, float]:
    """Seconds to explain the change of one account's health over a week, and of all accounts', reading included."""
    since, day = LAST_DAY - timedelta(days=8), LAST_DAY - timedelta(days=1)
    one, many = [], []
    with tenant_scope(tenant):
        for _ in range(ROUNDS):
            reader = StoredMetricReader()
            began = time.perf_counter()
            seen = reader.revisions(HEALTH, account(1), since)
            assert sentence(change_of(seen, reader.latest(HEALTH, account(1), day)))
            one.append(time.perf_counter() - began)
            began = time.perf_counter()
            before = StoredMetricReader().all_revisions(HEALTH, "account", since)
            values = StoredMetricReader().by_subject(HEALTH, "account", day)
            told = [sentence(change_of(before.get(value.subject.id, ()), value)) for value in values]
            many.append(time.perf_counter() - began)
            assert len(told) == ACCOUNTS
    return median(one), median(many)


def what_if_half_year(tenant: TenantRef, *, days: int, metrics: Sequence[str] | None) -> float:
    """Seconds to compute half a year of health under other bands and compare; extrapolated from fewer days.

    ``metrics``: of the score, or of all that the plugin measures.
    """
    with tenant_scope(tenant, timeout_ms=0):
        config = activation.active_plugin("health_score").config.model_dump(mode="json")
        config["bands"] = {"yellow_from": 40, "green_from": 70}
        began = time.perf_counter()
        found = what_if(
            "health_score",
            config,
            first=LAST_DAY - timedelta(days=days),
            last=LAST_DAY - timedelta(days=1),
            metrics=metrics,
        )
        taken = time.perf_counter() - began
    assert sum(outcome.values for outcome in found.metrics) >= ACCOUNTS * days
    return taken * DAYS / days


def left_to_workers(tenant: TenantRef, *, plugins: Sequence[str], first: date, days: int) -> float:
    """Seconds from asking for a backfill until one worker for each core has done it; fails where a run failed."""
    mine = Run.objects.filter(tenant_id=tenant.id)
    with shared_scope():
        Schedule.objects.update(enabled=False)
        before = mine.filter(state=Run.State.SUCCEEDED).count()
    with workers(CORES, python_path=""):
        began = time.perf_counter()
        executor.request_backfill(tenant, plugins=plugins, first=first, last=first + timedelta(days=days - 1))
        asked, ended, told = days * len(plugins), 0, began
        with shared_scope():
            while ended < asked and time.perf_counter() - began < PATIENCE_S:
                time.sleep(0.2)
                ended = mine.filter(state=Run.State.SUCCEEDED).count() - before
                errors = list(mine.exclude(error="").values_list("error", flat=True)[:1])
                assert not errors, f"a run failed: {errors[0]}"
                if time.perf_counter() - told > TELL_EVERY_S:
                    told = time.perf_counter()
                    progress("runs of the backfill done", done=ended, of=asked)
        taken = time.perf_counter() - began
    assert ended, "no run ended"
    return taken * asked / ended


def compute(tenant: TenantRef, *, plugins: Sequence[str], first: date, days: int) -> float:
    """Seconds to compute days of all plugins as the command does; fails where a run failed."""

    def progress(plugin: str, day: date, written: int | None) -> None:
        assert written, f"{plugin} wrote {written} values for {day}"

    began = time.perf_counter()
    executor.backfill(
        tenant, plugins=plugins, first=first, last=first + timedelta(days=days - 1), progress=progress
    )
    return time.perf_counter() - began
