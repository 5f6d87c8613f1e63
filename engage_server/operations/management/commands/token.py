"""Issue tokens that show single accounts their metrics."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError

from engage_server.access.durations import duration
from engage_server.access.exceptions import AccessError
from engage_server.audit.management.base import TenantActionsCommand
from engage_server.customers.models import Account
from engage_server.operations.account_tokens import issue_token
from engage_server.tenancy.scope import TenantRef


class Command(TenantActionsCommand):
    """Issue tokens that show single accounts their metrics."""

    expected = (AccessError,)
    help = "Issue tokens that show single accounts their metrics."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done."""
        issue = actions.add_parser(
            "issue", help="a token for one account; it is printed once and kept nowhere"
        )
        issue.add_argument("external_id", help="the account's id in the tenant's own systems")
        issue.add_argument("--key", required=True, metavar="PUBLIC_ID", help="the key that it ends with")
        issue.add_argument(
            "--expires", type=duration, default=timedelta(hours=1), metavar="1h", help="at most 24h"
        )

    def _issue(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        account_id = _account(tenant, options["external_id"])
        issued = issue_token(tenant, options["key"], account_id=account_id, lifetime=options["expires"])
        self.stdout.write(issued.text)
        self.stderr.write(f"It ends at {issued.expires_at.isoformat()}, or with the key {options['key']}.")


def _account(tenant: TenantRef, external_id: str) -> int:
    pk = Account.objects.filter(external_id=external_id).values_list("pk", flat=True).first()
    if pk is None:
        raise CommandError(
            f"{tenant.slug!r} has no account {external_id!r}. Remedy: check the id; ids are case-sensitive."
        )
    return pk
