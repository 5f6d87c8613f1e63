"""Metrics of a part of a tenant, computed when asked for: from bitmaps, from person-days, and by group of a dimension.

Ten million events of 50,000 persons in 1,000 accounts on ten plans; a slice is a plan, or a tenth of the persons.
"""

import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Final

from django.db import connection

from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.slicers import answer_slices
from engage_server.customers.slices import Slice
from engage_server.customers.windows import day_window
from engage_server.operations.tenants import onboard
from engage_server.sdk import ActivePersons, InputSpec, PersonDays, Retention
from engage_server.segments.evaluation import Evaluation
from engage_server.segments.groups import groups_of
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.bench.activity_events import DAYS, FIRST_DAY, SIZES, events, fill, roll_up
from tests.bench.harness import Figure, progress

LAST_DAY: Final = FIRST_DAY.fromordinal(FIRST_DAY.toordinal() + DAYS - 1)
PLANS: Final = "UPDATE customers_account SET plan = 'plan ' || id % 10"
ROUNDS: Final = 5
MONTH: Final = 30


def run(*, quick: bool) -> list[Figure]:
    """The figures about slices; quick: of a twentieth of the events."""
    tenant = onboard(slug="slices", name="Slices", domain="slices.localhost", timezone="UTC").tenant
    with tenant_scope(tenant, timeout_ms=0):
        fill(events(SIZES["quick" if quick else "full"]))
        with connection.cursor() as cursor:
            cursor.execute(PLANS)
        roll_up()
    with tenant_scope(tenant, role="none", timeout_ms=0), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    window = day_window(LAST_DAY, tenant.timezone)
    with tenant_scope(tenant, timeout_ms=0), current_rollups():
        evaluation = Evaluation(window)
        persons = Slice(persons=frozenset(one for one in evaluation.everybody("person") if one % 10 == 0))

        def plans() -> list[Slice]:
            return [group.part for group in groups_of("plan", Evaluation(window))]

        one = plans()[:1]

        def answered(spec: InputSpec, parts: Callable[[], Sequence[Slice]]) -> float:
            return _median_ms(tenant, spec, lambda: answer_slices(spec, window, parts()))

        retention = answered(Retention(days=90, cohort="week"), lambda: [persons])
        days = answered(PersonDays(days=MONTH), lambda: one)
        single = answered(ActivePersons(days=MONTH), lambda: plans()[:1])
        groups = answered(ActivePersons(days=MONTH), plans)
    return [
        Figure("metrics.slice_bitmap_ms", retention, "ms", 300, "lower"),
        Figure("metrics.slice_person_days_ms", days, "ms", 2_000, "lower"),
        Figure("metrics.slice_groups_vs_one", groups / single, "times", 5, "lower"),
    ]


def _median_ms(tenant: TenantRef, spec: InputSpec, work: Callable[[], object]) -> float:
    taken = []
    for done in range(1, ROUNDS + 1):
        began = time.perf_counter()
        work()
        taken.append(1_000 * (time.perf_counter() - began))
        progress(f"slices of {type(spec).__name__} of {tenant.slug}", done=done, of=ROUNDS)
    return median(taken)
