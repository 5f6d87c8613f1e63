"""The trial of ``tests.chaos.canary``: marked tenants, clients, a server, a worker, and a hand that cuts connections."""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import psycopg
from django.db import connection
from psycopg import sql
from rich.console import Console

from engage_server.activity.models import Event, EventName, Feature, Source
from engage_server.api.ids import global_id
from engage_server.api.types.subjects import ACCOUNT
from engage_server.customers.models import Account, Person, Subscription, SurveyResponse
from engage_server.engine import executor
from engage_server.engine.models import Run, Schedule
from engage_server.operations.tenants import NewTenant, onboard
from engage_server.plugin_host.activation import active_ids
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.bench.serving import ROOT, serving
from tests.chaos.canary_client import STEP, VALUE_DAY, mark
from tests.chaos.pooler import pooled
from tests.metrics.values import store

CLIENT_PROCESSES: Final = 4
THREADS: Final = 4
CUT_EVERY_S: Final = 0.05
TELL_EVERY_S: Final = 10.0
OWN_NAME: Final = "canary"  # connections of the trial itself, which are spared
WORKER_NAME: Final = "canary-worker"
# Of the cuts, those of the worker: one that starts again each second takes a processor for it and computes nothing.
WORKER_CUTS: Final = 1 / 50
NICE: Final = 10  # the worker computes without end, and the clients are to have the processors first
FIRST_DAY: Final = date(2026, 6, 1)
FIRST_NOON: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAYS: Final = 3
FIRST_ROUND_S: Final = 300
ENVIRONMENT: Final = {
    "ENGAGE_DISPATCH_INTERVAL_S": "0.5",
    "ENGAGE_QUERY_POINTS": "0",  # no limit: the clients ask as fast as they can
    "ENGAGE_RUN_LEASE_S": "5",
    "ENGAGE_LOG_LEVEL": "CRITICAL",
    "PYTHONPATH": str(ROOT),
}


class Watch:
    """What the client processes told last, added up."""

    def __init__(self) -> None:
        self._told: dict[int, dict[str, Any]] = {}
        self._began = time.monotonic()
        self.seconds = 0.0

    def read(self, place: int, lines: Iterator[str]) -> None:
        """Keep the newest line until there are no more."""
        for line in lines:
            self._told[place] = json.loads(line)
            self.seconds = time.monotonic() - self._began

    def total(self, name: str) -> int:
        """Of a number, the sum."""
        return sum(told[name] for told in list(self._told.values()))

    def codes(self) -> dict[str, int]:
        """Answers by status."""
        counted: Counter[str] = Counter()
        for told in list(self._told.values()):
            counted.update(told["codes"])
        return dict(counted.most_common())

    def progress(self, wanted: int) -> str:
        """How far it is, how fast, and how long it may still take."""
        done, rate = self.total("answers"), self.total("answers") / max(self.seconds, 1)
        left = f"{max(0, wanted - done) / rate / 60:.0f} min left" if rate else "no answers yet"
        return (
            f"{done:>9,} of {wanted:,} answers, {rate:.0f}/s, {left}; {self.codes()}, "
            f"foreign = {self.total('foreign')}, unexpected = {self.total('unexpected')}"
        )

    def examples(self) -> list[str]:
        """A few answers that should not have been."""
        return [example for told in self._told.values() for example in told["examples"]]


def survive(*, answers: int, tenants: int, seed: int, through_pooler: bool = False) -> None:
    """Ask, send, compute and cut until enough was answered, then look into every table.

    Raises:
        AssertionError: a promise was broken; says which, with examples.
    """
    console, began = Console(), time.monotonic()
    connection.settings_dict["OPTIONS"]["application_name"] = OWN_NAME
    connection.close()
    made = [_prepare(number) for number in range(tenants)]
    os.environ.update(ENVIRONMENT)
    console.print(f"{tenants} tenants, {CLIENT_PROCESSES * THREADS} clients, seed {seed}")
    cuts = Counter[str]()
    with _pooled(through_pooler), _working(), serving() as (_, port):
        before = _first_round([one.tenant for one in made])
        console.print(f"{before:,} runs computed; now the clients, and the cuts")
        watch = Watch()
        with _cutting(cuts, seed=seed):
            computed = _clients(made, watch, console, port=port, answers=answers, seed=seed)
    foreign_rows = sum(_foreign_rows(number, one.tenant) for number, one in enumerate(made))
    console.print(
        f"{watch.total('answers'):,} answers, {watch.total('answers') / watch.seconds:.0f}/s, by status "
        f"{watch.codes()}; {watch.total('lost')} connections lost; {computed:,} runs computed meanwhile; "
        f"{cuts['terminate']:,} backends terminated, {cuts['cancel']:,} cancelled; "
        f"{time.monotonic() - began:.0f} s in all."
    )
    console.print(
        f"foreign answers = {watch.total('foreign')}, foreign rows = {foreign_rows}, "
        f"unexpected = {watch.total('unexpected')}"
    )
    for example in watch.examples():
        console.print(example, markup=False)
    assert watch.total("answers") >= answers, "the clients ended early"
    assert watch.total("foreign") == 0, "answers held another tenant's values"
    assert foreign_rows == 0, "rows hold another tenant's values"
    assert watch.total("unexpected") == 0, "answers were neither good nor 503 or 429 with Retry-After"


