"""Start, stop and look at the embedded PostgreSQL."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from engage_server.tenancy import embedded
from engage_server.tenancy.embedded_upgrade import upgrade
from engage_server.tenancy.exceptions import EmbeddedPostgresError


class Command(BaseCommand):
    """Start, stop and look at the embedded PostgreSQL."""

    help = "Start, stop and look at the embedded PostgreSQL of this data directory."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """One word: what to do."""
        parser.add_argument("action", choices=["start", "stop", "status", "url", "upgrade"])

    def handle(self, *, action: str, **options: object) -> None:
        """Do it, and say so in one line."""
        if not settings.ENGAGE_EMBEDDED_POSTGRES:
            raise CommandError("DATABASE_URL is set: that server is not ours to manage. Remedy: unset it.")
        data_dir = settings.ENGAGE_DATA_DIR
        if action == "stop":
            self.stdout.write("stopped" if embedded.stop(data_dir) else "was not running")
        elif action == "status":
            self.stdout.write(
                f"{'running' if embedded.is_running(data_dir) else 'stopped'}, data in {data_dir}"
            )
        elif action == "upgrade":
            self._upgrade(data_dir)
        else:
            socket_dir = embedded.ensure_running(data_dir, settings.ENGAGE_DATABASE)
            self.stdout.write(f"postgresql://{embedded.USER}@/{settings.ENGAGE_DATABASE}?host={socket_dir}")

    def _upgrade(self, data_dir: Path) -> None:
        try:
            done = upgrade(data_dir)
            embedded.ensure_running(data_dir, settings.ENGAGE_DATABASE)
        except EmbeddedPostgresError as error:
            raise CommandError(str(error)) from None
        if done is None:
            self.stdout.write("is of this release's version")
            return
        self.stdout.write(
            f"upgraded from PostgreSQL {done.former} to {done.present}; the former cluster is kept in {done.kept}: "
            "remove it once all is well"
        )
