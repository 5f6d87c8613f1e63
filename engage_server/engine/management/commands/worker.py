"""Run a dispatcher, a compactor of roll-ups and a worker until stopped."""

import argparse
import asyncio
import time

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from engage_server.activity.rollups.compactor import compacting
from engage_server.engine import clock_checks, connections, worker
from engage_server.engine.background_tasks import background_tasks
from engage_server.engine.exceptions import ClockError, TooFewConnectionsError
from engage_server.engine.models import Process
from engage_server.engine.processes import reporting
from engage_server.tenancy.background import Outage
from engage_server.tenancy.database_errors import DATABASE_ERRORS
from engage_server.tenancy.exceptions import NewerDatabaseError, OlderDatabaseError
from engage_server.tenancy.versions import require_same_release


class Command(BaseCommand):
    """Run a dispatcher, a compactor of roll-ups and a worker until stopped."""

    help = "Run a dispatcher, a compactor of roll-ups and a worker until stopped; any number may run at once."

    def add_arguments(self, parser: CommandParser) -> None:
        """How much at once, and whether to dispatch."""
        parser.add_argument("--concurrency", type=int, default=1, help="jobs at once, each of another tenant")
        parser.add_argument("--no-dispatch", action="store_true", help="work off the queue only")
        # Of `serve`, which keeps it: one whose server was killed ends as well.
        parser.add_argument("--parent", type=int, help=argparse.SUPPRESS)

    def handle(
        self, *, concurrency: int, no_dispatch: bool, parent: int | None = None, **options: object
    ) -> None:
        """Work until SIGINT or SIGTERM."""
        try:
            held = _fit_to_work(concurrency)
        except (ClockError, TooFewConnectionsError, NewerDatabaseError, OlderDatabaseError) as error:
            raise CommandError(str(error)) from None
        with (
            reporting(Process.Kind.WORKER, connections=held, parent=parent),
            compacting(),
            background_tasks(),
        ):
            asyncio.run(worker.run(concurrency=concurrency, dispatch=not no_dispatch))


def _fit_to_work(concurrency: int) -> int:
    """The connections that this worker may hold, once the database answers.

    Raises:
        ClockError, TooFewConnectionsError, NewerDatabaseError, OlderDatabaseError: this process may not work.
    """
    outage = Outage("worker")
    while True:
        try:
            require_same_release()
            clock_checks.require_right_clock()
            return connections.require_for_worker(concurrency)
        except DATABASE_ERRORS as error:
            connection.close()
            time.sleep(outage.meet(error))
