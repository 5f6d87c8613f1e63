"""A month of data and open runs for a tenant, and the check that what was stored is what a clean run computes."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.db.models import Count

from engage_server.activity.models import Event, EventName, Feature, Source
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.models import Account, Person, Subscription, SurveyResponse
from engage_server.customers.windows import day_window
from engage_server.engine import executor
from engage_server.engine.compute import compute_day
from engage_server.engine.models import Run
from engage_server.metrics.models import MetricValue
from engage_server.metrics.writer import stored_number
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope

FIRST = date(2026, 6, 1)


def fill(tenant: TenantRef, *, score: int, days: int) -> None:
    """A survey answer and an event a day, of one account with seats; ``score`` tells the tenants apart."""
    noons = [datetime(2026, 6, 1, 12, tzinfo=UTC) + timedelta(days=n) for n in range(days)]
    with tenant_scope(tenant):
        account = Account.objects.create(external_id="same")
        Subscription.objects.create(
            external_id="s", account=account, seats=score, amount=10, starts_on=date(2026, 1, 1)
        )
        SurveyResponse.objects.bulk_create(
            SurveyResponse(
                external_id=f"r{n}", instrument="nps", account=account, scale_min=0, scale_max=10,
                score=score if n % 3 else 0, occurred_at=noon,
            )
            for n, noon in enumerate(noons)
        )  # fmt: skip
        source = Source.objects.create(name="test")
        name = EventName.objects.create(name="Exported", feature=Feature.objects.create(name="Export"))
        person = Person.objects.create(external_id="same")
        Event.objects.bulk_create(
            Event(
                source=source, message_id=f"m{n}", digest=n, name=name, person=person, account=account,
                occurred_at=noon, received_at=noon,
            )
            for n, noon in enumerate(noons)
        )  # fmt: skip


def open_runs(tenant: TenantRef, *, plugins: Iterable[str], days: int) -> int:
    """Open a run of each plugin for each day; return how many."""
    return executor.request_backfill(
        tenant, plugins=list(plugins), first=FIRST, last=FIRST + timedelta(days=days - 1)
    )


def states() -> Counter[str]:
    """Runs of all tenants by state."""
    with shared_scope():
        return Counter(Run.objects.values_list("state", flat=True))


def assert_each_value_is_there_once_and_clean(
    tenant: TenantRef, *, plugins: Iterable[str], days: int
) -> None:
    """Compare all stored values of the days with a recomputation; no value may have been written twice."""
    with tenant_scope(tenant):
        assert not MetricValue.objects.exclude(revision=1).exists()
        assert (
            not MetricValue.objects.values("metric", "subject_kind", "subject_id", "day")
            .annotate(times=Count("pk"))
            .filter(times__gt=1)
            .exists()
        )
        active = activation.active_plugins()
        for day in (FIRST + timedelta(days=n) for n in range(days)):
            stored = {
                (row.metric, row.subject_kind, row.subject_id): (row.value, row.n)
                for row in MetricValue.objects.filter(day=day)
            }
            with current_rollups():
                clean = [
                    value
                    for plugin in plugins
                    for value in compute_day(
                        active[plugin], day_window(day, tenant.timezone), run_id=0
                    ).values
                ]
            assert stored == {
                (v.metric, v.measurement.subject.kind, v.measurement.subject.id): (
                    stored_number(v.measurement.value),
                    v.measurement.n,
                )
                for v in clean
            }, f"{tenant.slug} on {day}"
