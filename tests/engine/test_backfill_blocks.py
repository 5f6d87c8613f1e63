"""A backfill computes a plugin's days one after the other, and stores what each day by itself would."""

from dataclasses import replace
from datetime import date, timedelta

from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage_server.activity.models import Feature
from engage_server.engine import executor
from engage_server.engine.ledger import Claim
from engage_server.engine.models import Run
from engage_server.engine.shared_reads import SharedReads
from engage_server.ingest.store import store_items
from engage_server.metrics.models import DayValue
from engage_server.plugin_host.activation import active_plugin
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.engine.input_days import seed
from tests.engine.test_shared_reads import DAYS, ITEMS, MAKERS

FIVE = ("adoption", "ces", "health_score", "license_utilization", "nps")
STORED = """
    SELECT series.metric, series.subject_kind, stored.subject_id, stored.day, stored.revision, measured.value,
        measured.status, measured.n, measured.window_days, measured.definition_version, measured.digest, layout.body::text,
        measured.figures, computation.window_starts ->> measured.window_days::text, computation.window_end,
        computation.input_digest
    FROM metrics_dayvalue AS stored
    JOIN metrics_wording AS series ON series.id = stored.series_id
    JOIN metrics_measuredvalue AS measured ON measured.id = stored.measured_id
    JOIN metrics_wording AS layout ON layout.id = measured.layout_id
    JOIN metrics_computation AS computation ON computation.id = stored.computation_id
    ORDER BY 1, 2, 3, 4, 5
"""


def backfill(tenant: TenantRef, *, first: date, last: date) -> None:
    failed: list[tuple[str, date]] = []
    executor.backfill(
        tenant,
        plugins=FIVE,
        first=first,
        last=last,
        progress=lambda plugin, day, written: None if written is not None else failed.append((plugin, day)),
    )
    assert not failed


def stored(tenant: TenantRef) -> list[tuple[object, ...]]:
    with tenant_scope(tenant), connection.cursor() as cursor:
        cursor.execute(STORED)
        return cursor.fetchall()


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ITEMS, st.integers(0, 4))
def test_a_backfill_of_many_days_stores_what_days_one_by_one_store(acme, globex, items, released):
    first, last = DAYS[3], DAYS[7]
    with transaction.atomic():
        for tenant in (acme, globex):
            with tenant_scope(tenant):
                seed()
                if tenant == acme:
                    store_items([MAKERS[kind][0](*values) for kind, *values in items], source="more")
                    Feature.objects.filter(name="discovered").update(
                        released_on=first + timedelta(days=released)
                    )
        backfill(globex, first=first, last=first)
        others = stored(globex)
        for later in range((last - first).days + 1):
            backfill(acme, first=first + timedelta(days=later), last=first + timedelta(days=later))
        singly = stored(acme)
        with tenant_scope(acme):
            DayValue.objects.all().delete()
        backfill(acme, first=first, last=last)
        assert stored(acme) == singly
        assert stored(globex) == others
        assert {metric for metric, *_ in singly} >= {
            "health_score.score",
            "nps.score",
            "adoption.features_used",
        }
        transaction.set_rollback(True)


def claim(number: int, plugin: str, day: date, priority: Run.Priority) -> Claim:
    return Claim(number, 1, plugin, day, 1, priority, "", has_recent_failures=False)


def test_a_job_takes_a_backfills_days_plugin_by_plugin_and_scheduled_runs_before_them_as_they_come():
    scheduled, backfilled = Run.Priority.SCHEDULED, Run.Priority.BACKFILL
    claims = [
        claim(1, "score", DAYS[1], scheduled),
        claim(2, "base", DAYS[1], scheduled),
        claim(3, "score", DAYS[0], backfilled),
        claim(4, "base", DAYS[1], backfilled),
        claim(5, "gone", DAYS[1], backfilled),
        claim(6, "score", DAYS[2], backfilled),
        claim(7, "base", DAYS[2], backfilled),
    ]
    needs = {"score": frozenset({"base"}), "base": frozenset()}
    assert [one.run_id for one in executor._in_blocks(claims, needs)] == [1, 2, 4, 7, 3, 6, 5]


def test_nothing_made_under_one_configuration_serves_under_another(acme):
    with tenant_scope(acme):
        active = active_plugin("nps")
    shared = SharedReads()
    kept = shared.reused(active)
    assert shared.reused(active) is kept
    assert shared.reused(replace(active, config=active.config.model_copy())) is not kept
