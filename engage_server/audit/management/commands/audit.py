"""List a tenant's audit log, or check that nobody changed it."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError

from engage_server.audit import log
from engage_server.audit.management.base import TenantActionsCommand
from engage_server.tenancy.scope import TenantRef


class Command(TenantActionsCommand):
    """List a tenant's audit log, or check that nobody changed it."""

    help = "List a tenant's audit log, or check that nobody changed it."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done."""
        listing = actions.add_parser("list", help="the newest entries, the newest first")
        listing.add_argument("--action", default="", help="only this one; `key.` for all that begin so")
        listing.add_argument("--first", type=int, default=50)
        check = actions.add_parser("verify", help="follow the chain of digests; fails where it is broken")
        check.add_argument(
            "--head", default="", help="a digest noted earlier, which must still be in the log"
        )

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        for entry in log.newest(options["first"], action=options["action"]):
            self.stdout.write(
                f"{entry.position:>6}  {entry.at:%Y-%m-%d %H:%M:%S}  {entry.actor:<22}"
                f"{entry.action:<24}{entry.subject}  {entry.details or ''}".rstrip()
            )

    def _verify(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        head, verdict = options["head"], log.verify()
        if verdict.broken_at is not None:
            raise CommandError(
                f"The audit log was changed: entry {verdict.broken_at} does not fit. {verdict.reason} "
                f"The {verdict.entries} entries before it are intact. Remedy: compare with a backup and with the "
                "digests in the log files (logger engage.audit)."
            )
        if head and not log.contains(head):
            raise CommandError(
                f"No entry has the digest {head}: the log's end was cut off or rewritten since it was noted. "
                "Remedy: compare with a backup and with the digests in the log files (logger engage.audit)."
            )
        self.stdout.write(f"{verdict.entries} entries, unchanged. Head: {verdict.head}")
