"""What is asked for: a tenant's accounts with values of five metrics, and the same in plain tables for the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import connection

from engage_server.metrics.bulk_copy import Lineage
from engage_server.metrics.writer import NewValue, write_values
from engage_server.operations.tenants import onboard
from engage_server.plugin_host import activation
from engage_server.plugin_host.registry import registry
from engage_server.sdk import Contribution, Measurement, account
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.bench.graphql_side.names import METRICS, SCHEMA
from tests.bench.harness import progress

ACCOUNTS: Final = 1_000
LAST: Final = date(2026, 3, 31)
SERIES_DAYS: Final = 365
PLANS: Final = ("free", "pro", "enterprise")
FILL_ACCOUNTS: Final = """
    INSERT INTO customers_account (external_id, name, plan, stage, owner, traits)
    SELECT 'account-' || n, 'Account ' || n, (%s::text[])[1 + n %% 3], 'CUSTOMER', 'owner-' || n %% 9, '{}'
    FROM generate_series(1, %s) n
"""
# A value that stays the same is pointed at again by each further day, as the writer does it.
FILL_DAYS: Final = """
    INSERT INTO metrics_dayvalue (measured_id, series_id, day, subject_id, computation_id, revision)
    SELECT stored.measured_id, stored.series_id, stored.day - past.days, stored.subject_id, stored.computation_id, 1
    FROM metrics_dayvalue AS stored CROSS JOIN generate_series(1, %s) AS past (days)
    WHERE stored.day = %s ON CONFLICT DO NOTHING
"""
# Rivals have what they like best: floating point numbers, no revisions, newest values by themselves, their indexes.
PLAIN: Final = f"""
    CREATE SCHEMA {SCHEMA};
    CREATE TABLE {SCHEMA}.account (
        id int PRIMARY KEY, external_id text NOT NULL UNIQUE, name text NOT NULL, plan text NOT NULL, owner text NOT NULL);
    CREATE TABLE {SCHEMA}.latest_value (
        account_id int NOT NULL REFERENCES {SCHEMA}.account, metric text NOT NULL, day date NOT NULL,
        value float8, status text NOT NULL, n int NOT NULL, PRIMARY KEY (account_id, metric));
    CREATE INDEX ON {SCHEMA}.latest_value (metric, value, account_id);
    CREATE TABLE {SCHEMA}.daily_value (
        account_id int NOT NULL REFERENCES {SCHEMA}.account, metric text NOT NULL, day date NOT NULL,
        value float8, status text NOT NULL, n int NOT NULL, PRIMARY KEY (account_id, metric, day));
    CREATE FUNCTION {SCHEMA}.worst(asked text, of_plan text) RETURNS SETOF {SCHEMA}.latest_value LANGUAGE sql STABLE AS
        'SELECT latest.* FROM {SCHEMA}.latest_value latest JOIN {SCHEMA}.account account ON account.id = account_id
        WHERE metric = asked AND plan = of_plan ORDER BY value, account_id';
"""
FILL_PLAIN: Final = f"""
    INSERT INTO {SCHEMA}.account SELECT id, external_id, name, plan, owner FROM {{tenant}}.customers_account;
    INSERT INTO {SCHEMA}.daily_value
        SELECT stored.subject_id, series.metric, stored.day, measured.value, measured.status, measured.n
        FROM {{tenant}}.metrics_dayvalue stored
        JOIN {{tenant}}.metrics_wording series ON series.id = stored.series_id
        JOIN {{tenant}}.metrics_measuredvalue measured ON measured.id = stored.measured_id;
    INSERT INTO {SCHEMA}.latest_value SELECT * FROM {SCHEMA}.daily_value WHERE day = '{LAST}';
    ANALYZE;
"""  # names of the benchmark's own


@dataclass(frozen=True, slots=True)
class Account:
    """An account as every server knows it."""

    id: int
    external_id: str
    name: str
    plan: str
    owner: str


@dataclass(frozen=True, slots=True)
class Value:
    """A value as every server is to give it."""

    value: float
    n: int
    status: str = "OK"


@dataclass(frozen=True, slots=True)
class Filled:
    """What was stored, and the key that opens it."""

    tenant: TenantRef
    key: str
    accounts: Sequence[Account]

    def value(self, place: int, metric: str, day: date = LAST) -> Value:
        """The value of the account at this place, counted from 0."""
        return value_of(place, metric, day)


def fill(*, days: int) -> Filled:
    """Make the tenant: all plugins are enabled, and each metric has a value of each account on each day.

    The first account's first metric has another value each day of a year; the others stay as they are for ``days``.
    """
    made = onboard(slug="bench", name="Bench", domain="bench.localhost", timezone="UTC")
    with tenant_scope(made.tenant, timeout_ms=0):
        for plugin in registry().plugins:
            activation.enable(plugin)
        with connection.cursor() as cursor:
            cursor.execute(FILL_ACCOUNTS, [list(PLANS), ACCOUNTS])
            cursor.execute("SELECT id, external_id, name, plan, owner FROM customers_account ORDER BY id")
            accounts = [Account(*row) for row in cursor.fetchall()]
        for past in range(SERIES_DAYS):
            day = LAST - timedelta(days=past)
            _write(accounts[:1], METRICS[:1], day)
        _write(accounts, METRICS, LAST)
        progress("days of a series", done=SERIES_DAYS, of=SERIES_DAYS)
        with connection.cursor() as cursor:
            cursor.execute(FILL_DAYS, [days - 1, LAST])  # the last day has its own already
        progress("values", done=days * len(accounts) * len(METRICS), of=days * len(accounts) * len(METRICS))
    # The tables of others are nobody's tenant's: the login owns them.
    with shared_scope(timeout_ms=0), connection.cursor() as cursor:
        cursor.execute(PLAIN + FILL_PLAIN.format(tenant=f'"{made.tenant.schema}"'))
    return Filled(made.tenant, made.query_key, accounts)


def value_of(place: int, metric: str, day: date) -> Value:
    """The value of the account at this place; of the first one's first metric another each day."""
    age = (LAST - day).days if place == 0 and metric == METRICS[0] else 0
    return Value((place * 7 + METRICS.index(metric) * 13 + age * 3) % 1000 / 8, 40 + place % 50)


def _write(accounts: Sequence[Account], metrics: Sequence[str], day: date) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    lineage = Lineage(
        run_id=1,
        day=day,
        timezone="UTC",
        window_end=start + timedelta(days=1),
        plugin_version="1",
        configuration_version=1,
        input_digest="0" * 32,
        data_as_of=start,
    )
    values = [
        NewValue(metric, _measurement(metric, one.id, value_of(place, metric, day)), 1, start)
        for place, one in enumerate(accounts)
        for metric in metrics
    ]
    write_values(values, lineage, metrics=metrics, reason="computed")


def _measurement(metric: str, account_id: int, value: Value) -> Measurement:
    """As rich as plugins' usually are: parts with points, details."""
    parts = tuple(Contribution(f"part-{n}", f"Part {n}", 1.5 * n, n, 0.25, 10 + n) for n in range(4))
    details: Mapping[str, object] = {"persons": value.n, "share": 0.25, "band": "healthy"}
    return Measurement(
        metric.partition(".")[2],
        account(account_id),
        Decimal(str(value.value)),
        n=value.n,
        contributions=parts,
        details=details,
    )
