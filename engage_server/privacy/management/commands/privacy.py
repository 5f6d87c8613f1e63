"""Suppress, erase and export persons; keep the list of who was erased outside the database."""

from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandError, CommandParser

from engage_server.audit.management.base import TenantCommand
from engage_server.privacy import erasure, requests
from engage_server.privacy.exceptions import PrivacyError
from engage_server.privacy.person_export import write_person
from engage_server.privacy.requests import Receipt
from engage_server.privacy.tombstones import export_tombstones, replay_tombstones
from engage_server.suppression.exceptions import SuppressionError
from engage_server.tenancy.private_files import create_private
from engage_server.tenancy.scope import TenantRef

SHOWN: Final = 50


class Command(TenantCommand):
    """Suppress, erase and export persons; keep the list of who was erased outside the database."""

    expected = (PrivacyError, SuppressionError, OSError)
    timeout_ms = 0
    help = "Suppress, erase and export persons; keep the list of who was erased outside the database."

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command for each thing that can be done. PERSON is a user id or the anonymous id of a device."""
        actions = parser.add_subparsers(dest="action", required=True)
        purposes = {
            "suppress": "take in and show nothing more of a person; what is stored stays",
            "admit": "take in a suppressed person again",
            "delete": "suppress a person, then erase it from every table",
            "export": "write everything that is stored about a person as JSON",
            "consent": "say whether what a person does may be stored",
        }
        parsers = {action: actions.add_parser(action, help=purpose) for action, purpose in purposes.items()}
        for named in parsers.values():
            named.add_argument("person", metavar="PERSON")
        parsers["delete"].add_argument(
            "--queue", action="store_true", help="leave the erasure to the workers"
        )
        parsers["export"].add_argument("--out", type=Path, required=True, metavar="FILE")
        parsers["consent"].add_argument("consent", choices=("given", "withdrawn"))
        parsers["requests"] = actions.add_parser("requests", help="the newest requests with their receipts")
        for action in parsers.values():
            super().add_arguments(action)
        tombstones = actions.add_parser("tombstones", help="the list of who was erased, of all tenants")
        what = tombstones.add_subparsers(dest="what", required=True)
        what.add_parser("export", help="write the list to a file; it holds hashes alone").add_argument(
            "file", type=Path
        )
        replay = what.add_parser("replay", help="after a restore: erase again those who came back")
        replay.add_argument("file", type=Path, nargs="?", help="default: the list in the database")

    def handle(self, *, tenant: str = "", **options: Any) -> None:
        """Do it, for the tenant where there is one."""
        if options["action"] == "tombstones":
            getattr(self, f"_{options['what']}_tombstones")(options["file"])
        else:
            super().handle(tenant=tenant, **options)

    def run(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        """Call the method of the sub-command."""
        getattr(self, f"_{options['action']}")(options)

    def _suppress(self, options: Mapping[str, Any]) -> None:
        asked = requests.suppress(options["person"])
        erasure.erase(asked.id)
        self._show(requests.receipt(asked.id))

    def _admit(self, options: Mapping[str, Any]) -> None:
        if not requests.unsuppress(options["person"]):
            raise CommandError("Nobody of this id is suppressed.")
        self.stdout.write("The person is taken in again from now on.")

    def _delete(self, options: Mapping[str, Any]) -> None:
        asked = requests.request_erasure(options["person"])
        if options["queue"]:
            self.stdout.write(f"{asked.id}: suppressed; the workers erase the rest.")
            return
        erasure.erase(asked.id)
        self._show(requests.receipt(asked.id))

    def _export(self, options: Mapping[str, Any]) -> None:
        with TextIOWrapper(create_private(options["out"]), encoding="utf-8") as file:
            rows = write_person(options["person"], file)
        self.stdout.write(f"{rows:,} rows in {options['out']}")

    def _consent(self, options: Mapping[str, Any]) -> None:
        requests.set_consent(options["person"], consents=options["consent"] == "given")
        self.stdout.write(f"Consent is {options['consent']}, from now on.")

    def _requests(self, options: Mapping[str, Any]) -> None:
        for receipt in requests.newest(SHOWN):
            self._show(receipt)

    def _export_tombstones(self, file: Path) -> None:
        self.stdout.write(f"{export_tombstones(file):,} entries in {file}")

    def _replay_tombstones(self, file: Path | None) -> None:
        for done in replay_tombstones(file):
            if done.entries or done.persons:
                self.stdout.write(
                    f"{done.tenant}: {done.entries} entries put back, {done.persons} persons erased again"
                )
        self.stdout.write("Everybody who was erased is erased again.")

    def _show(self, receipt: Receipt) -> None:
        self.stdout.write(
            f"{receipt.id}  {receipt.kind}  {receipt.state}  {receipt.requested_at:%Y-%m-%d %H:%M:%S}  "
            f"{receipt.requested_by}  {receipt.error}".rstrip()
        )
        for table, count in receipt.counts.items():
            if count:
                self.stdout.write(f"    {count:>9,}  {table}")
        if receipt.days_restated:
            self.stdout.write(f"    {receipt.days_restated:>9,}  days to restate")
