"""Usage that late, repeated and shuffled events restate is what would have been computed from all of them at once."""

import random
from datetime import date, timedelta

from engage_server.customers.models import Account
from engage_server.engine import executor
from engage_server.metrics.models import MetricValue
from engage_server.operations.tenants import onboard
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.activity.test_usage_metrics import DAY, PLUGINS, history, store
from tests.engine.test_restatement import work_off

FIRST = DAY - timedelta(days=4)


def backfill(tenant: TenantRef) -> None:
    executor.backfill(
        tenant, plugins=list(PLUGINS), first=FIRST, last=DAY, progress=lambda plugin, day, count: None
    )


def stored(tenant: TenantRef) -> dict[tuple[str, str, date], tuple[object, ...]]:
    """The values in force of the usage plugins, under the accounts' own ids; features' ids are the tenant's."""
    with tenant_scope(tenant):
        names = dict(Account.objects.values_list("id", "external_id"))
        rows = MetricValue.objects.filter(superseded_at=None, metric__regex=rf"^({'|'.join(PLUGINS)})\.")
        found = rows.exclude(subject_kind="feature").values_list(
            "metric", "subject_kind", "subject_id", "day", "value", "n", "status", "details"
        )
        return {
            (metric, names.get(id, "") if kind == "account" else kind, day): tuple(told)
            for metric, kind, id, day, *told in found
        }


def test_restated_usage_equals_what_is_computed_anew(acme, globex):
    told = history()
    whole = onboard(slug="whole", name="Whole", domain="whole.localhost", timezone=acme.timezone).tenant
    late = random.Random(3).sample(told, len(told))
    for tenant, events in ((acme, late[:90]), (whole, told), (globex, late[:5])):
        with tenant_scope(tenant):
            for plugin in PLUGINS:
                activation.enable(plugin)
        store(tenant, *events)
        backfill(tenant)
        work_off(tenant)
    before, others = stored(acme), stored(globex)
    store(acme, *late[60:], *late[:30])
    work_off(acme)
    assert stored(acme) == stored(whole) != before
    assert len(stored(acme)) > 5 * len(PLUGINS)
    assert stored(globex) == others
