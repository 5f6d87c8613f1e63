"""Consequences: rules over 1,000 accounts, sequences that wait, and messages to a receiver on this machine.

Rules are judged by the worker's own function, day after day, of as many tenants as are measured; every rule raises and
clears signals. Sequences and messages are those of one tenant. The receiver is a process of its own that answers 204.
"""

import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from engage_server.automation import delivery, journeys, outbox
from engage_server.automation.evaluation import evaluate
from engage_server.automation.messages import Message
from engage_server.automation.models import Delivery, Journey, Signal
from engage_server.automation.rules import RULE, RuleBody, rules
from engage_server.customers.models import Account
from engage_server.definitions import store
from engage_server.definitions.kinds import read_body
from engage_server.engine.models import Agenda
from engage_server.metrics import bulk_copy
from engage_server.metrics.layouts import Explanation, pack_stored
from engage_server.operations import channels, playbooks
from engage_server.tenancy import services
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.bench.harness import Figure, progress

DAY: Final = date(2026, 6, 1)
METRIC: Final = "bench.mood"
RULES: Final = 20
ACCOUNTS: Final = 1_000
TENANTS: Final = 1_000
CHANNELS: Final = 10
TICKS: Final = 50
WRITES: Final = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
JOURNEYS: Final = """
    INSERT INTO automation_journey (playbook, version, signal, subject_kind, subject, step, state, due_at, note)
    SELECT %(playbook)s, 1, number, 'account', number, 1, 'RUNNING', now() + interval '1 day' + number * interval '1 s', ''
    FROM generate_series(1, %(journeys)s) AS number
"""
# It answers whatever comes and keeps nothing.
RECEIVER: Final = """
import asyncio, sys

async def answer(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\\r\\n")[0])
            await reader.readexactly(length)
            writer.write(b"HTTP/1.1 204 No Content\\r\\n\\r\\n")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()

async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    tenants: int
    days: int
    journeys: int
    messages: int


FULL: Final = Size(tenants=20, days=4, journeys=100_000, messages=6_000)
QUICK: Final = Size(tenants=3, days=3, journeys=100_000, messages=2_000)


def run(*, quick: bool) -> list[Figure]:
    """The section's figures; quick: of fewer tenants and messages."""
    size = QUICK if quick else FULL
    tenants = [_tenant(number) for number in range(size.tenants)]
    judged, statements = judge(tenants, days=size.days)
    tick_ms = idle_tick_ms(tenants[0], number=size.journeys)
    by_clock, by_processor = deliveries_per_second(tenants[0], number=size.messages)
    return [
        Figure("automation.statements_per_rule", statements, "statements", 1, "lower"),
        Figure("automation.tenant_day_ms", judged * 1_000, "ms", None, "lower"),
        Figure("automation.1000_tenants_min", judged * TENANTS / 60, "min", None, "lower"),
        Figure("automation.idle_tick_ms", tick_ms, "ms", 50, "lower"),
        Figure("automation.deliveries_per_s_per_core", by_processor, "1/s", 300),
        Figure("automation.deliveries_per_s", by_clock, "1/s"),
    ]


def judge(tenants: list[TenantRef], *, days: int) -> tuple[float, float]:
    """Seconds to judge a day of a tenant, as the median; and statements that each further rule adds, at most, of any day.

    Of each rule's accounts half have a signal raised and half one cleared on every day.
    """
    times, most = [], 0.0
    for done, tenant in enumerate(tenants):
        progress("automation: tenants judged", done=done, of=len(tenants))
        with tenant_scope(tenant, timeout_ms=0):
            _fill(days)
            for number in range(days):
                day = DAY + timedelta(days=number)
                first, *others = rules()
                begin = time.perf_counter()
                with _counting() as of_one, transaction.atomic():
                    raised = evaluate(day, only=[first])
                with _counting() as of_others, transaction.atomic():
                    raised += evaluate(day, only=others)
                times.append(time.perf_counter() - begin)
                assert raised == RULES * ACCOUNTS // 2, f"{raised} signals were raised"
                most = max(most, (len(of_others) - len(of_one)) / (len(others) - 1))
            assert Signal.objects.filter(cleared_on=None).count() == RULES * ACCOUNTS // 2
    return statistics.median(times), most


