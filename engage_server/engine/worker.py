"""The process that works: a dispatcher in a thread beside procrastinate's worker."""

import logging
import threading
from typing import cast

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from engage_server.engine import dispatcher, queue_janitor

log = logging.getLogger("engage.engine")


def dispatch_forever(stop: threading.Event) -> None:
    """Tick until told to stop. A database that is away is waited for, not died of."""
    while not stop.is_set():
        try:
            jobs = dispatcher.tick()
            queue_janitor.remove_dead_jobs()
        except (DatabaseError, InterfaceError) as error:
            log.warning(
                "The dispatcher waits for the database: %s", error, extra={"action": "dispatch_failed"}
            )
            connection.close()
        else:
            if jobs:
                log.info("Queued work for %s tenants.", jobs, extra={"action": "dispatched"})
        stop.wait(settings.ENGAGE_DISPATCH_INTERVAL_S)
    connection.close()


async def run(*, concurrency: int, dispatch: bool) -> None:
    """Work until SIGINT or SIGTERM."""
    stop = threading.Event()
    thread = threading.Thread(target=dispatch_forever, args=(stop,), name="dispatcher")
    if dispatch:
        thread.start()
    try:
        connector = cast(DjangoConnector, app.connector)
        worker_app = app.with_connector(connector.get_worker_connector())
        async with worker_app.open_async():
            await worker_app.run_worker_async(
                queues=["compute"],
                concurrency=concurrency,
                delete_jobs="always",
                fetch_job_polling_interval=2,
            )
    finally:
        stop.set()
        if dispatch:
            thread.join()
