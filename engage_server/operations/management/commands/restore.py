"""Restore everything, or one tenant, from a backup."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError

from engage_server.audit.management.base import OperatorCommand
from engage_server.operations.backups import installation
from engage_server.operations.backups.archive import Archive, open_archive
from engage_server.operations.backups.backup import back_up
from engage_server.operations.backups.progress import progress_bar
from engage_server.operations.backups.restoration import RestoreResult, restore_tenant
from engage_server.operations.exceptions import OperationsError
from engage_server.privacy.exceptions import PrivacyError
from engage_server.privacy.tombstones import Entries
from engage_server.suppression.exceptions import SuppressionError


class Command(OperatorCommand):
    """Restore everything, or one tenant, from a backup."""

    expected = (OperationsError, PrivacyError, SuppressionError, OSError, DatabaseError)
    help = (
        "Restore from a backup: all tenants and people that are not here, or one tenant, be it here or not. Each is "
        "restored whole or not at all; other tenants are served meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What to restore, and as what."""
        parser.add_argument("folder", type=Path, help="the backup")
        parser.add_argument(
            "--tenant", default="", metavar="SLUG", help="this one alone, as the backup calls it"
        )
        parser.add_argument("--slug", default="", help="with --tenant: another slug, where that one is taken")
        parser.add_argument(
            "--confirm",
            default="",
            help="the slug once more, instead of being asked whether to replace a tenant",
        )
        parser.add_argument(
            "--tombstones",
            type=Path,
            metavar="FILE",
            help="who was erased since, from `privacy tombstones export`",
        )
        parser.add_argument(
            "--out",
            type=Path,
            default=settings.ENGAGE_DATA_DIR / "backups",
            help="with --tenant: folder in which the state that is replaced is backed up first",
        )
        parser.add_argument("--check", action="store_true", help="compare the files with their digests alone")

    def explain(self, error: Exception) -> str:
        """What the disk or the database says, and how things stand."""
        if not isinstance(error, OSError | DatabaseError):
            return super().explain(error)
        return (
            f"Not restored: {str(error).strip()}. What was under way is as it was before; tenants that were named "
            "as restored are. Remedy: mend the cause, then the same command: it does the rest."
        )

    def handle(self, **options: Any) -> None:
        """Do it, then verify what was restored."""
        archive = open_archive(options["folder"])
        parts = installation.parts_of(archive, options["tenant"])
        with progress_bar("checking"):
            files = archive.check(installation.folder_to_check(parts, options["tenant"]))
        self.stdout.write(f"The backup of {archive.facts['taken_at']} is whole: {files} files.")
        if options["check"]:
            return
        call_command("migrate", verbosity=0)
        entries = installation.known_tombstones(
            parts, exports=settings.ENGAGE_DATA_DIR / "exports", file=options["tombstones"]
        )
        if not options["tenant"]:
            self._restore_all(archive, parts, entries)
            return
        (part,) = parts
        present = installation.require_restorable(archive, part, slug=options["slug"])
        if present is not None:
            self._keep_present_state(present.slug, confirm=options["confirm"], out=options["out"])
        with progress_bar("restoring") as progress:
            restored = restore_tenant(
                archive, part, slug=options["slug"], tombstones=entries, progress=progress
            )
        self._say(restored)
        self._verify([restored])

    def _keep_present_state(self, slug: str, *, confirm: str, out: Path) -> None:
        typed = confirm or input(
            f"What {slug!r} has stored since the backup will be gone. Type its slug to go on: "
        )
        if typed != slug:
            raise CommandError(f"{typed!r} is not {slug!r}: nothing was restored.")
        with progress_bar("backing up what is here") as progress:
            folder = back_up(out, slug=slug, progress=progress)
        self.stdout.write(f"What {slug} was until now is kept in {folder}")

    def _restore_all(self, archive: Archive, parts: Sequence[installation.Part], entries: Entries) -> None:
        people = installation.restore_people(archive)
        self.stdout.write(f"People restored: {people}")
        done = []
        for part in parts:
            present = installation.require_restorable(archive, part)
            if present is not None:
                self.stdout.write(
                    f"{present.slug}: is here, left as it is. To replace it: --tenant {part['slug']}"
                )
                continue
            with progress_bar(f"restoring {part['slug']}") as progress:
                restored = restore_tenant(archive, part, tombstones=entries, progress=progress)
            self._say(restored)
            done.append(restored)
        self._verify(done)

    def _say(self, restored: RestoreResult) -> None:
        self.stdout.write(
            f"{restored.tenant.slug}: restored, {restored.rows:,} rows; {restored.due:,} runs are due again; "
            f"{restored.erased_again} persons erased again"
        )
        for domain in restored.taken:
            self.stdout.write(
                f"{restored.tenant.slug}: the domain {domain} is another tenant's now and was left out. "
                "Remedy: `manage.py tenant domains` adds another."
            )

    def _verify(self, restored: Sequence[RestoreResult]) -> None:
        if restored:
            call_command("tenant", "verify", *(one.tenant.slug for one in restored), stdout=self.stdout)
