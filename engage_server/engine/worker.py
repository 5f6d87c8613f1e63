"""The process that works: a dispatcher in a thread beside procrastinate's worker."""

import logging
import os
import signal
import threading
import time
from typing import Final, cast

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from engage_server.engine import dispatcher
from engage_server.engine.garbage import collect_rarely
from engage_server.engine.tasks import QUEUE

TIDY_EVERY_S: Final = 60
log = logging.getLogger("engage.engine")


def dispatch_forever(stop: threading.Event) -> None:
    """Tick until told to stop. A database that is away is waited for, not died of."""
    tidied = -float(TIDY_EVERY_S)
    while not stop.is_set():
        try:
            jobs = dispatcher.tick()
            if time.monotonic() - tidied >= TIDY_EVERY_S:
                dispatcher.tidy()
                tidied = time.monotonic()
        except (DatabaseError, InterfaceError) as error:
            log.warning(
                "The dispatcher waits for the database: %s", error, extra={"action": "dispatch_failed"}
            )
            connection.close()
        else:
            if jobs:
                log.info("Queued %s jobs.", jobs, extra={"action": "dispatched"})
        stop.wait(settings.ENGAGE_DISPATCH_INTERVAL_S)
    connection.close()


async def run(*, concurrency: int, dispatch: bool) -> None:
    """Work until SIGINT or SIGTERM."""
    collect_rarely()
    stop = threading.Event()
    thread = threading.Thread(target=_dispatch_or_end, args=(stop,), name="dispatcher")
    if dispatch:
        thread.start()
    try:
        connector = cast(DjangoConnector, app.connector)
        worker_app = app.with_connector(connector.get_worker_connector())
        async with worker_app.open_async():
            await worker_app.run_worker_async(
                queues=[QUEUE],
                concurrency=concurrency,
                delete_jobs="always",
                fetch_job_polling_interval=2,
                update_heartbeat_interval=settings.ENGAGE_RUN_LEASE_S / 3,
                stalled_worker_timeout=settings.ENGAGE_RUN_LEASE_S,
            )
    finally:
        stop.set()
        if dispatch:
            thread.join()


def _dispatch_or_end(stop: threading.Event) -> None:
    """A dispatcher that fails takes its worker along: supervisors restart processes, not threads."""
    try:
        dispatch_forever(stop)
    finally:
        if not stop.is_set():
            os.kill(os.getpid(), signal.SIGTERM)
