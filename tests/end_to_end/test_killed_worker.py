"""A worker killed in the middle of its runs loses nothing and doubles nothing."""

import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta

from django.db.models import Count

from engage_server.customers.models import Account, SurveyResponse
from engage_server.engine import ledger
from engage_server.engine.compute import compute_day, day_window
from engage_server.engine.models import Run
from engage_server.metrics.models import MetricValue
from engage_server.metrics.writer import stored_number
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.end_to_end.processes import running

FIRST, DAYS, KILLS = date(2026, 6, 1), 30, 3
FAST = {"ENGAGE_RUN_LEASE_S": "2", "ENGAGE_DISPATCH_INTERVAL_S": "0.2"}


def fill(tenant: TenantRef, score: int) -> None:
    with tenant_scope(tenant):
        account = Account.objects.create(external_id="same")
        SurveyResponse.objects.bulk_create(
            SurveyResponse(
                external_id=f"r{n}", instrument="nps", account=account, scale_min=0, scale_max=10,
                score=score if n % 3 else 0, occurred_at=datetime(2026, 6, 1, 12, tzinfo=UTC) + timedelta(days=n),
            )
            for n in range(DAYS)
        )  # fmt: skip
    for n in range(DAYS):
        ledger.open_run(
            tenant_id=tenant.id,
            plugin="nps",
            scheduled_for=datetime(2026, 7, 1, tzinfo=UTC),
            day=FIRST + timedelta(days=n),
        )


def states() -> Counter[str]:
    with shared_scope():
        return Counter(Run.objects.values_list("state", flat=True))


def wait_until_succeeded(count: int, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while states()["SUCCEEDED"] < count:
        assert time.monotonic() < deadline, f"only {states()} after {seconds} s"
        time.sleep(0.02)


def test_each_value_is_there_once_and_equals_a_clean_run(committed_tenants):
    total = DAYS * len(committed_tenants)
    for number, tenant in enumerate(committed_tenants):
        fill(tenant, score=9 + number)
    for kill in range(KILLS):
        with running("worker", **FAST):
            wait_until_succeeded((kill + 1) * total // (KILLS + 2))
    assert states()["SUCCEEDED"] < total, "the last kill came too late to prove anything"
    with running("worker", **FAST):
        wait_until_succeeded(total)
    for tenant in committed_tenants:
        with tenant_scope(tenant):
            assert not MetricValue.objects.exclude(revision=1).exists()
            assert not (
                MetricValue.objects.values("metric", "subject_kind", "subject_id", "day")
                .annotate(times=Count("pk"))
                .filter(times__gt=1)
                .exists()
            )
            active = activation.active_plugin("nps")
            for n in range(DAYS):
                clean = compute_day(active, day_window(FIRST + timedelta(days=n), tenant.timezone), run_id=0)
                stored = {
                    (row.metric, row.subject_kind, row.subject_id): (row.value, row.n)
                    for row in MetricValue.objects.filter(day=FIRST + timedelta(days=n))
                }
                assert stored == {
                    (v.metric, v.measurement.subject.kind, v.measurement.subject.id): (
                        stored_number(v.measurement.value),
                        v.measurement.n,
                    )
                    for v in clean.values
                }
