"""The process that works: a dispatcher in a thread beside procrastinate's worker."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final, cast

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from engage_server.engine import dispatcher, reaper
from engage_server.engine.garbage import collect_rarely
from engage_server.engine.tasks import QUEUE
from engage_server.tenancy.background import in_background

TIDY_EVERY_S: Final = 60
log = logging.getLogger("engage.engine")


def dispatch_forever(stop: threading.Event) -> None:
    """Tick until told to stop; what need not be done each time is done every minute."""
    tidied = -float(TIDY_EVERY_S)

    def act() -> None:
        nonlocal tidied
        jobs = dispatcher.tick()
        if time.monotonic() - tidied >= TIDY_EVERY_S:
            dispatcher.tidy()
            tidied = time.monotonic()
        if jobs:
            log.info("Queued %s jobs.", jobs, extra={"action": "dispatched"})

    _repeat(act, stop)


def clear_up_forever(stop: threading.Event) -> None:
    """Free what dead workers had in hand, so that this waits for no dispatcher that may have died with them."""
    _repeat(reaper.clear_up, stop)


def _repeat(act: Callable[[], object], stop: threading.Event) -> None:
    """Until told to stop. A database that is away is waited for, not died of."""
    while not stop.is_set():
        try:
            act()
        except (DatabaseError, InterfaceError) as error:
            log.warning(
                "The dispatcher waits for the database: %s", error, extra={"action": "dispatch_failed"}
            )
            connection.close()
        stop.wait(settings.ENGAGE_DISPATCH_INTERVAL_S)
    connection.close()


async def run(*, concurrency: int, dispatch: bool) -> None:
    """Work until SIGINT or SIGTERM, and dispatch beside it, or at least clear up after others that died."""
    collect_rarely()
    beside = dispatch_forever if dispatch else clear_up_forever
    with in_background(beside, name="dispatcher"):
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
