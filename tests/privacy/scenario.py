"""A person who left traces everywhere, and how to look for them."""

import json
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection
from psycopg import sql

from engage_server.activity.rollups.compaction import ensure_current
from engage_server.engine import executor, restatement
from engage_server.ingest.delivery import Delivery
from engage_server.ingest.items import EventItem, Item, PersonKey
from engage_server.ingest.outcomes import Receipt
from engage_server.ingest.pipeline import ingest_items
from engage_server.ingest.protocols.segment.translation import translate
from engage_server.ingest.store import store_items
from engage_server.metrics.models import MetricValue
from engage_server.tenancy.export import tables_of
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope

FIRST = date(2026, 6, 1)
TOKEN = "plantedtoken-7f3a9c"


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def send(tenant: TenantRef, *calls: dict[str, Any], source: str = "web") -> Receipt:
    """Calls as Segment's SDKs send them, all received at noon of the first day."""
    raws = [
        json.dumps(
            {"messageId": f"{source}-{number}-{call.get('type')}-{call.get('userId')}", **call}
        ).encode()
        for number, call in enumerate(calls)
    ]
    delivery = Delivery("segment", source, datetime.now(UTC))
    with tenant_scope(tenant):
        return ingest_items(raws, translate=partial(translate, delivery=delivery), delivery=delivery)


def store(tenant: TenantRef, *items: Item, source: str = "web") -> Any:
    with tenant_scope(tenant):
        return store_items(items, source=source)


def use(message_id: str, user: str, day: date, **changes: Any) -> EventItem:
    return EventItem(
        message_id,
        "Report exported",
        PersonKey(user_id=user),
        occurred_at=noon(day),
        received_at=noon(day),
        **changes,
    )


def dump(schema: str, tables: list[str]) -> str:
    """Every row of the tables as text, as a backup has it; in a scope that may read them."""
    parts = []
    with connection.cursor() as cursor:
        for table in tables:
            copy = sql.SQL("COPY {}.{} TO STDOUT").format(sql.Identifier(schema), sql.Identifier(table))
            with cursor.copy(copy) as stream:
                parts += [f"{table}\t{bytes(row).decode()}" for row in stream]
    return "".join(parts)


def dump_of(tenant: TenantRef) -> str:
    with shared_scope():
        tables = tables_of(tenant)
    with tenant_scope(tenant, timeout_ms=0):
        return dump(tenant.schema, tables)


def dump_of_shared() -> str:
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [table for (table,) in cursor.fetchall()]
    with shared_scope(timeout_ms=0):
        return dump("public", tables)


def compute(tenant: TenantRef, *, days: int, plugins: tuple[str, ...] = ("adoption", "nps")) -> None:
    with tenant_scope(tenant):
        ensure_current()
    executor.backfill(
        tenant,
        plugins=list(plugins),
        first=FIRST,
        last=FIRST + timedelta(days=days - 1),
        progress=lambda plugin, day, count: None,
    )
    restate(tenant)


def restate(tenant: TenantRef) -> None:
    """Work off every day that is marked."""
    while restatement.open_runs(settle_s=0):
        while executor.execute_due(tenant).runs:
            pass


def reasons(tenant: TenantRef, metric: str) -> dict[date, str]:
    """Why the values in force replaced others, by day."""
    with tenant_scope(tenant):
        rows = MetricValue.objects.filter(
            metric=metric, superseded_at=None, revision__gt=1, subject_kind="tenant"
        )
        return dict(rows.values_list("day", "reason"))