@contextmanager
def _pooled(through_pooler: bool) -> Iterator[None]:
    """Lead the processes that are started within through PgBouncer, where that is wanted."""
    if not through_pooler:
        yield
        return
    host = str(connection.get_connection_params()["host"])
    with pooled(host=host, database=str(connection.settings_dict["NAME"])) as address:
        os.environ["DATABASE_URL"] = address
        try:
            yield
        finally:
            del os.environ["DATABASE_URL"]


def _prepare(number: int) -> NewTenant:
    """A tenant whose every text bears its mark and whose stored values lie in its own thousand."""
    text = mark(number)
    made = onboard(
        slug=f"canary-{number}", name=f"Canary {text}", domain=f"canary-{number}.localhost", timezone="UTC"
    )
    with shared_scope():
        Schedule.objects.filter(tenant_id=made.tenant.id).update(enabled=False)
    with tenant_scope(made.tenant):
        # Rows before them, so that the same row id is somebody else's elsewhere.
        Account.objects.bulk_create(Account(external_id=f"{text}-{n}", name=text) for n in range(number))
        account = Account.objects.create(external_id="same", name=f"Account {text}", traits={"text": text})
        value = (number + 1) * STEP
        parts = [{"key": text, "label": f"Part {text}", "value": value, "points": value}]
        day = date.fromisoformat(VALUE_DAY)
        store("nps.score", value, day=day, contributions=parts)
        store("nps.score", value, day=day, contributions=parts, kind="account", subject=account.pk)
        _history(account, text)
    return made


def _history(account: Account, text: str) -> None:
    noons = [FIRST_NOON + timedelta(days=n) for n in range(DAYS)]
    Subscription.objects.create(
        external_id=text, account=account, seats=9, amount=10, starts_on=date(2026, 1, 1)
    )
    SurveyResponse.objects.bulk_create(
        SurveyResponse(
            external_id=f"{text}-{n}", instrument="nps", account=account, scale_min=0, scale_max=10, score=9,
            text=text, occurred_at=noon,
        )
        for n, noon in enumerate(noons)
    )  # fmt: skip
    source = Source.objects.create(name=f"source {text}")
    feature = Feature.objects.create(name=f"Feature {text}")
    name = EventName.objects.create(name=f"Used {text}", feature=feature)
    person = Person.objects.create(external_id=f"person {text}")
    Event.objects.bulk_create(
        Event(
            source=source, message_id=f"{text}-{n}", digest=n, name=name, person=person, account=account,
            occurred_at=noon, received_at=noon,
        )
        for n, noon in enumerate(noons)
    )  # fmt: skip


def _clients(
    made: Sequence[NewTenant], watch: Watch, console: Console, *, port: int, answers: int, seed: int
) -> int:
    """Let them ask until they have their answers; returns the runs computed meanwhile."""
    tenants = _described(made)
    clients = [
        _client(tenants, place, port=port, answers=answers, seed=seed) for place in range(CLIENT_PROCESSES)
    ]
    readers = [
        threading.Thread(target=watch.read, args=(place, client.stdout))
        for place, client in enumerate(clients)
    ]
    for reader in readers:
        reader.start()
    try:
        return _follow(clients, watch, [one.tenant for one in made], console, answers=answers)
    finally:
        for client in clients:
            client.kill()
        for reader in readers:
            reader.join()


def _described(made: Sequence[NewTenant]) -> list[dict[str, Any]]:
    """What a client needs to know of each tenant."""
    tenants = []
    for number, one in enumerate(made):
        with tenant_scope(one.tenant):
            pk = Account.objects.get(external_id="same").pk
        identity = global_id(ACCOUNT, tenant_id=one.tenant.id, pk=pk)
        tenants.append(
            {"number": number, "query": one.query_key, "ingest": one.ingest_key, "account": identity}
        )
    return tenants


