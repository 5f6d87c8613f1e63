"""All plugins that are installed, for one day of a tenant of 1,000 accounts: what each costs, and how many it asks.

Ten million events of 50,000 persons over half a year; subscriptions of which some end, costs of every month, answers to
two kinds of surveys. Each plugin has its default configuration. Inputs, lineage, values and the ledger of runs are
in the figures; nothing is shared between the plugins but what the engine shares.
"""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from statistics import median
from typing import Any, Final

from django.db import connection

from engage_server.engine import executor
from engage_server.engine.gc_tuning import collect_rarely
from engage_server.metrics.models import DayValue
from engage_server.operations.plugins import enable_plugin
from engage_server.operations.tenants import onboard
from engage_server.plugin_host.registry import registry
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.bench.activity_events import ACCOUNTS, DAYS, FIRST_DAY, SIZES, events, fill, roll_up
from tests.bench.harness import Figure, progress
from tests.bench.metrics import ANSWERS, LAST_DAY, SUBSCRIPTIONS, left_to_workers

ROUNDS: Final = 3
# Of a backfill of all plugins, from which half a year is extrapolated: the whole takes longer than a section may.
BACKFILLED_DAYS: Final = 12
COSTS: Final = """
    INSERT INTO customers_ledgerentry (kind, external_id, stage, category, amount, currency, occurred_on, included_in_crc)
    SELECT 'COST', category || month, '', category, 1000 + 10 * month, 'USD', %s::date + 30 * month, category <> 'sales'
    FROM generate_series(0, 5) AS month, unnest(ARRAY['sales', 'marketing', 'support']) AS category
"""
# Every twentieth account leaves in the last months; accounts are on ten plans and of all ages.
TERMS: Final = (
    "UPDATE customers_subscription SET ends_on = %s::date + 100 + account_id %% 60 WHERE account_id %% 20 = 3",
    "UPDATE customers_account SET plan = 'plan ' || id %% 10, started_at = %s::timestamptz - id * interval '1 day'",
)


def run(*, quick: bool) -> list[Figure]:
    """The section's figures; quick: of half a million events."""
    tenant = onboard(slug="catalogue", name="Catalogue", domain="catalogue.localhost", timezone="UTC").tenant
    load(tenant, quick=quick)
    plugins = sorted(registry().plugins)
    for plugin in plugins:
        enable_plugin(tenant, plugin, agree=True)
    collect_rarely()  # as the command does
    whole: list[float] = []
    single: dict[str, list[float]] = {plugin: [] for plugin in plugins}
    statements: Counter[str] = Counter()
    for done in range(1, ROUNDS + 1):
        times = compute(tenant, plugins, counted=statements if done == ROUNDS else None)
        whole.append(sum(times.values()))
        for plugin, seconds in times.items():
            single[plugin].append(seconds)
        progress("day of all plugins computed", done=done, of=ROUNDS)
    with tenant_scope(tenant):
        values = DayValue.objects.filter(day=LAST_DAY, superseded_at=None).count()
    half_year = left_to_workers(
        tenant, plugins=plugins, first=LAST_DAY - timedelta(days=BACKFILLED_DAYS), days=BACKFILLED_DAYS
    )
    costs = sorted(((median(taken), plugin) for plugin, taken in single.items()), reverse=True)
    return [
        Figure("metrics.catalogue_one_day_s", median(whole), "s", 10, "lower"),
        Figure("metrics.catalogue_half_year_s", half_year * DAYS / BACKFILLED_DAYS, "s", 600, "lower"),
        Figure("metrics.catalogue_plugins", len(plugins), "plugins"),
        Figure("metrics.catalogue_values", values, "values"),
        Figure("metrics.catalogue_statements", sum(statements.values()), "statements"),
        *(Figure(f"metrics.{plugin}_day_s", seconds, "s", None, "lower") for seconds, plugin in costs),
    ]


def load(tenant: TenantRef, *, quick: bool) -> None:
    """Fill the tenant, let the roll-ups take in its events, and gather the planner's statistics."""
    with tenant_scope(tenant, timeout_ms=0):
        fill(events(SIZES["quick" if quick else "full"]))
        with connection.cursor() as cursor:
            cursor.execute(SUBSCRIPTIONS, [FIRST_DAY - timedelta(days=1)])
            cursor.execute(ANSWERS, [ACCOUNTS, FIRST_DAY])
            cursor.execute(COSTS, [FIRST_DAY])
            for statement in TERMS:
                cursor.execute(statement, [FIRST_DAY])
        roll_up()
    with tenant_scope(tenant, role="none", timeout_ms=0), connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def compute(tenant: TenantRef, plugins: list[str], *, counted: Counter[str] | None) -> dict[str, float]:
    """Seconds by plugin for the last day, in the order that the engine chooses; all of them have to write something."""
    with tenant_scope(tenant):
        DayValue.objects.filter(day=LAST_DAY).delete()
    times: dict[str, float] = {}
    began = time.perf_counter()

    def progress(plugin: str, day: Any, written: int | None) -> None:
        nonlocal began
        assert written is not None, f"{plugin} was not computed for {day}"
        times[plugin] = time.perf_counter() - began
        began = time.perf_counter()

    with _counting(counted):
        executor.backfill(tenant, plugins=plugins, first=LAST_DAY, last=LAST_DAY, progress=progress)
    return times


def _counting(counted: Counter[str] | None) -> AbstractContextManager[None]:
    def count(run: Callable[..., Any], statement: Any, *rest: Any) -> Any:
        if counted is not None:
            counted[str(statement)[:80]] += 1
        return run(statement, *rest)

    return connection.execute_wrapper(count)
