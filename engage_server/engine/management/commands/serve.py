"""Serve HTTP and work, until stopped."""

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from engage_server.engine import clock_checks, connections
from engage_server.engine.exceptions import ClockError, TooFewConnectionsError
from engage_server.engine.http_server import http_server, require_free
from engage_server.engine.models import Process
from engage_server.engine.processes import reporting
from engage_server.engine.supervision import Supervisor
from engage_server.telemetry import counters

MANAGE = Path(__file__).resolve().parents[4] / "manage.py"


class Command(BaseCommand):
    """Serve HTTP and work, until stopped."""

    help = "Bring the database up to date, then serve HTTP with a worker beside it until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen and with what."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=2, help="HTTP processes")
        # Requests of tracking that wait for a turn are written together, so that more of them cost less each.
        parser.add_argument(
            "--threads",
            type=int,
            default=16,
            help="requests that each process answers at once; each may hold a connection to the database",
        )
        parser.add_argument(
            "--no-worker", action="store_true", help="HTTP only; run `manage.py worker` elsewhere"
        )

        parser.add_argument(
            "--no-websockets",
            action="store_true",
            help="subscriptions by server-sent events alone; each request then costs a little less",
        )

    def handle(
        self,
        *,
        host: str,
        port: int,
        workers: int,
        threads: int,
        no_worker: bool,
        no_websockets: bool,
        **options: object,
    ) -> None:
        """Run granian in front and one worker process at its side, which is started again whenever it ends."""
        require_free(host, port)
        call_command("migrate", verbosity=0)
        beside = 0 if no_worker else connections.of_worker(concurrency=1)
        try:
            clock_checks.require_right_clock()
            threads = connections.threads_that_fit(processes=workers, threads=threads, beside=beside)
        except (ClockError, TooFewConnectionsError) as error:
            raise CommandError(str(error)) from None
        # Of this server alone: several containers may share the data directory, and have the same process ids.
        with tempfile.TemporaryDirectory(prefix="engage-counters-") as directory:
            counters.share(Path(directory))
            self._serve(
                host=host,
                port=port,
                workers=workers,
                threads=threads,
                no_worker=no_worker,
                websockets=not no_websockets,
            )

    def _serve(
        self, *, host: str, port: int, workers: int, threads: int, no_worker: bool, websockets: bool
    ) -> None:
        worker = Supervisor(
            [sys.executable, str(MANAGE), "worker", "--parent", str(os.getpid())], name="worker"
        )
        held = connections.of_server(processes=workers, threads=threads)
        self.stdout.write(
            f"Engage serves http://localhost:{port} (GraphQL at /graphql, tracking at /v1). Ctrl-C stops it."
        )
        with ExitStack() as stack:
            stack.enter_context(reporting(Process.Kind.SERVER, connections=held, supervisor=worker))
            if not no_worker:
                stack.enter_context(worker.keeping())
            http_server(host=host, port=port, workers=workers, threads=threads, websockets=websockets).serve()
