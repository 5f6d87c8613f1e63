"""Define reports, write them into files and send them."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from engage_server.audit.management.base import TenantActionsCommand
from engage_server.automation.exceptions import AutomationError
from engage_server.automation.reports.definition import Every, Report, ReportKind, reports
from engage_server.automation.reports.document import as_csv, as_text
from engage_server.automation.reports.pages import as_html
from engage_server.automation.reports.pdf import as_pdf
from engage_server.automation.reports.png import as_png
from engage_server.automation.reports.writing import write
from engage_server.customers.models import Account
from engage_server.definitions.exceptions import DefinitionsError
from engage_server.operations.reports import change_report, create_report, retire_report, send_report
from engage_server.plugin_host.exceptions import PluginHostError
from engage_server.tenancy.scope import TenantRef

FORMS = {"html": as_html, "csv": as_csv, "text": as_text}
PDF = "pdf"
PNG = "png"


class Command(TenantActionsCommand):
    """Define reports, write them into files and send them."""

    expected = (AutomationError, DefinitionsError, PluginHostError)
    active_only = True
    help = "List, make, write, send and end a tenant's reports; see docs/reports.md."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done; reports go by name."""
        actions.add_parser("list", help="the reports")
        making = actions.add_parser("create", help="define a report")
        making.add_argument("name")
        making.add_argument("--kind", required=True, choices=[kind.value.lower() for kind in ReportKind])
        making.add_argument(
            "--metric", action="append", required=True, help="full id; once for each, the leading one first"
        )
        making.add_argument("--account", help="external id, of a quarterly review")
        making.add_argument("--quotes", action="store_true", help="with what persons of the account said")
        changing = actions.add_parser("set", help="change one; what is left out stays")
        changing.add_argument("name")
        changing.add_argument("--name", dest="new_name", metavar="NAME")
        changing.add_argument(
            "--metric", action="append", help="full id; once for each, the leading one first"
        )
        changing.add_argument("--not-sent", action="store_true", help="it is sent no more")
        for action in (making, changing):
            action.add_argument("--every", choices=[every.value.lower() for every in Every])
            action.add_argument("--hour", type=int)
            action.add_argument("--channel", type=int, help="number of the channel that it is sent by")
            action.add_argument("--language", choices=["en", "ko"])
        writing = actions.add_parser("write", help="write one to a file, or to the terminal")
        writing.add_argument("name")
        writing.add_argument("--format", choices=sorted([*FORMS, PDF, PNG]), default="text")
        writing.add_argument("--on", type=date.fromisoformat, help="the day; default: the newest")
        writing.add_argument("--out", type=Path)
        sending = actions.add_parser("send", help="send one now")
        sending.add_argument("name")
        sending.add_argument("--channel", type=int)
        actions.add_parser("retire", help="end one").add_argument("name")

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        for one in reports():
            self._line(one)

    def _create(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        body: dict[str, Any] = {
            "quotes": options["quotes"],
            "kind": options["kind"].upper(),
            **_told(options),
        }
        if options["account"] is not None:
            row = Account.objects.filter(external_id=options["account"]).first()
            if row is None:
                raise CommandError(
                    f"There is no account {options['account']!r}. Remedy: use its external id."
                )
            body["account"] = row.pk
        self._line(create_report(options["name"], body))

    def _set(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        changes = _told(options) | ({"every": None, "channel": None} if options["not_sent"] else {})
        number = _named(options["name"]).number
        self._line(change_report(number, name=options["new_name"], changes=changes))

    def _write(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        document = write(_named(options["name"]), on=options["on"], with_quotes=True)
        if document is None:
            raise CommandError("The account that the report is of is gone. Remedy: make another report.")
        if options["format"] in {PDF, PNG}:
            if options["out"] is None:
                raise CommandError(f"A {options['format']} is no text for a terminal. Remedy: --out FILE.")
            is_pdf = options["format"] == PDF
            base = settings.ENGAGE_PUBLIC_URL
            options["out"].write_bytes(as_pdf(document, base=base) if is_pdf else as_png(document))
            return
        written = FORMS[options["format"]](document)
        if options["out"] is None:
            self.stdout.write(written)
        else:
            options["out"].write_text(written, "utf-8", newline="")

    def _send(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        sent = send_report(_named(options["name"]).number, to=options["channel"])
        self.stdout.write(f"It waits in the outbox as delivery {sent.pk}.")

    def _retire(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        former = retire_report(_named(options["name"]).number)
        self.stdout.write(f"{former.name} is no report any more.")

    def _line(self, one: Report) -> None:
        sent = (
            f", every {one.body.every.value.lower()} by channel {one.body.channel}" if one.body.every else ""
        )
        self.stdout.write(f"{one.number:>4}  {one.name}  {one.body.kind.value.lower()}{sent}")


def _told(options: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a report that were told."""
    told = {field: options[field] for field in ("hour", "channel", "language") if options[field] is not None}
    if options["metric"] is not None:
        told["metrics"] = options["metric"]
    if options["every"] is not None:
        told["every"] = options["every"].upper()
    return told


def _named(name: str) -> Report:
    found = next((one for one in reports() if one.name == name), None)
    if found is None:
        raise CommandError(f"There is no report {name!r}. Remedy: `report list` tells those there are.")
    return found
