"""Write a backup of everything, or of one tenant."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from engage_server.operations.backup import back_up
from engage_server.operations.exceptions import OperationsError
from engage_server.operations.progress import shown
from engage_server.tenancy.exceptions import TenancyError


class Command(BaseCommand):
    """Write a backup of everything, or of one tenant."""

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
        try:
            with shown("backing up") as progress:
                folder = back_up(out, slug=tenant, progress=progress)
        except (OperationsError, TenancyError) as error:
            raise CommandError(str(error)) from None
        except (OSError, DatabaseError) as error:
            raise CommandError(
                f"No backup was written: {str(error).strip()}. Remedy: see to it that the disk has room and the "
                "database answers, then again; `manage.py tenant janitor --fix` removes what is half-written."
            ) from None
        self.stdout.write(f"Backed up to {folder}")
