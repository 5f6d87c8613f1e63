"""Write a backup of everything, or of one tenant."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import DatabaseError

from engage_server.audit.management.base import OperatorCommand
from engage_server.operations.backups.backup import back_up
from engage_server.operations.backups.progress import progress_bar
from engage_server.operations.exceptions import OperationsError


class Command(OperatorCommand):
    """Write a backup of everything, or of one tenant."""

    expected = (OperationsError, OSError, DatabaseError)
    help = "Write a backup of all tenants and people, or of one tenant, to a new folder. The service may run meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        """Of whom, and where to."""
        parser.add_argument("--tenant", default="", metavar="SLUG", help="this one alone")
        parser.add_argument(
            "--out",
            type=Path,
            default=settings.ENGAGE_DATA_DIR / "backups",
            help="folder that the backup is made in; better one on another machine",
        )

    def handle(self, *, tenant: str, out: Path, **options: Any) -> None:
        """Write it, with a progress bar, and say where it is."""
        with progress_bar("backing up") as progress:
            folder = back_up(out, slug=tenant, progress=progress)
        self.stdout.write(f"Backed up to {folder}")

    def explain(self, error: Exception) -> str:
        """What the disk or the database says, and that nothing was written."""
        if not isinstance(error, OSError | DatabaseError):
            return super().explain(error)
        return (
            f"No backup was written: {str(error).strip()}. Remedy: see to it that the disk has room and the "
            "database answers, then again; `manage.py tenant janitor --fix` removes what is half-written."
        )
