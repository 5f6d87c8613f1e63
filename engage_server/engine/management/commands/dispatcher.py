"""Run a dispatcher alone until stopped."""

import signal
import threading

from django.core.management.base import BaseCommand

from engage_server.engine import worker


class Command(BaseCommand):
    """Run a dispatcher alone until stopped."""

    help = "Run a dispatcher alone until stopped; `manage.py worker` has one of its own. Any number may run."

    def handle(self, **options: object) -> None:
        """Dispatch until SIGINT or SIGTERM."""
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        worker.dispatch_forever(stop)
