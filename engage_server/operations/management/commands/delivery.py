"""Look at the messages that were or are to be sent, and have a dead one sent again."""

from collections.abc import Mapping
from typing import Any

from engage_server.audit.management.base import TenantActionsCommand
from engage_server.automation.exceptions import AutomationError
from engage_server.automation.models import Delivery
from engage_server.operations.channels import resend_delivery
from engage_server.tenancy.scope import TenantRef

SHOWN = 50


class Command(TenantActionsCommand):
    """Look at the messages that were or are to be sent, and have a dead one sent again."""

    expected = (AutomationError,)
    help = "List a tenant's deliveries, the newest first, and have dead ones sent again."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done; deliveries go by number."""
        listing = actions.add_parser("list", help="the newest")
        listing.add_argument("--state", choices=[state.value.lower() for state in Delivery.State])
        listing.add_argument("--limit", type=int, default=SHOWN)
        again = actions.add_parser("resend", help="another round of attempts for a dead one")
        again.add_argument("number", type=int)

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        found = Delivery.objects.order_by("-id")
        if options["state"] is not None:
            found = found.filter(state=options["state"].upper())
        for row in found[: options["limit"]]:
            said = f": {row.log[-1]['said']}" if row.log else ""
            self.stdout.write(
                f"{row.pk:>6}  {row.state}  {row.message['subject']} by channel {row.channel}, "
                f"{row.attempts} attempts{said}"
            )

    def _resend(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        again = resend_delivery(options["number"])
        self.stdout.write(f"Delivery {again.pk} is sent again.")
