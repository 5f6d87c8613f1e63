"""Run a dispatcher, a compactor of roll-ups and a worker until stopped."""

import asyncio

from django.core.management.base import BaseCommand, CommandError, CommandParser

from engage_server.activity.rollups.compactor import compacting
from engage_server.engine import worker
from engage_server.engine.chores import doing_chores
from engage_server.tenancy.exceptions import NewerDatabaseError, OlderDatabaseError
from engage_server.tenancy.versions import require_same_release


class Command(BaseCommand):
    """Run a dispatcher, a compactor of roll-ups and a worker until stopped."""

    help = "Run a dispatcher, a compactor of roll-ups and a worker until stopped; any number may run at once."

    def add_arguments(self, parser: CommandParser) -> None:
        """How much at once, and whether to dispatch."""
        parser.add_argument("--concurrency", type=int, default=1, help="jobs at once, each of another tenant")
        parser.add_argument("--no-dispatch", action="store_true", help="work off the queue only")

    def handle(self, *, concurrency: int, no_dispatch: bool, **options: object) -> None:
        """Work until SIGINT or SIGTERM."""
        try:
            require_same_release()
        except (NewerDatabaseError, OlderDatabaseError) as error:
            raise CommandError(str(error)) from None
        with compacting(), doing_chores():
            asyncio.run(worker.run(concurrency=concurrency, dispatch=not no_dispatch))
