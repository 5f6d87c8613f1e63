"""A tenant on which what a field reads shows in the time that it takes, and the time that each field takes there."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from graphql import get_named_type

from engage_server.access.principal import EVERYTHING, Permission, Principal
from engage_server.api import ids
from engage_server.api.composition import schema_for
from engage_server.api.execution import GraphQLRequest, answer
from engage_server.api.types.subjects import ACCOUNT
from engage_server.audit.log import AuditRecord, record_all
from engage_server.customers.models import Account
from engage_server.plugin_host import activation
from engage_server.plugin_host.models import PluginSetting
from engage_server.plugin_host.registry import registry
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.api.schema_walk import SAMPLES, Operation, is_object, leaves, roots

NAMES = 20_000
ENTRIES = 19_990  # with those that making the tenant leaves, just as many
MS_A_POINT = 5
NOISE = 3  # times as long may it take where the tests share the machine; the benchmark allows nothing
# What arguments, given besides, make a field read the most that it may: the shortest horizon of the longest range.
DEAREST = {
    "backtest": {"from": "2026-03-01", "to": "2026-04-10", "horizonDays": 1},
    "suggestWeights": {"from": "2026-03-01", "to": "2026-04-10", "horizonDays": 1},
    "cohortMembers": {"metric": "retention.cohorts", "cohort": "2026-02-01", "offset": 1, "on": "2026-03-31"},
}
MUTATIONS = frozenset({"exportPerson"})  # that read, and leave everything as it was but for a line in the log
FILL = """
    INSERT INTO activity_feature (name) SELECT 'Report ' || n || ' ' || repeat('@', 100) FROM generate_series(1, %(n)s) n;
    INSERT INTO activity_eventname (name, feature_id, event_class, polarity, weight)
        SELECT feature.name, feature.id, 'VALUE', 1, 1 FROM activity_feature feature;
    INSERT INTO customers_person (id, external_id, traits, is_excluded, is_suppressed)
        SELECT n, 'person-' || n, '{}', false, false FROM generate_series(1, %(n)s) n;
    INSERT INTO customers_personalias (alias, person_id, is_firm)
        SELECT external_id, id, true FROM customers_person;
    INSERT INTO customers_account (external_id, name, plan, stage, traits)
        SELECT 'account-' || n, 'Account ' || n, '', 'CUSTOMER', '{}' FROM generate_series(1, %(n)s) n;
"""


@dataclass(frozen=True)
class Price:
    """What one field costs and takes, the best of three."""

    label: str
    points: int
    cpu_ms: float
    wall_ms: float

    @property
    def is_kept(self) -> bool:
        return self.cpu_ms <= NOISE * MS_A_POINT * self.points


def fill(tenant: TenantRef) -> None:
    """20,000 event names, persons, accounts and audit entries, and settings of 100 kB from before they were bounded."""
    with tenant_scope(tenant):
        with connection.cursor() as cursor:
            cursor.execute(FILL, {"n": NAMES})
        logging.disable(logging.INFO)  # each entry is a line
        try:
            record_all(
                [AuditRecord("thing.done", subject=f"thing {n}", details={"n": n}) for n in range(ENTRIES)]
            )
        finally:
            logging.disable(logging.NOTSET)
        for plugin in registry().plugins:
            activation.enable(plugin)
        words = " ".join(f"word-{n}@" for n in range(9_000))[:100_000]
        PluginSetting.objects.filter(plugin="nps").update(config={"instrument": words})


def prices(tenant: TenantRef) -> Iterator[Price]:
    """What every root field, with all that it has, costs and takes, for who may see all and for who may see least."""
    schema = schema_for(frozenset(registry().plugins))._schema
    with tenant_scope(tenant):
        number = Account.objects.get(external_id="account-7").pk
    samples = {
        **SAMPLES,
        "externalId": "account-7",
        "person": "person-7",
        "previous": "person-8",
        "into": "person-7",
        "id": "nps.score",
        "metric": "nps.score",
        "plugin": "ces",
        "from": "2026-03-25",
        "account": ids.global_id(ACCOUNT, tenant_id=tenant.id, pk=number),
        "condition": {"type": "stage", "any_of": ["CUSTOMER"]},
    }
    for place in roots(schema):
        if place.operation == "mutation" and place.path[0][0] not in MUTATIONS:
            continue
        type_ = get_named_type(place.last.type)
        for depth in (0, 1):
            selection = leaves(schema, type_, depth=depth) if is_object(place.last) else ""
            body = Operation(place, selection=selection).body(samples, **DEAREST.get(place.path[0][0], {}))
            for who, permissions in (("all", EVERYTHING), ("few", EVERYTHING - {Permission.PERSONAL_READ})):
                label = f"{place.label} {'' if depth else 'alone '}({who})"
                yield _price(body, Principal(tenant, "key:prices", permissions), label)
            if not selection:
                break


def _price(body: dict, principal: Principal, label: str) -> Price:
    request = GraphQLRequest(body["query"], body["variables"])
    cpu, wall, points = [], [], 1
    for _ in range(3):
        began, began_cpu = time.perf_counter(), time.thread_time()
        given = answer(request, principal)
        cpu.append(1_000 * (time.thread_time() - began_cpu))
        wall.append(1_000 * (time.perf_counter() - began))
        points = max(1, given.payload["extensions"]["cost"]["requested"])
        codes = {error["extensions"]["code"] for error in given.payload.get("errors", ())}
        assert codes <= {"FORBIDDEN", "NOT_FOUND"}, (label, given.payload)
        if min(cpu) <= MS_A_POINT * points:
            break
    return Price(label, points, min(cpu), min(wall))
