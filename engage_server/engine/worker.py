"""The process that works: a dispatcher in a thread beside procrastinate's worker."""

import asyncio
import contextlib
import logging
import signal
import threading
import time
from typing import Any, Final

import psycopg
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.psycopg_connector import PsycopgConnector
from psycopg import sql

from engage_server.engine import dispatcher, reaper
from engage_server.engine.gc_tuning import collect_rarely
from engage_server.engine.tasks import QUEUE
from engage_server.tenancy import embedded
from engage_server.tenancy.background import Outage, in_background, keep_doing
from engage_server.tenancy.database_errors import DATABASE_ERRORS, FIRST_PAUSE_S

TIDY_EVERY_S: Final = 60
POOL: Final = {"min_size": 1, "max_size": 4, "timeout": 10.0}
# Of leases: so long may a worker's session be silent in the middle of a transaction.
SILENT_AT_MOST: Final = 15
QUEUE_ERRORS: Final = (ConnectorException, *DATABASE_ERRORS)
log = logging.getLogger("engage.engine")


def dispatch_forever(stop: threading.Event) -> None:
    """Tick until told to stop; what need not be done each time is done every minute."""
    tidied = -float(TIDY_EVERY_S)

    def act() -> None:
        nonlocal tidied
        jobs = dispatcher.tick()
        if time.monotonic() - tidied >= TIDY_EVERY_S:
            dispatcher.tidy()
            if settings.ENGAGE_EMBEDDED_POSTGRES:
                embedded.remove_old_logs(settings.ENGAGE_DATA_DIR)
            tidied = time.monotonic()
        if jobs:
            log.info("Queued %s jobs.", jobs, extra={"action": "dispatched"})

    keep_doing(
        act, stop, name="dispatcher",
        every_s=settings.ENGAGE_DISPATCH_INTERVAL_S, after_outage=reaper.spare_the_living,
    )  # fmt: skip


def clear_up_forever(stop: threading.Event) -> None:
    """Free what dead workers had in hand, so that this waits for no dispatcher that may have died with them."""
    keep_doing(
        reaper.clear_up, stop, name="reaper",
        every_s=settings.ENGAGE_DISPATCH_INTERVAL_S, after_outage=reaper.spare_the_living,
    )  # fmt: skip


def end_silent_transactions() -> None:
    """Have the server end this process's sessions where it stands still in a transaction, frozen or stopped.

    Its lease would be over and its runs another's, but for those whose rows it keeps locked.
    """
    connection_created.connect(_limit_silence)


def _limit_silence(*, connection: BaseDatabaseWrapper, **_: object) -> None:
    connection.connection.execute(_silence())


async def _limit_silence_of_queue(connection: psycopg.AsyncConnection[Any]) -> None:
    await connection.execute(_silence())
    await connection.commit()


def _silence() -> sql.Composed:
    milliseconds = 1_000 * SILENT_AT_MOST * settings.ENGAGE_RUN_LEASE_S
    return sql.SQL("SET idle_in_transaction_session_timeout = {}").format(milliseconds)


class QueueConnector(PsycopgConnector):
    """Procrastinate's, which tells when a statement failed.

    The end of a job that could not be noted stays unnoted, and keeps its tenant's place for as long as the worker
    is known; so a process that met a failure begins again, as another worker.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.failure: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        """Procrastinate's; a failure is remembered."""
        try:
            await super().execute_query_async(query, **arguments)
        except ConnectorException as error:
            if not self.failure.done():
                self.failure.set_result(error)
            raise


async def run(*, concurrency: int, dispatch: bool) -> None:
    """Work until SIGINT or SIGTERM, and dispatch beside it, or at least clear up after others that died.

    Raises:
        Exception: the queue failed in a way that does not pass by itself.
    """
    collect_rarely()
    end_silent_transactions()
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    beside = dispatch_forever if dispatch else clear_up_forever
    with in_background(beside, name="dispatcher"):
        await _work_until(told, concurrency=concurrency)


async def _work_until(told: asyncio.Event, *, concurrency: int) -> None:
    """One session with the queue after the other: each ends when the database fails it."""
    outage = Outage("worker")
    while not told.is_set():
        pause = FIRST_PAUSE_S
        try:
            await _work_for_a_session(told, outage, concurrency=concurrency)
        except QUEUE_ERRORS as error:
            # Procrastinate's functions raise it of a job that was taken for a dead worker's, and is another's by now.
            if isinstance(error.__cause__, psycopg.errors.RaiseException):
                log.warning(
                    "A job went to another worker; this one begins anew.", extra={"action": "job_lost"}
                )
            else:
                pause = outage.meet(error)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), pause)


async def _work_for_a_session(told: asyncio.Event, outage: Outage, *, concurrency: int) -> None:
    """Work off the queue until told to stop, or until the queue fails.

    Raises:
        ConnectorException, psycopg.Error, django.db.Error: how it failed.
    """
    parameters = await asyncio.to_thread(connector_params)
    # The pool would go on trying at its own pace, which is a slow one.
    await (await psycopg.AsyncConnection.connect(**parameters)).close()
    connector = QueueConnector(kwargs=parameters, configure=_limit_silence_of_queue, **POOL)
    worker_app = app.with_connector(connector)
    async with worker_app.open_async():
        outage.end()
        work = asyncio.create_task(
            worker_app.run_worker_async(
                queues=[QUEUE],
                concurrency=concurrency,
                delete_jobs="always",
                fetch_job_polling_interval=2,
                update_heartbeat_interval=settings.ENGAGE_RUN_LEASE_S / 3,
                stalled_worker_timeout=settings.ENGAGE_RUN_LEASE_S,
                install_signal_handlers=False,
            )
        )
        stop = asyncio.create_task(told.wait())
        awaited: set[asyncio.Future[Any]] = {work, stop, connector.failure}
        await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        work.cancel()  # it ends the jobs that it is at
        with contextlib.suppress(asyncio.CancelledError):
            await work
        if connector.failure.done():
            raise connector.failure.result()