def _client(
    tenants: list[dict[str, Any]], place: int, *, port: int, answers: int, seed: int
) -> subprocess.Popen[str]:
    order = {
        "client": place, "threads": THREADS, "port": port, "seed": seed * 100 + place, "tenants": tenants,
        "answers": -(-answers // CLIENT_PROCESSES),
    }  # fmt: skip
    client = subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.canary_client"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert client.stdin is not None
    json.dump(order, client.stdin)
    client.stdin.close()
    return client


def _follow(
    clients: Sequence[subprocess.Popen[str]],
    watch: Watch,
    tenants: Sequence[TenantRef],
    console: Console,
    *,
    answers: int,
) -> int:
    """Keep the worker busy and tell how far it is until all clients have ended; returns the runs computed."""
    computed, told = 0, time.monotonic()
    _request_runs(tenants)
    while any(client.poll() is None for client in clients):
        if not _open_runs():
            computed += _ended_runs()
            _request_runs(tenants)
        time.sleep(0.5)
        if time.monotonic() - told >= TELL_EVERY_S:
            told = time.monotonic()
            console.print(watch.progress(answers))
    return computed + _ended_runs()


def _first_round(tenants: Sequence[TenantRef]) -> int:
    """Have everything computed once in peace, so that there is something to ask for; returns how many runs it took."""
    _request_runs(tenants)
    deadline = time.monotonic() + FIRST_ROUND_S
    while _open_runs():
        assert time.monotonic() < deadline, f"the worker is not done after {FIRST_ROUND_S} s"
        time.sleep(0.1)
    return _ended_runs()


def _request_runs(tenants: Sequence[TenantRef]) -> None:
    """All days of all tenants, once more."""
    for tenant in tenants:
        with tenant_scope(tenant):
            plugins = sorted(active_ids())
        executor.request_backfill(
            tenant, plugins=plugins, first=FIRST_DAY, last=FIRST_DAY + timedelta(days=DAYS - 1)
        )


def _open_runs() -> int:
    with shared_scope():
        # What was cut off would wait for its retry: here none waits.
        Run.objects.filter(state=Run.State.PENDING).update(not_before=FIRST_NOON)
        return Run.objects.filter(state__in=[Run.State.PENDING, Run.State.RUNNING]).count()


def _ended_runs() -> int:
    with shared_scope():
        return Run.objects.filter(state=Run.State.SUCCEEDED).count()


@contextmanager
def _working() -> Iterator[None]:
    """A worker, started again whenever it ends, as a supervisor does."""
    stop = threading.Event()

    def supervise() -> None:
        while not stop.is_set():
            worker = subprocess.Popen(
                ["nice", "-n", str(NICE), sys.executable, "manage.py", "worker"],
                cwd=ROOT,
                env={**os.environ, "PGAPPNAME": WORKER_NAME},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            while worker.poll() is None and not stop.wait(0.1):
                pass
            worker.kill()
            worker.wait()

    supervisor = threading.Thread(target=supervise)
    supervisor.start()
    try:
        yield
    finally:
        stop.set()
        supervisor.join()


@contextmanager
def _cutting(cuts: Counter[str], *, seed: int) -> Iterator[None]:
    """Every 50 ms the end of a backend, or of what it is doing."""
    stop, chance = threading.Event(), random.Random(seed)
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)

    def cut() -> None:
        with psycopg.connect(**parameters, autocommit=True) as hand:
            while not stop.wait(CUT_EVERY_S):
                verb = chance.choice(("terminate", "cancel"))
                statement = sql.SQL(
                    "SELECT {}(pid) FROM pg_stat_activity WHERE backend_type = 'client backend'"
                    " AND datname = current_database() AND application_name <> %s AND (application_name = %s) = %s"
                    # Those at work first, every other time: an idle one feels no cancellation.
                    " ORDER BY (state <> 'idle' AND %s) DESC, random() LIMIT 1"
                ).format(sql.Identifier(f"pg_{verb}_backend"))
                of_worker, at_work = chance.random() < WORKER_CUTS, chance.random() < 0.5
                found = hand.execute(statement, [OWN_NAME, WORKER_NAME, of_worker, at_work]).fetchone()
                cuts[verb] += bool(found and found[0])

    thread = threading.Thread(target=cut)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _foreign_rows(number: int, tenant: TenantRef) -> int:
    """How many rows of all the tenant's tables hold a mark that is not its own."""
    found = 0
    with tenant_scope(tenant, timeout_ms=0), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [tenant.schema])
        for (table,) in cursor.fetchall():
            rows = sql.SQL(
                "SELECT count(*) FROM {} AS r WHERE regexp_replace(r::text, %s, '', 'g') ~ 'zq[0-9][0-9]qz'"
            ).format(sql.Identifier(table))
            cursor.execute(rows, [mark(number)])
            found += cursor.fetchone()[0]
    return found
