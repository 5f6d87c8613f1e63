"""Run a dispatcher alone until stopped."""

import signal
import threading

from django.core.management.base import BaseCommand, CommandError

from engage_server.engine import worker
from engage_server.tenancy.exceptions import NewerDatabaseError, OlderDatabaseError
from engage_server.tenancy.versions import require_same_release


class Command(BaseCommand):
    """Run a dispatcher alone until stopped."""

    help = "Run a dispatcher alone until stopped; `manage.py worker` has one of its own. Any number may run."

    def handle(self, **options: object) -> None:
        """Dispatch until SIGINT or SIGTERM."""
        try:
            require_same_release()
        except (NewerDatabaseError, OlderDatabaseError) as error:
            raise CommandError(str(error)) from None
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        worker.dispatch_forever(stop)