def idle_tick_ms(tenant: TenantRef, *, number: int) -> float:
    """Milliseconds in which a worker finds that none of so many sequences is due, its look at the agenda included."""
    with tenant_scope(tenant, timeout_ms=0):
        rule = rules()[0].number
        steps = [{"type": "wait", "days": 1}, {"type": "annotation", "text": "Later"}]
        made = playbooks.create_playbook("Waits", {"rule": rule, "steps": steps})
        with connection.cursor() as cursor:
            cursor.execute(JOURNEYS, {"playbook": made.number, "journeys": number})
    with tenant_scope(tenant, role="none", timeout_ms=0), connection.cursor() as cursor:
        cursor.execute("ANALYZE automation_journey")
    times = []
    for _ in range(TICKS):
        with shared_scope():
            Agenda.objects.filter(tenant_id=tenant.id, task=journeys.NAME).update(due_at=timezone.now())
        begin = time.perf_counter()
        for due in journeys.TASK.tenants():
            journeys.TASK.work(due, threading.Event())
        times.append(time.perf_counter() - begin)
    with tenant_scope(tenant):
        assert Journey.objects.filter(step=1, state=Journey.State.RUNNING).count() == number, "one was due"
    return statistics.median(times) * 1_000


def deliveries_per_second(tenant: TenantRef, *, number: int) -> tuple[float, float]:
    """Messages that one worker delivers in a second of the clock, and in a second of its processor time."""
    settings.ENGAGE_SEALING_KEYS = ["a key of the benchmark"]
    settings.ENGAGE_DELIVERY_NETWORKS, settings.ENGAGE_DELIVERY_HTTP = ["127.0.0.0/8"], True
    settings.ENGAGE_DELIVERIES_PER_MINUTE = 1_000_000
    with _receiver() as url:
        with tenant_scope(tenant, timeout_ms=0), transaction.atomic():
            for one in range(CHANNELS):
                body = {"kind": "WEBHOOK", "url": url, "per_minute": 6_000}
                channel = channels.create_channel(f"Hook {one}", body).channel.number
                messages = (Message("signal.raised", "A", "b", {"n": n}) for n in range(number // CHANNELS))
                outbox.put(channel, messages, cause="benchmark")
        begin, processor = time.perf_counter(), time.process_time()
        delivery.TASK.work(tenant, threading.Event())
        by_clock, by_processor = time.perf_counter() - begin, time.process_time() - processor
    with tenant_scope(tenant):
        sent = Delivery.objects.filter(state=Delivery.State.SENT, attempts=1).count()
    assert sent == number // CHANNELS * CHANNELS, f"{sent} messages of {number} were delivered"
    return sent / by_clock, sent / by_processor


def _tenant(number: int) -> TenantRef:
    return services.create_tenant(
        slug=f"rules{number}", name="bench", domain=f"rules{number}.localhost", timezone="UTC"
    )


def _fill(days: int) -> None:
    """Rules of every kind of edge, and values by which each account crosses all of them on every day."""
    Account.objects.bulk_create(Account(external_id=f"a{n}", name=f"A{n}") for n in range(ACCOUNTS))
    for number in range(RULES):
        way = "below" if number % 2 else "above"
        trigger = {"type": "value", "metric": METRIC, way: 45 + number / 2}
        store.define(
            RULE,
            f"Rule {number}",
            read_body(RuleBody, {"kind": "RISK", "trigger": trigger, "cool_down_days": 0}),
        )
    packed = pack_stored([], {})
    for number in range(days):
        day = DAY + timedelta(days=number)
        values = ((subject, 10 if (subject + number) % 2 else 90) for subject in range(1, ACCOUNTS + 1))
        bulk_copy.copy_values([_row(subject, value, packed, day) for subject, value in values], _lineage(day))


def _row(subject: int, value: int, packed: Explanation, day: date) -> bulk_copy.Row:
    return bulk_copy.Row(
        metric=METRIC, subject_kind="account", subject_id=subject, value=Decimal(value), status="OK", n=4,
        layout=packed.layout, figures=packed.figures, window_days=1, window_start=_midnight(day), definition_version=1,
    )  # fmt: skip


def _lineage(day: date) -> bulk_copy.Lineage:
    end = _midnight(day + timedelta(days=1))
    return bulk_copy.Lineage(
        run_id=1, day=day, timezone="UTC", window_end=end, plugin_version="1", configuration_version=1,
        input_digest="0" * 32, data_as_of=end,
    )  # fmt: skip


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


@contextmanager
def _counting() -> Iterator[list[str]]:
    """The statements that read or write rows."""
    counted: list[str] = []

    def count(execute: Callable[..., Any], statement: Any, *rest: Any) -> Any:
        if str(statement).lstrip().startswith(WRITES):
            counted.append(str(statement))
        return execute(statement, *rest)

    with connection.execute_wrapper(count):
        yield counted


@contextmanager
def _receiver() -> Iterator[str]:
    process = subprocess.Popen([sys.executable, "-c", RECEIVER], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/hook"
    finally:
        process.kill()
        process.wait()
