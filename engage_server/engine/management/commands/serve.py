"""Serve HTTP and work, until stopped."""

import subprocess
import sys
import tempfile
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from engage_server.engine.http_server import http_server, require_free
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

    def handle(
        self, *, host: str, port: int, workers: int, threads: int, no_worker: bool, **options: object
    ) -> None:
        """Run granian in front and one worker process at its side."""
        require_free(host, port)
        call_command("migrate", verbosity=0)
        # Of this server alone: several containers may share the data directory, and have the same process ids.
        with tempfile.TemporaryDirectory(prefix="engage-counters-") as directory:
            counters.share(Path(directory))
            self._serve(host=host, port=port, workers=workers, threads=threads, no_worker=no_worker)

    def _serve(self, *, host: str, port: int, workers: int, threads: int, no_worker: bool) -> None:
        worker = None
        if not no_worker:
            worker = subprocess.Popen([sys.executable, str(MANAGE), "worker"])  # noqa: S603  # our own command
        self.stdout.write(
            f"Engage serves http://localhost:{port} (GraphQL at /graphql, tracking at /v1). Ctrl-C stops it."
        )
        try:
            http_server(host=host, port=port, workers=workers, threads=threads).serve()
        finally:
            if worker is not None:
                worker.terminate()
                worker.wait()
